import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { count, numeral } from '../../../kit/report/count.ts'

it('numbers are grouped as in English', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), number => numeral(number) === number.toLocaleString('en-US')))
})

it('a count says its noun in the right number', () => {
  expect([0, 1, 2000].map(number => count(number, 'change'))).toEqual(['no changes', '1 change', '2,000 changes'])
})
