import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { data } from '@actions/expressions'
import { parse } from 'yaml'
import { evaluateExpression, fromExpressionData, toExpressionData } from '../../local-github/runner/evaluate.ts'
import type { JobPlan, JobResult } from '../../local-github/runner/job-plan.ts'
import { failure, setStage, success, type Stage } from '../local-github/runner/runner-stage.ts'

/** The jobs of terraform-plan.yml and how they hang together; what they do is answered here, and played in __tests__/real. */

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.close())
beforeEach(() => stage.reset())
afterEach(() => expect(stage.problems).toEqual([]))

const OURS = '.github/workflows/terraform-plan.yml'
const CALLER = `
on: push
permissions: {}
jobs:
  plan:
    permissions: { contents: read, pull-requests: write, checks: write, id-token: write }
    uses: ./${OURS}
    with: { roots: 'infra/*', environment: prod }
  told:
    needs: plan
    if: \${{ !cancelled() }}
    runs-on: ubuntu-24.04
    permissions: {}
    steps: [{ run: 'true' }]
`

const rootsOf = (count: number) => Array.from({ length: count }, (_, index) => `infra/r${index + 1}`)
const rootOf = (plan: JobPlan) => /plan prod (\S+)$/.exec(plan.job.name)?.[1] ?? ''
const needsOf = (plan: JobPlan) => (fromExpressionData(plan.contexts) as { needs: Record<string, unknown> }).needs

function answer(roots: readonly string[] | undefined, plan: (plan: JobPlan) => Promise<JobResult> | JobResult): void {
  const found = roots && success({ roots: JSON.stringify(roots), count: String(roots.length), 'artifact-pattern': 'x' })
  stage.answer('find', () => found ?? failure)
  stage.answer('plan', plan)
}

const start = async () => {
  await stage.run(CALLER, { branch: `b${Math.random()}`.replace('.', '') })
  return stage.summary()
}

beforeAll(async () => {
  await stage.push({ [OURS]: readFileSync(OURS, 'utf8') })
  await stage.runner.idle()
})

it('plans one root under the name that it always had, and gives on what it found', async () => {
  answer(['infra/dev'], () => success({ verdict: 'pass', 'has-changes': 'true', 'monthly-cost': '12.50' }))
  expect(await start()).toEqual([
    'plan / find roots prod: success',
    'plan / plan prod: success',
    'plan / planned prod: success',
    'told: success',
  ])
})

it('plans nothing when no root is changed, and the check that is required is green', async () => {
  answer([], () => failure)
  expect(await start()).toEqual([
    'plan / find roots prod: success',
    'plan / plan: skipped',
    'plan / planned prod: success',
    'told: success',
  ])
})

it('reports on the others when one of 20 racing roots fails, and again when that one is started again', async () => {
  const begun: string[] = []
  const attempts = new Map<string, number>()
  answer(rootsOf(20), async plan => {
    const root = rootOf(plan)
    begun.push(root)
    attempts.set(root, (attempts.get(root) ?? 0) + 1)
    for (let turns = (begun.length * 7) % 11; turns > 0; turns--) await new Promise(setImmediate)
    return root === 'infra/r7' && attempts.get(root) === 1 ? failure : success({ verdict: 'pass' })
  })
  const results: unknown[] = []
  stage.answer('report', plan => {
    const { find, plan: planned } = needsOf(plan) as Record<string, { result: string; outputs: Record<string, string> }>
    results.push([find?.outputs['count'], planned?.result])
    return planned?.result === 'success' ? success() : failure
  })
  const first = await start()
  expect(first.filter(line => !line.endsWith(': success'))).toEqual([
    'plan / plan prod infra/r7: failure',
    'plan / planned prod: failure',
  ])
  expect(new Set(begun)).toEqual(new Set(rootsOf(20)))
  const run = stage.runs().at(-1)!
  await stage.api('POST', `/repos/mona/shop/actions/runs/${run.id}/rerun-failed-jobs`)
  await stage.runner.idle()
  expect(stage.summary(stage.github.store.runs.get(run.id)).filter(line => !line.endsWith(': success'))).toEqual([])
  expect(begun.slice(20)).toEqual(['infra/r7'])
  expect(results).toEqual([
    ['20', 'failure'],
    ['20', 'success'],
  ])
})

it('is red when the roots cannot be found', async () => {
  answer(undefined, () => success())
  const names: string[] = []
  stage.answer('report', plan => {
    names.push(plan.job.name)
    return failure
  })
  expect((await start()).filter(line => line.includes('find') || line.includes('planned'))).toEqual([
    'plan / find roots prod: failure',
    'plan / planned prod: failure',
  ])
  expect(names).toHaveLength(1)
})

const ONE = { verdict: 'pass', 'has-changes': 'true', 'monthly-cost': '12.50' }
const SEVERAL = { verdict: 'fail', 'has-changes': 'true' }

it.each<[string, object, object, object, readonly string[]]>([
  ['one root', { outputs: { count: '1' } }, { outputs: ONE }, {}, ['true', 'pass', '12.50']],
  [
    'one root that is held',
    { outputs: { count: '1' } },
    { outputs: { ...ONE, verdict: 'fail' } },
    {},
    ['true', 'fail', '12.50'],
  ],
  [
    'one root without a plan',
    { outputs: { count: '1' } },
    { outputs: { verdict: 'invalid' } },
    {},
    ['false', 'invalid', ''],
  ],
  ['several roots', { outputs: { count: '3' } }, { outputs: ONE }, { outputs: SEVERAL }, ['true', 'fail', '']],
  ['several roots without a report', { outputs: { count: '3' } }, { outputs: ONE }, {}, ['false', 'invalid', '']],
  ['no root', { result: 'success', outputs: { count: '0' } }, {}, {}, ['false', 'pass', '']],
  ['roots that nobody found', { result: 'failure', outputs: {} }, {}, {}, ['false', 'invalid', '']],
])('gives on of %s whether there are changes, the verdict and the cost', (_, find, plan, report, expected) => {
  const { jobs } = parse(readFileSync(OURS, 'utf8')) as { jobs: { report: { outputs: Record<string, string> } } }
  const contexts = toExpressionData({ needs: { find, plan }, steps: { report } })
  if (!(contexts instanceof data.Dictionary)) throw new Error('the contexts are no dictionary')
  const values = ['has-changes', 'verdict', 'monthly-cost'].map(name => {
    const [, expression = ''] = /^\$\{\{ (.*) \}\}$/.exec(jobs.report.outputs[name] ?? '') ?? []
    return fromExpressionData(evaluateExpression(expression, { contexts }))
  })
  expect(values).toEqual(expected)
})
