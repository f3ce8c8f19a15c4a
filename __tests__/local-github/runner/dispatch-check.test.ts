import { expect, test } from '@jest/globals'
import { findDispatchProblem } from '../../../local-github/runner/dispatch-check.ts'

const path = '.github/workflows/deploy.yml'
const workflow = `on:
  workflow_dispatch:
    inputs:
      target: { type: choice, options: [staging, production], required: true }
      dry: { type: boolean, default: true }
      count: { type: number }
      note: {}
jobs:
  a: { runs-on: ubuntu-latest, steps: [{ run: a }] }
`

test.each<[Record<string, unknown>]>([
  [{ target: 'staging' }],
  [{ target: 'production', dry: 'false', count: '3', note: 'x' }],
  [{ target: 'production', dry: true, count: 3 }],
])('a dispatch with %j is taken', inputs => {
  expect(findDispatchProblem(path, workflow, inputs)).toBeNull()
})

test.each<[Record<string, unknown>, string]>([
  [{}, "Required input 'target' not provided"],
  [{ target: 'staging', size: 1 }, 'Unexpected inputs provided: ["size"]'],
  [{ target: 'laptop' }, "Provided value 'laptop' for input 'target' is not in the list of allowed values"],
  [{ target: 'staging', dry: 'maybe' }, "Provided value 'maybe' for input 'dry' is not a boolean"],
  [{ target: 'staging', count: 'three' }, "Provided value 'three' for input 'count' is not a number"],
])('a dispatch with %j is refused in words for the caller', (inputs, problem) => {
  expect(findDispatchProblem(path, workflow, inputs)).toContain(problem)
})

test('a dispatch of a file that cannot be read is refused with the place', () => {
  expect(findDispatchProblem(path, `${workflow}cache: x\n`, { target: 'staging' })).toMatch(
    /^failed to parse workflow: .*deploy\.yml \(Line: 10, Col: 1\)/,
  )
})
