import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { failureOf, openScene, owner, pushBranch, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene
let sha: string

beforeAll(async () => {
  scene = await openScene()
  sha = await scene.work.git('rev-parse', 'main')
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const deploy = (fields: Record<string, unknown> = {}) =>
  scene
    .as('bob')
    .rest.repos.createDeployment({ owner, repo, ref: 'main', auto_merge: false, required_contexts: [], ...fields })

const deployed = async (fields: Record<string, unknown> = {}): Promise<number> => {
  const { data } = await deploy(fields)
  if (!('id' in data)) throw new Error('not deployed')
  return data.id
}

describe('deployments', () => {
  it('are made, listed and told of, with their environment', async () => {
    scene.told()
    const { data } = await deploy({ environment: 'staging', description: 'Try', payload: { tag: 7 } })
    expect(data).toMatchObject({ sha, ref: 'main', task: 'deploy', environment: 'staging', payload: { tag: 7 } })
    expect(scene.events.at(-1)).toMatchObject({ name: 'deployment', ref: 'refs/heads/main', sha })
    const { repos } = scene.as('dan').rest
    await deployed({ environment: 'elsewhere' })
    const { data: found } = await repos.listDeployments({ owner, repo, environment: 'staging', sha })
    expect(found).toHaveLength(1)
    const { data: environments } = await repos.getAllEnvironments({ owner, repo })
    expect(environments.environments?.map(one => one.name)).toEqual(['staging', 'elsewhere'])
  })

  it('ask for all statuses to be green unless the caller names the contexts', async () => {
    const head = await pushBranch(scene, 'waiting', { 'w.txt': 'w\n' })
    const { repos } = scene.as('bob').rest
    await repos.createCommitStatus({ owner, repo, sha: head, state: 'pending', context: 'test' })
    expect(await failureOf(deploy({ ref: 'waiting', required_contexts: undefined }))).toMatchObject({
      status: 409,
      message: 'Conflict: Commit status checks failed for waiting.',
    })
    expect(await failureOf(deploy({ ref: 'waiting', required_contexts: ['lint'] }))).toMatchObject({ status: 409 })
    expect((await deploy({ ref: 'waiting', required_contexts: [] })).status).toBe(201)
    await repos.createCommitStatus({ owner, repo, sha: head, state: 'success', context: 'test' })
    expect((await deploy({ ref: 'waiting', required_contexts: undefined })).status).toBe(201)
  })

  it('merge the default branch first unless told not to', async () => {
    await pushBranch(scene, 'behind', { 'b.txt': 'b\n' })
    await scene.work.git('checkout', '-q', 'main')
    const tip = await scene.work.commit('Ahead', { 'ahead.txt': 'a\n' })
    await scene.work.git('push', '-q', 'origin', 'main')
    const call = await deploy({ ref: 'behind', auto_merge: true })
    expect([call.status, call.data]).toEqual([202, { message: 'Auto-merged main into behind on deployment.' }])
    await scene.work.git('fetch', '-q', 'origin')
    expect(await scene.work.git('rev-parse', 'origin/behind^2')).toBe(tip)
    expect((await deploy({ ref: 'behind', auto_merge: true })).status).toBe(201)
    await scene.work.git('checkout', '-q', '-B', 'clash', sha)
    await scene.work.commit('Clash', { 'ahead.txt': 'other\n' })
    await scene.work.git('push', '-q', 'origin', 'clash')
    expect(await failureOf(deploy({ ref: 'clash', auto_merge: true }))).toMatchObject({
      status: 409,
      message: 'Conflict merging main into clash',
    })
    expect(await failureOf(deploy({ ref: 'nowhere' }))).toMatchObject({
      status: 422,
      message: 'No ref found for: nowhere',
    })
  })

  it('get statuses; a success retires the earlier ones of its environment', async () => {
    const { repos } = scene.as('bob').rest
    const first = await deployed({ environment: 'qa' })
    const second = await deployed({ environment: 'qa' })
    const set = (id: number, state: 'success' | 'in_progress', fields: Record<string, unknown> = {}) =>
      repos.createDeploymentStatus({ owner, repo, deployment_id: id, state, ...fields })
    await set(first, 'success')
    scene.told()
    await set(second, 'in_progress', { description: 'x'.repeat(140) })
    const { data } = await set(second, 'success', {
      environment_url: 'https://qa.example.com/',
      log_url: 'https://ci.example.com/1',
    })
    expect(data).toMatchObject({
      state: 'success',
      environment_url: 'https://qa.example.com/',
      target_url: 'https://ci.example.com/1',
    })
    const states = async (id: number) =>
      (await repos.listDeploymentStatuses({ owner, repo, deployment_id: id })).data.map(status => status.state)
    expect(await states(first)).toEqual(['inactive', 'success'])
    expect(await states(second)).toEqual(['success', 'in_progress'])
    expect(scene.told()).toEqual(['deployment_status.created', 'deployment_status.created'])
    expect(await failureOf(set(second, 'success', { description: 'x'.repeat(141) }))).toMatchObject({ status: 422 })
    const remove = (id: number) => repos.deleteDeployment({ owner, repo, deployment_id: id })
    expect(await failureOf(remove(second))).toMatchObject({ status: 422 })
    expect((await remove(first)).status).toBe(204)
    expect((await remove(second)).status).toBe(204)
  })
})

const environment = { owner, repo, environment_name: 'production' }

describe('environments', () => {
  it('take reviewers, a wait and branch patterns, replaced as a whole', async () => {
    const { repos } = scene.as('alice').rest
    const alice = scene.github.store.accounts.find(account => account.login === 'alice')?.id ?? 0
    const { data } = await repos.createOrUpdateEnvironment({
      ...environment,
      wait_timer: 5,
      prevent_self_review: true,
      reviewers: [{ type: 'User', id: alice }],
      deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
    })
    expect(data.protection_rules).toMatchObject([
      { type: 'wait_timer', wait_timer: 5 },
      { type: 'required_reviewers', prevent_self_review: true, reviewers: [{ reviewer: { login: 'alice' } }] },
      { type: 'branch_policy' },
    ])
    const { data: policy } = await repos.createDeploymentBranchPolicy({ ...environment, name: 'release/*' })
    const { data: policies } = await repos.listDeploymentBranchPolicies(environment)
    expect(policies).toMatchObject({ total_count: 1, branch_policies: [{ name: 'release/*' }] })
    await repos.deleteDeploymentBranchPolicy({ ...environment, branch_policy_id: policy.id ?? 0 })
    await repos.createOrUpdateEnvironment(environment)
    const { data: plain } = await scene.as('dan').rest.repos.getEnvironment(environment)
    expect(plain).toMatchObject({ protection_rules: [], deployment_branch_policy: null })
    expect(await failureOf(repos.createOrUpdateEnvironment({ ...environment, wait_timer: 43_201 }))).toMatchObject({
      status: 422,
    })
    expect(await failureOf(scene.as('bob').rest.repos.createOrUpdateEnvironment(environment))).toMatchObject({
      status: 403,
    })
    await repos.deleteAnEnvironment(environment)
    expect(await failureOf(repos.getEnvironment(environment))).toMatchObject({ status: 404 })
  })

  it('let a listed reviewer answer a waiting job, once, and nobody else', async () => {
    const { store } = scene.github
    const alice = store.accounts.find(account => account.login === 'alice')?.id ?? 0
    const bob = store.accounts.find(account => account.login === 'bob')?.id ?? 0
    const { data: made } = await scene.as('alice').rest.repos.createOrUpdateEnvironment({
      ...environment,
      prevent_self_review: true,
      reviewers: [
        { type: 'User', id: alice },
        { type: 'User', id: bob },
      ],
    })
    const at = '2026-01-01T00:00:00Z'
    const run = store.runs.insert({
      repositoryId: scene.repository.id,
      workflowId: 1,
      path: '.github/workflows/apply.yml',
      name: 'apply',
      displayTitle: 'apply',
      runNumber: 1,
      attempt: 1,
      event: 'push',
      headBranch: 'main',
      headSha: sha,
      headRepositoryId: scene.repository.id,
      actorId: bob,
      triggeringActorId: bob,
      pullRequestNumbers: [],
      status: 'waiting',
      conclusion: null,
      createdAt: at,
      startedAt: at,
      updatedAt: at,
      checkSuiteId: 1,
      payload: {},
      referencedWorkflows: [],
    })
    const pending = store.pendingDeployments.insert({
      repositoryId: scene.repository.id,
      runId: run.id,
      jobId: 1,
      environment: 'production',
      reviewers: ['alice', 'bob'],
      state: 'waiting',
      createdAt: at,
    })
    const runAt = { owner, repo, run_id: run.id }
    const shown = async (login: 'alice' | 'bob') =>
      (await scene.as(login).rest.actions.getPendingDeploymentsForRun(runAt)).data
    expect(await shown('alice')).toMatchObject([
      { current_user_can_approve: true, environment: { name: 'production' } },
    ])
    expect(await shown('bob')).toMatchObject([{ current_user_can_approve: false }])
    const answer = (login: 'alice' | 'bob' | 'carol') =>
      scene.as(login).rest.actions.reviewPendingDeploymentsForRun({
        ...runAt,
        environment_ids: [made.id],
        state: 'approved',
        comment: 'Go',
      })
    expect(await failureOf(answer('bob'))).toMatchObject({ status: 403 })
    expect(await failureOf(answer('carol'))).toMatchObject({ status: 403 })
    expect(scene.requests).toEqual([])
    await answer('alice')
    expect(scene.requests).toEqual([{ kind: 'reviewed', pendingDeploymentId: pending.id }])
    expect(store.pendingDeployments.get(pending.id)).toMatchObject({
      state: 'approved',
      reviewedBy: 'alice',
      comment: 'Go',
    })
    expect(await failureOf(answer('alice'))).toMatchObject({ status: 422 })
    const { data: approvals } = await scene.as('bob').rest.actions.getReviewsForRun(runAt)
    expect(approvals).toMatchObject([{ state: 'approved', user: { login: 'alice' }, comment: 'Go' }])
  })
})
