import { describe, expect, it } from '@jest/globals'
import { inputs, outputs } from '../../../actions/terraform-reviewed-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-reviewed-plan/src/main.ts'
import { githubRepository } from '../../../kit/adapters/github-repository.ts'
import { BrokenConnection } from '../../../kit/adapters/github-transport.ts'
import { absentPorts } from '../../../kit/adapters/ports-terminal.ts'
import type { Repository } from '../../../kit/ports.ts'
import { scriptedClient, type Reply } from '../../kit/adapters/github-rig.ts'
import { FakeFiles, FakeLog, makeRun } from '../../support/fakes.ts'
import { realFolders, type Entry } from '../../support/real-folders.ts'
import { refusalOf } from '../../support/refusal.ts'

type Given = Readonly<Record<string, string>>

const ACTION = { name: 'terraform-reviewed-plan', inputs, outputs, main }
const MERGE = 'f'.repeat(40)
const HEAD = 'a'.repeat(40)
const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls'
const RUNS = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'

/** What GitHub says of the commit's pull requests and, where it is asked, of the runs of the workflow. */
const pulls = (...changes: readonly object[]): Reply => ({
  body: JSON.stringify(
    changes.map(change => ({
      ...{ number: 42, merged_at: '2026-11-21T00:00:00Z', merge_commit_sha: MERGE, html_url: '' },
      ...{ head: { sha: HEAD, ref: 'topic' }, base: { ref: 'infra_main' }, ...change },
    })),
  ),
})
const runs = (...changes: readonly object[]): Reply => ({
  body: JSON.stringify({
    workflow_runs: changes.map(change => ({
      ...{ id: 88, run_attempt: 1, head_sha: HEAD, event: 'pull_request', conclusion: 'success', html_url: '' },
      ...{ path: '.github/workflows/terraform-plan.yml', ...change },
    })),
  }),
})
const merged = pulls({})
const says = (status: number, message: string): Reply => ({ status, body: JSON.stringify({ message }) })

const UNREVIEWED =
  'no merged pull request has fffffff as its merge commit, so nobody reviewed a plan of it\n' +
  'Changes of the infrastructure reach this branch by pull request; open one, and protect the branch against pushes.'
const UNPLANNED =
  'no run of terraform-plan.yml for pull request #42 succeeded at its head aaaaaaa\n' +
  'Make the plan a required check, and give the workflow that runs it as "plan-workflow" (now "terraform-plan.yml").'
const READ_ONLY =
  'Runs for pull requests of forks only read, whatever the workflow grants; those of Dependabot do where the job grants nothing itself'
const outside = (input: string, value: string) =>
  `input "${input}" is "${value}": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"`
const noFile = (value: string) =>
  `input "plan-workflow" is "${value}": it is not the file name of a workflow. Give the name alone, such as "terraform-plan.yml"`
const noWorkspace = (value: string) =>
  `input "workspace" is "${value}": it is not a workspace name. Use letters, digits, "_", "." and "-", at most 90`

const INPUTS: readonly (readonly [string, Given, string, Readonly<Record<string, Entry>>?])[] = [
  ['an option as root', { roots: '-x' }, 'input "roots" is "-x": it starts with "-". Write the folder as "./-name"'],
  ['R22: one of two roots above the repository', { roots: 'infra\n../infra' }, outside('roots', '../infra')],
  ['R22: a root above the repository', { roots: '../infra' }, outside('roots', '../infra')],
  ['R22: a root that ends above it', { roots: 'infra/../../x' }, outside('roots', '../x')],
  ['R22: a root of the machine', { roots: '/etc/infra' }, outside('roots', '/etc/infra')],
  ['R22: a root behind a link', { roots: 'far/infra' }, outside('roots', 'far/infra'), { far: { linkTo: '/usr' } }],
  ['R22: a folder above the repository', { 'working-directory': '..' }, outside('working-directory', '..')],
  ['a workspace with a space', { workspace: 'my own' }, noWorkspace('my own')],
  ['a workspace like a path', { workspace: '../blue' }, noWorkspace('../blue')],
  ['a workspace that is too long', { workspace: 'x'.repeat(91) }, noWorkspace('x'.repeat(91))],
  ['no workflow', { 'plan-workflow': '' }, noFile('')],
  ['a workflow by its title', { 'plan-workflow': 'Terraform plan' }, noFile('Terraform plan')],
  ['a workflow without ending', { 'plan-workflow': 'plan' }, noFile('plan')],
  ['a workflow with a space', { 'plan-workflow': 'a b.yml' }, noFile('a b.yml')],
  ['a workflow by its path', { 'plan-workflow': '.github/workflows/plan.yml' }, noFile('.github/workflows/plan.yml')],
  ['a workflow above its folder', { 'plan-workflow': '../x.yml' }, noFile('../x.yml')],
  [
    'a workflow of another repository',
    { 'plan-workflow': 'acme/infra/.github/workflows/plan.yml@main' },
    noFile('acme/infra/.github/workflows/plan.yml@main'),
  ],
  [
    'several at once',
    { roots: '!', 'plan-workflow': 'plan' },
    `input "roots" is "!": a "!" leaves nothing out. Write it before a folder, as in "!infra/old"\n${noFile('plan')}`,
  ],
]

const ANSWERS: readonly (readonly [string, readonly Reply[], string])[] = [
  ['a push that nobody reviewed', [pulls()], UNREVIEWED],
  ['a pull request that is not merged', [pulls({ merged_at: null })], UNREVIEWED],
  ['a commit within a pull request', [pulls({ merge_commit_sha: '3'.repeat(40) })], UNREVIEWED],
  [
    'two merges in one',
    [pulls({}, { number: 43 })],
    '2 merged pull requests have fffffff as their merge commit: #42, #43\nThe gate could not decide, so it failed.\nMerge pull requests one by one.',
  ],
  ['a review without a plan', [merged, runs()], UNPLANNED],
  ['a plan that failed', [merged, runs({ conclusion: 'failure' })], UNPLANNED],
  ['a plan of an older head', [merged, runs({ head_sha: '3'.repeat(40) })], UNPLANNED],
  ['a plan of a push', [merged, runs({ event: 'push' })], UNPLANNED],
  ['a plan by hand', [merged, runs({ event: 'workflow_dispatch' })], UNPLANNED],
  [
    'a workflow that is not there',
    [merged, says(404, 'Not Found')],
    'input "plan-workflow" is "terraform-plan.yml": GitHub knows no such workflow in this repository, or the token may not see it. Give the name of a file in .github/workflows; in a private repository the job also needs "actions: read"',
  ],
  [
    'a commit that GitHub does not have',
    [says(422, `No commit found for SHA: ${MERGE}`)],
    `GitHub refused ${PULLS} with 422: No commit found for SHA: ${MERGE}`,
  ],
  [
    'a repository that the token may not see',
    [says(404, 'Not Found')],
    `GitHub found nothing for ${PULLS}, or the token may not see it\nIn a private repository the job needs "pull-requests: read"`,
  ],
  [
    'a token that may not see pull requests',
    [says(403, 'Resource not accessible by integration')],
    `the token may not do this: ${PULLS}\nAdd to the job:\npermissions:\n  pull-requests: read\n${READ_ONLY}`,
  ],
  [
    'a token that may not see runs',
    [merged, says(403, 'Resource not accessible by integration')],
    `the token may not do this: ${RUNS}\nAdd to the job:\npermissions:\n  actions: read\n${READ_ONLY}`,
  ],
  [
    'a token that is over',
    [says(401, 'Bad credentials')],
    `GitHub does not know the token (${PULLS})\nCheck the input "github-token": a job’s own token ends with the job, others expire`,
  ],
  [
    'a token that asked too often',
    [merged, { status: 403, headers: { 'retry-after': '900' } }],
    `GitHub limits how fast this token may call and asks to wait 15 minutes; a call waits 60 s at most (${RUNS})\nRun the job again later, or use the token of an app of your own: it has its own limit`,
  ],
  [
    'a GitHub that is down',
    [{ status: 502, body: '' }],
    `GitHub gave no usable answer to ${PULLS} in 6 attempts; the last was status 502\nNothing is known to be wrong with the workflow: run the job again`,
  ],
  [
    'a network that is down',
    [new BrokenConnection('ECONNRESET')],
    `GitHub gave no usable answer to ${PULLS} in 6 attempts; the last was ECONNRESET\nNothing is known to be wrong with the workflow: run the job again`,
  ],
]

/** Runs the step of a merge on a real disk. */
async function runStep(given: Given, repository: Repository, entries: Readonly<Record<string, Entry>> = {}) {
  const folders = realFolders(entries)
  const before = folders.state()
  const log = new FakeLog()
  const run = makeRun({ sha: MERGE, eventName: 'push', ref: 'refs/heads/infra_main', pullRequest: undefined })
  // The files are real ones, so the look at those in memory has nothing to find.
  const inMemory = { files: new FakeFiles(), saved: new Map<string, string>() }
  const ports = { log, run, repository, files: folders.files }
  const { told, outputs: written } = await refusalOf(ACTION, { roots: 'infra', ...given }, inMemory, ports)
  expect(folders.state()).toEqual(before)
  return { told, written, logged: log.text() }
}

/** The whole text that the user sees, after a look that no later step is told anything. */
async function refuse(...step: Parameters<typeof runStep>): Promise<string | undefined> {
  const { told, written, logged } = await runStep(...step)
  expect([written, logged]).toEqual([{}, ''])
  return told
}

const place = { owner: 'acme', repo: 'shop' }

describe('GitHub is not asked, and nothing is given to later steps, with', () => {
  it.each(INPUTS)('%s', async (_, given, said, entries = {}) => {
    const { client, requests } = scriptedClient([merged, runs({})])
    expect(await refuse(given, githubRepository(client, place), entries)).toBe(said)
    expect(requests).toEqual([])
  })

  it('a terminal that has no token', async () => {
    expect(await refuse({}, absentPorts().repository)).toBe(
      'this needs GitHub, which a terminal without a token does not ask\nGive --github-token (SLIPWAY_GITHUB_TOKEN) in a checkout of the repository, or run it in a workflow',
    )
  })
})

describe('nothing is given to later steps after', () => {
  it.each(ANSWERS)('%s', async (_, replies, said) => {
    const { client, requests } = scriptedClient(replies)
    expect(await refuse({}, githubRepository(client, place))).toBe(said)
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']))
  })
})

it('what every case changes one thing of is right by itself', async () => {
  const { client } = scriptedClient([merged, runs({})])
  const { told, written } = await runStep({}, githubRepository(client, place))
  expect([told, written['run-id']]).toEqual([undefined, '88'])
})
