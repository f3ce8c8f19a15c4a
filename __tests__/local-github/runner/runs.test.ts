import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RepositoryEvent } from '../../../local-github/local-github.ts'
import type { WorkflowRun } from '../../../local-github/model.ts'
import { fromExpressionData } from '../../../local-github/runner/evaluate.ts'
import type { JobPlan } from '../../../local-github/runner/job-plan.ts'
import { startRunner } from '../../../local-github/runner/runner.ts'
import { createHeldJob, failure, setStage, success, type Stage } from './runner-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
beforeEach(async () => {
  stage.reset()
})
afterAll(async () => {
  expect(stage.github.violations).toEqual([])
  await stage.close()
})

const path = '.github/workflows/ci.yml'
const steps = 'runs-on: ubuntu-latest, steps: [{ run: a }]'
const context = (plan: JobPlan | undefined, name: string): unknown => {
  const value = plan?.contexts.get(name)
  return value && fromExpressionData(value)
}
const fresh = (run: WorkflowRun | undefined): WorkflowRun | undefined => run && stage.github.store.runs.get(run.id)
const post = (run: WorkflowRun | undefined, what: string) =>
  stage.api('POST', `/repos/mona/shop/actions/runs/${run?.id ?? 0}/${what}`)
const emit = (event: Partial<RepositoryEvent>): Promise<void> => {
  stage.github.emit({
    repositoryId: stage.repository.id,
    name: 'push',
    action: '',
    payload: {},
    ref: 'refs/heads/main',
    sha: '',
    actorId: stage.repository.ownerId,
    byJobToken: false,
    ...event,
  })
  return stage.runner.idle()
}

describe('cancelling', () => {
  const cancellable = `
on: push
jobs:
  long: { ${steps} }
  next: { ${steps}, needs: long }
  cleanup: { ${steps}, needs: long, if: always() }
`
  test('asks the running jobs to end, and runs only what asks for it afterwards', async () => {
    const held = createHeldJob()
    stage.answer('long', held.execute)
    await stage.push({ [path]: cancellable })
    await held.started
    expect((await post(stage.runs().at(-1), 'cancel')).status).toBe(202)
    await stage.runner.idle()
    expect(stage.summary()).toEqual(['cleanup: success', 'long: cancelled', 'next: skipped'])
    expect(fresh(stage.runs().at(-1))).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
  })

  test('by force runs nothing more at all', async () => {
    const held = createHeldJob()
    stage.answer('long', held.execute)
    await stage.push({ [path]: cancellable })
    await held.started
    await post(stage.runs().at(-1), 'force-cancel')
    await stage.runner.idle()
    expect(stage.summary()).toEqual(['cleanup: skipped', 'long: cancelled', 'next: skipped'])
  })

  test('does not touch a job that asks for always()', async () => {
    const held = createHeldJob()
    stage.answer('long', held.execute)
    await stage.push({ [path]: `on: push\njobs:\n  long: { ${steps}, if: always() }` })
    await held.started
    await post(stage.runs().at(-1), 'cancel')
    held.finish()
    await stage.runner.idle()
    expect(fresh(stage.runs().at(-1))?.conclusion).toBe('success')
  })

  test('reaches the jobs of a called workflow', async () => {
    const held = createHeldJob()
    stage.answer('long', held.execute)
    const called = '.github/workflows/called.yml'
    await stage.push({
      [called]: cancellable.replace('push', 'workflow_call'),
      [path]: `on: push\njobs:\n  go: { uses: ./${called} }`,
    })
    await held.started
    await post(stage.runs().at(-1), 'cancel')
    await stage.runner.idle()
    expect(stage.summary()).toEqual(['go / cleanup: success', 'go / long: cancelled', 'go / next: skipped'])
  })
})

describe('running again', () => {
  const chain = `
on: push
jobs:
  build: { ${steps} }
  test: { ${steps}, needs: build, env: { TAG: "\${{ needs.build.outputs.tag }}" } }
  report: { ${steps}, needs: test }
`
  test('the whole run is a new attempt of the same run', async () => {
    const run = await stage.run(chain)
    expect((await post(run, 'rerun')).status).toBe(201)
    await stage.runner.idle()
    expect(fresh(run)).toMatchObject({ attempt: 2, runNumber: run.runNumber, conclusion: 'success' })
    expect(stage.executed.map(plan => plan.key)).toEqual(['build', 'test', 'report', 'build', 'test', 'report'])
    expect(context(stage.executed.at(-1), 'github')).toMatchObject({ run_attempt: '2', run_id: String(run.id) })
  })

  test('only what failed runs again, with the outputs of what did not', async () => {
    stage.answer('build', () => success({ tag: '7-abc' }))
    stage.answer('test', () => failure)
    const run = await stage.run(chain)
    expect(stage.summary()).toEqual(['build: success', 'report: skipped', 'test: failure'])
    stage.answer('test', () => success())
    await post(run, 'rerun-failed-jobs')
    await stage.runner.idle()
    expect(stage.executed.map(plan => plan.key)).toEqual(['build', 'test', 'test', 'report'])
    expect(stage.executed[2]?.env).toEqual({ TAG: '7-abc' })
    expect(stage.summary(fresh(run))).toEqual(['build: success', 'report: success', 'test: success'])
    expect(fresh(run)).toMatchObject({ attempt: 2, conclusion: 'success' })
  })
})

describe('what starts a run', () => {
  test('a file that cannot be read shows as a run that failed to start, with line and column', async () => {
    const run = await stage.run('on: push\njobs:\n  a: { runs-on: x, stepz: [] }')
    expect(run).toMatchObject({ conclusion: 'startup_failure', name: path })
    expect(run.startupError).toMatch(/ci\.yml \(Line: 3, Col: 20\): Unexpected value 'stepz'/)
  })

  test('workflow_dispatch gives typed inputs', async () => {
    const file = `
on:
  workflow_dispatch:
    inputs:
      size: { type: choice, options: [s, m], default: s }
      count: { type: number, default: 3 }
      dry: { type: boolean, default: false }
      note: { required: true }
jobs:
  a: { ${steps} }
`
    await stage.push({ [path]: file })
    await stage.runner.idle()
    const dispatch = (inputs: object) =>
      stage.api('POST', '/repos/mona/shop/actions/workflows/ci.yml/dispatches', { ref: 'main', inputs })
    expect((await dispatch({ dry: 'true', note: 'x' })).status).toBe(204)
    await stage.runner.idle()
    expect(context(stage.executed[0], 'inputs')).toEqual({ size: 's', count: 3, dry: true, note: 'x' })
    expect(context(stage.executed[0], 'github')).toMatchObject({
      event_name: 'workflow_dispatch',
      event: { inputs: { size: 's', count: '3', dry: 'true', note: 'x' } },
    })
    const started = stage.runs().length
    for (const [inputs, message] of [
      [{ note: 'x', size: 'l' }, /'l' for input 'size' is not in the list/],
      [{}, /Required input 'note' not provided/],
      [{ note: 'x', count: 'many' }, /'many' for input 'count' is not a number/],
      [{ note: 'x', colour: 'red' }, /Unexpected inputs provided/],
    ] as const) {
      const refused = { status: 422, body: { message: expect.stringMatching(message) } }
      expect(await dispatch(inputs)).toMatchObject(refused)
    }
    await stage.runner.idle()
    expect(stage.runs()).toHaveLength(started)
  })

  test('a schedule, when asked for', async () => {
    await stage.push({ [path]: `on: { schedule: [{ cron: '5 4 * * *' }] }\njobs:\n  a: { ${steps} }` })
    await stage.runner.idle()
    expect(stage.executed).toEqual([])
    await stage.runner.runSchedule('mona/shop', path)
    await stage.runner.idle()
    expect(context(stage.executed[0], 'github')).toMatchObject({
      event_name: 'schedule',
      event: { schedule: '5 4 * * *' },
    })
    await expect(stage.runner.runSchedule('mona/shop', 'none.yml')).rejects.toThrow('There is no none.yml')
  })

  test('the end of another run', async () => {
    await stage.push({
      '.github/workflows/after.yml': `
on: { workflow_run: { workflows: [CI], types: [completed], branches: [main] } }
jobs:
  follow: { ${steps}, if: github.event.workflow_run.conclusion == 'success' }
`,
    })
    const run = await stage.run(`name: CI\non: push\njobs:\n  a: { ${steps} }`)
    expect(run).toMatchObject({ event: 'workflow_run', conclusion: 'success' })
    expect(stage.executed.map(plan => plan.key)).toEqual(['a', 'follow'])
    await stage.push({ '.github/workflows/after.yml': 'on: issues\njobs:\n  x: { runs-on: x, steps: [{ run: a }] }' })
    await stage.runner.idle()
  })

  test("no event that a job's token made, but for dispatches", async () => {
    await stage.run(`on: [push, workflow_dispatch]\njobs:\n  a: { ${steps} }`)
    const sha = stage.runs().at(-1)?.headSha ?? ''
    const before = stage.runs().length
    await emit({ sha, byJobToken: true })
    expect(stage.runs()).toHaveLength(before)
    await emit({ sha, byJobToken: true, name: 'workflow_dispatch', payload: { workflow: path, inputs: {} } })
    expect(stage.runs()).toHaveLength(before + 1)
  })

  test('no workflow that is disabled', async () => {
    await stage.run(`on: push\njobs:\n  a: { ${steps} }`)
    const before = stage.runs().length
    expect((await stage.api('PUT', '/repos/mona/shop/actions/workflows/ci.yml/disable')).status).toBe(204)
    await stage.push({ x: '1' })
    await stage.runner.idle()
    expect(stage.runs()).toHaveLength(before)
    await stage.api('PUT', '/repos/mona/shop/actions/workflows/ci.yml/enable')
  })

  test('an annotated tag, by its commit', async () => {
    const commit = await stage.push({ [path]: `on: { push: { tags: ['v*'] } }\njobs:\n  a: { ${steps} }` })
    await stage.runner.idle()
    const git = stage.github.git(stage.repository.id)
    await git.text(['tag', '-a', '-m', 'First', 'v1', commit])
    await emit({ ref: 'refs/tags/v1', sha: await git.text(['rev-parse', 'refs/tags/v1']) })
    expect(stage.runs().at(-1)).toMatchObject({ headSha: commit, headBranch: 'v1', conclusion: 'success' })
    expect(context(stage.executed[0], 'github')).toMatchObject({ sha: commit, ref_type: 'tag', ref_name: 'v1' })
  })

  test('no push of a branch that goes away', async () => {
    const before = stage.runs().length
    await emit({ sha: '0'.repeat(40), ref: 'refs/heads/gone' })
    expect(stage.runs()).toHaveLength(before)
  })

  test('paths of a push are those between its ends, of a new branch those of its own commits', async () => {
    const file = `on: { push: { paths: ['infra/**'] } }\njobs:\n  a: { ${steps} }`
    await stage.push({ [path]: file, 'infra/main.tf': '1' })
    await stage.runner.idle()
    const before = stage.runs().length
    await stage.push({ 'docs/a.md': '1' })
    await stage.push({ 'docs/b.md': '1' }, { branch: 'docs-only' })
    await stage.runner.idle()
    expect(stage.runs()).toHaveLength(before)
    await stage.push({ 'infra/main.tf': '2' }, { branch: 'infra-change' })
    await stage.runner.idle()
    expect(stage.runs()).toHaveLength(before + 1)
  })
})

describe('pull requests', () => {
  const file = `
on: pull_request
permissions: { contents: write, issues: write, id-token: write }
jobs:
  a: { ${steps} }
`
  const open = (head: string, token?: string) =>
    stage.api('POST', '/repos/mona/shop/pulls', { title: 'Change it', head, base: 'main' }, token)

  beforeAll(() => {
    stage.github.store.secrets.insert({ repositoryId: stage.repository.id, environment: '', name: 'KEY', value: 'k3y' })
  })

  test('run on the test merge commit and show on the head', async () => {
    await stage.push({ [path]: file })
    const headSha = await stage.push({ x: '1' }, { branch: 'topic' })
    expect((await open('topic')).status).toBe(201)
    await stage.runner.idle()
    const [run] = stage.runs().slice(-1)
    expect(run).toMatchObject({ event: 'pull_request', headSha, headBranch: 'topic', displayTitle: 'Change it' })
    expect(run?.pullRequestNumbers).toHaveLength(1)
    const seen = context(stage.executed[0], 'github') as Record<string, string>
    expect(seen).toMatchObject({
      base_ref: 'main',
      head_ref: 'topic',
      ref: `refs/pull/${run?.pullRequestNumbers[0] ?? 0}/merge`,
    })
    expect(seen['sha']).not.toBe(headSha)
    expect(stage.executed[0]).toMatchObject({ permissions: { issues: 'write' }, secrets: { KEY: 'k3y' } })
  })

  test('from a fork get a token that only reads, and no secrets', async () => {
    await stage.push({ [path]: file })
    stage.github.createAccount({ login: 'eve', type: 'User' })
    const eve = stage.github.mintToken({ login: 'eve', kind: 'user' })
    const forked = await fetch(`${stage.github.apiUrl}/repos/mona/shop/forks`, {
      method: 'POST',
      headers: { authorization: `token ${eve}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(forked.status).toBe(202)
    const fork = stage.github.store.repositories.find(found => found.fullName === 'eve/shop')
    if (!fork) throw new Error('There is no fork.')
    const before = stage.runs().length
    const pushed = { y: '1', '.github/workflows/own.yml': `on: push\njobs:\n  a: { ${steps} }` }
    await stage.push(pushed, { repository: fork, branch: 'evil' })
    await stage.runner.idle()
    expect(stage.runs()).toHaveLength(before)
    stage.reset()
    expect((await open('eve:evil', eve)).status).toBe(201)
    await stage.runner.idle()
    expect(stage.executed[0]?.permissions).toEqual({ contents: 'read', issues: 'read', metadata: 'read' })
    expect(Object.keys(stage.executed[0]?.secrets ?? {})).toEqual(['GITHUB_TOKEN'])
    expect(context(stage.executed[0], 'github')).toMatchObject({ secret_source: 'None' })
  })
})

test('a run that executed when the server died is over, and says why', async () => {
  const run = await stage.run(`on: push\njobs:\n  a: { ${steps} }`)
  const { store } = stage.github
  const [job] = stage.jobs(run)
  store.runs.update(run.id, { status: 'in_progress', conclusion: null })
  store.jobs.update(job?.id ?? 0, { status: 'in_progress', conclusion: null, completedAt: null })
  const next = startRunner(stage.github, { execute: () => Promise.resolve(success()) })
  await next.idle()
  await next.close()
  expect(fresh(run)).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
  expect(stage.jobs(run)[0]).toMatchObject({
    conclusion: 'cancelled',
    annotations: [{ message: 'The local GitHub was stopped while this run was under way.' }],
  })
})

test('those who watch hear of runs and jobs as they start and end', async () => {
  const heard: string[] = []
  const stop = stage.runner.onProgress(progress => {
    heard.push('job' in progress ? `${progress.kind} ${progress.job.name}` : progress.kind)
  })
  await stage.run(`on: push\njobs:\n  a: { ${steps} }`)
  stop()
  expect(heard).toEqual(['run-started', 'job-started a', 'job-finished a', 'run-finished'])
})
