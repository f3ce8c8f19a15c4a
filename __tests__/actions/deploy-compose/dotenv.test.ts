import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { encodeDotenv, needlesOf, parseDotenv, secretsOf } from '../../../actions/deploy-compose/src/dotenv.ts'

const names = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/)
const values = fc.oneof(
  fc.string({ unit: 'binary' }).filter(value => !value.includes('\0')),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', '$', '{', '#', ' ', '\n', '\r', 'n', '=', 'é') }),
)

it('writes any variables so that they are read back unchanged', () => {
  fc.assert(
    fc.property(fc.dictionary(names, values), variables => {
      const map = new Map(Object.entries(variables))
      expect(parseDotenv(encodeDotenv(map))).toEqual(map)
    }),
  )
})

it('writes one line a variable, in which nothing is expanded', () => {
  fc.assert(
    fc.property(names, values, (name, value) => {
      expect(encodeDotenv(new Map([[name, value]]))).toMatch(/^\w+="(?:[^"\\$\n\r]|\\[\\"$nr])*"\n$/u)
    }),
  )
})

it('never shows a value in a message, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\n', ' ', '#') }), text => {
      const planted = text.replaceAll('A', 'Pl4nted')
      try {
        parseDotenv(planted)
      } catch (error) {
        // The name of a variable may be shown; a value never begins one.
        expect((error as Error).message.replace(/value of \w+|^\w+ comes/, '')).not.toContain('Pl4nted')
      }
    }),
  )
})

it('reads what people write', () => {
  const text = [
    '\uFEFF# the shop',
    'export A=1',
    '  B = two words  # a remark',
    'C=a#b$c${d}',
    "D='$x \\n #'",
    'E="a\\nb\\"c\\$d" # remark',
    'F=',
    'G="two',
    'lines"',
    'H= # nothing',
  ].join('\r\n')
  expect(Object.fromEntries(parseDotenv(text))).toEqual({
    A: '1',
    B: 'two words',
    C: 'a#b$c${d}',
    D: '$x \\n #',
    E: 'a\nb"c$d',
    F: '',
    G: 'two\nlines',
    H: '',
  })
})

it('looks for what is long enough to mean something, and is not said in the compose file anyway', () => {
  const variables = parseDotenv('A=abc\nB=production\nC="first line\\nsecond line"\nD=four')
  expect(secretsOf(variables)).toEqual(['production', 'first line\nsecond line', 'four'])
  expect(needlesOf(variables, 'services: # production')).toEqual(['first line', 'second line'])
})
