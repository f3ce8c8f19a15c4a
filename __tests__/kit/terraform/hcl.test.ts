import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { HclError } from '../../../kit/terraform/hcl-tokens.ts'
import { literalOf, parseHcl, type HclBody } from '../../../kit/terraform/hcl.ts'

/** Blocks with their labels and line, arguments with their text when it is literal. */
function shape({ attributes, blocks }: HclBody): unknown {
  return {
    ...Object.fromEntries(attributes.map(({ name, line, value }) => [name, [line, literalOf(value) ?? '…']])),
    ...Object.fromEntries(
      blocks.map(({ type, labels, line, body }) => [[type, ...labels, `@${line}`].join(' '), shape(body)]),
    ),
  }
}

describe('HCL', () => {
  it.each<[string, string, unknown]>([
    ['nothing', '', {}],
    ['a byte order mark and Windows line ends', '\uFEFFa = "x"\r\nb = "y"\r\n', { a: [1, 'x'], b: [2, 'y'] }],
    ['comments of three kinds', '# a = "1"\n// a = "2"\n/* a = "3"\n} */ a = "4" # }\n', { a: [4, '4'] }],
    ['a comment mark in a string', 'a = "# // /*"\nb = "*/"', { a: [1, '# // /*'], b: [2, '*/'] }],
    [
      'a block on one line',
      'terraform { required_version = ">= 1.0" }',
      { 'terraform @1': { required_version: [1, '>= 1.0'] } },
    ],
    ['an empty block', 'provider "aws" {}\n', { 'provider aws @1': {} }],
    ['blocks in blocks', 'a "x" y {\n  b {\n    c = "d"\n  }\n}\n', { 'a x y @1': { 'b @2': { c: [3, 'd'] } } }],
    [
      'values over several lines',
      'a = [\n  1, # one\n  { x = 1\n y = 2 },\n]\nb = (\n 1 +\n 2)\nc = "end"',
      { a: [1, '…'], b: [6, '…'], c: [9, 'end'] },
    ],
    ['strings in insertions in strings', 'a = "${b["${c}"]} }" \nd = "e"', { a: [1, '…'], d: [2, 'e'] }],
    ['an insertion over lines', 'a = "${\n b\n}"\nc = "d"', { a: [1, '…'], c: [4, 'd'] }],
    ['escapes, and insertions that are none', 'a = "\\"\\\\\\n$${x}%%{y}"', { a: [1, '"\\\n${x}%{y}'] }],
    ['a heredoc', 'a = <<EOT\n  } " # /* ${b}\n EOT\nc = "d"', { a: [1, '…'], c: [4, 'd'] }],
    ['an indented heredoc without insertions', 'a = <<-EOT\n\tx\n\tEOT\nb = "c"', { a: [1, '\tx\n'], b: [4, 'c'] }],
    [
      'a heredoc whose mark stands in its text',
      'a = <<EOT\nEOTX\nx EOT\nEOT\nb = "c"',
      { a: [1, 'EOTX\nx EOT\n'], b: [5, 'c'] },
    ],
    ['two heredocs in a call', 'a = f(<<A\nx\nA\n, <<B\ny\nB\n)\nb = "c"', { a: [1, '…'], b: [8, 'c'] }],
    ['directives and trimmed insertions', 'a = "%{ if x ~}y%{ endif }${~ z ~}"\nb = "c"', { a: [1, '…'], b: [2, 'c'] }],
    [
      'for expressions, conditions and splats',
      'a = { for k, v in b : k => v... if v != null }\nc = d[*].e ? 1 : -2.5e3',
      { a: [1, '…'], c: [2, '…'] },
    ],
    ['functions with a namespace', 'a = provider::x::f(1)\n', { a: [1, '…'] }],
    ['names with hyphens and letters of any script', 'my-größe = "x"', { 'my-größe': [1, 'x'] }],
  ])('with %s is read', (_, text, expected) => {
    expect(shape(parseHcl(text))).toEqual(expected)
  })

  it.each<[string, string, number, string]>([
    ['a string that is not closed', 'a = 1\nb = "x\nc = 2', 2, 'a string is not closed'],
    ['an insertion that is not closed', 'a = "${b"\n', 1, 'a string is not closed'],
    ['a heredoc without its end', 'a = <<EOT\nx\n', 1, 'the heredoc has no line "EOT" at its end'],
    ['a comment that is not closed', 'a = 1\n/* x', 2, 'a comment is not closed'],
    ['a block that is not closed', 'a {\n  b = 1\n', 1, 'the block a is not closed'],
    ['a bracket that is not closed', 'a = [1,\n2\n', 1, '"]" is missing'],
    ['the wrong bracket', 'a = [1)\n', 1, '")" closes nothing'],
    ['a brace too many', 'a {}\n}\n', 2, '"}" closes nothing'],
    ['an argument without a value', 'a =\nb = 1', 1, 'a has no value'],
    ['a word that stands alone', 'a {\n hello\n}', 2, 'hello is neither an argument nor a block'],
    ['a value in place of a name', '"a" = 1', 1, 'a name of an argument or block was expected'],
    ['what has no meaning', 'a = 1\nb = @x', 2, '"@" has no meaning here'],
    ['nesting without end', `a = ${'"${'.repeat(5000)}`, 1, 'it is nested too deeply'],
    ['blocks without end', 'a {\n'.repeat(5000), 201, 'it is nested too deeply'],
  ])('with %s is refused at its line', (_, text, line, problem) => {
    let thrown: unknown
    try {
      parseHcl(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(HclError)
    expect(thrown).toMatchObject({ line, message: problem })
  })

  it('gives back every block and literal of a text that was made from them, whatever stands around', () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/)
    const noise = fc.constantFrom('', '\n', '# }"\n', '// ${\n', '/* " \n } */', '  ')
    const literal = fc.string({ unit: 'grapheme', maxLength: 12 })
    const quoted = (text: string) =>
      `"${text
        .replace(/[\\"]/g, '\\$&')
        .replace(/\n/g, '\\n')
        .replace(/[$%](?=\{)/g, '$&$&')}"`
    const attribute = fc.record({ kind: fc.constant('attribute' as const), name, literal, noise })
    const { body } = fc.letrec<{ body: readonly Item[] }>(tie => ({
      body: fc.array(
        fc.oneof(
          { maxDepth: 3 },
          attribute,
          fc.record({ kind: fc.constant('block' as const), name, literal, noise, body: tie('body') }),
        ),
        { maxLength: 4 },
      ),
    }))
    type Item =
      | { kind: 'attribute'; name: string; literal: string; noise: string }
      | { kind: 'block'; name: string; literal: string; noise: string; body: readonly Item[] }
    const written = (items: readonly Item[]): string =>
      items
        .map(item =>
          item.kind === 'attribute'
            ? `${item.noise}${item.name} = ${quoted(item.literal)}\n`
            : `${item.noise}${item.name} ${quoted(item.literal)} {\n${written(item.body)}}\n`,
        )
        .join('')
    const told = ({ attributes, blocks }: HclBody): unknown => ({
      attributes: attributes.map(({ name, value }) => [name, literalOf(value)]),
      blocks: blocks.map(({ type, labels, body }) => [type, labels, told(body)]),
    })
    const meant = (items: readonly Item[]): unknown => ({
      attributes: items.flatMap(item => (item.kind === 'attribute' ? [[item.name, item.literal]] : [])),
      blocks: items.flatMap(item => (item.kind === 'block' ? [[item.name, [item.literal], meant(item.body)]] : [])),
    })
    fc.assert(
      fc.property(body, items => {
        expect(told(parseHcl(written(items)))).toEqual(meant(items))
      }),
      { numRuns: 150 },
    )
  })

  it('says of any other text where it is wrong, and never hangs or breaks', () => {
    const piece = fc.constantFrom(
      'a',
      ' = ',
      '"',
      '${',
      '}',
      '{',
      '\n',
      '<<E\n',
      'E',
      '#',
      '/*',
      '(',
      ']',
      '\\',
      '%{',
      '~',
      '1',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), pieces => {
        try {
          parseHcl(pieces.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(HclError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
