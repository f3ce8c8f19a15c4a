import { describe, expect, it } from '@jest/globals'
import { bothRanges, canAgree, rangeOfConstraint } from '../../../kit/tools/constraint.ts'
import { fits } from '../../../kit/tools/version.ts'

const VERSIONS = ['0.15.5', '1.5.0', '1.5.7', '1.6.0', '1.9.3', '1.11.4', '2.0.0']

describe("HashiCorp's constraint", () => {
  it.each([
    ['1.5.7', '1.5.7'],
    ['= 1.5.7', '1.5.7'],
    ['v1.5.7', '1.5.7'],
    ['1.5', '1.5.0'],
    ['>= 1.6', '1.6.0 1.9.3 1.11.4 2.0.0'],
    ['> 1.5', '1.5.7 1.6.0 1.9.3 1.11.4 2.0.0'],
    ['<= 1.5', '0.15.5 1.5.0'],
    ['~> 1.5', '1.5.0 1.5.7 1.6.0 1.9.3 1.11.4'],
    ['~> 1.5.0', '1.5.0 1.5.7'],
    ['~> 1', '1.5.0 1.5.7 1.6.0 1.9.3 1.11.4 2.0.0'],
    ['>= 1.5, < 2.0', '1.5.0 1.5.7 1.6.0 1.9.3 1.11.4'],
    ['>=1.5,!=1.9.3,<2', '1.5.0 1.5.7 1.6.0 1.11.4'],
    ['!= 1.9.3, != 1.6.0', '0.15.5 1.5.0 1.5.7 1.11.4 2.0.0'],
    ['> 3', ''],
  ])('%s takes %s', (constraint, taken) => {
    const range = rangeOfConstraint(constraint)!
    expect(VERSIONS.filter(version => fits(version, range)).join(' ')).toBe(taken)
  })

  it.each(['', 'latest', '^1.5', '1.5.x', '>= 1.5 < 2', '1.2.3.4', '>= 1.5,'])('%j is none', constraint => {
    expect(rangeOfConstraint(constraint)).toBeUndefined()
  })
})

it('takes together what two ranges take', () => {
  const both = bothRanges(rangeOfConstraint('>= 1.5, != 1.9.3')!, rangeOfConstraint('!= 1.6.0')!)
  expect(VERSIONS.filter(version => fits(version, both))).toEqual(['1.5.0', '1.5.7', '1.11.4', '2.0.0'])
  expect(bothRanges('auto', '1.5.x')).toBe('1.5.x')
  expect(bothRanges('1.5.x', 'auto')).toBe('1.5.x')
})

it.each([
  ['>=1.5.0', '1.9.3', true],
  ['>=1.10.0', '1.9.3', false],
  ['auto', '1.9.3', true],
])('%s and %s can agree: %s', (one, other, can) => {
  expect(canAgree(one, other)).toBe(can)
})
