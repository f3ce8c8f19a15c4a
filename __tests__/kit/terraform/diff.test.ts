import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareAttributes, sameSides, sidesKey } from '../../../kit/terraform/diff.ts'
import { diffLines } from '../../../kit/terraform/diff-text.ts'
import type { Json } from '../../../kit/terraform/json.ts'
import { changeOf, fixturePlan } from './fixture.ts'

function written(change: Parameters<typeof compareAttributes>[0]): string[] {
  return diffLines(compareAttributes(change), text => text).map(({ sign, text }) => `${sign} ${text}`)
}

function lines(before: Json, after: Json, marks: { unknown?: Json; before?: Json; after?: Json } = {}): string[] {
  const change = {
    before,
    after,
    afterUnknown: marks.unknown ?? false,
    beforeSensitive: marks.before ?? false,
    afterSensitive: marks.after ?? false,
  }
  return written(change)
}

it('shows every kind of difference of a real update, and nothing that did not change', () => {
  const change = changeOf(fixturePlan('every-action'), 'terraform_data.updated')
  const shown = written(change).filter(line => !/^[-+] output/.test(line))
  expect(shown).toEqual([
    '- input.account = 12345678901234567890',
    '+ input.account = 12345678901234567891',
    '- input.dropped = "going"',
    '- input.label = "Grüße, 世界"',
    '+ input.label = "Grüße, 世界 🎉"',
    '  input.order:  # same elements in another order',
    '- input.policy.Statement[0].Action[0] = "s3:GetObject"',
    '+ input.policy.Statement[0].Action[0] = "s3:*"',
    '  input.script:',
    '    echo one',
    '-   echo two',
    '+   echo 2',
    '- input.size = 2',
    '+ input.size = 3',
    '- input.ticks = "a ``` fence"',
    '+ input.ticks = "a ```` fence"',
    '- input.zones[1] = "eu-west-1a"',
    '+ input.zones[1] = "eu-west-1c"',
    '+ input.added = "new"',
  ])
})

it('names the attribute that forces a replace', () => {
  const change = changeOf(fixturePlan('every-action'), 'terraform_data.replaced')
  expect(written(change)).toContain('+ triggers_replace[0] = "ami-2"  # forces replacement')
})

describe('a value', () => {
  it.each<[string, Json, Json, Parameters<typeof lines>[2], string[]]>([
    ['null and missing are the same', { a: null }, {}, {}, []],
    ['1 and "1" are not', { a: 1 }, { a: '1' }, {}, ['- a = 1', '+ a = "1"']],
    [
      'unknown is merged into after',
      { a: 'x' },
      {},
      { unknown: { a: true } },
      ['- a = "x"', '+ a = (known after apply)'],
    ],
    ['white space is said in words', { a: 'x  y' }, { a: 'x y ' }, {}, ['  a:  # only white space differs']],
    ['JSON with other spaces too', { a: '{"b": 1}' }, { a: '{"b":1}' }, {}, ['  a:  # only white space differs']],
    [
      'a map is compared by key',
      { t: { a: '1', b: '2' } },
      { t: { b: '2', c: '3' } },
      {},
      ['- t.a = "1"', '+ t.c = "3"'],
    ],
    [
      'one block of several is named alone',
      { i: [{ p: 1 }, { p: 2 }] },
      { i: [{ p: 2 }, { p: 3 }] },
      {},
      ['- i[1].p = 1', '+ i[1].p = 3'],
    ],
    ['an empty list that appears is shown', { a: null }, { a: [] }, {}, ['+ a = []']],
    [
      'JSON with other escapes or order of keys too',
      { a: '{"b":"é","c":1}' },
      { a: '{"c":1,"b":"\\u00e9"}' },
      {},
      ['  a:  # same JSON, written in another way'],
    ],
  ])('%s', (_name, before, after, marks, expected) => {
    expect(lines(before, after, marks)).toEqual(expected)
  })
})

describe('a list of objects', () => {
  const rule = (name: string, port: number) => ({ name, port, protocol: 'tcp', cidr: ['10.0.0.0/8'] })

  it('shows one that is put in between as one, not all behind it as changed', () => {
    const after = [rule('a', 1), rule('new', 9), rule('b', 2), rule('c', 3)]
    expect(lines({ r: [rule('a', 1), rule('b', 2), rule('c', 3)] }, { r: after })).toEqual([
      ...['+ r[1].name = "new"', '+ r[1].port = 9', '+ r[1].protocol = "tcp"', '+ r[1].cidr[0] = "10.0.0.0/8"'],
    ])
  })

  it('shows what changed in one although another came before it', () => {
    const after = [rule('new', 9), rule('a', 1), rule('b', 22)]
    const shown = lines({ r: [rule('a', 1), rule('b', 2)] }, { r: after })
    expect(shown).toContain('- r[2].port = 2')
    expect(shown).toContain('+ r[2].port = 22  # in b')
    expect(shown.filter(line => line.startsWith('-'))).toHaveLength(1)
  })

  it('tells them apart by name rather than by what else is alike', () => {
    const [before, after] = [
      [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      [{ name: 'B', value: '1' }],
    ]
    expect(lines({ env: before }, { env: after })).toEqual([
      ...['- env[0].name = "A"', '- env[0].value = "1"', '- env[0].value = "2"', '+ env[0].value = "1"  # in B'],
    ])
  })
})

describe('the name of an element', () => {
  const env = (value: string) => ({ env: [{ name: 'DB_HOST', value }] })
  const hiding = (mark: Json) => ({ before: { env: [mark] }, after: { env: [mark] } })

  it('stands beside a value that is hidden, unless it is hidden itself', () => {
    expect(lines(env('a'), env('b'), hiding({ value: true }))).toEqual([
      '  env[0].value = (sensitive)  # changes, in DB_HOST',
    ])
    expect(lines(env('a'), env('b'), hiding({ name: true }))).not.toContain('DB_HOST')
    expect(lines(env('a'), env('b'), hiding(true))).toEqual(['  env[0] = (sensitive)  # changes'])
  })
})

describe('a document in a text', () => {
  it.each<[string, string, string, string[]]>([
    [
      'YAML is compared by structure',
      'replicas: 2\nimage:\n  tag: "1"\n',
      'image: {tag: "2"}\nreplicas: 2\n',
      ['- a.image.tag = "1"', '+ a.image.tag = "2"'],
    ],
    [
      'several YAML documents too',
      'kind: A\nn: 1\n---\nkind: B\n',
      'kind: A\nn: 2\n---\nkind: B\n',
      ['- a[0].n = 1', '+ a[0].n = 2'],
    ],
    [
      'YAML of the same structure by its lines',
      'v: 1.10\nw: 1\n',
      'v: 1.1\nw: 1\n',
      ['  a:', '-   v: 1.10', '+   v: 1.1', '    w: 1'],
    ],
    [
      'numbers in YAML keep their digits',
      'n: 12345678901234567890\nm: 1\n',
      'n: 12345678901234567891\nm: 1\n',
      ['- a.n = 12345678901234567890', '+ a.n = 12345678901234567891'],
    ],
    [
      'a script is no YAML',
      '#!/bin/sh\necho: one\nexit\n',
      '#!/bin/sh\necho: two\nexit\n',
      ['  a:', '    #!/bin/sh', '-   echo: one', '+   echo: two', '    exit'],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(lines({ a: before }, { a: after })).toEqual(expected)
  })

  const encoded = (text: string) => Buffer.from(text).toString('base64')

  it('in base64 is compared as what it decodes to', () => {
    expect(lines({ a: encoded('set -e\necho one\n') }, { a: encoded('set -e\necho two\n') })).toEqual([
      ...['  base64decode(a):', '    set -e', '-   echo one', '+   echo two'],
    ])
    expect(lines({ a: encoded('{"size": 1, "b": 2}') }, { a: encoded('{"size": 3, "b": 2}') })).toEqual([
      ...['- base64decode(a).size = 1', '+ base64decode(a).size = 3'],
    ])
    expect(lines(null, { a: encoded('hello, new world') })).toEqual(['+ base64decode(a) = "hello, new world"'])
  })

  it('is hidden in base64 as anywhere else', () => {
    const change = { before: { a: encoded('password=SECRET-1') }, after: { a: encoded('password=SECRET-2') } }
    const marks = { afterUnknown: false, beforeSensitive: false, afterSensitive: false }
    const hidden = diffLines(compareAttributes({ ...change, ...marks }), text => text.replace(/SECRET-\d/g, '***'))
    expect(hidden.map(({ text }) => text)).toEqual(['base64decode(a) = "password=***"  # changes where it is hidden'])
  })

  it.each(['deadbeefdeadbeef', 'AKIAIOSFODNN7EXAMPLE', 'c2hvcnQ=', 'not base64 at all, is it'])(
    '%s is no base64',
    text => {
      expect(lines({ a: text }, { a: 'x' })).toEqual([`- a = ${JSON.stringify(text)}`, '+ a = "x"'])
    },
  )

  it('that is very long is compared as text', () => {
    const yaml = (tail: string) => `${'- key: value\n'.repeat(6_000)}- ${tail}\n`
    expect(lines({ a: yaml('x: 1') }, { a: yaml('x: 2') })).toEqual(['  a:', '-   (6001 lines)', '+   (6001 lines)'])
  })
})

describe('R10: a value under a sensitive mark never comes out', () => {
  it.each<[string, Json, Json, Parameters<typeof lines>[2]]>([
    ['marked itself', { a: 'SECRET' }, { a: 'SECRET2' }, { before: { a: true }, after: { a: true } }],
    [
      'under a marked parent',
      { a: { b: 'SECRET' } },
      { a: { b: 'other' } },
      { before: { a: true }, after: { a: true } },
    ],
    ['only before', { a: 'SECRET' }, { a: 'SECRET' }, { before: { a: true } }],
    ['only after', { a: 'SECRET' }, { a: 'SECRET' }, { after: { a: true } }],
    ['within an object that becomes a text', { a: { b: 'SECRET', c: 1 } }, { a: 'x' }, { before: { a: { b: true } } }],
    [
      'within a list that is reordered',
      { a: ['SECRET', 'b'] },
      { a: ['b', 'SECRET'] },
      { before: { a: [true, false] }, after: { a: [false, true] } },
    ],
    [
      'within a value that becomes unknown',
      { a: { b: 'SECRET' } },
      {},
      { unknown: { a: true }, before: { a: { b: true } } },
    ],
    ['the whole object', { a: 'SECRET' }, null, { before: true }],
  ])('%s', (_name, before, after, marks) => {
    expect(lines(before, after, marks).join('\n')).not.toContain('SECRET')
  })

  it('whatever the shape of the values and marks', () => {
    const marked = fc.letrec<{ value: [Json, Json] }>(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<[Json, Json]>(
          ['open', false],
          ['SECRET', true],
          [{ deep: 'SECRET' }, true],
          [null, false],
          [7, false],
        ),
        fc
          .array(tie('value'), { maxLength: 4 })
          .map((items): [Json, Json] => [items.map(([v]) => v), items.map(([, m]) => m)]),
        fc
          .dictionary(fc.constantFrom('a', 'b', 'name', 'd'), tie('value'), { maxKeys: 4 })
          .map((items): [Json, Json] => [
            Object.fromEntries(Object.entries(items).map(([key, [v]]) => [key, v])),
            Object.fromEntries(Object.entries(items).map(([key, [, m]]) => [key, m])),
          ]),
      ),
    })).value
    fc.assert(
      fc.property(marked, marked, ([before, beforeMark], [after, afterMark]) => {
        expect(lines(before, after, { before: beforeMark, after: afterMark }).join('\n')).not.toContain('SECRET')
      }),
      { numRuns: 500 },
    )
  })
})

it('says that only the mark changed', () => {
  expect(lines({ a: 'SECRET' }, { a: 'SECRET' }, { before: { a: true } })).toEqual([
    '  a = (sensitive)  # same value, marked differently',
  ])
})

it('cuts a long value in the middle and says how long it was', () => {
  const [line = ''] = lines({}, { a: 'x'.repeat(5000) })
  expect(line.length).toBeLessThan(300)
  expect(line).toMatch(/^\+ a = "x+…x+" \(5,002 characters\)$/)
})

it('finds no difference between equal values', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value)
      expect(lines(JSON.parse(text) as Json, JSON.parse(text) as Json)).toEqual([])
    }),
    { numRuns: 300 },
  )
})

it('says that sides are the same exactly where their keys are', () => {
  const value = fc.jsonValue({ maxDepth: 2 }).map(json => json as Json)
  const changes = fc.array(fc.tuple(value, value, fc.boolean()), { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(changes, fc.boolean(), (pairs, isRepeated) => {
      const attributes = (isRepeated ? [...pairs, ...pairs] : pairs).flatMap(([before, after, isMarked]) =>
        compareAttributes({ before, after, afterUnknown: false, beforeSensitive: false, afterSensitive: isMarked }),
      )
      return attributes.every(one =>
        attributes.every(other => sameSides(one, other) === (sidesKey(one) === sidesKey(other))),
      )
    }),
  )
})
