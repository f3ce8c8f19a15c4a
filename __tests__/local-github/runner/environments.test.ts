import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Environment, WorkflowRun } from '../../../local-github/model.ts'
import { failure, setStage, success, type Stage } from './runner-stage.ts'

let stage: Stage
const timers: { milliseconds: number; callback: () => void }[] = []

beforeAll(async () => {
  stage = await setStage({
    timers: {
      after: (milliseconds, callback) => {
        timers.push({ milliseconds, callback })
        return () => {}
      },
    },
  })
})
beforeEach(() => {
  stage.reset()
  for (const { id } of stage.github.store.environments.filter(() => true)) stage.github.store.environments.delete(id)
})
afterAll(async () => {
  expect(stage.github.violations).toEqual([])
  await stage.close()
})

function protect(change: Partial<Environment>, on: Stage = stage): void {
  on.github.store.environments.insert({
    repositoryId: on.repository.id,
    name: 'prod',
    reviewers: [],
    preventSelfReview: false,
    waitTimer: 0,
    branchPolicies: null,
    createdAt: '2026-11-21T00:00:00Z',
    updatedAt: '2026-11-21T00:00:00Z',
    ...change,
  })
}

const workflow = (environment = 'prod'): string => `
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    environment: ${environment}
    steps: [{ run: a }]
  after:
    needs: deploy
    runs-on: ubuntu-latest
    steps: [{ run: a }]
`
const fresh = (run: WorkflowRun, on: Stage = stage): WorkflowRun | undefined => on.github.store.runs.get(run.id)
const environmentId = (on: Stage = stage): number => on.github.store.environments.find(() => true)?.id ?? 0
const review = (run: WorkflowRun, state: 'approved' | 'rejected', on: Stage = stage) =>
  on.api('POST', `/repos/mona/shop/actions/runs/${run.id}/pending_deployments`, {
    environment_ids: [environmentId(on)],
    state,
    comment: 'Looked at it',
  })
const states = (run: WorkflowRun): string[] => {
  const { deployments, deploymentStatuses } = stage.github.store
  const ids = deployments.filter(({ sha }) => sha === run.headSha).map(({ id }) => id)
  return deploymentStatuses.filter(({ deploymentId }) => ids.includes(deploymentId)).map(({ state }) => state)
}

test('a job waits for a reviewer, and goes on after the approval', async () => {
  protect({ reviewers: ['mona'] })
  stage.answer('deploy', () => ({ ...success(), environmentUrl: 'https://shop.example' }))
  const run = await stage.run(workflow())
  expect(fresh(run)?.status).toBe('waiting')
  expect(stage.summary()).toEqual(['deploy: waiting'])
  expect(stage.executed).toEqual([])

  expect((await review(run, 'approved')).status).toBe(200)
  await stage.runner.idle()
  expect(fresh(run)).toMatchObject({ status: 'completed', conclusion: 'success' })
  expect(stage.summary()).toEqual(['after: success', 'deploy: success'])
  expect(stage.jobs()[0]).toMatchObject({ environment: 'prod', environmentUrl: 'https://shop.example' })
  expect(states(run)).toEqual(['waiting', 'in_progress', 'success'])
})

test('a rejection fails the job with the words of the reviewer', async () => {
  protect({ reviewers: ['mona'] })
  const run = await stage.run(workflow())
  await review(run, 'rejected')
  await stage.runner.idle()
  expect(fresh(run)?.conclusion).toBe('failure')
  expect(stage.summary()).toEqual(['after: skipped', 'deploy: failure'])
  expect(stage.jobs()[0]?.annotations[0]?.message).toBe('mona rejected prod: Looked at it')
  expect(states(run)).toEqual(['waiting', 'failure'])
})

test('a run that waits can be cancelled', async () => {
  protect({ reviewers: ['mona'] })
  const run = await stage.run(workflow())
  expect((await stage.api('POST', `/repos/mona/shop/actions/runs/${run.id}/cancel`)).status).toBe(202)
  await stage.runner.idle()
  expect(fresh(run)?.conclusion).toBe('cancelled')
  expect(stage.summary()).toEqual(['after: skipped', 'deploy: cancelled'])
  expect(stage.github.store.pendingDeployments.filter(({ state }) => state === 'waiting')).toEqual([])
})

test('an environment that is not there is made, and the deployment is recorded', async () => {
  const run = await stage.run(workflow('{ name: "stage-${{ github.ref_name }}" }'))
  expect(stage.github.store.environments.find(() => true)).toMatchObject({ name: 'stage-main' })
  expect(states(run)).toEqual(['in_progress', 'success'])
  stage.answer('deploy', () => failure)
  expect(states(await stage.run(workflow('prod')))).toEqual(['in_progress', 'failure'])
})

test('a newer successful deployment makes the earlier one inactive', async () => {
  const first = await stage.run(workflow())
  await stage.run(workflow())
  expect(states(first)).toEqual(['in_progress', 'success', 'inactive'])
})

test('with deployment: false there is an environment but no deployment', async () => {
  const run = await stage.run(workflow('{ name: prod, deployment: false }'))
  expect(states(run)).toEqual([])
  expect(stage.jobs()[0]?.environment).toBe('prod')
})

test('a branch that the environment does not allow fails the job', async () => {
  protect({ branchPolicies: ['release/*'] })
  await stage.run(workflow())
  expect(stage.jobs()[0]).toMatchObject({ conclusion: 'failure' })
  expect(stage.jobs()[0]?.annotations[0]?.message).toBe(
    'Branch "main" is not allowed to deploy to prod due to environment protection rules.',
  )
  await stage.run(workflow(), { branch: 'release/1' })
  expect(stage.jobs()[0]?.conclusion).toBe('success')
})

test('a wait timer holds the job for its minutes', async () => {
  protect({ waitTimer: 3 })
  const run = await stage.run(workflow())
  expect(fresh(run)?.status).toBe('waiting')
  const [timer] = timers.splice(0)
  expect(timer?.milliseconds).toBe(180_000)
  timer?.callback()
  await new Promise(resolve => setImmediate(resolve))
  await stage.runner.idle()
  expect(fresh(run)?.conclusion).toBe('success')
})

test('a run that waits goes on after the server was started again', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'runner-state-'))
  const before = await setStage({ stateFolder })
  protect({ reviewers: ['mona'] }, before)
  before.answer('build', () => success({ tag: '1-abc' }))
  const run = await before.run(`
on: push
jobs:
  build: { runs-on: ubuntu-latest, steps: [{ run: a }] }
  deploy: { needs: build, runs-on: ubuntu-latest, environment: prod, env: { TAG: "\${{ needs.build.outputs.tag }}" }, steps: [{ run: a }] }
`)
  expect(before.summary(run)).toEqual(['build: success', 'deploy: waiting'])
  await before.close()

  const after = await setStage({ stateFolder })
  await after.runner.idle()
  expect(after.summary(run)).toEqual(['build: success', 'deploy: waiting'])
  await review(run, 'approved', after)
  await after.runner.idle()
  expect(after.executed.map(plan => [plan.key, plan.env])).toEqual([['deploy', { TAG: '1-abc' }]])
  expect(fresh(run, after)).toMatchObject({ attempt: 1, conclusion: 'success' })
  await after.close()
  rmSync(stateFolder, { recursive: true })
})
