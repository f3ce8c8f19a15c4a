import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Octokit } from '@octokit/rest'
import { openDescription } from '../../../local-github/server/description.ts'
import { failureOf, openScene, owner, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene
let bob: Octokit['rest']
let alice: Octokit['rest']
const at = { owner, repo }

beforeAll(async () => {
  scene = await openScene()
  bob = scene.as('bob').rest
  alice = scene.as('alice').rest
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a repository', () => {
  it('is made, changed, listed and deleted', async () => {
    const { data } = await bob.repos.createForAuthenticatedUser({ name: 'own', private: true, auto_init: true })
    expect(data).toMatchObject({
      full_name: 'bob/own',
      private: true,
      default_branch: 'main',
      permissions: { admin: true },
    })
    const { data: changed } = await bob.repos.update({
      owner: 'bob',
      repo: 'own',
      description: 'mine',
      delete_branch_on_merge: true,
    })
    expect(changed).toMatchObject({ description: 'mine', delete_branch_on_merge: true })
    expect((await bob.repos.listForAuthenticatedUser()).data.map(one => one.full_name)).toEqual([
      'acme/shop',
      'bob/own',
    ])
    expect((await alice.repos.listForUser({ username: 'bob' })).data).toEqual([])
    expect(await failureOf(bob.repos.createForAuthenticatedUser({ name: 'OWN' }))).toMatchObject({ status: 422 })
    await bob.repos.delete({ owner: 'bob', repo: 'own' })
    expect(await failureOf(bob.repos.get({ owner: 'bob', repo: 'own' }))).toMatchObject({ status: 404 })
  })

  it('is forked with its branches, once an account', async () => {
    const told = scene.events.length
    const dan = scene.as('dan').rest
    const { data: fork } = await dan.repos.createFork(at)
    expect(fork).toMatchObject({ full_name: 'dan/shop', fork: true, parent: { full_name: 'acme/shop' } })
    expect(scene.events.slice(told).map(({ name }) => name)).toEqual(['fork'])
    expect((await dan.repos.createFork(at)).data.id).toBe(fork.id)
    expect((await bob.repos.listForks(at)).data.map(one => one.full_name)).toEqual(['dan/shop'])
    const main = await scene.work.git('rev-parse', 'origin/main')
    expect((await dan.git.getRef({ owner: 'dan', repo, ref: 'heads/main' })).data.object.sha).toBe(main)
  })

  it('knows who may do what', async () => {
    const roles = ['alice', 'bob', 'carol', 'dan'].map(async username => {
      const { data } = await bob.repos.getCollaboratorPermissionLevel({ ...at, username })
      return [data.permission, data.role_name]
    })
    expect(await Promise.all(roles)).toEqual([
      ['admin', 'admin'],
      ['write', 'write'],
      ['read', 'triage'],
      ['read', 'read'],
    ])
  })

  it('says how much of the rate is left, and who asks', async () => {
    expect((await bob.rateLimit.get()).data.rate.limit).toBe(5000)
    expect((await bob.users.getAuthenticated()).data.login).toBe('bob')
    expect(await failureOf(scene.asJob({}).rest.users.getAuthenticated())).toMatchObject({ status: 403 })
    expect((await bob.meta.root()).data.rate_limit_url).toBe(`${scene.github.apiUrl}/rate_limit`)
    const { data } = await scene.asJob({}).rest.apps.listReposAccessibleToInstallation()
    expect(data.repositories.map(one => one.full_name)).toEqual(['acme/shop'])
  })
})

describe('contents', () => {
  it('are written, read, listed and deleted, each only over what the caller saw', async () => {
    const file = { ...at, path: 'dir/ü.txt' }
    const made = await bob.repos.createOrUpdateFileContents({ ...file, message: 'Add', content: base64('one\n') })
    expect(made.status).toBe(201)
    const { data } = await bob.repos.getContent(file)
    if (Array.isArray(data) || data.type !== 'file') throw new Error('a file was expected')
    expect(Buffer.from(data.content, 'base64').toString()).toBe('one\n')
    expect((await bob.repos.getContent({ ...at, path: 'dir' })).data).toMatchObject([
      { name: 'ü.txt', type: 'file', path: 'dir/ü.txt' },
    ])
    expect((await bob.repos.getContent({ ...at, path: '' })).data).toHaveLength(3)
    const change = { ...file, message: 'Change', content: base64('two\n') }
    expect(await failureOf(bob.repos.createOrUpdateFileContents(change))).toMatchObject({ status: 422 })
    expect(await failureOf(bob.repos.createOrUpdateFileContents({ ...change, sha: 'a'.repeat(40) }))).toMatchObject({
      status: 409,
    })
    const changed = await bob.repos.createOrUpdateFileContents({ ...change, sha: data.sha })
    expect(changed.status).toBe(200)
    const sha = changed.data.content?.sha ?? ''
    await bob.repos.deleteFile({ ...file, message: 'Delete', sha })
    expect(await failureOf(bob.repos.getContent(file))).toMatchObject({ status: 404 })
    const raw = await bob.repos.getContent({ ...at, path: 'README.md', mediaType: { format: 'raw' } })
    expect(raw.data).toBe('shop\n')
  })

  it.each(['../x', '.git/hooks/x', 'a/./b'])('are not written to %s', async path => {
    const url = `${scene.github.apiUrl}/repos/${owner}/${repo}/contents/${encodeURIComponent(path)}`
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { authorization: `Bearer ${scene.token('bob')}` },
      body: JSON.stringify({ message: 'x', content: '' }),
    })
    expect(answer.status).toBe(422)
  })
})

describe('the git database', () => {
  it('takes blobs, trees, commits, tags and refs as git has them', async () => {
    const { data: main } = await bob.git.getRef({ ...at, ref: 'heads/main' })
    const { data: base } = await bob.git.getCommit({ ...at, commit_sha: main.object.sha })
    const { data: blob } = await bob.git.createBlob({ ...at, content: base64('bin'), encoding: 'base64' })
    const { data: tree } = await bob.git.createTree({
      ...at,
      base_tree: base.tree.sha,
      tree: [
        { path: 'run.sh', mode: '100755', type: 'blob', sha: blob.sha },
        { path: 'deep/er.txt', mode: '100644', type: 'blob', content: 'text' },
        { path: 'app.txt', mode: '100644', type: 'blob', sha: null },
      ],
    })
    const { data: whole } = await bob.git.getTree({ ...at, tree_sha: tree.sha, recursive: '1' })
    expect(whole.tree.map(entry => `${entry.mode} ${entry.path}`)).toEqual([
      '100644 README.md',
      '040000 deep',
      '100644 deep/er.txt',
      '100755 run.sh',
    ])
    const { data: commit } = await bob.git.createCommit({
      ...at,
      message: 'By hand',
      tree: tree.sha,
      parents: [base.sha],
    })
    expect(commit.author).toMatchObject({ name: 'bob', email: 'bob@example.com' })
    await bob.git.createRef({ ...at, ref: 'refs/heads/by-hand', sha: commit.sha })
    const { data: tag } = await bob.git.createTag({
      ...at,
      tag: 'v1',
      message: 'One',
      object: commit.sha,
      type: 'commit',
    })
    await bob.git.createRef({ ...at, ref: 'refs/tags/v1', sha: tag.sha })
    expect((await bob.git.getTag({ ...at, tag_sha: tag.sha })).data).toMatchObject({
      tag: 'v1',
      object: { sha: commit.sha },
    })
    expect((await bob.repos.listTags(at)).data).toMatchObject([{ name: 'v1', commit: { sha: commit.sha } }])
    expect((await bob.git.listMatchingRefs({ ...at, ref: 'heads/by' })).data.map(one => one.ref)).toEqual([
      'refs/heads/by-hand',
    ])
    await scene.work.git('fetch', '-q', 'origin', 'by-hand')
    expect(await scene.work.git('show', 'FETCH_HEAD:deep/er.txt')).toBe('text')
    await bob.git.deleteRef({ ...at, ref: 'heads/by-hand' })
  })

  it.each([
    ['exists', 'refs/heads/main', 'main', /already exists/],
    ['is no branch and no tag', 'refs/notes/x', 'main', /refs\/heads/],
    ['has a bad name', 'refs/heads/a..b', 'main', /not valid/],
    ['would point to nothing', 'refs/heads/new', 'none', /does not exist/],
  ])('refuses a ref that %s', async (_name, ref, target, message) => {
    const sha = target === 'none' ? 'a'.repeat(40) : await scene.work.git('rev-parse', 'origin/main')
    const failure = await failureOf(bob.git.createRef({ ...at, ref, sha }))
    expect(failure).toMatchObject({ status: 422, message: expect.stringMatching(message) })
  })
})

describe('commits', () => {
  it('are listed by path and author, compared, and packed', async () => {
    await scene.work.git('checkout', '-q', '-B', 'topic', 'origin/main')
    const sha = await scene.work.commit('Change the app', { 'app.txt': 'one\nTWO\nthree\n' })
    await scene.work.git('push', '-q', 'origin', 'topic')
    const { data: list } = await bob.repos.listCommits({ ...at, sha: 'topic', path: 'app.txt', author: 'bob' })
    expect(list.map(one => one.commit.message)).toEqual(['Change the app', 'First commit'])
    const { data } = await alice.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...topic' })
    expect(data).toMatchObject({
      status: 'diverged',
      ahead_by: 1,
      commits: [{ sha }],
      files: [{ filename: 'app.txt', changes: 2 }],
    })
    expect(data.files?.[0]?.patch).toContain('+TWO')
    const { data: branches } = await bob.repos.listBranches(at)
    expect(branches.map(one => one.name)).toEqual(['main', 'topic'])
    expect((await bob.repos.getBranch({ ...at, branch: 'topic' })).data.commit.sha).toBe(sha)
    const archive = await bob.repos.downloadTarballArchive({ ...at, ref: 'topic' })
    expect(Buffer.from(archive.data as ArrayBuffer).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
    const { data: merged } = await bob.repos.merge({ ...at, base: 'main', head: 'topic' })
    expect(merged.parents).toHaveLength(2)
  })
})

it('every route of the server is one of the description', async () => {
  const { createRoutes } = await import('../../../local-github/server/routes/index.ts')
  const { createRateLimiter } = await import('../../../local-github/server/rate-limit.ts')
  const core = { serve: () => {}, onRefRule: () => {}, onRefUpdated: () => {} }
  const routes = Object.keys(
    createRoutes(core as unknown as Parameters<typeof createRoutes>[0], createRateLimiter(Date.now)),
  )
  const described = new Set(openDescription().routes)
  expect(routes.filter(route => !described.has(route))).toEqual([])
  expect(routes.length).toBeGreaterThan(150)
})
