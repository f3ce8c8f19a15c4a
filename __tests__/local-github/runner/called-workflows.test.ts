import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { fromExpressionData } from '../../../local-github/runner/evaluate.ts'
import type { JobPlan } from '../../../local-github/runner/job-plan.ts'
import type { Repository, WorkflowRun } from '../../../local-github/model.ts'
import { failure, setStage, success, type Stage } from './runner-stage.ts'

let stage: Stage
let library: Repository
let librarySha = ''
const deployFile = `
name: Deploy
on:
  workflow_call:
    inputs:
      target: { type: string, required: true }
      count: { type: number, default: 2 }
      dry: { type: boolean }
      from: { type: string, default: "\${{ github.ref_name }}" }
    secrets:
      key: { required: true }
      other: {}
    outputs:
      url: { value: "\${{ jobs.ship.outputs.url }}" }
      result: { value: "\${{ jobs.ship.result }}" }
env: { CALLEE: yes }
jobs:
  ship:
    runs-on: ubuntu-latest
    outputs: { url: x }
    steps: [{ uses: $/actions/x }]
  check:
    needs: ship
    runs-on: ubuntu-latest
    steps: [{ run: a }]
`
const askingFile = `
on: workflow_call
jobs:
  writer:
    runs-on: ubuntu-latest
    permissions: { contents: write }
    steps: [{ run: a }]
`
const nestFile = (depth: number): string => `
on: [workflow_call, push]
jobs:
  inner: ${depth === 0 ? '{ runs-on: ubuntu-latest, steps: [{ run: a }] }' : `{ uses: $/.github/workflows/nest${depth - 1}.yml }`}
`

beforeAll(async () => {
  stage = await setStage()
  stage.github.createAccount({ login: 'acme', type: 'Organization' })
  library = stage.github.createRepository({ fullName: 'acme/lib', private: true, actionsShared: true })
  stage.github.createRepository({ fullName: 'acme/secret', private: true })
  const nested = Array.from({ length: 11 }, (_none, depth) => [`.github/workflows/nest${depth}.yml`, nestFile(depth)])
  librarySha = await stage.push(
    {
      '.github/workflows/deploy.yml': deployFile,
      '.github/workflows/asking.yml': askingFile,
      '.github/workflows/plain.yml': 'on: push\njobs:\n  a: { runs-on: x, steps: [{ run: a }] }',
      ...Object.fromEntries(nested),
    },
    { repository: library, branch: 'v1' },
  )
  await stage.runner.idle()
  stage.github.store.secrets.insert({
    repositoryId: stage.repository.id,
    environment: '',
    name: 'TOKEN',
    value: 's3cret',
  })
})
beforeEach(() => {
  stage.reset()
})
afterAll(async () => {
  await stage.close()
})

const call = (rest: string, top = '', more = ''): Promise<WorkflowRun> =>
  stage.run(`name: App\non: push\n${top}\njobs:\n  go:\n    uses: ${rest}\n${more}`)
const deploy = 'acme/lib/.github/workflows/deploy.yml@v1'
const given = `${deploy}\n    with: { target: prod }\n    secrets: { key: "\${{ secrets.TOKEN }}" }`
const context = (plan: JobPlan | undefined, name: string): unknown => {
  const value = plan?.contexts.get(name)
  return value && fromExpressionData(value)
}

test('a workflow of another repository runs as jobs of the caller', async () => {
  const run = await call(given)
  expect(stage.summary()).toEqual(['go / check: success', 'go / ship: success'])
  expect(run).toMatchObject({
    conclusion: 'success',
    referencedWorkflows: [{ path: deploy, sha: librarySha, ref: 'refs/heads/v1' }],
  })
  expect(stage.jobs().map(({ needs }) => needs)).toEqual([[], ['go / ship']])
})

test('github is the caller in a called workflow, job.workflow_* the file itself', async () => {
  const run = await call(given)
  expect(context(stage.executed[0], 'github')).toMatchObject({
    repository: 'mona/shop',
    workflow: 'App',
    sha: run.headSha,
    workflow_ref: 'mona/shop/.github/workflows/ci.yml@refs/heads/main',
    job: 'ship',
  })
  expect(context(stage.executed[0], 'job')).toEqual({
    workflow_ref: 'acme/lib/.github/workflows/deploy.yml@refs/heads/v1',
    workflow_sha: librarySha,
    workflow_repository: 'acme/lib',
    workflow_file_path: '.github/workflows/deploy.yml',
  })
  expect(stage.executed[0]?.source).toEqual({
    repositoryId: library.id,
    sha: librarySha,
    ref: 'refs/heads/v1',
    path: '.github/workflows/deploy.yml',
  })
})

test('inputs have their declared types and defaults, and env of the caller stays behind', async () => {
  await call(given, 'env: { CALLER: yes }')
  expect(context(stage.executed[0], 'inputs')).toEqual({ target: 'prod', count: 2, dry: false, from: 'main' })
  expect(stage.executed[0]?.env).toEqual({ CALLEE: 'yes' })
})

test('only the secrets that the caller maps arrive', async () => {
  await call(given)
  expect(Object.keys(stage.executed[0]?.secrets ?? {}).sort()).toEqual(['GITHUB_TOKEN', 'KEY'])
  expect(stage.executed[0]?.secrets['KEY']).toBe('s3cret')
})

test('inherited secrets arrive under their own names', async () => {
  await call(`${deploy}\n    with: { target: prod }\n    secrets: inherit`)
  expect(stage.executed[0]?.secrets).toMatchObject({ TOKEN: 's3cret' })
})

test('outputs of a called workflow reach the jobs after it', async () => {
  stage.answer('ship', () => success({ url: 'https://shop.example' }))
  await call(given, '', '  after:\n    needs: go\n    runs-on: ubuntu-latest\n    steps: [{ run: a }]\n')
  const outputs = { url: 'https://shop.example', result: 'success' }
  expect(context(stage.executed.at(-1), 'needs')).toEqual({ go: { result: 'success', outputs } })
  expect(stage.jobs().at(-1)?.needs).toEqual(['go / ship', 'go / check'])
})

test('a failure in a called workflow is a failure of the call', async () => {
  stage.answer('ship', () => failure)
  const run = await call(given, '', '  after:\n    needs: go\n    runs-on: ubuntu-latest\n    steps: [{ run: a }]\n')
  expect(stage.summary()).toEqual(['after: skipped', 'go / check: skipped', 'go / ship: failure'])
  expect(run.conclusion).toBe('failure')
})

test('a call that is skipped shows as one skipped job', async () => {
  await call(`${given}\n    if: false`)
  expect(stage.summary()).toEqual(['go: skipped'])
})

test('a call in a matrix runs once for each combination', async () => {
  await call(
    `${deploy}\n    strategy: { matrix: { t: [a, b] } }\n    with: { target: "\${{ matrix.t }}" }\n    secrets: inherit`,
  )
  expect(stage.summary()).toEqual([
    'go (a) / check: success',
    'go (a) / ship: success',
    'go (b) / check: success',
    'go (b) / ship: success',
  ])
})

test.each<[string, string, string, RegExp]>([
  ['a missing input', `${deploy}\n    secrets: inherit`, '', /Input target is required, but not provided/],
  [
    'an unknown input',
    `${deploy}\n    with: { target: a, size: 1 }\n    secrets: inherit`,
    '',
    /Invalid input, size is not defined/,
  ],
  ['a missing secret', `${deploy}\n    with: { target: a }`, '', /Secret key is required, but not provided/],
  [
    'an unknown secret',
    `${deploy}\n    with: { target: a }\n    secrets: { key: a, extra: b }`,
    '',
    /Invalid secret, extra is not defined/,
  ],
  ['an unknown repository', 'acme/none/.github/workflows/a.yml@v1', '', /there is no repository acme\/none/],
  [
    'a private repository that shares nothing',
    'acme/secret/.github/workflows/a.yml@v1',
    '',
    /no repository acme\/secret to use/,
  ],
  ['an unknown ref', 'acme/lib/.github/workflows/deploy.yml@v9', '', /acme\/lib has no ref v9/],
  ['an unknown file', 'acme/lib/.github/workflows/none.yml@v1', '', /has no \.github\/workflows\/none\.yml at v1/],
  ['a file that cannot be called', 'acme/lib/.github/workflows/plain.yml@v1', '', /workflow_call key is not defined/],
  ['an action in place of a workflow', 'acme/lib/actions/x@v1', '', /Write `\.\/\.github\/workflows/],
  ['an unknown local file', './.github/workflows/none.yml', '', /There is no \.github\/workflows\/none\.yml/],
  [
    'more than it may do',
    'acme/lib/.github/workflows/asking.yml@v1',
    '',
    /The nested job 'writer' is requesting 'contents: write', but is only allowed 'contents: read'/,
  ],
  [
    'more than its caller said',
    'acme/lib/.github/workflows/asking.yml@v1',
    'permissions: {}',
    /only allowed 'contents: none'/,
  ],
  ['eleven levels', 'acme/lib/.github/workflows/nest9.yml@v1', '', /nested 10 levels deep at most/],
])('a call with %s stops the run before it starts', async (_words, rest, top, message) => {
  const run = await call(rest, top)
  expect(run).toMatchObject({ status: 'completed', conclusion: 'startup_failure' })
  expect(run.startupError).toMatch(message)
  expect(run.startupError).toMatch(/ci\.yml|nest\d\.yml/)
  expect(stage.jobs()).toEqual([])
})

test('ten levels are enough for anybody', async () => {
  await call('acme/lib/.github/workflows/nest8.yml@v1')
  expect(stage.summary()).toEqual([`go / ${Array(9).fill('inner').join(' / ')}: success`])
})

test('a called workflow keeps the permissions of its caller, or lowers them', async () => {
  await call(given, 'permissions: { contents: write, issues: write }')
  expect(stage.executed[0]?.permissions).toEqual({ contents: 'write', issues: 'write', metadata: 'read' })
  stage.reset()
  await call('acme/lib/.github/workflows/asking.yml@v1', 'permissions: { contents: write, issues: write }')
  expect(stage.executed[0]?.permissions).toEqual({ contents: 'write', metadata: 'read' })
})

test.each([
  ['a string for a boolean', 'dry: "${{ github.ref }}"', /Input 'dry' is a boolean.*fromJSON/],
  ['a string for a number', 'count: "${{ github.ref }}"', /Input 'count' is a number/],
])('%s fails the call with the reason', async (_words, input, message) => {
  await call(`${deploy}\n    with: { target: a, ${input} }\n    secrets: inherit`)
  expect(stage.jobs()[0]).toMatchObject({ name: 'go', conclusion: 'failure' })
  expect(stage.jobs()[0]?.annotations[0]?.message).toMatch(message)
})
