import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fromExpressionData, toExpressionData } from '../../../local-github/runner/evaluate.ts'
import { expandMatrix, matrixSuffix } from '../../../local-github/runner/matrix.ts'

const expand = (matrix: unknown): unknown[] => expandMatrix(toExpressionData(matrix)).map(fromExpressionData)

test.each<[string, unknown, unknown[]]>([
  ['one list', { a: [1, 2] }, [{ a: 1 }, { a: 2 }]],
  [
    'two lists, the first turning slowest',
    { a: [1, 2], b: ['x', 'y'] },
    [
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ],
  ],
  [
    'exclude by a part',
    { a: [1, 2], b: ['x', 'y'], exclude: [{ a: 1 }] },
    [
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ],
  ],
  ['an exclude of another value', { a: [1], exclude: [{ a: 3 }] }, [{ a: 1 }]],
  ['an exclude of an unknown key', { a: [1], exclude: [{ z: 1 }] }, [{ a: 1 }]],
  ['an exclude of another type', { a: ['1'], exclude: [{ a: 1 }] }, [{ a: '1' }]],
  ['only an include', { include: [{ a: 1 }, { a: 2, b: 3 }] }, [{ a: 1 }, { a: 2, b: 3 }]],
  [
    'an include that joins all',
    { a: [1, 2], include: [{ c: 'z' }] },
    [
      { a: 1, c: 'z' },
      { a: 2, c: 'z' },
    ],
  ],
  ['an include that joins one', { a: [1, 2], include: [{ a: 2, c: 'z' }] }, [{ a: 1 }, { a: 2, c: 'z' }]],
  ['an include that stands alone', { a: [1], include: [{ a: 3 }] }, [{ a: 1 }, { a: 3 }]],
  [
    "the documentation's example of fruits and animals",
    {
      fruit: ['apple', 'pear'],
      animal: ['cat', 'dog'],
      include: [
        { color: 'green' },
        { color: 'pink', animal: 'cat' },
        { fruit: 'apple', shape: 'circle' },
        { fruit: 'banana' },
        { fruit: 'banana', animal: 'cat' },
      ],
    },
    [
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ],
  ],
  ['objects excluded by a part', { n: [{ v: 1, e: true }, { v: 2 }], exclude: [{ n: { v: 1 } }] }, [{ n: { v: 2 } }]],
])('a matrix of %s expands as on GitHub', (_words, matrix, combinations) => {
  expect(expand(matrix)).toEqual(combinations)
})

test.each<[string, unknown, RegExp]>([
  ['a list without values', { a: [] }, /'a' does not contain any values/],
  ['everything excluded', { a: [1], exclude: [{ a: 1 }] }, /at least one combination/],
  ['more than 256 jobs', { a: [...Array(17).keys()], b: [...Array(16).keys()] }, /272 jobs/],
  ['a scalar', { a: 'x' }, /'a' is not a list/],
  ['no mapping', 'x', /not a mapping/],
])('a matrix with %s is refused', (_words, matrix, message) => {
  expect(() => expand(matrix)).toThrow(message)
})

test('without include and exclude a matrix is the product of its lists', () => {
  const list = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(list, list, list, (a, b, c) => {
      const combinations = expand({ a, b, c })
      expect(combinations).toHaveLength(a.length * b.length * c.length)
      expect(new Set(combinations.map(item => JSON.stringify(item))).size).toBe(combinations.length)
    }),
    { numRuns: 50 },
  )
})

test('the name of a job shows the leaves of its combination', () => {
  const [combination] = expandMatrix(toExpressionData({ a: [{ v: 1, w: ['x', 'y'] }], b: ['z'] }))
  expect(combination && matrixSuffix(combination)).toBe(' (1, x, y, z)')
})
