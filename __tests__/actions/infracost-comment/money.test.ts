import { expect, it } from '@jest/globals'
import Big from 'big.js'
import { money, percentText, signedMoney, unitPrice } from '../../../actions/infracost-comment/src/money.ts'

it.each([
  ['0', '$0.00', '$0.00'],
  ['0.004', '$0.00', '$0.00'],
  ['-0.004', '$0.00', '$0.00'],
  ['0.005', '$0.01', '+$0.01'],
  ['-0.005', '−$0.01', '−$0.01'],
  ['999.995', '$1,000.00', '+$1,000.00'],
  ['1234567.891', '$1,234,567.89', '+$1,234,567.89'],
  ['-41.2', '−$41.20', '−$41.20'],
])('writes %s as %s, and as a change as %s', (amount, plain, signed) => {
  expect(money(new Big(amount), 'USD')).toBe(plain)
  expect(signedMoney(new Big(amount), 'USD')).toBe(signed)
})

it('writes another currency by its code', () => {
  expect(money(new Big('12.5'), 'EUR')).toBe('EUR 12.50')
})

it.each([
  ['0.0416', '$0.0416'],
  ['0.5', '$0.50'],
  ['0.0000166667', '$0.0000166667'],
  ['1234', '$1,234.00'],
])('keeps the digits of a rate of %s', (price, written) => {
  expect(unitPrice(new Big(price), 'USD')).toBe(written)
})

it.each([
  ['10', '0', undefined],
  ['10', '100', '+10 %'],
  ['-3.5', '100', '−3.5 %'],
  ['0.04', '100', '0 %'],
  ['2400', '100', '+2,400 %'],
])('writes a change of %s to %s as %s', (delta, past, written) => {
  expect(percentText(new Big(delta), new Big(past))).toBe(written)
})
