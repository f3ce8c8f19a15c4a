import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Check } from '../../../kit/ports.ts'
import { LIMITS } from '../../../kit/report/limits.ts'
import { openApiScene, owner, pushBranch, repo, type ApiScene } from './github-scene.ts'

let scene: ApiScene
let sha: string

beforeAll(async () => {
  scene = await openApiScene()
  sha = await pushBranch(scene, 'feature', { 'x.txt': 'x' })
})
afterAll(() => scene.close())
afterEach(() => expect(scene.github.violations).toEqual([]))

const counted = async (work: () => Promise<unknown>) => {
  const before = scene.routes().length
  await work()
  return scene.routes().slice(before)
}

describe('a commit status', () => {
  it('R18: takes two requests, and one when it says the same already', async () => {
    const { api } = scene.job()
    const status = { sha, context: 'load', state: 'success', description: 'p95 12 ms' } as const
    expect(await counted(() => api.statuses.set(status))).toHaveLength(2)
    expect(await counted(() => api.statuses.set(status))).toEqual(['GET /repos/{owner}/{repo}/commits/{ref}/status'])
    expect(await counted(() => api.statuses.set({ ...status, state: 'failure' }))).toHaveLength(2)
    expect(scene.github.store.statuses.filter(({ context }) => context === 'load')).toHaveLength(2)
  })

  it('R19: says 140 characters at most, whole ones', async () => {
    await scene.job().api.statuses.set({ sha, context: 'long', state: 'pending', description: '😀'.repeat(200) })
    const stored = scene.github.store.statuses.find(({ context }) => context === 'long')?.description ?? ''
    expect(stored.length).toBeLessThanOrEqual(LIMITS.statusDescriptionCharacters)
    expect(stored).toMatch(/^(?:😀)+…$/u)
  })

  it('R10: holds no secret, and is found again although it was changed', async () => {
    const { api } = scene.job({}, { secrets: ['hunter22'] })
    const status = { sha, context: 'of hunter22', state: 'success', description: 'with hunter22' } as const
    await api.statuses.set(status)
    expect(await counted(() => api.statuses.set(status))).toHaveLength(1)
    const stored = scene.github.store.statuses.find(({ context }) => context.startsWith('of'))
    expect(stored).toMatchObject({ context: 'of ***', description: 'with ***' })
  })
})

describe('a check', () => {
  const check = (change: Partial<Check> = {}): Check => ({
    sha,
    name: 'plan',
    externalId: 'run-50',
    conclusion: 'failure',
    title: 'destroys 1',
    summary: 'text',
    ...change,
  })
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      file: 'main.tf',
      line: index + 1,
      level: 'warning' as const,
      message: `problem ${index}`,
    }))
  const stored = (name: string) => scene.github.store.checkRuns.filter(run => run.name === name)

  it('R19: sends annotations in batches of 50, each of them once', async () => {
    const { api } = scene.job()
    const asked = await counted(() => api.checks.complete(check({ name: 'many', annotations: many(120) })))
    expect(asked.filter(route => /^(?:POST|PATCH) .*check-runs/.test(route))).toHaveLength(3)
    expect(stored('many')).toHaveLength(1)
    expect(stored('many')[0]?.annotations.map(({ message }) => message)).toEqual(
      many(120).map(({ message }) => message),
    )
    await api.checks.complete(check({ name: 'many', annotations: many(120), conclusion: 'success' }))
    expect(stored('many')).toHaveLength(1)
    expect(stored('many')[0]).toMatchObject({ conclusion: 'success' })
    expect(stored('many')[0]?.annotations).toHaveLength(120)
  })

  it('R17: a batch of annotations whose answer was lost is not sent again', async () => {
    scene.github.faults.add({
      kind: 'bad-gateway-after',
      match: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
      times: 2,
    })
    await scene.job().api.checks.complete(check({ name: 'lost', annotations: many(140) }))
    scene.github.faults.clear()
    expect(stored('lost')[0]?.annotations.map(({ start_line }) => start_line)).toEqual(
      many(140).map(({ line }) => line),
    )
  })

  it('R19: cuts its output to what GitHub takes, on a safe boundary', async () => {
    const summary = `head\n\n\`\`\`\n${'é line\n'.repeat(20_000)}\`\`\`\n`
    const long = { file: 'a.tf', level: 'failure' as const, message: 'é'.repeat(70_000), title: 't'.repeat(300) }
    await scene.job().api.checks.complete(check({ name: 'long', title: 't'.repeat(400), summary, annotations: [long] }))
    const [run] = stored('long')
    expect(Buffer.byteLength(run?.summary ?? '')).toBeLessThanOrEqual(LIMITS.checkOutputBytes)
    expect(run?.summary).toMatch(/é line\n```\n\n\*Shortened:/)
    expect(Buffer.byteLength(run?.annotations[0]?.message ?? '')).toBeLessThanOrEqual(
      LIMITS.checkAnnotationMessageBytes,
    )
    expect(run?.annotations[0]?.title).toHaveLength(255)
  })

  it('is made once, brought up to date and ended, and its record is found again', async () => {
    const { api } = scene.job()
    const live = check({ name: 'live', externalId: 'run/1' })
    for (const title of ['1/3', '2/3']) await api.checks.progress({ ...live, title })
    expect(stored('live')).toMatchObject([{ status: 'in_progress', title: '2/3', externalId: 'run/1' }])
    expect((await scene.job().api.checks.own(sha, 'live')).map(({ externalId }) => externalId)).toEqual(['run/1'])
    // Another step of the job, as the post step is.
    await scene.job().api.checks.complete({ ...live, title: 'done', conclusion: 'success' })
    expect(stored('live')).toMatchObject([{ status: 'completed', conclusion: 'success', title: 'done' }])
    expect(await api.checks.own(sha, 'other')).toEqual([])
  })

  it('in progress is made once also when the answer was lost, and a token that may not names the permission', async () => {
    scene.github.faults.add({ kind: 'bad-gateway-after', match: 'POST /repos/{owner}/{repo}/check-runs' })
    await scene.job().api.checks.progress(check({ name: 'lost-live' }))
    scene.github.faults.clear()
    expect(stored('lost-live')).toHaveLength(1)
    const reader = scene.job({}, { permissions: { checks: 'read' } })
    await expect(reader.api.checks.progress(check({ name: 'refused' }))).rejects.toMatchObject({
      permission: 'checks: write',
    })
  })

  it('places an annotation by columns only within one line', async () => {
    const place = { file: 'a.tf', level: 'notice' as const, message: 'x', column: 3, endColumn: 5 }
    const annotations = [
      { ...place, line: 4 },
      { ...place, line: 4, endLine: 6 },
    ]
    await scene.job().api.checks.complete(check({ name: 'columns', annotations }))
    expect(stored('columns')[0]?.annotations).toMatchObject([
      { start_line: 4, end_line: 4, start_column: 3, end_column: 5 },
      { start_line: 4, end_line: 6, start_column: null },
    ])
  })
})

describe('a deployment', () => {
  const wanted = { ref: 'feature', environment: 'prod', description: 'x'.repeat(200), idempotencyKey: 'run-50' }

  it('R20: asks for no merge and no statuses, and is made once for a key', async () => {
    const { api } = scene.job()
    await api.statuses.set({ sha, context: 'red', state: 'failure', description: 'x' })
    const { id } = await api.deployments.create(wanted)
    expect(await api.deployments.create(wanted)).toEqual({ id })
    const made = scene.github.store.deployments.filter(({ environment }) => environment === 'prod')
    expect(made).toHaveLength(1)
    expect(made[0]).toMatchObject({ sha, payload: { slipway: 'run-50' } })
    expect(made[0]?.description).toHaveLength(LIMITS.deploymentDescriptionCharacters)
  })

  it('R20: takes the branch as it stands, also when the default branch is ahead of it', async () => {
    await pushBranch(scene, 'main', { 'newer.txt': 'x' })
    const { id } = await scene.job().api.deployments.create({ ...wanted, idempotencyKey: 'behind' })
    expect(scene.github.store.deployments.get(id)?.sha).toBe(sha)
    expect(await scene.work.git('ls-remote', 'origin', 'feature')).toContain(sha)
  })

  it('R20: waits for statuses only when they are named', async () => {
    const { api } = scene.job()
    await api.statuses.set({ sha, context: 'red', state: 'failure', description: 'x' })
    await api.statuses.set({ sha, context: 'tests', state: 'success', description: 'x' })
    const waiting = (context: string) => ({ ...wanted, idempotencyKey: context, requiredContexts: [context] })
    await expect(api.deployments.create(waiting('red'))).rejects.toThrow(/409|status checks/i)
    expect(await api.deployments.create(waiting('tests'))).toEqual({ id: expect.any(Number) })
  })

  it('is found by its task and subject once it succeeded, also when that is over, and only one of our own', async () => {
    const { deployments } = scene.job().api
    const one = { ...wanted, task: 'terraform-apply', subject: 'infra default', environment: 'applied' }
    expect(await deployments.lastSuccess(one.task, one.subject)).toBeUndefined()
    const first = await deployments.create({ ...one, idempotencyKey: 'first' })
    await deployments.setStatus(first.id, 'success', { logUrl: 'https://github.test/run/1' })
    await deployments.setStatus(first.id, 'inactive', {})
    const failed = await deployments.create({ ...one, idempotencyKey: 'second' })
    await deployments.setStatus(failed.id, 'failure', {})
    const other = await deployments.create({ ...one, subject: 'other default', idempotencyKey: 'third' })
    await deployments.setStatus(other.id, 'success', {})
    const payload = { slipway: 'fourth', subject: one.subject }
    const forged = await scene.as('bob').repos.createDeployment({
      ...{ owner, repo, ref: sha, task: one.task, environment: 'applied', auto_merge: false, required_contexts: [] },
      payload,
    })
    await scene.as('bob').repos.createDeploymentStatus({
      owner,
      repo,
      deployment_id: (forged.data as { id: number }).id,
      state: 'success',
    })
    expect(await deployments.lastSuccess(one.task, one.subject)).toEqual({ sha, url: 'https://github.test/run/1' })
  })

  it('R20: a deployment and a status whose answers were lost are there once', async () => {
    const { api } = scene.job()
    for (const match of ['deployments', 'deployments/{deployment_id}/statuses'])
      scene.github.faults.add({ kind: 'bad-gateway-after', match: `POST /repos/{owner}/{repo}/${match}` })
    const once = { ...wanted, environment: 'once', idempotencyKey: 'once' }
    const { id } = await api.deployments.create(once)
    const details = { description: 'back', logUrl: 'https://x.test/run', environmentUrl: 'https://shop.test' }
    await api.deployments.setStatus(id, 'success', details)
    scene.github.faults.clear()
    const { deployments, deploymentStatuses } = scene.github.store
    expect(deployments.filter(({ environment }) => environment === 'once')).toHaveLength(1)
    expect(deploymentStatuses.filter(({ deploymentId }) => deploymentId === id)).toMatchObject([
      { state: 'success', description: 'back', logUrl: 'https://x.test/run', environmentUrl: 'https://shop.test' },
    ])
  })

  it('R19: and each of its statuses say 140 characters at most, whole ones', async () => {
    const { api } = scene.job()
    const description = '😀'.repeat(200)
    const { id } = await api.deployments.create({ ...wanted, idempotencyKey: 'long', description })
    await api.deployments.setStatus(id, 'success', { description })
    const { deployments, deploymentStatuses } = scene.github.store
    const said = [deployments.get(id), deploymentStatuses.find(status => status.deploymentId === id)]
    for (const record of said) {
      expect(record?.description?.length).toBeLessThanOrEqual(LIMITS.deploymentDescriptionCharacters)
      expect(record?.description).toMatch(/^(?:😀)+…$/u)
    }
  })

  it('says how it goes, with the address of the environment', async () => {
    const { api } = scene.job()
    const { id } = await api.deployments.create(wanted)
    await api.deployments.setStatus(id, 'in_progress', {})
    await api.deployments.setStatus(id, 'success', {
      description: 'd'.repeat(150),
      environmentUrl: 'https://shop.test',
    })
    const states = scene.github.store.deploymentStatuses.filter(({ deploymentId }) => deploymentId === id)
    expect(states).toMatchObject([{ state: 'in_progress' }, { state: 'success', environmentUrl: 'https://shop.test' }])
    expect(states[1]?.description).toHaveLength(140)
  })
})

describe('labels and facts', () => {
  it('adds and removes a label, twice without an error', async () => {
    const { api } = scene.job()
    const { data } = await scene.as('alice').issues.create({ owner, repo, title: 'x' })
    await api.labels.add(data.number, 'needs/review me?')
    await api.labels.add(data.number, 'needs/review me?')
    expect(await api.repository.labels(data.number)).toEqual(['needs/review me?'])
    await api.labels.remove(data.number, 'needs/review me?')
    await api.labels.remove(data.number, 'needs/review me?')
    expect(await api.repository.labels(data.number)).toEqual([])
    await expect(api.labels.remove(9_999, 'x')).rejects.toThrow(/found nothing/)
  })

  it('knows the successful runs of a workflow on a head, the newest first', async () => {
    await expect(scene.job().api.repository.successfulRuns('none.yml', sha)).rejects.toThrow(/found nothing/)
    const { workflows, runs, repositories, accounts } = scene.github.store
    const repositoryId = repositories.find(({ fullName }) => fullName === `${owner}/${repo}`)?.id ?? 0
    const actorId = accounts.find(({ login }) => login === 'alice')?.id ?? 0
    const at = '2026-11-21T00:00:00Z'
    const path = '.github/workflows/plan.yml'
    const workflow = workflows.insert({ repositoryId, path, name: 'plan', state: 'active', createdAt: at })
    const run = (conclusion: 'success' | 'failure', headSha: string) =>
      runs.insert({
        ...{
          repositoryId,
          workflowId: workflow.id,
          path,
          name: 'plan',
          displayTitle: 'plan',
          runNumber: 1,
          attempt: 2,
        },
        ...{ event: 'pull_request', headBranch: 'feature', headSha, headRepositoryId: repositoryId, actorId },
        ...{ triggeringActorId: actorId, pullRequestNumbers: [], status: 'completed' as const, conclusion },
        ...{ createdAt: at, startedAt: at, updatedAt: at, checkSuiteId: 0, payload: {}, referencedWorkflows: [] },
      })
    const first = run('success', sha)
    run('failure', sha)
    run('success', '0'.repeat(40))
    const last = run('success', sha)
    const found = await scene.job().api.repository.successfulRuns('plan.yml', sha)
    expect(found.map(({ id }) => id)).toEqual([last.id, first.id])
    expect(found[0]).toMatchObject({ attempt: 2, headSha: sha, event: 'pull_request', path })
  })

  it('knows the runs that were under way at a moment', async () => {
    const { workflows, runs, repositories, accounts } = scene.github.store
    const repositoryId = repositories.find(({ fullName }) => fullName === `${owner}/${repo}`)?.id ?? 0
    const actorId = accounts.find(({ login }) => login === 'alice')?.id ?? 0
    const path = '.github/workflows/apply.yml'
    const at = (minute: number) => `2026-10-01T10:${String(minute).padStart(2, '0')}:00Z`
    const workflow = workflows.insert({ repositoryId, path, name: 'apply', state: 'active', createdAt: at(0) })
    const run = (runNumber: number, from: number, to: number | undefined) =>
      runs.insert({
        ...{ repositoryId, workflowId: workflow.id, path, name: 'apply', displayTitle: 'apply', runNumber, attempt: 1 },
        ...{ event: 'push', headBranch: 'main', headSha: sha, headRepositoryId: repositoryId, actorId },
        ...{
          triggeringActorId: actorId,
          pullRequestNumbers: [],
          checkSuiteId: 0,
          payload: {},
          referencedWorkflows: [],
        },
        ...(to === undefined
          ? { status: 'in_progress' as const, conclusion: null }
          : { status: 'completed' as const, conclusion: 'success' as const }),
        ...{ createdAt: at(from), startedAt: at(from), updatedAt: at(to ?? from) },
      })
    run(1, 0, 5)
    const [second, third] = [run(2, 1, 20), run(3, 2, undefined)]
    run(4, 15, 20)
    const found = await scene.job().api.repository.runsAt(Date.parse(at(10)))
    expect(found.map(({ number, ended }) => [number, ended]).sort()).toEqual([
      [2, true],
      [3, false],
    ])
    expect(found.map(({ id }) => id).sort()).toEqual([second.id, third.id].sort())
    expect(found[0]).toMatchObject({ headSha: sha, url: expect.stringContaining('/actions/runs/') })
  })

  it('knows the merged pull request of a commit, and no other', async () => {
    const { api } = scene.job()
    const head = await pushBranch(scene, 'to-merge', { 'merged.txt': 'x' })
    const pull = await scene.as('alice').pulls.create({ owner, repo, base: 'main', head: 'to-merge', title: 'x' })
    expect(await api.repository.mergedPullRequests(head)).toEqual([])
    const merge = await scene
      .as('alice')
      .pulls.merge({ owner, repo, pull_number: pull.data.number, merge_method: 'merge' })
    expect(await api.repository.mergedPullRequests(merge.data.sha)).toMatchObject([
      { number: pull.data.number, headSha: head, baseRef: 'main', mergeCommitSha: merge.data.sha },
    ])
    expect(await api.repository.mergedPullRequests(head)).toEqual([])
    const commit = await scene.as('alice').git.getCommit({ owner, repo, commit_sha: head })
    expect(await api.repository.treeOf(head)).toBe(commit.data.tree.sha)
    expect(await api.repository.compare(merge.data.sha, head)).toBe('behind')
    expect(await api.repository.compare(head, merge.data.sha)).toBe('ahead')
    expect(await api.repository.compare(head, head)).toBe('identical')
  })

  it('knows whether people must approve in an environment', async () => {
    const { repository } = scene.job().api
    const alice = scene.as('alice')
    const { data } = await alice.users.getByUsername({ username: 'alice' })
    await alice.repos.createOrUpdateEnvironment({
      ...{ owner, repo, environment_name: 'guarded by us', reviewers: [{ type: 'User', id: data.id }] },
    })
    await alice.repos.createOrUpdateEnvironment({ owner, repo, environment_name: 'slow', wait_timer: 5 })
    expect(await repository.hasRequiredReviewers('guarded by us')).toBe(true)
    expect(await repository.hasRequiredReviewers('slow')).toBe(false)
    expect(await repository.hasRequiredReviewers('not there')).toBe(false)
  })

  it('knows the files that a head changed since it left its base, unless GitHub lists no more of them', async () => {
    const { api } = scene.job()
    const base = (await scene.as('alice').git.getRef({ owner, repo, ref: 'heads/main' })).data.object.sha
    const head = await pushBranch(scene, 'few-files', { 'a/one.tf': 'x', 'two.tf': 'y' })
    expect(await api.repository.changedFiles(base, head)).toEqual(['a/one.tf', 'two.tf'])
    expect(await api.repository.changedFiles(head, head)).toEqual([])
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`many/${index}.tf`, 'x']))
    const large = await pushBranch(scene, 'many-files', many)
    expect(await api.repository.changedFiles(base, large)).toBeUndefined()
  })
})
