import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { checkWorkflow } from '../support/workflow-policy.ts'

const OURS = '.github/workflows'
const CALLERS = 'examples/shop/.github/workflows'

const files = [OURS, CALLERS].flatMap(folder =>
  readdirSync(folder)
    .filter(name => name.endsWith('.yml'))
    .map(name => join(folder, name)),
)

function kindOf(file: string): 'reusable' | 'caller' {
  return file.startsWith(CALLERS) ? 'caller' : 'reusable'
}

describe.each(files)('%s', file => {
  it('R29 to R36: breaks no rule of the workflows', () => {
    expect(checkWorkflow(readFileSync(file, 'utf8'), kindOf(file))).toEqual([])
  })
})

const good = `
on: {workflow_call: {inputs: {environment: {type: string, required: true}}}}
permissions: {}
defaults: {run: {shell: bash}}
jobs:
  apply:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    environment: \${{ inputs.environment }}
    concurrency:
      group: slipway-apply-\${{ inputs.environment }}
      queue: max
      cancel-in-progress: false
    permissions:
      contents: read # checkout
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: $/actions/terraform-apply
      - run: echo done
`

const breaks: readonly [string, string, string, string][] = [
  ['R29', 'rights for every job', 'permissions: {}\n', 'permissions: {contents: read}\n'],
  ['R29', 'a grant without a reason', 'contents: read # checkout', 'contents: read'],
  ['R29', 'a job without permissions', '    permissions:\n      contents: read # checkout\n', ''],
  ['R30', 'an expression in a shell', 'echo done', 'echo ${{ github.head_ref }}'],
  ['R31', 'a movable tag', '@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', '@v7'],
  ['R31', 'a pin without its version', ' # v7.0.1', ''],
  ['R31', 'an action of the caller', '$/actions/terraform-apply', './actions/terraform-apply'],
  ['R31', 'pull_request_target', 'on: {', 'on: {pull_request_target: {}, '],
  ['R31', 'a context that is never set', 'echo done', 'echo done # github.job_workflow_sha'],
  ['R32', 'a token left in the checkout', 'persist-credentials: false', 'fetch-depth: 0'],
  ['R33', 'an apply outside of an environment', '    environment: ${{ inputs.environment }}\n', ''],
  ['R33', 'a queue that drops runs', 'queue: max', 'queue: single'],
  ['R33', 'an apply that is cancelled', 'cancel-in-progress: false', 'cancel-in-progress: true'],
  ['R33', 'a group named after the caller', 'slipway-apply-${{ inputs.environment }}', '${{ github.workflow }}'],
  ['R34', 'a job without an end', '    timeout-minutes: 5\n', ''],
  ['R34', 'pipes that hide failures', 'defaults: {run: {shell: bash}}\n', ''],
  ['R35', 'a condition that is always true', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: "${{ false }} "'],
  ['R35', 'a condition with text around it', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: not ${{ false }}'],
  ['R35', 'always()', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: always()'],
  [
    'R36',
    'an identity that nothing needs',
    'contents: read # checkout',
    'contents: read # checkout\n      id-token: write # none',
  ],
]

it('an expired artifact leaves the word to terraform-apply, which knows what to do', () => {
  const workflow = parse(readFileSync(join(OURS, 'terraform-apply.yml'), 'utf8')) as {
    jobs: { apply: { steps: readonly Record<string, unknown>[] } }
  }
  const fetching = workflow.jobs.apply.steps.find(step => String(step['uses']).startsWith('actions/download-artifact@'))
  expect(fetching).toMatchObject({ 'continue-on-error': true })
})

describe('the policy', () => {
  it('finds nothing in a workflow that keeps all rules', () => {
    expect(checkWorkflow(good, 'reusable')).toEqual([])
  })

  it.each(breaks)('%s: finds %s', (rule, _, from, to) => {
    expect(good).toContain(from)
    expect(checkWorkflow(good.replace(from, to), 'reusable').map(violation => violation.rule)).toContain(rule)
  })
})
