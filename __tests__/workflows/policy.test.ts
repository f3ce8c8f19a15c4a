import { data } from '@actions/expressions'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import {
  evaluateCondition,
  evaluateExpression,
  fromExpressionData,
  toExpressionData,
} from '../../local-github/runner/evaluate.ts'
import { checkWorkflow, concurrencyGroups } from '../support/workflow-policy.ts'
import { findUses } from '../support/yaml-uses.ts'

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

const RULES = ['R29', 'R30', 'R31', 'R32', 'R33', 'R34', 'R35', 'R36']

describe.each(RULES)('%s:', rule => {
  it.each(files)('%s keeps it', file => {
    const found = checkWorkflow(readFileSync(file, 'utf8'), kindOf(file))
    expect(found.filter(violation => violation.rule === rule)).toEqual([])
  })
})

it('R33: no called workflow shares a group with its caller, which would be a deadlock', () => {
  const pairs = files.flatMap(caller =>
    findUses(readFileSync(caller, 'utf8')).flatMap(({ uses }) => {
      const called = /\.github\/workflows\/([\w.-]+\.yml)/.exec(uses)?.[1]
      return called === undefined ? [] : [[caller, join(OURS, called)] as const]
    }),
  )
  expect(pairs.length).toBeGreaterThan(2)
  for (const [caller, called] of pairs) {
    const [outer, inner] = [caller, called].map(file => concurrencyGroups(readFileSync(file, 'utf8')))
    expect([caller, called, outer?.filter(group => inner?.includes(group))]).toEqual([caller, called, []])
  }
  // A literal prefix keeps a group of ours apart from whatever a caller names.
  for (const file of files.filter(file => kindOf(file) === 'reusable'))
    for (const group of concurrencyGroups(readFileSync(file, 'utf8')))
      expect([file, group]).toEqual([file, expect.stringMatching(/^slipway-/)])
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
      - run: echo "$NAME"
        env:
          NAME: \${{ github.head_ref }}
  told:
    needs: [apply]
    if: \${{ !cancelled() }}
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {}
    steps:
      - run: test "$RESULT" = success
        env:
          RESULT: \${{ needs.apply.result }}
`

const breaks: readonly [string, string, string, string][] = [
  ['R29', 'rights for every job', 'permissions: {}\n', 'permissions: {contents: read}\n'],
  ['R29', 'a grant without a reason', 'contents: read # checkout', 'contents: read'],
  ['R29', 'a job without permissions', '    permissions:\n      contents: read # checkout\n', ''],
  ['R30', 'an expression in a shell', 'echo "$NAME"', 'echo ${{ github.head_ref }}'],
  ['R30', 'an expression in a script', 'persist-credentials: false', 'script: ${{ github.head_ref }}'],
  ['R30', 'untrusted data outside of quotes', 'echo "$NAME"', 'echo $NAME'],
  ['R31', 'a movable tag', '@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', '@v7'],
  ['R31', 'a pin without its version', ' # v7.0.1', ''],
  ['R31', 'an action of the caller', '$/actions/terraform-apply', './actions/terraform-apply'],
  ['R31', 'an action of ours at another commit', '$/actions/', 'slipway/slipway/actions/'],
  [
    'R31',
    'a second use of a pin without its version',
    '      - uses: $/',
    '      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1\n      - uses: $/',
  ],
  ['R31', 'an image without a digest', 'timeout-minutes: 5', 'timeout-minutes: 5\n    container: node:24'],
  ['R31', 'a service without a digest', 'timeout-minutes: 5', 'timeout-minutes: 5\n    services: {db: {image: a:1}}'],
  ['R31', 'an action that is an image', '$/actions/terraform-apply', 'docker://alpine:3'],
  ['R31', 'all secrets of the caller', 'timeout-minutes: 5', 'timeout-minutes: 5\n    secrets: inherit'],
  [
    'R31',
    'a workflow of somebody else',
    'jobs:\n',
    'jobs:\n  other:\n    permissions: {}\n    uses: a/b/.github/workflows/c.yml@v1\n',
  ],
  ['R31', 'pull_request_target', 'on: {', 'on: {pull_request_target: {}, '],
  ['R31', 'a context that is never set', 'echo "$NAME"', 'echo done # github.job_workflow_sha'],
  ['R32', 'a token left in the checkout', 'persist-credentials: false', 'fetch-depth: 0'],
  ['R33', 'an apply outside of an environment', '    environment: ${{ inputs.environment }}\n', ''],
  [
    'R33',
    'an apply in an environment that nobody names',
    'environment: ${{ inputs.environment }}\n    con',
    'environment: prod\n    con',
  ],
  ['R33', 'a queue that drops runs', 'queue: max', 'queue: single'],
  ['R33', 'an apply that is cancelled', 'cancel-in-progress: false', 'cancel-in-progress: true'],
  ['R33', 'a group of the whole workflow', 'jobs:\n', 'concurrency: slipway\njobs:\n'],
  ['R33', 'a group named after the caller', 'slipway-apply-${{ inputs.environment }}', '${{ github.workflow }}'],
  ['R34', 'a job without an end', '    timeout-minutes: 5\n', ''],
  ['R34', 'pipes that hide failures', 'defaults: {run: {shell: bash}}\n', ''],
  ['R34', 'a step in a shell without pipefail', 'run: echo "$NAME"', 'shell: sh\n        run: echo "$NAME"'],
  ['R35', 'a job that does not look at its needs', 'needs.apply.result', 'github.ref'],
  ['R35', 'a condition that is always true', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: "${{ false }} "'],
  ['R35', 'a condition with text around it', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: not ${{ false }}'],
  ['R35', 'a condition in a block', 'timeout-minutes: 5', 'timeout-minutes: 5\n    if: >-\n      ${{ false }}'],
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

it('the monitoring follows an apply that went well and wrote an inventory, and takes the keys of its machines from AWS', () => {
  const { jobs } = parse(readFileSync(join(CALLERS, 'terraform-apply.yml'), 'utf8')) as {
    jobs: Record<string, Record<string, unknown>>
  }
  // Without a function such as always(), a condition holds only after needs that succeeded.
  expect(jobs['monitoring']).toMatchObject({
    needs: 'apply',
    if: "needs.apply.outputs.inventory-artifact != ''",
    with: {
      'inventory-artifact': '${{ needs.apply.outputs.inventory-artifact }}',
      'host-keys-from': 'console',
      environment: (jobs['apply']?.['with'] as Record<string, unknown>)['environment'],
    },
  })
})

it.each([
  ['ghcr.io', '', ['mira', 'the token of the job']],
  ['ghcr.io', 'the password', ['robot', 'the password']],
  ['registry.example', 'the password', ['robot', 'the password']],
  // Also where a secret was forgotten.
  ['registry.example', '', ['', '']],
  ['ghcr.io.example', '', ['', '']],
  ['', '', ['', '']],
])(
  "the login at %j with the password %j: no registry but GitHub's gets the token of a job",
  (registry, password, login) => {
    const contexts = toExpressionData({
      inputs: { registry },
      secrets: { 'registry-username': password && 'robot', 'registry-password': password },
      github: { actor: 'mira', token: 'the token of the job' },
    })
    if (!(contexts instanceof data.Dictionary)) throw new Error('the contexts are no dictionary')
    const expressions = ['ci-application.yml', 'cd-application.yml'].flatMap(file =>
      [
        ...readFileSync(join(OURS, file), 'utf8').matchAll(
          /: \$\{\{ (secrets\.registry-(?:username|password) .*?) \}\}$/gm,
        ),
      ].map(([, expression = '']) => expression),
    )
    // Of the job that pushes, of staging and of production.
    expect(expressions).toHaveLength(6)
    const values = expressions.map(expression => fromExpressionData(evaluateExpression(expression, { contexts })))
    expect(values).toEqual([...login, ...login, ...login])
  },
)

const TAGGED =
  'Run backend as 57-0a3087a\n\nbackend: shop-backend:57-0a3087a, before 56-77ab01c\n\nSlipway-Intent: 57-1'
const SQUASHED = `Order what is sold out (#12)\n\n* Order what is sold out\n\n* ${TAGGED}`

it.each([
  ["a person's commit", 'Order what is sold out', true],
  ["a person's commit with the same first word", 'Run the shop on two ports', true],
  ['a tag commit, whoever the token is of', TAGGED, false],
  ['a squash that quotes a tag commit', SQUASHED, true],
  ['a start by hand, which has no commit of its own', undefined, true],
])('the application is built, but for its own tag commits: %s', (_, message, isBuilt) => {
  const { jobs } = parse(readFileSync(join(OURS, 'ci-application.yml'), 'utf8')) as {
    jobs: { test: { if: string }; build: { needs: readonly string[]; if?: string } }
  }
  // Without a condition of its own, a job is skipped with what it needs.
  expect(jobs.build).toMatchObject({ needs: ['test'] })
  expect(jobs.build.if).toBeUndefined()
  const [, condition = ''] = /^\$\{\{ (.*) \}\}$/.exec(jobs.test.if) ?? []
  const event = message === undefined ? {} : { head_commit: { message } }
  const contexts = toExpressionData({ github: { event } })
  if (!(contexts instanceof data.Dictionary)) throw new Error('the contexts are no dictionary')
  expect(evaluateCondition(condition, { contexts })).toBe(isBuilt)
})

describe('the policy', () => {
  it('finds nothing in a workflow that keeps all rules', () => {
    expect(checkWorkflow(good, 'reusable')).toEqual([])
  })
})

it.each(breaks)('%s: the policy finds %s', (rule, _, from, to) => {
  expect(good).toContain(from)
  expect(
    checkWorkflow(
      good.replace(from, () => to),
      'reusable',
    ).map(violation => violation.rule),
  ).toContain(rule)
})
