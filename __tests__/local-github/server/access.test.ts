import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { failureOf, openScene, owner, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene
let clock = Date.parse('2026-03-01T10:00:00Z')

beforeAll(async () => {
  scene = await openScene({ now: () => clock })
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${scene.github.apiUrl}${path}`, { headers })

describe('a token', () => {
  it('of a job lacks what its permissions do not say, and the answer names the scope', async () => {
    const job = scene.asJob({ contents: 'read', 'pull-requests': 'read' })
    await job.rest.pulls.list({ owner, repo })
    const call = job.rest.issues.create({ owner, repo, title: 'x' })
    await expect(call).rejects.toMatchObject({
      status: 403,
      response: {
        headers: { 'x-accepted-github-permissions': expect.stringContaining('issues=write') },
        data: { message: 'Resource not accessible by integration' },
      },
    })
    expect((await failureOf(job.rest.repos.listCommitStatusesForRef({ owner, repo, ref: 'main' }))).status).toBe(403)
  })

  it('of a job does not know another private repository', async () => {
    scene.github.createRepository({ fullName: `${owner}/secret`, private: true })
    const job = scene.asJob({ contents: 'write' })
    expect(await failureOf(job.rest.repos.get({ owner, repo: 'secret' }))).toMatchObject({ status: 404 })
    expect(await failureOf(scene.as('dan').rest.repos.get({ owner, repo: 'secret' }))).toMatchObject({ status: 404 })
  })

  it('that is wrong or has expired is refused', async () => {
    const wrong = await get('/user', { authorization: 'Bearer ghp_wrong' })
    expect([wrong.status, await wrong.json()]).toEqual([401, expect.objectContaining({ message: 'Bad credentials' })])
    const token = scene.github.mintToken({ login: 'dan', kind: 'user', expiresInSeconds: 60 })
    expect((await get('/user', { authorization: `token ${token}` })).status).toBe(200)
    clock += 61_000
    expect((await get('/user', { authorization: `token ${token}` })).status).toBe(401)
  })

  it('of a user reaches what the role of the user allows', async () => {
    const call = scene.as('dan').rest.git.createRef({ owner, repo, ref: 'refs/heads/x', sha: 'a'.repeat(40) })
    expect(await failureOf(call)).toMatchObject({ status: 403 })
    expect(await failureOf(scene.as('bob').rest.repos.update({ owner, repo, description: 'x' }))).toMatchObject({
      status: 403,
      message: 'Must have admin rights to Repository.',
    })
  })

  it('is not needed to read what is public, and needed for all else', async () => {
    expect((await get(`/repos/${owner}/${repo}`)).status).toBe(200)
    expect((await get(`/repos/${owner}/secret`)).status).toBe(404)
    const post = await fetch(`${scene.github.apiUrl}/repos/${owner}/${repo}/issues`, {
      method: 'POST',
      body: '{"title":"x"}',
    })
    expect(post.status).toBe(401)
  })

  it('is kept as a hash only', () => {
    const token = scene.token('bob')
    expect(JSON.stringify(scene.github.store.tokens.filter(() => true))).not.toContain(token)
  })
})

describe('a request', () => {
  const raw = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const url = new URL(`${scene.github.apiUrl}/rate_limit`)
      const call = request(url, { headers: { 'user-agent': 'test', ...headers } }, response => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      call.on('error', reject)
      call.end()
    })

  it.each([
    ['127.0.0.1:1', 200],
    ['localhost', 200],
    ['[::1]:80', 200],
    ['github.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ])('for host %s is answered %i', async (host, status) => {
    expect(await raw({ host })).toBe(status)
  })

  it('without a user agent is forbidden', async () => {
    expect(await raw({ 'user-agent': '' })).toBe(403)
  })

  it.each([
    ['2022-11-28', 200],
    ['1999-01-01', 400],
  ])('R15: of API version %s is answered %i', async (version, status) => {
    const answer = await get('/rate_limit', { 'x-github-api-version': version })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-github-api-version-selected')).toBe('2022-11-28')
  })

  it('is answered 304 when nothing changed', async () => {
    const first = await get(`/repos/${owner}/${repo}`)
    const etag = first.headers.get('etag') ?? ''
    const again = await get(`/repos/${owner}/${repo}`, { 'if-none-match': etag })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it('counts against the hour of its token, which ends', async () => {
    const job = scene.github.mintToken({
      login: 'github-actions[bot]',
      kind: 'job',
      repositoryId: scene.repository.id,
      permissions: {},
    })
    const ask = (): Promise<Response> => get(`/repos/${owner}/${repo}`, { authorization: `Bearer ${job}` })
    const first = await ask()
    expect(first.headers.get('x-ratelimit-limit')).toBe('1000')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('999')
    clock += 3_600_000
    expect((await ask()).headers.get('x-ratelimit-remaining')).toBe('999')
  })

  it('for what is not there is answered in the shape of GitHub', async () => {
    const answer = await get('/no/such/thing')
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
    ])
  })

  it('of broken JSON is answered 400', async () => {
    const answer = await fetch(`${scene.github.apiUrl}/repos/${owner}/${repo}/issues`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.token('dan')}` },
      body: '{"title":',
    })
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ message: 'Problems parsing JSON' }),
    ])
  })
})
