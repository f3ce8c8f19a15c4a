import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fromBuffer } from 'yauzl'
import type { Job, WorkflowRun } from '../../../local-github/model.ts'
import { isWithin } from '../../../local-github/server/routes/workflow-runs.ts'
import { failureOf, openScene, owner, pushBranch, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene

const plan =
  'name: Plan\non:\n  pull_request:\n  workflow_dispatch:\n    inputs: { root: { type: string } }\njobs: { plan: { runs-on: ubuntu-latest, steps: [{ run: make }] } }\n'

beforeAll(async () => {
  scene = await openScene()
  await scene.work.commit('Workflows', {
    '.github/workflows/plan.yml': plan,
    '.github/workflows/push.yaml': 'on: [push]\njobs: {}\n',
    '.github/workflows/notes.md': 'no workflow\n',
  })
  await scene.work.git('push', '-q', 'origin', 'main')
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const addRun = async (fields: Partial<WorkflowRun> = {}): Promise<WorkflowRun> => {
  const { store } = scene.github
  const { id } = scene.repository
  const sha = await scene.work.git('rev-parse', 'main')
  const at = '2026-03-01T10:00:00Z'
  const suite = store.checkSuites.insert({
    repositoryId: id,
    headSha: sha,
    headBranch: 'main',
    appSlug: 'github-actions',
    createdAt: at,
  })
  const bob = store.accounts.find(account => account.login === 'bob')?.id ?? 0
  return store.runs.insert({
    repositoryId: id,
    workflowId: store.workflows.find(file => file.path.endsWith('plan.yml'))?.id ?? 0,
    path: '.github/workflows/plan.yml',
    name: 'Plan',
    displayTitle: 'Add a database',
    runNumber: 1,
    attempt: 1,
    event: 'pull_request',
    headBranch: 'feature',
    headSha: sha,
    headRepositoryId: id,
    actorId: bob,
    triggeringActorId: bob,
    pullRequestNumbers: [],
    status: 'completed',
    conclusion: 'success',
    createdAt: at,
    startedAt: at,
    updatedAt: at,
    checkSuiteId: suite.id,
    payload: {},
    referencedWorkflows: [],
    ...fields,
  })
}

const addJob = (run: WorkflowRun, fields: Partial<Job> = {}): Job =>
  scene.github.store.jobs.insert({
    repositoryId: run.repositoryId,
    runId: run.id,
    attempt: 1,
    name: 'plan / cost',
    status: 'completed',
    conclusion: 'success',
    createdAt: run.createdAt,
    startedAt: run.createdAt,
    completedAt: run.createdAt,
    needs: [],
    labels: ['ubuntu-latest'],
    runnerName: 'local-1',
    environment: null,
    environmentUrl: null,
    steps: [
      {
        number: 1,
        name: '../price',
        status: 'completed',
        outcome: 'success',
        conclusion: 'success',
        startedAt: run.createdAt,
        completedAt: run.createdAt,
      },
    ],
    checkRunId: 0,
    permissions: {},
    concurrencyGroup: null,
    annotations: [],
    summaries: [],
    ...fields,
  })

const writeState = (path: string, content: string): void => {
  const target = join(scene.github.stateFolder, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, content)
}

const entriesOf = (zip: Buffer): Promise<string[]> =>
  new Promise((resolve, reject) => {
    fromBuffer(zip, (error, archive) => {
      if (error) return reject(error)
      const names: string[] = []
      archive.on('entry', (entry: { fileName: string }) => names.push(entry.fileName))
      archive.on('end', () => resolve(names))
      archive.on('error', reject)
    })
  })

describe('workflows', () => {
  it('are those of the default branch, found by number or file name', async () => {
    const { actions } = scene.asJob({ actions: 'write' }).rest
    const { data } = await actions.listRepoWorkflows({ owner, repo })
    expect(data.workflows.map(one => [one.name, one.path, one.state])).toEqual([
      ['Plan', '.github/workflows/plan.yml', 'active'],
      ['.github/workflows/push.yaml', '.github/workflows/push.yaml', 'active'],
    ])
    const byName = await actions.getWorkflow({ owner, repo, workflow_id: 'plan.yml' })
    const byNumber = await actions.getWorkflow({ owner, repo, workflow_id: byName.data.id })
    expect(byNumber.data).toEqual(byName.data)
    expect(await failureOf(actions.getWorkflow({ owner, repo, workflow_id: 'other.yml' }))).toMatchObject({
      status: 404,
    })
  })

  it('are dispatched on a ref whose file says so', async () => {
    const { actions } = scene.asJob({ actions: 'write' }).rest
    const dispatch = (workflow: string, ref: string, inputs?: Record<string, string>) =>
      actions.createWorkflowDispatch({ owner, repo, workflow_id: workflow, ref, ...(inputs ? { inputs } : {}) })
    scene.told()
    await dispatch('plan.yml', 'main', { root: 'infra' })
    expect(scene.events[0]).toMatchObject({
      name: 'workflow_dispatch',
      ref: 'refs/heads/main',
      sha: await scene.work.git('rev-parse', 'main'),
      byJobToken: true,
      payload: { inputs: { root: 'infra' }, workflow: '.github/workflows/plan.yml' },
    })
    expect(await failureOf(dispatch('push.yaml', 'main'))).toMatchObject({
      status: 422,
      message: "Workflow does not have 'workflow_dispatch' trigger",
    })
    expect(await failureOf(dispatch('plan.yml', 'nowhere'))).toMatchObject({ message: 'No ref found for: nowhere' })
    expect(await failureOf(dispatch('plan.yml', 'main', { rot: 'infra' }))).toMatchObject({
      status: 422,
      message: 'Unexpected inputs provided: ["rot"]',
    })
    await pushBranch(scene, 'broken', { '.github/workflows/plan.yml': 'on: workflow_dispatch\njobs: {}\n' })
    expect(await failureOf(dispatch('plan.yml', 'broken'))).toMatchObject({
      status: 422,
      message: expect.stringMatching(/^failed to parse workflow: .*plan\.yml \(Line: 2/),
    })
    await pushBranch(scene, 'without', { '.github/workflows/plan.yml': 'on: push\n' })
    expect(await failureOf(dispatch('plan.yml', 'without'))).toMatchObject({ status: 422 })
    await actions.disableWorkflow({ owner, repo, workflow_id: 'plan.yml' })
    expect(await failureOf(dispatch('plan.yml', 'main'))).toMatchObject({ status: 422 })
    await actions.enableWorkflow({ owner, repo, workflow_id: 'plan.yml' })
    expect((await dispatch('plan.yml', 'main')).status).toBe(204)
    expect(
      await failureOf(scene.as('carol').rest.actions.disableWorkflow({ owner, repo, workflow_id: 'plan.yml' })),
    ).toMatchObject({ status: 403 })
  })

  it('are started from outside by repository_dispatch', async () => {
    scene.told()
    await scene
      .as('bob')
      .rest.repos.createDispatchEvent({ owner, repo, event_type: 'deploy', client_payload: { tag: 'v1' } })
    expect(scene.events[0]).toMatchObject({
      name: 'repository_dispatch',
      action: 'deploy',
      ref: 'refs/heads/main',
      payload: { branch: 'main', client_payload: { tag: 'v1' } },
    })
  })
})

describe('workflow runs', () => {
  it('are listed by branch, event, status, commit, actor and time, newest first', async () => {
    const { actions } = scene.asJob({ actions: 'read' }).rest
    await actions.listRepoWorkflows({ owner, repo })
    const first = await addRun({ createdAt: '2026-03-01T10:00:00Z', conclusion: 'failure' })
    const second = await addRun({ createdAt: '2026-03-02T10:00:00Z', event: 'push', headBranch: 'main' })
    const found = async (query: Record<string, string>) =>
      (await actions.listWorkflowRunsForRepo({ owner, repo, ...query })).data.workflow_runs.map(run => run.id)
    expect(await found({})).toEqual([second.id, first.id])
    expect(await found({ branch: 'feature' })).toEqual([first.id])
    expect(await found({ event: 'push' })).toEqual([second.id])
    expect(await found({ status: 'failure' })).toEqual([first.id])
    expect(await found({ status: 'completed' })).toEqual([second.id, first.id])
    expect(await found({ head_sha: first.headSha, actor: 'BOB' })).toEqual([second.id, first.id])
    expect(await found({ actor: 'dan' })).toEqual([])
    const byWorkflow = await actions.listWorkflowRuns({ owner, repo, workflow_id: 'plan.yml' })
    expect(byWorkflow.data.total_count).toBe(2)
    const { data } = await actions.getWorkflowRun({ owner, repo, run_id: first.id })
    expect(data).toMatchObject({
      display_title: 'Add a database',
      conclusion: 'failure',
      head_commit: { id: first.headSha },
    })
  })

  it.each([
    ['2026-03-01', true],
    ['2026-03-02', false],
    ['>=2026-03-01', true],
    ['>2026-03-01', false],
    ['<2026-03-02', true],
    ['<=2026-03-01', true],
    ['2026-02-01..2026-03-01', true],
    ['*..2026-02-28', false],
    ['>2026-03-01T09:59:59Z', true],
  ])('created at 10:00 on the first of March are within %s: %s', (range, expected) => {
    expect(isWithin('2026-03-01T10:00:00Z', range)).toBe(expected)
  })

  it('are cancelled while they run and run again when they have ended', async () => {
    const { actions } = scene.asJob({ actions: 'write' }).rest
    const running = await addRun({ status: 'in_progress', conclusion: null })
    const ended = await addRun({ conclusion: 'failure' })
    scene.requests.splice(0)
    await actions.cancelWorkflowRun({ owner, repo, run_id: running.id })
    await actions.forceCancelWorkflowRun({ owner, repo, run_id: running.id })
    await actions.reRunWorkflow({ owner, repo, run_id: ended.id })
    await actions.reRunWorkflowFailedJobs({ owner, repo, run_id: ended.id })
    const bot = scene.github.store.accounts.find(account => account.type === 'Bot')?.id
    expect(scene.requests).toEqual([
      { kind: 'cancel', runId: running.id, force: false },
      { kind: 'cancel', runId: running.id, force: true },
      { kind: 'rerun', runId: ended.id, failedOnly: false, actorId: bot },
      { kind: 'rerun', runId: ended.id, failedOnly: true, actorId: bot },
    ])
    expect(await failureOf(actions.cancelWorkflowRun({ owner, repo, run_id: ended.id }))).toMatchObject({ status: 409 })
    expect(await failureOf(actions.reRunWorkflow({ owner, repo, run_id: running.id }))).toMatchObject({ status: 403 })
    expect(await failureOf(actions.deleteWorkflowRun({ owner, repo, run_id: running.id }))).toMatchObject({
      status: 403,
    })
    await actions.deleteWorkflowRun({ owner, repo, run_id: ended.id })
    expect(await failureOf(actions.getWorkflowRun({ owner, repo, run_id: ended.id }))).toMatchObject({ status: 404 })
  })

  it('keep the jobs of every attempt, and their logs', async () => {
    const { actions } = scene.asJob({ actions: 'read' }).rest
    const run = await addRun({ attempt: 2 })
    const old = addJob(run, { conclusion: 'failure' })
    const job = addJob(run, { attempt: 2 })
    writeState(`logs/${job.id}.log`, 'all of it\n')
    writeState(`logs/${job.id}/1.log`, 'step\n')
    const at = { owner, repo, run_id: run.id }
    const ids = async (filter: 'latest' | 'all') =>
      (await actions.listJobsForWorkflowRun({ ...at, filter })).data.jobs.map(one => one.id)
    expect([await ids('latest'), await ids('all')]).toEqual([[job.id], [old.id, job.id]])
    const attempt = await actions.getWorkflowRunAttempt({ ...at, attempt_number: 1 })
    expect(attempt.data).toMatchObject({ run_attempt: 1, conclusion: 'failure' })
    const { data: jobs } = await actions.listJobsForWorkflowRunAttempt({ ...at, attempt_number: 1 })
    expect(jobs.jobs.map(one => one.id)).toEqual([old.id])
    expect((await actions.getJobForWorkflowRun({ owner, repo, job_id: job.id })).data).toMatchObject({
      name: 'plan / cost',
      steps: [{ name: '../price', conclusion: 'success' }],
    })
    const log = await actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: job.id })
    expect(log.data).toBe('all of it\n')
    const archive = await actions.downloadWorkflowRunLogs(at)
    const names = await entriesOf(Buffer.from(archive.data as ArrayBuffer))
    expect(names).toEqual(['0_plan  cost.txt', 'plan  cost/1_price.txt'])
    await scene.as('bob').rest.actions.deleteWorkflowRunLogs(at)
    expect(await failureOf(actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: job.id }))).toMatchObject({
      status: 404,
    })
    expect(await failureOf(actions.downloadJobLogsForWorkflowRun({ owner, repo, job_id: old.id }))).toMatchObject({
      status: 404,
    })
  })
})

describe('artifacts', () => {
  it('are listed by run and name, downloaded without the token, and expire', async () => {
    const run = await addRun()
    const insert = (name: string, expiresAt = '2099-01-01T00:00:00Z') => {
      const file = `artifacts/${run.id}-${name}.zip`
      writeState(file, `zip of ${name}`)
      return scene.github.store.artifacts.insert({
        repositoryId: run.repositoryId,
        runId: run.id,
        attempt: 1,
        name,
        size: 10,
        digest: `sha256:${'0'.repeat(64)}`,
        expired: false,
        createdAt: run.createdAt,
        expiresAt,
        file,
      })
    }
    const artifact = insert('slipway-plan-infra')
    const old = insert('old', '2020-01-01T00:00:00Z')
    const client = scene.asJob({ actions: 'write' })
    const { actions } = client.rest
    const at = { owner, repo, artifact_id: artifact.id }
    const { data: named } = await actions.listArtifactsForRepo({ owner, repo, name: 'slipway-plan-infra' })
    expect(named.artifacts).toMatchObject([{ id: artifact.id, workflow_run: { id: run.id, head_sha: run.headSha } }])
    const { data: ofRun } = await actions.listWorkflowRunArtifacts({ owner, repo, run_id: run.id })
    expect(ofRun.artifacts.map(one => [one.name, one.expired])).toEqual([
      ['old', true],
      ['slipway-plan-infra', false],
    ])
    const { url } = await actions
      .downloadArtifact({ ...at, archive_format: 'zip', request: { redirect: 'manual' } })
      .then(
        response => ({ url: String(response.headers.location) }),
        (error: { response: { headers: { location?: string } } }) => ({ url: String(error.response.headers.location) }),
      )
    const download = await fetch(url)
    expect([download.status, await download.text()]).toEqual([200, 'zip of slipway-plan-infra'])
    expect((await fetch(`${scene.github.url}/_downloads/guess`)).status).toBe(404)
    const expired = actions.downloadArtifact({ owner, repo, artifact_id: old.id, archive_format: 'zip' })
    expect(await failureOf(expired)).toMatchObject({ status: 410 })
    await actions.deleteArtifact(at)
    expect(await failureOf(actions.getArtifact(at))).toMatchObject({ status: 404 })
    const noScope = scene.asJob({ contents: 'read' }).rest.actions.listArtifactsForRepo({ owner, repo })
    expect(await failureOf(noScope)).toMatchObject({ status: 403 })
  })
})

describe('variables and secrets', () => {
  it('are kept by name; of secrets only the names are served', async () => {
    const { actions } = scene.as('bob').rest
    await actions.createRepoVariable({ owner, repo, name: 'region', value: 'eu-west-1' })
    expect(await failureOf(actions.createRepoVariable({ owner, repo, name: 'REGION', value: 'x' }))).toMatchObject({
      status: 409,
    })
    expect(await failureOf(actions.createRepoVariable({ owner, repo, name: 'GITHUB_X', value: 'x' }))).toMatchObject({
      status: 422,
    })
    await actions.updateRepoVariable({ owner, repo, name: 'REGION', value: 'eu-central-1' })
    const { data } = await actions.getRepoVariable({ owner, repo, name: 'region' })
    expect(data).toMatchObject({ name: 'REGION', value: 'eu-central-1' })
    const secret = { repositoryId: scene.repository.id, environment: '', name: 'PLAN_KEY', value: 'do not tell' }
    scene.github.store.secrets.insert(secret)
    const { data: secrets } = await actions.listRepoSecrets({ owner, repo })
    expect(secrets.secrets.map(one => one.name)).toEqual(['PLAN_KEY'])
    expect(JSON.stringify(secrets)).not.toContain('do not tell')
    expect((await actions.getRepoSecret({ owner, repo, secret_name: 'plan_key' })).data.name).toBe('PLAN_KEY')
    await actions.deleteRepoSecret({ owner, repo, secret_name: 'PLAN_KEY' })
    expect((await actions.listRepoSecrets({ owner, repo })).data.total_count).toBe(0)
    await actions.deleteRepoVariable({ owner, repo, name: 'REGION' })
    expect((await actions.listRepoVariables({ owner, repo })).data.total_count).toBe(0)
    expect(
      await failureOf(scene.asJob({ actions: 'write' }).rest.actions.listRepoSecrets({ owner, repo })),
    ).toMatchObject({ status: 403 })
  })

  it('belong to an environment too', async () => {
    await scene.as('alice').rest.repos.createOrUpdateEnvironment({ owner, repo, environment_name: 'prod' })
    const { actions } = scene.as('bob').rest
    const at = { owner, repo, environment_name: 'prod' }
    await actions.createEnvironmentVariable({ ...at, name: 'SIZE', value: 'big' })
    const { data } = await actions.listEnvironmentVariables(at)
    expect(data.variables).toMatchObject([{ name: 'SIZE', value: 'big' }])
    expect(await failureOf(actions.listEnvironmentVariables({ ...at, environment_name: 'none' }))).toMatchObject({
      status: 404,
    })
  })
})
