import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Fault } from '../../../local-github/local-github.ts'
import { openScene, owner, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene
let issueNumber: number
const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const start = Date.parse('2026-03-01T10:00:00Z')

beforeAll(async () => {
  scene = await openScene({ now: () => start })
  const { data } = await scene.as('dan').rest.issues.create({ owner, repo, title: 'Faults' })
  issueNumber = data.number
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

beforeEach(() => scene.github.faults.clear())

interface Outcome {
  readonly status: number | null
  readonly headers: Headers | null
  readonly text: string | null
  readonly written: number
}

const comments = (): number => scene.github.store.comments.filter(() => true).length

async function comment(fault: Omit<Fault, 'match'> | null, timeoutMilliseconds = 5000): Promise<Outcome> {
  const before = comments()
  if (fault) scene.github.faults.add({ match: route, ...fault })
  const outcome = await send(timeoutMilliseconds)
  return { ...outcome, written: comments() - before }
}

async function send(timeoutMilliseconds: number): Promise<Omit<Outcome, 'written'>> {
  try {
    const response = await fetch(`${scene.github.apiUrl}/repos/${owner}/${repo}/issues/${issueNumber}/comments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.token('dan')}` },
      body: JSON.stringify({ body: 'text' }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    const { status, headers } = response
    return { status, headers, text: await response.text().catch(() => null) }
  } catch {
    return { status: null, headers: null, text: null }
  }
}

describe('a scripted fault', () => {
  it.each<[string, Omit<Fault, 'match'>, Pick<Outcome, 'status' | 'written'>]>([
    ['429', { kind: 'too-many-requests' }, { status: 429, written: 0 }],
    ['secondary limit', { kind: 'secondary-limit' }, { status: 403, written: 0 }],
    ['primary limit', { kind: 'primary-limit' }, { status: 403, written: 0 }],
    ['502 before the write', { kind: 'bad-gateway-before' }, { status: 502, written: 0 }],
    ['502 after the write', { kind: 'bad-gateway-after' }, { status: 502, written: 1 }],
    ['503 after the write', { kind: 'bad-gateway-after', status: 503 }, { status: 503, written: 1 }],
    ['reset before the write', { kind: 'reset-before' }, { status: null, written: 0 }],
    ['reset after the write', { kind: 'reset-after' }, { status: null, written: 1 }],
    ['truncated JSON', { kind: 'truncated-json' }, { status: 201, written: 1 }],
    ['clock skew', { kind: 'clock-skew' }, { status: 201, written: 1 }],
  ])('%s strikes once and says truly whether the work was done', async (_name, fault, expected) => {
    const { status, written } = await comment(fault)
    expect({ status, written }).toEqual(expected)
    expect((await comment(null)).status).toBe(201)
    expect(scene.github.faults.struck.at(-1)).toEqual({ kind: fault.kind, route })
  })

  it.each(['too-many-requests', 'secondary-limit'] as const)('%s has retry-after only when told', async kind => {
    expect((await comment({ kind })).headers?.get('retry-after')).toBeNull()
    expect((await comment({ kind, retryAfterSeconds: 7 })).headers?.get('retry-after')).toBe('7')
  })

  it('of the primary limit says when it ends', async () => {
    const { headers } = await comment({ kind: 'primary-limit', resetInSeconds: 30 })
    expect([headers?.get('x-ratelimit-remaining'), headers?.get('x-ratelimit-reset')]).toEqual([
      '0',
      String(start / 1000 + 30),
    ])
  })

  it('truncates JSON so that it cannot be parsed, and stalls a body half-way', async () => {
    const { text } = await comment({ kind: 'truncated-json' })
    expect(() => JSON.parse(text ?? '') as unknown).toThrow()
    expect(await comment({ kind: 'slow-body' }, 150)).toMatchObject({ text: null, written: 1 })
  })

  it('skews the Date header alone', async () => {
    const { headers } = await comment({ kind: 'clock-skew', seconds: 90 })
    expect(Date.parse(headers?.get('date') ?? '')).toBe(start + 90_000)
  })

  it('waits for its turn and strikes as often as told', async () => {
    scene.github.faults.add({ match: route, kind: 'bad-gateway-before', nth: 2, times: 2 })
    const statuses = []
    for (let index = 0; index < 4; index++) statuses.push((await comment(null)).status)
    expect(statuses).toEqual([201, 502, 502, 201])
  })
})

describe('a fault scripted for git', () => {
  const tip = async (): Promise<string> =>
    (await scene.as('bob').rest.git.getRef({ owner, repo, ref: 'heads/main' })).data.object.sha
  const push = (): Promise<string> => scene.work.git('push', '-q', 'origin', 'HEAD:main')

  it.each<[Fault['kind'], RegExp, boolean]>([
    ['too-many-requests', /429/, false],
    ['secondary-limit', /403/, false],
    ['primary-limit', /403/, false],
    ['bad-gateway-before', /502/, false],
    ['reset-before', /(Empty reply|hung up|RPC failed)/, false],
    ['bad-gateway-after', /502/, true],
    ['reset-after', /(Empty reply|hung up|RPC failed)/, true],
  ])('%s fails a push, and says truly whether the branch moved', async (kind, words, moved) => {
    const before = await tip()
    const sha = await scene.work.commit(`Under ${kind}`, { 'fault.txt': kind })
    // git asks for the refs without its token, then with it; the third request brings the commits.
    // A reset on a connection that was used before makes curl send it once more by itself.
    const times = kind.startsWith('reset') ? 2 : 1
    scene.github.faults.add({ match: 'git-receive-pack', kind, nth: 3, times })
    await expect(push()).rejects.toThrow(words)
    expect(await tip()).toBe(moved ? sha : before)
    await push()
    expect(await tip()).toBe(sha)
  })

  it('stalls an answer half-way, and skews its date', async () => {
    const url = `${scene.github.url}/${owner}/${repo}.git/info/refs?service=git-upload-pack`
    scene.github.faults.add({ match: 'git-upload-pack', kind: 'slow-body' })
    const slow = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await expect(slow.text()).rejects.toThrow(/timeout/)
    scene.github.faults.add({ match: 'git-upload-pack', kind: 'clock-skew', seconds: 90 })
    const skewed = await fetch(url)
    expect(Date.parse(skewed.headers.get('date') ?? '')).toBe(start + 90_000)
    expect(await skewed.text()).toContain('refs/heads/main')
  })

  it('is refused where it means nothing, and passes git by when it is scripted for all', async () => {
    const kind = 'truncated-json'
    expect(() => scene.github.faults.add({ match: 'git-receive-pack', kind })).toThrow(/means nothing to git/)
    scene.github.faults.add({ match: '*', kind })
    await scene.work.git('fetch', '-q', 'origin')
    const { text } = await send(5000)
    expect(() => JSON.parse(text ?? '') as unknown).toThrow()
  })
})
