import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { rangeAddresses, withoutIndexes } from '../../../kit/terraform/address-ranges.ts'
import { expandRange } from './expand-range.ts'

const ranged = (addresses: readonly string[]) => rangeAddresses(addresses).map(({ text }) => text)
const keyed = (...keys: readonly (string | number)[]) => keys.map(key => `x.y[${JSON.stringify(key)}]`)

describe('addresses become a range', () => {
  it.each<[string, string[], string[]]>([
    ['of count', keyed(0, 1, 2, 3), ['x.y[0…3]']],
    ['in whatever order they come', keyed(2, 0, 3, 1), ['x.y[0…3]']],
    ['of keys with the same text before the number', keyed('a1', 'a2', 'a3'), ['x.y["a1"…"a3"]']],
    ['over a new digit', keyed('a8', 'a9', 'a10', 'a11'), ['x.y["a8"…"a11"]']],
    ['with leading zeros', keyed('a08', 'a09', 'a10'), ['x.y["a08"…"a10"]']],
    ['but not over a gap', keyed(0, 1, 2, 4, 5, 6), ['x.y[0…2]', 'x.y[4…6]']],
    ['but not of two', keyed(0, 1), keyed(0, 1)],
    ['but not of two widths with leading zeros', keyed('a08', 'a09', 'a010'), keyed('a08', 'a09', 'a010')],
    ['but not of two texts', keyed('a1', 'b2', 'a3'), keyed('a1', 'b2', 'a3')],
    ['but not of a number and a key', keyed(0, '1', 2), keyed(0, '1', 2)],
    ['but not of keys without a number', keyed('eu', 'us', 'ap'), keyed('eu', 'us', 'ap')],
    [
      'of all combinations',
      [
        'm.a[0].x[0]',
        'm.a[0].x[1]',
        'm.a[0].x[2]',
        'm.a[1].x[0]',
        'm.a[1].x[1]',
        'm.a[1].x[2]',
        'm.a[2].x[0]',
        'm.a[2].x[1]',
        'm.a[2].x[2]',
      ],
      ['m.a[0…2].x[0…2]'],
    ],
    ['of the outer index alone', ['m.a[0].x', 'm.a[1].x', 'm.a[2].x'], ['m.a[0…2].x']],
    ['in the place of its first one', ['x.b', 'x.y[0]', 'x.a', 'x.y[1]', 'x.y[2]'], ['x.b', 'x.y[0…2]', 'x.a']],
  ])('%s', (_what, addresses, expected) => {
    expect(ranged(addresses)).toEqual(expected)
  })
})

it('stands for exactly the addresses that were given, with the right numbers', () => {
  const index = fc.oneof(
    fc.nat({ max: 12 }).map(String),
    fc
      .tuple(fc.constantFrom('', 'a', 'a"', 'a…', '…', ']', 'x\\', 'é', 'a0'), fc.nat({ max: 12 }), fc.nat({ max: 3 }))
      .map(([text, number, width]) => JSON.stringify(text + String(number).padStart(width, '0'))),
    fc.string({ unit: 'grapheme', maxLength: 4 }).map(text => JSON.stringify(text)),
  )
  const address = fc.oneof(
    fc.tuple(fc.constantFrom('x.y', 'x.z'), index).map(([name, key]) => `${name}[${key}]`),
    fc.tuple(index, index).map(([outer, inner]) => `module.m[${outer}].x.y[${inner}]`),
    fc.constantFrom('x.y', 'x.z.w'),
  )
  fc.assert(
    fc.property(fc.uniqueArray(address, { maxLength: 60 }), addresses => {
      const ranges = rangeAddresses(addresses)
      expect(ranges.flatMap(({ text }) => expandRange(text)).sort()).toEqual(addresses.toSorted())
      for (const { text, count } of ranges) expect(expandRange(text)).toHaveLength(count)
    }),
    { numRuns: 400 },
  )
})

it('names the block of the configuration, whatever a key holds', () => {
  expect(withoutIndexes('module.m["a]\\"[b"].x.y[3]')).toBe('module.m.x.y')
})
