/** Nothing of ours but the server: Octokit and git as any user has them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Octokit } from '@octokit/rest'
import type { LocalGitHub } from '../../../local-github/local-github.ts'
import { startServer } from '../../../local-github/server/server.ts'
import { plainGit } from './plain-git.ts'

let folder: string
let github: LocalGitHub
let octokit: Octokit
let remote: string

const git = (cwd: string, ...args: string[]): Promise<string> => plainGit(folder, cwd, ...args)

const clone = async (name: string): Promise<string> => {
  await git(folder, 'clone', '-q', remote, name)
  return join(folder, name)
}

const commit = async (work: string, file: string, text: string): Promise<string> => {
  writeFileSync(join(work, file), text)
  await git(work, 'add', '-A')
  await git(work, 'commit', '-q', '-m', `Write ${file}`)
  return git(work, 'rev-parse', 'HEAD')
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-plain-'))
  github = await startServer({ stateFolder: join(folder, 'state') })
  github.createAccount({ login: 'mona', type: 'User', email: 'mona@example.com' })
  const token = github.mintToken({ login: 'mona', kind: 'user' })
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  octokit = new Octokit({ auth: token, baseUrl: github.apiUrl, log: silent })
  await octokit.repos.createForAuthenticatedUser({ name: 'site', private: true, auto_init: true })
  remote = `${github.url.replace('http://', `http://mona:${token}@`)}/mona/site.git`
})

afterAll(async () => {
  await github.close()
  rmSync(folder, { recursive: true, force: true })
  expect(github.violations).toEqual([])
})

const at = { owner: 'mona', repo: 'site' }

describe('git and Octokit', () => {
  it('clone, push, fetch and read the same history', async () => {
    const work = await clone('first')
    const sha = await commit(work, 'page.html', '<p>\n')
    await git(work, 'push', '-q', 'origin', 'HEAD')
    const { data } = await octokit.repos.getCommit({ ...at, ref: 'main' })
    expect(data).toMatchObject({ sha, commit: { message: 'Write page.html' }, author: { login: 'mona' } })
    expect(data.files?.map(file => [file.filename, file.status, file.additions])).toEqual([['page.html', 'added', 1]])
    const file = await octokit.repos.createOrUpdateFileContents({
      ...at,
      path: 'docs/a b.md',
      message: 'Write by API',
      content: Buffer.from('über').toString('base64'),
    })
    await git(work, 'pull', '-q', '--ff-only')
    expect(await git(work, 'rev-parse', 'HEAD')).toBe(file.data.commit.sha)
    expect(await git(work, 'show', 'HEAD:docs/a b.md')).toBe('über')
  })

  it('let one of two racing pushes win, and reject the other as not up to date', async () => {
    const [one, two] = [await clone('racer-1'), await clone('racer-2')]
    const shas = [await commit(one, 'race', '1'), await commit(two, 'race', '2')]
    const results = await Promise.allSettled([git(one, 'push', 'origin', 'HEAD'), git(two, 'push', 'origin', 'HEAD')])
    const lost = results.filter(result => result.status === 'rejected')
    expect(lost).toHaveLength(1)
    expect(String(lost[0]?.reason)).toMatch(
      /\[(remote )?rejected\].*(fetch first|cannot lock ref|failed to update ref)/,
    )
    const { data } = await octokit.git.getRef({ ...at, ref: 'heads/main' })
    expect(shas).toContain(data.object.sha)
    expect(data.object.sha).toBe(shas[results.findIndex(result => result.status === 'fulfilled')])
  })

  it('end racing writes of one ref by API with one winner, the others refused in words', async () => {
    const { data: main } = await octokit.git.getRef({ ...at, ref: 'heads/main' })
    const { data: base } = await octokit.git.getCommit({ ...at, commit_sha: main.object.sha })
    const made = await Promise.all(
      [1, 2, 3].map(number =>
        octokit.git.createCommit({ ...at, message: `${number}`, tree: base.tree.sha, parents: [base.sha] }),
      ),
    )
    const results = await Promise.allSettled(
      made.map(({ data }) => octokit.git.updateRef({ ...at, ref: 'heads/main', sha: data.sha })),
    )
    const lost = results.filter(result => result.status === 'rejected')
    expect(lost).toHaveLength(2)
    for (const { reason } of lost)
      expect(reason).toMatchObject({ status: 422, response: { data: { message: 'Update is not a fast forward' } } })
  })

  it('refuse a push without the right, and hide a private repository from strangers', async () => {
    const stranger = github.createAccount({ login: 'stranger', type: 'User' })
    const token = github.mintToken({ login: stranger.login, kind: 'user' })
    const url = `${github.url.replace('http://', `http://x:${token}@`)}/mona/site.git`
    await expect(git(folder, 'clone', '-q', url, 'hidden')).rejects.toThrow(/not found/i)
    await expect(git(folder, 'clone', '-q', `${github.url}/mona/site.git`, 'nobody')).rejects.toThrow(
      /could not read Username/,
    )
    const repository = github.store.repositories.find(({ name }) => name === 'site')
    const job = github.mintToken({
      login: 'github-actions[bot]',
      kind: 'job',
      repositoryId: repository?.id ?? 0,
      permissions: { contents: 'read' },
    })
    const jobUrl = `${github.url.replace('http://', `http://x-access-token:${job}@`)}/mona/site.git`
    await git(folder, 'clone', '-q', jobUrl, 'by-job')
    await commit(join(folder, 'by-job'), 'forbidden', '')
    await expect(git(join(folder, 'by-job'), 'push', '-q', 'origin', 'HEAD')).rejects.toThrow(/403/)
  })

  it('tell of a push with its commits, a new branch, a forced update and a deletion', async () => {
    const told: [string, Record<string, unknown>][] = []
    const stop = github.onEvent(event => told.push([event.name, event.payload]))
    const work = await clone('teller')
    await git(work, 'checkout', '-q', '-b', 'topic')
    const sha = await commit(work, 'topic', '1')
    await git(work, 'push', '-q', 'origin', 'topic')
    await git(work, 'commit', '-q', '--amend', '-m', 'Other words')
    await git(work, 'push', '-q', '--force', 'origin', 'topic')
    await git(work, 'push', '-q', 'origin', ':topic')
    stop()
    expect(told.map(([name]) => name)).toEqual(['push', 'create', 'push', 'push', 'delete'])
    expect(told[0]?.[1]).toMatchObject({
      ref: 'refs/heads/topic',
      after: sha,
      created: true,
      forced: false,
      pusher: { name: 'mona' },
      commits: [{ id: sha, message: 'Write topic', added: ['topic'], removed: [], modified: [] }],
      head_commit: { id: sha },
      repository: { full_name: 'mona/site', default_branch: 'main' },
      sender: { login: 'mona' },
    })
    expect(told[2]?.[1]).toMatchObject({ before: sha, forced: true })
    expect(told[3]?.[1]).toMatchObject({ deleted: true, head_commit: null, after: '0'.repeat(40) })
  })
})
