import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openScene, owner, pushBranch, repo, type Scene } from '../../local-github/server/scene.ts'
import { runBundle, type BundleRun } from '../../support/run-bundle.ts'

/** What is left on the commit, on a GitHub that checks every request against its description. */

let scene: Scene
let sha: string

beforeAll(async () => {
  scene = await openScene()
  sha = await pushBranch(scene, 'integration', { 'docker-compose.yml': 'services: {}\n' })
})
afterAll(() => scene.close())

function judge(
  latency: number,
  runId: number,
  permissions: Record<string, 'read' | 'write'> = { checks: 'write', statuses: 'write' },
): Promise<BundleRun> {
  const { github, repository, work } = scene
  const token = github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: repository.id,
    permissions,
  })
  writeFileSync(
    join(work.folder, 'results.jtl'),
    `elapsed,label,success\n${`${latency},GET /api/items,true\n`.repeat(50)}`,
  )
  return runBundle('load-gate', {
    workspace: work.folder,
    inputs: { engine: 'none', results: 'results.jtl', thresholds: 'p95(latency) < 300ms', sha, 'github-token': token },
    variables: {
      ...{ GITHUB_API_URL: github.apiUrl, GITHUB_GRAPHQL_URL: `${github.url}/api/graphql` },
      ...{ GITHUB_SERVER_URL: github.url, GITHUB_RUN_ID: String(runId), GITHUB_RUN_NUMBER: String(runId) },
      GITHUB_EVENT_NAME: 'push',
    },
  })
}

const status = async () => (await scene.as('bob').repos.getCombinedStatusForRef({ owner, repo, ref: sha })).data
const checks = async () => (await scene.as('bob').checks.listForRef({ owner, repo, ref: sha })).data.check_runs

it('a slow version leaves a failed status and check on the commit that it is told', async () => {
  const run = await judge(412, 1)
  expect([run.exitCode, run.outputs['verdict']]).toEqual([1, 'fail'])
  expect((await status()).statuses).toMatchObject([
    {
      ...{ context: 'load-gate', state: 'failure' },
      description: 'load test failed: p95(latency) 412 ms, limit < 300 ms',
      target_url: run.outputs['check-url'],
    },
  ])
  const [check] = await checks()
  expect(check).toMatchObject({ name: 'load-gate report', conclusion: 'failure', html_url: run.outputs['check-url'] })
  expect(check?.output.summary).toMatch(/^❌ \*\*shop\*\*: load test failed/)
  expect(scene.github.violations).toEqual([])
})

it('a fast one turns the status, and the check of the same run, green', async () => {
  const run = await judge(20, 1)
  expect([run.exitCode, run.outputs['verdict']]).toEqual([0, 'pass'])
  expect((await status()).state).toBe('success')
  expect((await checks()).map(({ conclusion }) => conclusion)).toEqual(['success'])
  expect(scene.github.violations).toEqual([])
})

it('without the permission it says which line is missing and does not pass', async () => {
  const run = await judge(20, 2, { checks: 'write' })
  expect([run.exitCode, run.outputs['verdict']]).toEqual([1, 'invalid'])
  expect(run.stdout).toMatch(/permissions:%0A {2}statuses: /)
})
