/** A server that is killed while many write to it: what it said yes to is there, and the rest is whole or gone. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Octokit } from '@octokit/rest'
import type { LocalGitHub } from '../../../local-github/local-github.ts'
import type { Repository } from '../../../local-github/model.ts'
import { startServer } from '../../../local-github/server/server.ts'

const run = promisify(execFile)
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-killed-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const git = async (cwd: string, ...args: string[]): Promise<string> => {
  const identity = {
    GIT_AUTHOR_NAME: 'M',
    GIT_AUTHOR_EMAIL: 'm@x',
    GIT_COMMITTER_NAME: 'M',
    GIT_COMMITTER_EMAIL: 'm@x',
  }
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' }
  return (await run('git', args, { cwd, env: { ...env, ...identity } })).stdout.trim()
}

const state = (): string => join(folder, 'state')

/** In a process group of its own, so that its git dies with it. */
async function startElsewhere(): Promise<{ url: string; token: string; kill: () => Promise<void> }> {
  const server = new URL('../../../local-github/server/server.ts', import.meta.url).href
  const script = `
    const { startServer } = await import(${JSON.stringify(server)})
    const github = await startServer({ stateFolder: ${JSON.stringify(state())} })
    for (const login of ['mona', 'hubot']) if (!github.store.accounts.find(one => one.login === login)) github.createAccount({ login, type: 'User' })
    console.log(JSON.stringify({ url: github.url, token: github.mintToken({ login: 'mona', kind: 'user' }) }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { url, token } = JSON.parse(line) as { url: string; token: string }
  const gone = once(child, 'exit')
  return {
    url,
    token,
    kill: async () => {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
      await gone
    },
  }
}

interface Confirmed {
  readonly comments: number[]
  readonly merged: number[]
  readonly files: string[]
  readonly repositories: string[]
}

/** Writes of every kind, side by side, until the server is gone; what was confirmed is noted. */
function write(url: string, token: string, round: number, confirmed: Confirmed): Promise<unknown> {
  const octokit = new Octokit({ auth: token, baseUrl: `${url}/api/v3`, log: silent })
  const at = { owner: 'mona', repo: 'site' }
  const untilGone = async (step: (index: number) => Promise<void>): Promise<void> => {
    for (let index = 0; ; index++) {
      try {
        await step(index)
      } catch (error) {
        const { status } = error as { status?: number }
        if (status === undefined || status === 500) return
      }
    }
  }
  const remote = `${url.replace('http://', `http://mona:${token}@`)}/mona/site.git`
  return Promise.all([
    untilGone(async index => {
      const { data } = await octokit.issues.createComment({ ...at, issue_number: 1, body: `${round}.${index}` })
      confirmed.comments.push(data.id)
    }),
    untilGone(async index => {
      const path = `files/${round}-${index}`
      await octokit.repos.createOrUpdateFileContents({ ...at, branch: 'notes', path, message: path, content: 'eA==' })
      confirmed.files.push(path)
    }),
    untilGone(async index => {
      const branch = `topic-${round}-${index}`
      const { data: main } = await octokit.git.getRef({ ...at, ref: 'heads/main' })
      await octokit.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: main.object.sha })
      await octokit.repos.createOrUpdateFileContents({ ...at, branch, path: branch, message: branch, content: 'eA==' })
      const { data: pull } = await octokit.pulls.create({ ...at, title: branch, head: branch, base: 'main' })
      const method = (['merge', 'squash', 'rebase'] as const)[index % 3] ?? 'merge'
      await octokit.pulls.merge({ ...at, pull_number: pull.number, merge_method: method })
      confirmed.merged.push(pull.number)
    }),
    untilGone(async index => {
      const name = `made-${round}-${index}`
      await octokit.repos.createForAuthenticatedUser({ name, auto_init: true })
      confirmed.repositories.push(`mona/${name}`)
    }),
    untilGone(async index => {
      const work = join(folder, `work-${round}-${index}`)
      await git(folder, 'clone', '-q', remote, work)
      writeFileSync(join(work, 'pushed'), `${round}-${index}`)
      await git(work, 'checkout', '-q', '-b', `pushed-${round}-${index}`)
      await git(work, 'add', '-A')
      await git(work, 'commit', '-q', '-m', 'Pushed')
      await git(work, 'push', '-q', 'origin', 'HEAD')
    }),
  ])
}

const tipOf = (github: LocalGitHub, { id }: Repository, branch: string): Promise<string> =>
  git(github.gitFolder(id), 'rev-parse', `refs/heads/${branch}`)

async function expectWhole(github: LocalGitHub, confirmed: Confirmed): Promise<void> {
  const { store } = github
  const site = store.repositories.find(({ fullName }) => fullName === 'mona/site')
  if (!site) throw new Error('the repository is gone')
  expect(confirmed.comments.filter(id => !store.comments.get(id))).toEqual([])
  const names = store.repositories.filter(() => true)
  expect(confirmed.repositories.filter(name => !names.some(({ fullName }) => fullName === name))).toEqual([])
  expect(readdirSync(join(state(), 'git')).sort()).toEqual(names.map(({ id }) => `${id}.git`).sort())
  const filesOf = async (branch: string): Promise<string[]> =>
    (await git(github.gitFolder(site.id), 'ls-tree', '-r', '--name-only', branch)).split('\n')
  const [listed, notes] = [await filesOf('main'), await filesOf('notes')]
  expect(confirmed.files.filter(path => !notes.includes(path))).toEqual([])
  for (const { id } of names) await git(github.gitFolder(id), 'fsck', '--connectivity-only', '--no-dangling')
  for (const { number, state: open, title, pullRequest } of store.issues.filter(one => one.pullRequest !== undefined)) {
    if (!pullRequest) continue
    const branch = pullRequest.headRef
    expect(pullRequest.headSha).toBe(await tipOf(github, site, branch))
    // Merged by whichever method: its file is on main exactly when the record says so.
    expect([title, listed.includes(branch)]).toEqual([title, pullRequest.merged])
    expect(open).toBe(pullRequest.merged ? 'closed' : 'open')
    if (confirmed.merged.includes(number)) expect(pullRequest.merged).toBe(true)
  }
}

describe('a server that is killed while it writes', () => {
  it('takes back what was half made and ends what git had done already', async () => {
    const killed = await startServer({ stateFolder: state() })
    killed.createAccount({ login: 'mona', type: 'User' })
    const octokit = new Octokit({
      auth: killed.mintToken({ login: 'mona', kind: 'user' }),
      baseUrl: killed.apiUrl,
      log: silent,
    })
    await octokit.repos.createForAuthenticatedUser({ name: 'site', auto_init: true })
    const at = { owner: 'mona', repo: 'site' }
    const { data: main } = await octokit.git.getRef({ ...at, ref: 'heads/main' })
    const open = async (branch: string): Promise<number> => {
      await octokit.git.createRef({ ...at, ref: `refs/heads/${branch}`, sha: main.object.sha })
      await octokit.repos.createOrUpdateFileContents({ ...at, branch, path: branch, message: branch, content: 'eA==' })
      return (await octokit.pulls.create({ ...at, title: branch, head: branch, base: 'main' })).data.number
    }
    const [pushed, merging, deleted] = [await open('pushed'), await open('merging'), await open('deleted')]
    const { store } = killed
    const [site] = store.repositories.filter(() => true)
    const bare = killed.gitFolder(site?.id ?? 0)
    const issueOf = (github: LocalGitHub, number: number) => github.store.issues.find(one => one.number === number)
    const squashed = await git(bare, 'commit-tree', '-p', 'main', '-m', 'Squashed', 'merging^{tree}')
    const issue = issueOf(killed, merging)
    if (issue?.pullRequest) {
      const intent = { sha: squashed, byId: issue.authorId, method: 'squash' } as const
      store.issues.update(issue.id, { pullRequest: { ...issue.pullRequest, merging: intent } })
    }
    store.repositories.insert({ ...(site as Repository), name: 'half', fullName: 'mona/half' })
    await killed.close()
    // From here on as a server leaves it that was killed: its lock is there, and git is ahead of the records.
    writeFileSync(join(state(), 'server.pid'), '999999999\n')
    mkdirSync(join(state(), 'git', 'new-1'))
    mkdirSync(join(state(), 'incoming', 'push-1'), { recursive: true })
    const next = await git(bare, 'commit-tree', '-p', 'pushed', '-m', 'Next', 'pushed^{tree}')
    await git(bare, 'update-ref', 'refs/heads/pushed', next)
    await git(bare, 'update-ref', 'refs/heads/main', squashed)
    await git(bare, 'update-ref', '-d', 'refs/heads/deleted')
    writeFileSync(join(bare, 'refs/heads/main.lock'), '')
    writeFileSync(join(bare, 'packed-refs.lock'), '')

    const github = await startServer({ stateFolder: state() })
    expect(github.store.repositories.filter(() => true).map(({ fullName }) => fullName)).toEqual(['mona/site'])
    expect(readdirSync(join(state(), 'git'))).toEqual([`${site?.id}.git`])
    expect(readdirSync(state())).not.toContain('incoming')
    expect(issueOf(github, pushed)).toMatchObject({ state: 'open', pullRequest: { headSha: next, mergeable: true } })
    expect(await git(bare, 'rev-parse', `refs/pull/${pushed}/head`)).toBe(next)
    expect(issueOf(github, merging)).toMatchObject({
      state: 'closed',
      pullRequest: { merged: true, mergeMethod: 'squash', mergeCommitSha: squashed, merging: null },
    })
    expect(issueOf(github, deleted)).toMatchObject({ state: 'closed', pullRequest: { merged: false } })
    await git(bare, 'update-ref', 'refs/heads/main', next)
    await git(bare, 'update-ref', '-d', 'refs/heads/pushed')
    await github.close()
  })

  it('opens again, with all that it confirmed and nothing half done', async () => {
    mkdirSync(state())
    const confirmed: Confirmed = { comments: [], merged: [], files: [], repositories: [] }
    const first = await startElsewhere()
    const octokit = new Octokit({ auth: first.token, baseUrl: `${first.url}/api/v3`, log: silent })
    await octokit.repos.createForAuthenticatedUser({ name: 'site', auto_init: true })
    const at = { owner: 'mona', repo: 'site' }
    const { data: main } = await octokit.git.getRef({ ...at, ref: 'heads/main' })
    await octokit.git.createRef({ ...at, ref: 'refs/heads/notes', sha: main.object.sha })
    await octokit.issues.create({ ...at, title: 'Load' })
    await first.kill()
    for (const [round, milliseconds] of [500, 1500].entries()) {
      const server = await startElsewhere()
      const writing = write(server.url, server.token, round, confirmed)
      await wait(milliseconds)
      // However slow the machine is, the last round has seen a merge.
      for (let tries = 0; round === 1 && confirmed.merged.length === 0 && tries < 300; tries++) await wait(100)
      await server.kill()
      await writing
      const github = await startServer({ stateFolder: state() })
      try {
        await expectWhole(github, confirmed)
      } finally {
        await github.close()
      }
    }
    expect(confirmed.comments.length).toBeGreaterThan(10)
    expect(confirmed.merged.length).toBeGreaterThan(0)
  })
})
