/** Puts the server's inside together. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Exchange, RepositoryEvent, RunnerRequest, Violation } from '../local-github.ts'
import type { Repository, Store } from '../model.ts'
import type { Core, Limits, NewRepository } from './core.ts'
import { createExclusive } from './exclusive.ts'
import type { FaultPlan } from './faults.ts'
import { createGitHttp, type GitHttp } from './git-http.ts'
import { type GitRepository, openGit } from './git.ts'
import { createRefUpdates } from './ref-updates.ts'
import type { Changes } from './server.ts'
import { mintToken } from './tokens.ts'

export type MountHandler = (request: IncomingMessage, response: ServerResponse) => void

/** What the site needs and no route may touch. */
export interface Internals {
  readonly gitHttp: GitHttp
  readonly faults: FaultPlan
  mountFor(path: string): MountHandler | null
  report(violation: Omit<Violation, 'at'>): void
  record(exchange: Omit<Exchange, 'at'>): void
  /** Counts a request that is being answered; `settled` waits for all of them. */
  track(work: Promise<unknown>): void
  settled(): Promise<void>
}

export interface CoreOptions {
  readonly url: string
  readonly stateFolder: string
  readonly store: Store
  readonly now: () => number
  readonly limits: Limits
  readonly faults: FaultPlan
  readonly changes: Changes
  readonly close: () => Promise<void>
}

const botLogin = 'github-actions[bot]'
const exchangesKept = 10_000

export function createCore(options: CoreOptions): { core: Core; internals: Internals } {
  const { store, stateFolder, now } = options
  const repositories = new Map<number, GitRepository>()
  const events = new Set<(event: RepositoryEvent) => void>()
  const requests = new Set<(request: RunnerRequest) => void>()
  const mounts = new Map<string, MountHandler>()
  const violations: Violation[] = []
  const exchanges: Exchange[] = []
  const open = new Set<Promise<unknown>>()
  const timestamp = (): string => new Date(now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const gitFolder = (repositoryId: number): string => join(stateFolder, 'git', `${repositoryId}.git`)
  const refs = createRefUpdates(() => core, createExclusive())
  const account: Core['account'] = login => {
    const wanted = login.toLowerCase()
    return store.accounts.find(candidate => candidate.login.toLowerCase() === wanted)
  }

  const core: Core = {
    url: options.url,
    apiUrl: `${options.url}/api/v3`,
    graphqlUrl: `${options.url}/api/graphql`,
    stateFolder,
    store,
    limits: options.limits,
    faults: options.faults,
    violations,
    exchanges,
    now,
    timestamp,
    gitFolder,
    git: repositoryId => {
      const known = repositories.get(repositoryId) ?? openGit(gitFolder(repositoryId))
      repositories.set(repositoryId, known)
      return known
    },
    account,
    repository: fullName => {
      const wanted = fullName.toLowerCase()
      return store.repositories.find(candidate => candidate.fullName.toLowerCase() === wanted)
    },
    createAccount: fields => {
      if (account(fields.login)) throw new Error(`there is an account ${fields.login} already`)
      return store.accounts.insert(fields)
    },
    createRepository: fields => createRepository(core, fields),
    mintToken: token => {
      const holder = account(token.login)
      if (!holder) throw new Error(`there is no account ${token.login}: create it first`)
      return mintToken(store, holder, token, now())
    },
    updateRef: async (repository, change, by) => {
      const [update] = await refs.update(repository, [change], by)
      if (!update) throw new Error(`${change.ref} was not updated`)
      return update
    },
    updateRefs: refs.update,
    onRefUpdated: refs.onRefUpdated,
    onRefRule: refs.onRefRule,
    emit: event => {
      for (const listener of events) listener(event)
      options.changes.announce()
    },
    request: request => {
      for (const listener of requests) listener(request)
    },
    onEvent: listener => {
      events.add(listener)
      return () => events.delete(listener)
    },
    onRequest: listener => {
      requests.add(listener)
      return () => requests.delete(listener)
    },
    onChange: options.changes.listen,
    changed: options.changes.announce,
    serve: (prefix, handler) => {
      mounts.set(prefix, handler)
    },
    close: options.close,
  }
  if (!account(botLogin)) core.createAccount({ login: botLogin, type: 'Bot', appSlug: 'github-actions' })

  const internals: Internals = {
    gitHttp: createGitHttp(core, refs),
    faults: options.faults,
    mountFor: path => {
      const fitting = [...mounts.keys()].filter(prefix => path.startsWith(prefix))
      const longest = fitting.sort((a, b) => b.length - a.length)[0]
      return longest === undefined ? null : (mounts.get(longest) ?? null)
    },
    report: violation => {
      violations.push({ ...violation, at: timestamp() })
    },
    record: exchange => {
      exchanges.push({ ...exchange, at: timestamp() })
      if (exchanges.length > exchangesKept) exchanges.shift()
    },
    track: work => {
      open.add(work)
      const forget = (): void => {
        open.delete(work)
      }
      work.then(forget, forget)
    },
    settled: async () => {
      await Promise.allSettled(open)
    },
  }
  return { core, internals }
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/

/**
 * The record and then its folder, complete, by one rename: a server that is killed in between leaves a record without a
 * folder, which the next start takes back.
 */
function createRepository(core: Core, fields: NewRepository): Repository {
  const { fullName } = fields
  if (!namePattern.test(fullName)) throw new Error(`${fullName} is no repository name: write owner/name`)
  const [ownerLogin = '', name = ''] = fullName.split('/')
  const owner = core.account(ownerLogin)
  if (!owner) throw new Error(`there is no account ${ownerLogin}: create it first`)
  if (core.repository(fullName)) throw new Error(`there is a repository ${fullName} already`)
  const defaultBranch = fields.defaultBranch ?? 'main'
  const prepared = fields.preparedFolder ?? emptyRepository(core, defaultBranch)
  const repository = core.store.repositories.insert({
    fullName: `${owner.login}/${name}`,
    ownerId: owner.id,
    name,
    description: fields.description ?? '',
    private: fields.private ?? false,
    defaultBranch,
    createdAt: core.timestamp(),
    pushedAt: core.timestamp(),
    collaborators: {},
    allowMergeCommit: true,
    allowSquashMerge: true,
    allowRebaseMerge: true,
    deleteBranchOnMerge: false,
    actionsShared: fields.actionsShared ?? false,
    ...fields.settings,
  })
  renameSync(prepared, core.gitFolder(repository.id))
  return repository
}

/** A bare repository beside the others, under a name that no repository has. */
export function emptyRepository(core: Core, defaultBranch: string): string {
  const folder = join(core.stateFolder, 'git', `new-${randomUUID()}`)
  initBareRepository(folder, defaultBranch)
  return folder
}

const gitConfig = `[core]
	repositoryformatversion = 0
	bare = true
	logAllRefUpdates = false
[http]
	receivepack = true
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[receive]
	hideRefs = refs/pull
	autogc = false
	advertiseAtomic = true
[gc]
	auto = 0
`

/** What `git init --bare` would make, without the process and without the user's templates. */
function initBareRepository(folder: string, defaultBranch: string): void {
  for (const sub of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    mkdirSync(join(folder, sub), { recursive: true })
  }
  writeFileSync(join(folder, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`)
  writeFileSync(join(folder, 'config'), gitConfig)
}
