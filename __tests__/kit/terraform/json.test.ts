import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  canonicalText,
  ExactNumber,
  normalNumber,
  parseJson,
  sameJson,
  writeJson,
} from '../../../kit/terraform/json.ts'

describe('numbers of a plan', () => {
  it.each([
    ['12345678901234567890', '12345678901234567890'],
    ['9007199254740993', '9007199254740993'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1e400', '1e400'],
    ['443', '443'],
    ['-7.5', '-7.5'],
  ])('%s keeps all its digits', (source, written) => {
    expect(writeJson(parseJson(`{"n": ${source}}`))).toBe(`{"n": ${written}}`)
  })

  it.each([
    ' 12345678901234567890',
    '[1, 12345678901234567890]',
    '[-12345678901234567890]',
    '{"n" : 12345678901234567890}',
    '{"a":"x","n":\n12345678901234567890}',
    '[[0.12345678901234567891]]',
    '[9e999]',
    '[1.5E-400]',
  ])('%j keeps its digits wherever it stands', text => {
    expect(writeJson(parseJson(text)).replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
  })

  it('keep their digits in every nesting', () => {
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
        fc.string().map(text => JSON.stringify(text)),
        fc.array(tie('value'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
        fc
          .array(tie('value'), { maxLength: 4 })
          .map(items => `{${items.map((item, n) => `"k${n}":${String(item)}`).join(',')}}`),
      ),
    }))
    fc.assert(
      fc.property(value, text => {
        expect(canonicalText(parseJson(String(text)))).toBe(canonicalText(parseJson(` ${String(text)} `)))
        const written = writeJson(parseJson(String(text)))
        expect(written.match(/\d{17,}/g)).toEqual(String(text).match(/\d{17,}/g))
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['1', '1.0', true],
    ['1', '10e-1', true],
    ['0', '-0.0', true],
    ['12345678901234567890', '12345678901234567891', false],
    ['1', '"1"', false],
  ])('%s and %s are the same: %s', (left, right, same) => {
    expect(sameJson(parseJson(left), parseJson(right))).toBe(same)
  })

  it('is a plain number wherever a double holds it', () => {
    expect(parseJson('[1, 2.5, 1e3, 9007199254740991]')).toEqual([1, 2.5, 1000, 9007199254740991])
    expect(parseJson('9007199254740993')).toBeInstanceOf(ExactNumber)
  })

  it('has one spelling for all spellings of a number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20), (digits, zeros) => {
        expect(normalNumber(`${digits}.${'0'.repeat(zeros + 1)}`)).toBe(normalNumber(String(digits)))
        expect(normalNumber(`${digits}${'0'.repeat(zeros)}e-${zeros}`)).toBe(normalNumber(String(digits)))
      }),
      { numRuns: 200 },
    )
  })
})

it('writes equal values to equal text, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value)
      const turned = JSON.stringify(reverseKeys(value))
      expect(canonicalText(parseJson(text))).toBe(canonicalText(parseJson(turned)))
    }),
    { numRuns: 200 },
  )
})

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reverseKeys(item)]),
  )
}
