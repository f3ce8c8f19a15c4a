import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import {
  BrokenConnection,
  httpTransport,
  type HttpRequest,
  type Transport,
} from '../../../kit/adapters/github-transport.ts'
import { ActionError } from '../../../kit/errors.ts'
import type { BranchHead, CommitIntent } from '../../../kit/ports.ts'
import { openApiScene, owner, pushBranch, repo, type ApiScene } from './github-scene.ts'

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())
afterEach(() => {
  expect(scene.github.violations).toEqual([])
  scene.github.faults.clear()
})

const addLine =
  (line: string) =>
  async (head: BranchHead): ReturnType<CommitIntent['change']> => {
    const before = Buffer.from((await head.readBytes('tags.txt')) ?? '').toString()
    if (before.includes(line)) return undefined
    return {
      headline: `Add ${line}`,
      body: 'because',
      additions: [{ path: 'tags.txt', content: `${before}${line}\n` }],
    }
  }
const content = async (branch: string) => {
  await scene.work.git('fetch', '-q', 'origin', branch)
  return (await scene.work.git('show', 'FETCH_HEAD:tags.txt')).split('\n')
}
const subjects = async () => (await scene.work.git('log', '--format=%s', 'FETCH_HEAD', '-n', '20')).split('\n')

describe('a commit by intent', () => {
  it('is made on the head, by the job, and not when there is nothing to do', async () => {
    await pushBranch(scene, 'plain', { 'tags.txt': 'one\n' })
    const { api } = scene.job()
    const intent = { branch: 'plain', idempotencyKey: 'run-1', change: addLine('two') }
    const made = await api.commits.commit(intent)
    expect(made.outcome).toBe('created')
    expect(await content('plain')).toEqual(['one', 'two'])
    expect(await scene.work.git('log', '-1', '--format=%an %H%n%B', 'FETCH_HEAD')).toContain(
      `github-actions[bot] ${made.sha}`,
    )
    expect(await api.commits.commit(intent)).toEqual({ sha: made.sha, outcome: 'nothing' })
  })

  it('R21: two writers at once end with both changes', async () => {
    await pushBranch(scene, 'race', { 'tags.txt': 'one\n' })
    const jobs = ['a', 'b', 'c'].map(line =>
      scene.job().api.commits.commit({ branch: 'race', idempotencyKey: line, change: addLine(line) }),
    )
    await Promise.all(jobs)
    expect((await content('race')).sort()).toEqual(['a', 'b', 'c', 'one'])
    expect(await subjects()).toHaveLength(5)
  })

  it('R21: gives up after five minutes of lost races and leaves the branch as others made it', async () => {
    await pushBranch(scene, 'busy', { 'tags.txt': 'one\n' })
    const other = scene.as('bob')
    let races = 0
    const { api, clock } = scene.job()
    const change = async (head: BranchHead) => {
      races += 1
      clock.time += 20_000
      const body = Buffer.from(`${races}\n`).toString('base64')
      await other.repos.createOrUpdateFileContents({
        owner,
        repo,
        branch: 'busy',
        path: `race-${races}.txt`,
        message: 'x',
        content: body,
      })
      return addLine('ours')(head)
    }
    const error = await api.commits
      .commit({ branch: 'busy', idempotencyKey: 'k', change })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ActionError)
    expect((error as ActionError).message).toMatch(
      /^\d\d times another commit reached busy first; nothing was written$/,
    )
    expect(clock.slept + races * 20_000).toBeGreaterThanOrEqual(300_000)
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(8_000)
    expect(await content('busy')).toEqual(['one'])
  })

  it('R17: is found again after its answer was lost, also behind another commit', async () => {
    await pushBranch(scene, 'lost', { 'tags.txt': 'one\n' })
    scene.github.faults.add({ kind: 'reset-after', match: 'POST /graphql' })
    const { api } = scene.job()
    const made = await api.commits.commit({ branch: 'lost', idempotencyKey: 'run-9', change: addLine('two') })
    expect(made.outcome).toBe('created')
    expect(await content('lost')).toEqual(['one', 'two'])
    expect((await subjects())[0]).toBe('Add two')
  })

  it('R17: is not made twice when an attempt that was given up is carried out later', async () => {
    await pushBranch(scene, 'late', { 'tags.txt': 'one\n' })
    const send = httpTransport()
    let late: HttpRequest | undefined
    const transport: Transport = async request => {
      if (!request.body?.includes('createCommitOnBranch')) return send(request)
      if (late === undefined) {
        late = request
        throw new BrokenConnection('no answer within 30 s')
      }
      await send(late)
      return send(request)
    }
    const { api } = scene.job({}, { settings: { transport } })
    const change = async () => ({ headline: 'blind', additions: [{ path: 'tags.txt', content: 'two\n' }] })
    const made = await api.commits.commit({ branch: 'late', idempotencyKey: 'run-9', change })
    expect(made.outcome).toBe('created')
    await content('late')
    expect((await subjects()).filter(subject => subject === 'blind')).toHaveLength(1)
  })

  it('R10: is refused when its content holds a secret, and its message is scrubbed', async () => {
    await pushBranch(scene, 'secret', { 'tags.txt': 'one\n' })
    const { api } = scene.job({}, { secrets: ['hunter22'] })
    const leaking = api.commits.commit({ branch: 'secret', idempotencyKey: 'a', change: addLine('hunter22') })
    await expect(leaking).rejects.toThrow('tags.txt was not committed: its new content holds what looks like a secret')
    await api.commits.commit({
      branch: 'secret',
      idempotencyKey: 'hunter22',
      change: async () => ({ headline: 'is hunter22', additions: [{ path: 'tags.txt', content: 'two\n' }] }),
    })
    await scene.work.git('fetch', '-q', 'origin', 'secret')
    expect(await scene.work.git('log', '-1', '--format=%B', 'FETCH_HEAD')).toBe('is ***\n\nSlipway-Intent: ***')
  })

  it('a secret that the head holds already stops no commit, and a new one does', async () => {
    const compose = [
      'BRACED: postgres://shop:${DB_PASSWORD}@db/shop',
      'LITERAL: postgres://shop:letmein@db/shop',
      'KNOWN: hunter22',
      '',
    ].join('\n')
    await pushBranch(scene, 'standing', { 'tags.txt': compose })
    const { api } = scene.job({}, { secrets: ['hunter22'] })
    const add = (line: string) =>
      api.commits.commit({ branch: 'standing', idempotencyKey: line, change: addLine(line) })
    await expect(add('TAG: 5')).resolves.toMatchObject({ outcome: 'created' })
    await expect(add('OTHER: postgres://${OTHER_USER}:$OTHER_PASSWORD@db')).resolves.toMatchObject({
      outcome: 'created',
    })
    const blind = async () => ({ headline: 'x', additions: [{ path: 'tags.txt', content: `TAG: 6\n${compose}` }] })
    await expect(
      api.commits.commit({ branch: 'standing', idempotencyKey: 'blind', change: blind }),
    ).resolves.toMatchObject({ outcome: 'created' })
    for (const line of [
      'AGAIN: postgres://shop:letmein@db/shop',
      'AGAIN: hunter22',
      'ENCODED: aHVudGVyMjI=',
      'REFERENCE: postgres://shop:$hunter22@db',
      'DEFAULT: postgres://shop:${DB_PASSWORD:-letmeout}@db/shop',
    ])
      await expect(add(line)).rejects.toThrow('tags.txt was not committed: its new content holds what looks like a')
    expect(await content('standing')).toEqual(['TAG: 6', ...compose.trimEnd().split('\n')])
  })

  it('R10: a secret that goes does not make room for another one, nor for one in another file', async () => {
    await pushBranch(scene, 'exchange', { 'tags.txt': 'A: https://u:letmein@h/\n', 'other.txt': 'x\n' })
    const { api } = scene.job()
    for (const [path, text] of [
      ['tags.txt', 'A: https://u:letmeout@h/\n'],
      ['other.txt', 'A: https://u:letmein@h/\n'],
      ['new.txt', 'A: https://u:letmein@h/\n'],
    ] as const)
      await expect(
        api.commits.commit({
          branch: 'exchange',
          idempotencyKey: path,
          change: async () => ({ headline: 'x', additions: [{ path, content: text }] }),
        }),
      ).rejects.toThrow(`${path} was not committed`)
  })

  it.each([
    'Expected branch to point to "abc" but it did not.  Pull and try again.',
    'refs/heads/untyped is at 0a3087a4b1c2de5f60718293a4b5c6d7e8f90123 but expected 1b4c2de',
    'The branch moved. Pull and try again.',
  ])('R21: a stale head is read again at once, told without its type by %j', async message => {
    expect(await commitAfterError(message)).toEqual({ outcome: 'created', attempts: 2, heads: 2 })
  })

  it('R17: an answer that only says to try again later is no stale head', async () => {
    const made = await commitAfterError('Something went wrong, try again')
    expect(made).toEqual({ outcome: 'created', attempts: 2, heads: 1 })
  })

  /** Commits where the first try is answered with an error of this text; how often the commit was sent, and the head read. */
  async function commitAfterError(message: string) {
    const branch = `error-${randomUUID()}`
    await pushBranch(scene, branch, { 'tags.txt': 'one\n' })
    const send = httpTransport()
    let attempts = 0
    const transport: Transport = async request => {
      if (!request.body?.includes('createCommitOnBranch')) return send(request)
      attempts += 1
      if (attempts > 1) return send(request)
      return { status: 200, headers: {}, body: JSON.stringify({ data: null, errors: [{ message }] }) }
    }
    const { api } = scene.job({}, { settings: { transport } })
    let heads = 0
    const change = async (head: BranchHead) => {
      heads += 1
      return addLine('two')(head)
    }
    const { outcome } = await api.commits.commit({ branch, idempotencyKey: branch, change })
    return { outcome, attempts, heads }
  }

  it.each([
    ...['../x', '/etc/x', 'a/../../x', 'a/../x', './x', '.git/config', 'a/.GIT/x', '.git./x', 'GIT~1/x', 'a//b', ''],
    ...['.github/workflows/ci.yml', '.GitHub/Workflows/ci.yml', 'a\\b'],
  ])('R22: %j is no path to commit', async path => {
    await expect(
      scene.job().api.commits.commit({
        branch: 'main',
        idempotencyKey: 'x',
        change: async () => ({ headline: 'x', additions: [{ path, content: 'x' }] }),
      }),
    ).rejects.toThrow('cannot be committed')
  })

  it('R7: a token that may only read gets the line to add', async () => {
    const { api } = scene.job({}, { permissions: { contents: 'read' } })
    const commit = api.commits.commit({ branch: 'main', idempotencyKey: 'x', change: addLine('x') })
    await expect(commit).rejects.toMatchObject({ permission: 'contents: write' })
  })
})
