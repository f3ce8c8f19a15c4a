import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPrice, parsePrice } from './price.ts'

describe('a price', () => {
  it('is shown in dollars', () => {
    assert.equal(formatPrice(0), '$0.00')
    assert.equal(formatPrice(1250), '$12.50')
    assert.equal(formatPrice(123456789), '$1,234,567.89')
  })

  for (const [text, cents] of [
    ['12.50', 1250],
    ['12.5', 1250],
    ['12', 1200],
    [' $0.07 ', 7],
    ['19.99', 1999],
    ['21474836.47', 2147483647],
  ] as const)
    it(`is read from "${text}"`, () => assert.equal(parsePrice(text), cents))

  for (const text of ['', 'free', '-1', '1,5', '1.234', '.5', '1e3', '21474836.48'])
    it(`is not read from "${text}"`, () => assert.throws(() => parsePrice(text), /is not a price; write it as 12\.50/))

  it('survives being shown and read again', () => {
    for (let cents = 0; cents < 100_000; cents += 37)
      assert.equal(parsePrice(formatPrice(cents).replace(',', '')), cents)
  })
})
