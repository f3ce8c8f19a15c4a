import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parse, type Scalar } from 'yaml'
import { readYaml, spliceScalars } from '../../../kit/yaml/splice.ts'

const NEW = `shop/web:5-1b4c2de@sha256:${'d'.repeat(64)}`

function edit(text: string, value = NEW, path: readonly unknown[] = ['a', 'image']): string {
  const file = readYaml('compose.yml', Buffer.from(text))
  const scalar = file.documents[0]!.getIn(path, true) as Scalar
  return Buffer.from(spliceScalars(file, [{ scalar, value }]).bytes).toString()
}

describe('a splice', () => {
  it.each([
    ['plain', 'a:\n  image: old:1\n'],
    ['single quotes', "a:\n  image: 'old:1'\n"],
    ['double quotes', 'a:\n  image: "old:1"\n'],
    ['a comment behind', 'a:\n  image: old:1   # kept\n'],
    ['spaces behind', 'a:\n  image: old:1   \n  x: 1\n'],
    ['no line end', 'a:\n  image: old:1'],
    ['Windows line ends', 'a:\r\n  image: old:1 # x\r\n  b: 1\r\n'],
    ['a byte order mark', '\u{feff}a:\n  image: old:1\n'],
    ['other scripts', '# Größe 😀\na:\n  image: old:1 # é\n'],
    ['an anchor and its aliases', 'a:\n  image: &i old:1\nb: *i\nc: [*i]\n'],
    ['a tag', 'a:\n  image: !!str old:1\n'],
    ['a flow map', 'a: {image: old:1, b: [1, 2]}\n'],
    ['odd indentation', 'a:\n      image:    old:1\n'],
    ['several documents', '---\na:\n  image: old:1\n---\na:\n  image: other\n...\n'],
    ['a quoted key', 'a:\n  "image": old:1\n'],
    ['an explicit key', 'a:\n  ? image\n  : old:1\n'],
    ['keys twice elsewhere', 'a:\n  image: old:1\nb: {<<: {x: 1}, <<: {y: 2}}\n'],
    ['JSON', '{"a": {"image": "old:1"}}'],
    ['blocks around', 'a:\n  note: |\n    image: old:1 \n\n  image: old:1\n  more: >-\n    x\n'],
  ])('R22: changes the scalar and no other byte: %s', (_, text) => {
    const at = text.lastIndexOf('old:1')
    expect(edit(text)).toBe(text.slice(0, at) + NEW + text.slice(at + 'old:1'.length))
  })

  it.each([
    ['a:\n  image: |\n    old:1\n', 'compose.yml:2:10 cannot be edited: the value is not on one line'],
    ['a:\n  image: old:1\n    more\n', 'not on one line'],
    ['a:\n  image: "old:\\\n    1"\n', 'not on one line'],
    ['a:\n  image:\n', 'not on one line'],
  ])('R22: %j is refused, with its place', (text, problem) => expect(() => edit(text)).toThrow(problem))

  it.each([
    [Buffer.from('a: [1\n'), 'compose.yml:2:1 is no YAML'],
    [Buffer.from('a:\n\tb: 1\n'), 'is no YAML'],
    [Buffer.from('a: {{ .Values.x }}: 1\n- b'), 'is no YAML'],
    [Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]), 'is not UTF-8'],
    [Buffer.alloc(5 * 1024 * 1024 + 1, '#'), 'has 5242881 bytes'],
  ])('a file that cannot be read is refused (%#)', (bytes, problem) =>
    expect(() => readYaml('compose.yml', bytes)).toThrow(problem),
  )

  it('R22: any text that goes in comes out of every form and place, and the rest stays', () => {
    const forms = [
      'a:\n  image: old # c\n',
      "a:\n  image: 'old' # c\n",
      'a:\n  image: "old" # c\n',
      'a: {image: old, b: 1}\n',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...forms), fc.stringMatching(/^[ -~é😀]{0,30}$/u), (text, value) => {
        const [before = '', after = ''] = text.split(/['"]?old['"]?/)
        const edited = edit(text, value)
        expect((parse(edited) as { a: { image: string } }).a.image).toBe(value)
        expect(edited.startsWith(before) && edited.endsWith(after)).toBe(true)
      }),
    )
  })

  it('R22: a value that YAML 1.1 reads as a number or a flag gets quotes', () => {
    for (const value of ['1.20', '12e4567', 'yes', '0777', '1:30', 'null', '~', '', ' x', '- x', 'a: b', 'a #b'])
      expect(edit('a:\n  image: old\n', value)).toBe(`a:\n  image: "${value}"\n`)
  })

  it('R22: a value that YAML reads as an alias, an anchor or a tag gets quotes', () => {
    for (const value of ['*é', '*x', '&x y', '!x y'])
      expect(edit('a:\n  image: old\n', value)).toBe(`a:\n  image: "${value}"\n`)
  })

  it('R22: a line end in a value is refused', () => {
    expect(() => edit('a:\n  image: old\n', 'x\ny: 1')).toThrow('line ends')
  })
})
