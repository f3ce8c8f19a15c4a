import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from '@jest/globals'
import { Octokit } from '@octokit/rest'
import type { LocalGitHub, RepositoryEvent, RunnerRequest } from '../../../local-github/local-github.ts'
import type { Repository, Token } from '../../../local-github/model.ts'
import { startServer } from '../../../local-github/server/server.ts'
import type { ServerOptions } from '../../../local-github/server/server.ts'

const run = promisify(execFile)

export const owner = 'acme'
export const repo = 'shop'

export interface Scene {
  readonly github: LocalGitHub
  readonly repository: Repository
  readonly events: RepositoryEvent[]
  readonly requests: RunnerRequest[]
  readonly work: WorkingCopy
  /** Alice is admin, Bob may write, Carol may triage, Dan is a stranger. */
  as(login: 'alice' | 'bob' | 'carol' | 'dan'): Octokit
  /** With a job's token of these scopes. */
  asJob(permissions: NonNullable<Token['permissions']>): Octokit
  token(login: string): string
  /** Forgets the events so far. */
  told(): string[]
  close(): Promise<void>
}

export interface WorkingCopy {
  readonly folder: string
  git(...args: string[]): Promise<string>
  write(path: string, text: string): void
  /** Writes, adds and commits; the SHA of the commit. */
  commit(message: string, files: Readonly<Record<string, string>>): Promise<string>
}

const gitEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Bob',
  GIT_AUTHOR_EMAIL: 'bob@example.com',
  GIT_COMMITTER_NAME: 'Bob',
  GIT_COMMITTER_EMAIL: 'bob@example.com',
  // Else every commit, push and fetch starts two more processes to see whether there is something to tidy.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'maintenance.auto',
  GIT_CONFIG_VALUE_0: 'false',
})

export function workingCopy(folder: string): WorkingCopy {
  mkdirSync(folder, { recursive: true })
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: folder, env: gitEnvironment(folder) })
    return stdout.trim()
  }
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return {
    folder,
    git,
    write,
    commit: async (message, files) => {
      for (const [path, text] of Object.entries(files)) write(path, text)
      await git('add', '-A')
      await git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
  }
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A server with one repository, whose `main` holds one commit by Bob. Its folder is gone when it is closed. */
export async function openScene(options: Partial<ServerOptions> = {}): Promise<Scene> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-scene-')))
  const github = await startServer({ stateFolder: join(folder, 'state'), ...options })
  github.createAccount({ login: owner, type: 'Organization' })
  for (const login of ['alice', 'bob', 'carol', 'dan']) {
    github.createAccount({ login, type: 'User', name: login, email: `${login}@example.com` })
  }
  const made = github.createRepository({ fullName: `${owner}/${repo}` })
  const repository = github.store.repositories.update(made.id, {
    collaborators: { alice: 'admin', bob: 'write', carol: 'triage' },
  })
  const events: RepositoryEvent[] = []
  const requests: RunnerRequest[] = []
  const work = workingCopy(join(folder, 'work'))
  const tokens = new Map<string, string>()
  const token = (login: string): string => {
    const known = tokens.get(login) ?? github.mintToken({ login, kind: 'user' })
    tokens.set(login, known)
    return known
  }
  const client = (auth: string): Octokit => new Octokit({ auth, baseUrl: github.apiUrl, log: silent })
  await seed(github, repository, work, withToken(github, token('bob')))
  github.onEvent(event => events.push(event))
  github.onRequest(request => requests.push(request))
  return {
    github,
    repository,
    events,
    requests,
    work,
    token,
    as: login => client(token(login)),
    asJob: permissions =>
      client(github.mintToken({ login: 'github-actions[bot]', kind: 'job', repositoryId: repository.id, permissions })),
    told: () => events.splice(0).map(event => (event.action ? `${event.name}.${event.action}` : event.name)),
    close: async () => {
      await github.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

let seedWork: string | undefined

/** Git makes the first scene of a file; the others are copies, which cost no processes. */
async function seed(github: LocalGitHub, repository: Repository, work: WorkingCopy, url: string): Promise<void> {
  if (seedWork === undefined) {
    seedWork = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-seed-')))
    const first = workingCopy(seedWork)
    await first.git('init', '-q', '-b', 'main')
    await first.commit('First commit', { 'README.md': 'shop\n', 'app.txt': 'one\ntwo\nthree\n' })
    await first.git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  }
  cpSync(seedWork, work.folder, { recursive: true })
  const config = `[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = ${url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`
  writeFileSync(join(work.folder, '.git', 'config'), config)
  const bare = github.gitFolder(repository.id)
  cpSync(join(seedWork, '.git', 'objects'), join(bare, 'objects'), { recursive: true })
  cpSync(join(seedWork, '.git', 'refs', 'heads'), join(bare, 'refs', 'heads'), { recursive: true })
}

afterAll(() => {
  if (seedWork !== undefined) rmSync(seedWork, { recursive: true, force: true })
})

export const withToken = (github: LocalGitHub, token: string, fullName = `${owner}/${repo}`): string =>
  `${github.url.replace('http://', `http://x-access-token:${token}@`)}/${fullName}.git`

/** A branch with one commit on `main`, pushed. */
export async function pushBranch(
  { work }: Scene,
  branch: string,
  files: Readonly<Record<string, string>>,
  message = `Change on ${branch}`,
): Promise<string> {
  await work.git('checkout', '-q', '-B', branch, 'origin/main')
  const sha = await work.commit(message, files)
  await work.git('push', '-q', '--force', 'origin', branch)
  return sha
}

export interface Failure {
  readonly status: number
  readonly message: string
  readonly body: unknown
}

/** What Octokit throws, as far as a test asks of it. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
      const response = 'response' in error ? (error.response as { data?: unknown } | undefined) : undefined
      const data = response?.data
      const message =
        typeof data === 'object' && data !== null && 'message' in data ? String(data.message) : error.message
      return { status: error.status, message, body: data }
    }
    throw error
  }
  throw new Error('The call was expected to fail')
}
