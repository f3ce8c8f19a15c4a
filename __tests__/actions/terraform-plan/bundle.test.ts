import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { openScene, owner, pushBranch, repo, type Scene } from '../../local-github/server/scene.ts'
import { runBundle, type BundleRun } from '../../support/run-bundle.ts'

let scene: Scene
let head: string
let number: number

beforeAll(async () => {
  scene = await openScene()
  head = await pushBranch(scene, 'topic', { 'infra/main.tf': '# planned\n', 'plan.json': fixtureText('every-action') })
  const pull = await scene.as('bob').pulls.create({ owner, repo, base: 'main', head: 'topic', title: 'Change it' })
  number = pull.data.number
})
afterAll(() => scene.close())

/** The bundle in the job of the pull request's run, as the runner starts it. */
function plan(
  runId: number,
  permissions: Record<string, 'read' | 'write'> = { contents: 'read', 'pull-requests': 'write', checks: 'write' },
  given: Record<string, string> = { roots: 'infra', 'plan-json': 'plan.json', 'comment-key': 'dev' },
): Promise<BundleRun> {
  const { github, repository, work } = scene
  const token = github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: repository.id,
    permissions,
  })
  return runBundle('terraform-plan', {
    workspace: work.folder,
    inputs: { ...given, 'github-token': token },
    variables: {
      ...{
        GITHUB_API_URL: github.apiUrl,
        GITHUB_GRAPHQL_URL: `${github.url}/api/graphql`,
        GITHUB_SERVER_URL: github.url,
      },
      ...{ GITHUB_RUN_ID: String(runId), GITHUB_RUN_NUMBER: '1', GITHUB_EVENT_NAME: 'pull_request' },
      GITHUB_REPOSITORY_ID: String(repository.id),
    },
    event: {
      pull_request: {
        number,
        head: { sha: head, ref: 'topic', repo: { id: repository.id } },
        base: { sha: head, ref: 'main', repo: { id: repository.id } },
      },
    },
  })
}

const comments = async () => (await scene.as('bob').issues.listComments({ owner, repo, issue_number: number })).data

it('comments on the pull request, and updates the comment in place', async () => {
  const first = await plan(1)
  expect([first.exitCode, first.stderr]).toEqual([0, ''])
  const [comment] = await comments()
  expect(comment?.user?.login).toBe('github-actions[bot]')
  expect(comment?.body).toContain('⚠️ **shop/dev**: destroys 3, replaces 2 and forgets 1')
  expect(comment?.body).not.toMatch(/correct-horse-battery|a-new-and-long-one/)
  expect(first.outputs).toMatchObject({ 'comment-url': comment?.html_url, verdict: 'pass', 'to-destroy': '5' })
  await plan(2)
  expect((await comments()).map(({ id }) => id)).toEqual([comment?.id])
  expect(scene.github.violations).toEqual([])
})

it('R18: takes seven requests in a run: the rules, approvals, the identity, and two each for check and comment', async () => {
  const before = scene.github.exchanges.length
  await plan(3)
  expect(scene.github.exchanges.slice(before).map(({ route }) => route)).toEqual([
    'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    'POST /graphql',
    'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
  ])
})

it('leaves no secret in the log, the summary or the record', async () => {
  const run = await plan(3)
  const record = readFileSync(join(run.outputs['plan-results'] ?? '', 'infra.json'), 'utf8').toString()
  const log = run.stdout.replace(/^::add-mask::.*$/gm, '')
  for (const text of [log, run.stderr, run.summary, record])
    expect(text).not.toMatch(/correct-horse-battery|a-new-and-long-one/)
})

it('R7: says the plan in the summary where the token may not comment', async () => {
  const run = await plan(4, { contents: 'read', 'pull-requests': 'read' })
  expect([run.exitCode, run.outputs['comment-url']]).toEqual([0, ''])
  expect(run.stdout).toMatch(/::warning::The comment could not be written/)
  expect(run.summary).toContain('destroys 3')
  expect(run.stdout).not.toContain('    at ')
})

it('tells of several roots in one comment, from what their jobs left and with the right to comment alone', async () => {
  const results = join(scene.work.folder, 'plan-results')
  for (const root of ['infra', 'dns']) {
    const planned = await plan(5, undefined, { roots: root, 'plan-json': 'plan.json', comment: 'none' })
    cpSync(planned.outputs['plan-results'] ?? '', join(results, planned.outputs['artifact-name'] ?? ''), {
      recursive: true,
    })
  }
  const given = { 'plan-results': 'plan-results', roots: '["infra","dns"]', 'comment-key': 'dev' }
  const run = await plan(5, { 'pull-requests': 'write' }, given)
  expect([run.exitCode, run.stderr]).toEqual([0, ''])
  expect(run.outputs).toMatchObject({ verdict: 'pass', 'to-add': '10', 'to-destroy': '10', 'plan-json': '' })
  const [comment, ...others] = await comments()
  expect(others).toEqual([])
  expect(comment?.body).toContain('The same 17 changes in `dns` and `infra`.')
  expect(comment?.body).not.toMatch(/correct-horse-battery|a-new-and-long-one/)
  const short = await plan(6, { 'pull-requests': 'write' }, { ...given, roots: 'infra' })
  expect([short.exitCode, short.outputs['verdict']]).toEqual([1, 'invalid'])
  expect(short.stdout).toContain('is refused: it is of run 5 and not of 6')
})
