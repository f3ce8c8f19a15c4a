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

describe('commit statuses', () => {
  it('add up: the newest of each context counts, failure before pending before success', async () => {
    const { repos } = scene.as('bob').rest
    const combined = async () => (await repos.getCombinedStatusForRef({ owner, repo, ref: 'main' })).data
    expect(await combined()).toMatchObject({ state: 'pending', total_count: 0, sha })
    scene.told()
    const set = (context: string, state: 'error' | 'failure' | 'pending' | 'success') =>
      repos.createCommitStatus({ owner, repo, sha, context, state, description: `${context} is ${state}` })
    await set('plan', 'pending')
    await set('cost', 'success')
    expect((await combined()).state).toBe('pending')
    await set('plan', 'success')
    expect((await combined()).state).toBe('success')
    await set('cost', 'error')
    expect(await combined()).toMatchObject({ state: 'failure', total_count: 2 })
    const { data: all } = await repos.listCommitStatusesForRef({ owner, repo, ref: sha })
    expect(all.map(status => `${status.context} ${status.state}`)).toEqual([
      'cost error',
      'plan success',
      'cost success',
      'plan pending',
    ])
    expect(all[0]).toMatchObject({ creator: { login: 'bob' }, description: 'cost is error', target_url: null })
    const { data: page, headers } = await repos.getCombinedStatusForRef({
      owner,
      repo,
      ref: 'main',
      per_page: 1,
      page: 2,
    })
    expect([page.total_count, page.statuses.map(status => status.context)]).toEqual([2, ['cost']])
    expect(headers.link).toMatch('rel="prev"')
    expect(scene.told()).toEqual(['status', 'status', 'status', 'status'])
  })

  it.each([
    ['a description over 140 characters', { description: 'x'.repeat(141) }],
    ['a target that is no web address', { target_url: 'javascript:alert(1)' }],
  ])('are refused with %s', async (_name, fields) => {
    const call = scene.as('bob').rest.repos.createCommitStatus({ owner, repo, sha, state: 'success', ...fields })
    expect(await failureOf(call)).toMatchObject({ status: 422 })
  })

  it('end at 1,000 of one commit and context', async () => {
    const record = { repositoryId: scene.repository.id, sha, context: 'busy', state: 'pending' } as const
    const rest = {
      description: null,
      targetUrl: null,
      creatorId: scene.repository.ownerId,
      createdAt: '2026-01-01T00:00:00Z',
    }
    for (let index = 0; index < 999; index++) scene.github.store.statuses.insert({ ...record, ...rest })
    const add = (context: string) =>
      scene.as('bob').rest.repos.createCommitStatus({ owner, repo, sha, state: 'success', context })
    expect((await add('busy')).status).toBe(201)
    expect(await failureOf(add('busy'))).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'This SHA and context has reached the maximum number of statuses.' }] },
    })
    expect((await add('other')).status).toBe(201)
  })

  it('need a full SHA that is there, and the permission', async () => {
    const add = (to: string) => ({ owner, repo, sha: to, state: 'success' as const })
    const { repos } = scene.as('bob').rest
    expect(await failureOf(repos.createCommitStatus(add('1'.repeat(40))))).toMatchObject({ status: 422 })
    expect(await failureOf(repos.createCommitStatus(add(sha.slice(0, 7))))).toMatchObject({ status: 422 })
    expect(await failureOf(scene.as('carol').rest.repos.createCommitStatus(add(sha)))).toMatchObject({ status: 403 })
    const job = scene.asJob({ checks: 'write' })
    expect(await failureOf(job.rest.repos.createCommitStatus(add(sha)))).toMatchObject({
      status: 403,
      message: 'Resource not accessible by integration',
    })
  })
})

const annotation = (line: number) => ({
  path: 'app.txt',
  start_line: line,
  end_line: line,
  annotation_level: 'warning' as const,
  message: `line ${line}`,
})

describe('check runs', () => {
  it('are made and updated by an app, and gather annotations 50 a request', async () => {
    const { checks } = scene.asJob({ checks: 'write' }).rest
    scene.told()
    const { data: made } = await checks.create({ owner, repo, name: 'lint', head_sha: sha, status: 'in_progress' })
    expect(made).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'github-actions' } })
    const at = { owner, repo, check_run_id: made.id }
    const lines = Array.from({ length: 50 }, (_value, index) => annotation(index + 1))
    await checks.update({ ...at, output: { title: 'Lint', summary: 'Some', annotations: lines } })
    await checks.update({ ...at, output: { summary: 'All', annotations: [annotation(51)] } })
    const { data } = await checks.update({ ...at, conclusion: 'failure' })
    expect(data).toMatchObject({
      status: 'completed',
      conclusion: 'failure',
      output: { title: 'Lint', summary: 'All', annotations_count: 51 },
    })
    expect(data.completed_at).not.toBeNull()
    const all = await scene
      .asJob({ checks: 'read' })
      .paginate('GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations', { ...at, per_page: 20 })
    expect(all.map(one => one.start_line)).toEqual(Array.from({ length: 51 }, (_value, index) => index + 1))
    expect(scene.told()).toEqual(['check_run.created', 'check_run.completed'])
  })

  it.each([
    ['completed without a conclusion', { status: 'completed' as const }],
    [
      'columns over two lines',
      { output: { title: 't', summary: 's', annotations: [{ ...annotation(1), end_line: 2, start_column: 1 }] } },
    ],
    [
      'an annotation title over 255 characters',
      { output: { title: 't', summary: 's', annotations: [{ ...annotation(1), title: 'x'.repeat(256) }] } },
    ],
    ['a summary over 65,535 bytes', { output: { title: 't', summary: '€'.repeat(30_000) } }],
  ])('are refused: %s', async (_name, fields) => {
    const { checks } = scene.asJob({ checks: 'write' }).rest
    expect(await failureOf(checks.create({ owner, repo, name: 'bad', head_sha: sha, ...fields }))).toMatchObject({
      status: 422,
    })
  })

  it('are not for the tokens of users, nor for another app', async () => {
    const create = (client: ReturnType<Scene['as']>, name: string) =>
      client.rest.checks.create({ owner, repo, name, head_sha: sha })
    expect(await failureOf(create(scene.as('alice'), 'mine'))).toMatchObject({
      status: 403,
      message: 'You must authenticate via a GitHub App.',
    })
    const { data } = await create(scene.asJob({ checks: 'write' }), 'theirs')
    scene.github.createAccount({ login: 'robot[bot]', type: 'Bot', appSlug: 'robot' })
    const { Octokit } = await import('@octokit/rest')
    const auth = scene.github.mintToken({
      login: 'robot[bot]',
      kind: 'app',
      repositoryId: scene.repository.id,
      permissions: { checks: 'write' },
    })
    const robot = new Octokit({ auth, baseUrl: scene.github.apiUrl })
    robot.log.error = () => {}
    const update = robot.rest.checks.update({ owner, repo, check_run_id: data.id, conclusion: 'success' })
    expect(await failureOf(update)).toMatchObject({ status: 403 })
  })

  it('are listed by commit and suite, the newest of a name or all', async () => {
    const head = await pushBranch(scene, 'listed', { 'l.txt': 'l\n' })
    const { checks } = scene.asJob({ checks: 'write' }).rest
    const add = (name: string, conclusion: 'success' | 'failure') =>
      checks.create({ owner, repo, name, head_sha: head, conclusion })
    await add('test', 'failure')
    await add('test', 'success')
    await add('build', 'success')
    const at = { owner, repo, ref: 'listed' }
    const latest = await checks.listForRef(at)
    expect(latest.data.total_count).toBe(2)
    expect((await checks.listForRef({ ...at, filter: 'all', check_name: 'test' })).data.total_count).toBe(2)
    expect((await checks.listForRef({ ...at, app_id: 999_999 })).data.total_count).toBe(0)
    const { data: suites } = await checks.listSuitesForRef(at)
    expect(suites.check_suites.map(suite => [suite.head_branch, suite.status, suite.conclusion])).toEqual([
      ['listed', 'completed', 'failure'],
    ])
    const suite = { owner, repo, check_suite_id: suites.check_suites[0]?.id ?? 0 }
    expect((await checks.listForSuite(suite)).data.total_count).toBe(2)
    expect((await checks.getSuite(suite)).data.head_sha).toBe(head)
    expect((await checks.createSuite({ owner, repo, head_sha: head })).status).toBe(200)
  })

  it('name the open pull requests of their commit', async () => {
    const head = await pushBranch(scene, 'checked', { 'c.txt': 'c\n' })
    await scene.as('bob').rest.pulls.create({ owner, repo, head: 'checked', base: 'main', title: 'x' })
    const { data } = await scene
      .asJob({ checks: 'write' })
      .rest.checks.create({ owner, repo, name: 'x', head_sha: head })
    expect(data.pull_requests).toMatchObject([{ head: { ref: 'checked', sha: head }, base: { ref: 'main' } }])
    const { data: pull } = await scene
      .as('bob')
      .rest.pulls.get({ owner, repo, pull_number: data.pull_requests[0]?.number ?? 0 })
    expect(pull.mergeable_state).toBe('unstable')
  })
})
