import { expect, test } from '@jest/globals'
import { parseWorkflowFile } from '../../../local-github/runner/workflow-file.ts'

const job = 'runs-on: ubuntu-latest, steps: [{run: a}]'

test.each<[string, string, RegExp]>([
  [
    'an unknown key',
    `on: push\njobs:\n  a: {${job}}\ncache-mode: read`,
    /ci\.yml \(Line: 4, Col: 1\): Unexpected value 'cache-mode'/,
  ],
  ['an unknown key of a job', `on: push\njobs:\n  a: {${job}, retries: 3}`, /Line: 3.*Unexpected value 'retries'/],
  [
    'an unknown key of a step',
    'on: push\njobs:\n  a: {runs-on: x, steps: [{run: a, retry: 1}]}',
    /Unexpected value 'retry'/,
  ],
  ['containers', `on: push\njobs:\n  a: {${job}, container: node}`, /does not implement `container`/],
  ['services', `on: push\njobs:\n  a: {${job}, services: {db: {image: x}}}`, /does not implement `services`/],
  ['snapshots', `on: push\njobs:\n  a: {${job}, snapshot: x}`, /does not implement `snapshot`/],
  ['background steps', 'on: push\njobs:\n  a: {runs-on: x, steps: [{run: a, background: true}]}', /background/],
  [
    'another system',
    'on: push\njobs:\n  a: {runs-on: windows-latest, steps: [{run: a}]}',
    /cannot be `windows-latest`/,
  ],
  [
    'a circle of needs',
    `on: push\njobs:\n  z: {${job}}\n  a: {${job}, needs: b}\n  b: {${job}, needs: a}`,
    /creates a cycle/,
  ],
  ['an unknown need', `on: push\njobs:\n  z: {${job}}\n  a: {${job}, needs: c}`, /depends on unknown job 'c'/],
  ['only jobs that need another', `on: push\njobs:\n  a: {${job}, needs: a}`, /at least one job with no dependencies/],
  ['an unknown context', `on: push\njobs:\n  a: {${job}, if: secrets.x}`, /Unrecognized named-value: 'secrets'/],
  ['an unknown function', `on: push\njobs:\n  a: {${job}, if: hashFiles('x')}`, /Unrecognized function: 'hashFiles'/],
  ['a job without steps', 'on: push\njobs:\n  a: {runs-on: x}', /steps/],
  ['two steps of one id', 'on: push\njobs:\n  a: {runs-on: x, steps: [{id: s, run: a}, {id: s, run: a}]}', /'s'/],
  ['a wrong queue', `on: push\nconcurrency: {group: g, queue: all}\njobs:\n  a: {${job}}`, /queue|all/],
  ['no jobs', 'on: push', /jobs/],
  ['no YAML', 'on: [push', /ci\.yml/],
  ['nothing', '', /./],
])('a workflow file with %s is refused with the place and the reason', (_words, content, message) => {
  expect(() => parseWorkflowFile('.github/workflows/ci.yml', content)).toThrow(message)
})

test('keys that came in 2026 are understood', () => {
  const file = parseWorkflowFile(
    'ci.yml',
    `on: push
concurrency: { group: g, queue: max }
jobs:
  a:
    runs-on: ubuntu-latest
    environment: { name: prod, deployment: false }
    steps:
      - uses: $/actions/x
      - run: echo \${{ job.workflow_sha }}\${{ case(true, 1, 2) }}`,
  )
  expect(file.jobs[0]?.steps.map(step => step.uses)).toEqual(['$/actions/x', null])
})

test('a condition without a status function asks for success first', () => {
  const file = parseWorkflowFile(
    'ci.yml',
    `on: push\njobs:\n  a: {${job}}\n  b: {${job}, if: github.ref == 'x'}\n  c: {${job}, if: "\${{ failure() }}"}`,
  )
  expect(file.jobs.map(({ condition }) => condition)).toEqual([
    'success()',
    "success() && (github.ref == 'x')",
    'failure()',
  ])
})

test('a file over 500 KB is refused', () => {
  expect(() => parseWorkflowFile('ci.yml', `#${'x'.repeat(512_001)}`)).toThrow('larger than 500 KB')
})
