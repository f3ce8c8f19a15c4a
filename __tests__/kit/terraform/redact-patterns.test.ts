import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { redactPatterns } from '../../../kit/terraform/redact-patterns.ts'

describe('input "redact"', () => {
  it.each([
    'token-\\d+',
    '[A-Z]{4}-[0-9]{1,9}',
    '(?:[0-9a-f]{2}:){5}[0-9a-f]{2}',
    '(?<=key=)\\S+',
    'pass(?:word|phrase)?\\s*=\\s*(["\']).+?\\1',
    '(?:ab)+c{2,}',
    '[(+*?]{3}',
    '\\(a\\+\\)\\+',
    'x{',
  ])('takes %j', pattern => {
    expect(redactPatterns.parse(pattern).map(({ source, flags }) => [source, flags])).toEqual([[pattern, 'g']])
  })

  it.each([
    '(a+)+$',
    '(a*)*b',
    '(a|a)*b',
    '(a|b|ab)*c',
    '(\\w+\\s?)+x',
    '(?:a?){30}a{30}',
    '((a{1,9})b){2,}',
    '(?:(?=a+)a)+b',
    '(.)(?:\\1)+',
    '(?<n>x)(?:\\k<n>)*y',
    '([a-z]+\\.)+com',
  ])('refuses %j, which may take for ever', pattern => {
    expect(() => redactPatterns.parse(pattern)).toThrow('may take for ever')
  })

  it.each(['x*', '(?:)', '^', '\\b', '(?=x)', 'a?b*', 'a|', '(?:x{0,3})'])(
    'refuses %j, which matches the empty text',
    pattern => {
      expect(() => redactPatterns.parse(`ok\n${pattern}`)).toThrow('matches the empty text')
    },
  )

  it('refuses what is no pattern', () => {
    expect(() => redactPatterns.parse('a(')).toThrow('is not a regular expression')
  })

  it('R10: no pattern that it takes needs exponential time', () => {
    const { tree } = fc.letrec<{ tree: string }>(tie => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('a', '[ab]', 'b', '.', '\\w'),
        fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => one + other),
        fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => `(?:${one}|${other})`),
        fc.tuple(tie('tree'), fc.constantFrom('+', '*', '?', '{2}', '{1,3}')).map(([one, mark]) => `(${one})${mark}`),
      ),
    }))
    const slow = 'a'.repeat(26)
    let taken = 0
    fc.assert(
      fc.property(tree, pattern => {
        fc.pre(pattern.length <= 40)
        let patterns: readonly RegExp[]
        try {
          patterns = redactPatterns.parse(`${pattern}!`)
        } catch {
          return
        }
        taken += 1
        const start = process.cpuUsage()
        for (const one of patterns) slow.replace(one, '')
        expect(process.cpuUsage(start).user / 1000).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
    expect(taken).toBeGreaterThan(50)
  })
})
