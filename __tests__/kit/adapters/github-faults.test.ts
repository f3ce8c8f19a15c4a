import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ApiError } from '../../../kit/errors.ts'
import type { GitHubPorts } from '../../../kit/adapters/github-api.ts'
import type { Fault } from '../../../local-github/local-github.ts'
import { WAIT_CAP_MILLISECONDS } from '../../../kit/retry.ts'
import { openApiScene, owner, pushBranch, repo, type ApiScene } from './github-scene.ts'

interface Write {
  /** The request that makes the thing. */
  readonly route: string
  /** Makes the thing called `name`. */
  make(api: GitHubPorts, name: string): Promise<unknown>
  /** How many of it there are. */
  count(name: string): Promise<number> | number
}

type Outcome = 'once' | 'refused'

interface Row {
  readonly name: string
  readonly fault: Omit<Fault, 'match'>
  readonly expected: Outcome
}

const FOR_EVER = 99

const ROWS: readonly Row[] = [
  { name: '429, retry-after 5 s', fault: { kind: 'too-many-requests', retryAfterSeconds: 5 }, expected: 'once' },
  { name: '429, no retry-after', fault: { kind: 'too-many-requests' }, expected: 'once' },
  {
    name: '429, retry-after 10 min',
    fault: { kind: 'too-many-requests', retryAfterSeconds: 600 },
    expected: 'refused',
  },
  { name: '429 for ever', fault: { kind: 'too-many-requests', times: FOR_EVER }, expected: 'refused' },
  {
    name: '403 secondary, retry-after 5 s',
    fault: { kind: 'secondary-limit', retryAfterSeconds: 5 },
    expected: 'once',
  },
  { name: '403 secondary, no retry-after', fault: { kind: 'secondary-limit' }, expected: 'once' },
  { name: '403 primary, reset in 30 s', fault: { kind: 'primary-limit', resetInSeconds: 30 }, expected: 'once' },
  {
    name: '403 primary, reset in 50 min',
    fault: { kind: 'primary-limit', resetInSeconds: 3_000 },
    expected: 'refused',
  },
  { name: '502 before the write', fault: { kind: 'bad-gateway-before' }, expected: 'once' },
  {
    name: '502 before the write, for ever',
    fault: { kind: 'bad-gateway-before', times: FOR_EVER },
    expected: 'refused',
  },
  { name: '502 after the write', fault: { kind: 'bad-gateway-after' }, expected: 'once' },
  { name: '502 after the write, for ever', fault: { kind: 'bad-gateway-after', times: FOR_EVER }, expected: 'once' },
  { name: '503 before the write', fault: { kind: 'bad-gateway-before', status: 503 }, expected: 'once' },
  { name: '504 after the write', fault: { kind: 'bad-gateway-after', status: 504 }, expected: 'once' },
  { name: 'reset before the write', fault: { kind: 'reset-before' }, expected: 'once' },
  { name: 'reset before the write, for ever', fault: { kind: 'reset-before', times: FOR_EVER }, expected: 'refused' },
  { name: 'reset after the write', fault: { kind: 'reset-after' }, expected: 'once' },
  { name: 'slow body', fault: { kind: 'slow-body', seconds: 30 }, expected: 'once' },
  { name: 'truncated JSON', fault: { kind: 'truncated-json' }, expected: 'once' },
  { name: 'clock skew of 5 min', fault: { kind: 'clock-skew', seconds: 300 }, expected: 'once' },
]

let scene: ApiScene
let sha: string
let issueNumber: number
const results = new Map<string, Map<string, string>>()

const WRITES: Readonly<Record<string, Write>> = {
  comment: {
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    make: (api, name) =>
      api.comments.upsert({ issueNumber, action: 'test', key: name, body: () => `of ${name}`, mode: 'update' }),
    count: name => scene.github.store.comments.filter(({ body }) => body.endsWith(`\nof ${name}`)).length,
  },
  'comment update': {
    route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
    async make(api, name) {
      const comment = { issueNumber, action: 'test', key: name, mode: 'update' } as const
      await api.comments.upsert({ ...comment, body: () => 'before' })
      await api.comments.upsert({ ...comment, body: () => `of ${name}` })
    },
    count: name => scene.github.store.comments.filter(({ body }) => body.endsWith(`\nof ${name}`)).length,
  },
  status: {
    route: 'POST /repos/{owner}/{repo}/statuses/{sha}',
    make: (api, name) => api.statuses.set({ sha, context: name, state: 'success', description: 'good' }),
    count: name => scene.github.store.statuses.filter(({ context }) => context === name).length,
  },
  check: {
    route: 'POST /repos/{owner}/{repo}/check-runs',
    make: (api, name) =>
      api.checks.complete({ sha, name, externalId: name, conclusion: 'success', title: 'good', summary: 'good' }),
    count: name => scene.github.store.checkRuns.filter(run => run.name === name).length,
  },
  deployment: {
    route: 'POST /repos/{owner}/{repo}/deployments',
    make: (api, name) =>
      api.deployments.create({ ref: 'feature', environment: name, description: 'x', idempotencyKey: name }),
    count: name => scene.github.store.deployments.filter(({ environment }) => environment === name).length,
  },
  'deployment status': {
    route: 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    async make(api, name) {
      const { id } = await api.deployments.create({
        ref: 'feature',
        environment: name,
        description: 'x',
        idempotencyKey: name,
      })
      await api.deployments.setStatus(id, 'success', { description: name })
    },
    count: name => scene.github.store.deploymentStatuses.filter(({ description }) => description === name).length,
  },
  commit: {
    route: 'POST /graphql',
    make: (api, name) =>
      api.commits.commit({
        branch: 'commits',
        idempotencyKey: name,
        change: async () => ({ headline: name, additions: [{ path: `${name}.txt`, content: name }] }),
      }),
    async count(name) {
      const folder = scene.github.gitFolder(scene.repository.id)
      return (await scene.work.git('--git-dir', folder, 'log', '--format=%s', 'commits'))
        .split('\n')
        .filter(subject => subject === name).length
    },
  },
  issue: {
    route: 'POST /repos/{owner}/{repo}/issues',
    make: (api, name) => api.issues.raise({ ...issueOf(name), digest: '1'.repeat(64) }),
    count: name => scene.github.store.issues.filter(({ title }) => title === name).length,
  },
  'issue update': {
    route: 'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
    async make(api, name) {
      await api.issues.raise({ ...issueOf(name), title: 'before', digest: '1'.repeat(64) })
      await api.issues.raise({ ...issueOf(name), digest: '2'.repeat(64) })
    },
    count: name => scene.github.store.issues.filter(({ title }) => title === name).length,
  },
  label: {
    route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
    make: (api, name) => api.labels.add(issueNumber, name),
    count: name =>
      scene.github.store.issues.find(({ number }) => number === issueNumber)?.labels.filter(label => label === name)
        .length ?? 0,
  },
}

const issueOf = (name: string) => ({ action: 'test', key: name, label: 'fault', title: name, body: () => 'text' })

beforeAll(async () => {
  scene = await openApiScene()
  sha = await pushBranch(scene, 'feature', { 'x.txt': 'x' })
  await pushBranch(scene, 'commits', { 'y.txt': 'y' })
  issueNumber = (await scene.as('alice').issues.create({ owner, repo, title: 'x' })).data.number
})

afterAll(async () => {
  expect(scene.github.violations).toEqual([])
  await scene.close()
  process.stdout.write(`\n${faultTable()}\n`)
})

function faultTable(): string {
  const kinds = Object.keys(WRITES)
  const widths = [34, ...kinds.map(kind => Math.max(kind.length, 22))]
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    line(['fault on the write', ...kinds]),
    ...[...results].map(([fault, by]) => line([fault, ...kinds.map(kind => by.get(kind) ?? '')])),
  ].join('\n')
}

/** Requests of a write that goes well, the identity of the token included where it is asked for. */
const REQUESTS: Readonly<Record<string, number>> = {
  comment: 3,
  'comment update': 5,
  status: 2,
  check: 3,
  deployment: 2,
  'deployment status': 3,
  commit: 2,
  issue: 3,
  'issue update': 5,
  label: 1,
}

describe.each(Object.keys(WRITES))('the %s', kind => {
  const make = (name: string) => WRITES[kind]?.make(scene.job().api, `${name}-${kind.replaceAll(' ', '-')}`)

  it('R14: is as GitHub describes it', async () => {
    const before = scene.github.violations.length
    await make('described')
    expect(scene.github.violations.slice(before)).toEqual([])
  })

  it('R18: stays within its budget of requests', async () => {
    const before = scene.routes().length
    await make('counted')
    expect(scene.routes().slice(before)).toHaveLength(REQUESTS[kind] ?? 0)
  })
})

describe.each(ROWS)('$name', ({ name: fault, fault: script, expected }) => {
  it.each(Object.keys(WRITES))(
    'R17: ends with the %s exactly once, or with a clear error and nothing done',
    async kind => {
      const write = WRITES[kind]
      if (write === undefined) throw new Error(kind)
      const name = `${kind}-${ROWS.findIndex(row => row.name === fault)}`.replaceAll(' ', '-')
      const settings = script.kind === 'slow-body' ? { timeoutMilliseconds: 500 } : {}
      const { api, clock } = scene.job({}, { settings })
      scene.github.faults.clear()
      scene.github.faults.add({ ...script, match: write.route })
      const struckBefore = scene.github.faults.struck.length
      const error = await write.make(api, name).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      const struck = scene.github.faults.struck.length - struckBefore
      scene.github.faults.clear()
      const count = await write.count(name)
      const waited = `${Math.round(clock.slept / 1000)} s`
      const row = results.get(fault) ?? new Map<string, string>()
      row.set(kind, error === undefined ? `${count} of it, ${waited}` : `error, ${count} of it, ${waited}`)
      results.set(fault, row)
      expect(struck).toBeGreaterThan(0)
      expect(clock.slept).toBeLessThanOrEqual(WAIT_CAP_MILLISECONDS)
      if (expected === 'once') {
        expect(error).toBeUndefined()
        expect(count).toBe(1)
        return
      }
      expect(error).toBeInstanceOf(ApiError)
      expect((error as ApiError).message).toMatch(/asks to wait|no usable answer/)
      expect(count).toBe(0)
    },
  )
})
