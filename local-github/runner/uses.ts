import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { devNull } from 'node:os'
import { join, resolve, sep } from 'node:path'
import type { LocalGitHub } from '../local-github.ts'
import type { Repository } from '../model.ts'
import { readActionFile, type ActionFile } from './action-file.ts'
import { findKnownAction } from './stand-ins/known.ts'
import type { StandIn } from './stand-ins/stand-in.ts'

/** A repository at a commit: what `$/` means in a file that lies there. */
export interface Origin {
  readonly repositoryId: number
  readonly sha: string
}

export type ResolvedAction =
  | { readonly kind: 'stand-in'; readonly name: string; readonly version: string; readonly standIn: StandIn }
  | {
      readonly kind: 'action'
      readonly file: ActionFile
      readonly folder: string
      /** Where `$/` leads inside this action. */
      readonly origin: Origin
      /** `owner/name` and ref as the step names them; empty for an action in the workspace. */
      readonly repository: string
      readonly ref: string
    }

/** The actions that one job uses, unpacked into a folder of that job. */
export class ActionLibrary {
  readonly #github: LocalGitHub
  readonly #folder: string
  readonly #workspace: string
  readonly #callerRepositoryId: number
  readonly #unpacked = new Map<string, Promise<string>>()

  constructor(options: { github: LocalGitHub; folder: string; workspace: string; callerRepositoryId: number }) {
    this.#github = options.github
    this.#folder = options.folder
    this.#workspace = options.workspace
    this.#callerRepositoryId = options.callerRepositoryId
  }

  /**
   * @param origin of the file that holds the `uses`
   * @throws with the `uses` in the message, when it leads nowhere or to something that this runner does not run
   */
  async resolve(uses: string, origin: Origin): Promise<ResolvedAction> {
    if (uses.startsWith('docker://'))
      throw new Error(`'${uses}' needs a container engine, and the local runner has none`)
    if (uses.startsWith('$/')) return await this.#fromSelf(uses, origin)
    if (uses.startsWith('./')) {
      const folder = inside(this.#workspace, uses, uses)
      return { kind: 'action', file: readActionFile(folder, uses), folder, origin, repository: '', ref: '' }
    }
    return this.#resolveNamed(uses)
  }

  async #fromSelf(uses: string, origin: Origin): Promise<ResolvedAction> {
    if (uses.includes('@')) throw new Error(`'${uses}': a reference to the own repository takes no @ref`)
    const repository = this.#github.store.repositories.get(origin.repositoryId)
    if (!repository) throw new Error(`'${uses}': the repository of this file is gone`)
    return await this.#load(uses, repository, origin.sha, origin.sha, uses.slice(2))
  }

  async #resolveNamed(uses: string): Promise<ResolvedAction> {
    const match = /^([^/@\s]+)\/([^/@\s]+)((?:\/[^@\s]*)?)@(\S+)$/.exec(uses)
    if (!match) throw new Error(`'${uses}' is no action: expected '$/path', './path' or 'owner/repository[/path]@ref'`)
    const [, owner = '', name = '', path = '', ref = ''] = match
    const fullName = `${owner}/${name}`
    const known = findKnownAction(`${fullName}${path}`, ref)
    if (known) return { kind: 'stand-in', ...known }
    const repository = this.#github.store.repositories.find(
      candidate => candidate.fullName.toLowerCase() === fullName.toLowerCase(),
    )
    if (!repository)
      throw new Error(
        `'${uses}': there is no repository ${fullName} on the local GitHub, and it is none of the actions that have a stand-in`,
      )
    if (repository.id !== this.#callerRepositoryId && repository.private && !repository.actionsShared)
      throw new Error(`'${uses}': ${fullName} is private and does not share its actions`)
    const sha = await this.#findCommit(repository, ref)
    if (sha === null) throw new Error(`'${uses}': unable to find version '${ref}' in ${fullName}`)
    return await this.#load(uses, repository, ref, sha, path.slice(1))
  }

  async #load(uses: string, repository: Repository, ref: string, sha: string, path: string): Promise<ResolvedAction> {
    const root = await this.#unpack(repository, sha)
    const folder = inside(root, path, uses)
    return {
      kind: 'action',
      file: readActionFile(folder, uses),
      folder,
      origin: { repositoryId: repository.id, sha },
      repository: repository.fullName,
      ref,
    }
  }

  #unpack(repository: Repository, sha: string): Promise<string> {
    const folder = join(this.#folder, ...repository.fullName.split('/'), sha)
    const running = this.#unpacked.get(folder) ?? unpack(this.#github.gitFolder(repository.id), sha, folder)
    this.#unpacked.set(folder, running)
    return running
  }

  async #findCommit(repository: Repository, ref: string): Promise<string | null> {
    const folder = this.#github.gitFolder(repository.id)
    for (const candidate of [`refs/tags/${ref}`, `refs/heads/${ref}`, ...(/^[0-9a-f]{40}$/.test(ref) ? [ref] : [])]) {
      const found = await readGit(folder, [
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${candidate}^{commit}`,
      ])
      if (found !== '') return found
    }
    return null
  }
}

function inside(root: string, path: string, uses: string): string {
  const folder = resolve(root, path)
  if (folder !== root && !folder.startsWith(root + sep)) throw new Error(`'${uses}' leads out of its repository`)
  return folder
}

const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_SYSTEM: devNull,
})

/** Empty when git says no. */
function readGit(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: gitEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', status => resolve(status === 0 ? output.trim() : ''))
  })
}

/** As GitHub hands out an action: the archive of the commit, so that `export-ignore` holds here too. */
function unpack(gitFolder: string, sha: string, folder: string): Promise<string> {
  if (existsSync(folder)) return Promise.resolve(folder)
  mkdirSync(folder, { recursive: true })
  return new Promise((resolve, reject) => {
    const archive = spawn('git', ['archive', '--format=tar', sha], { cwd: gitFolder, env: gitEnvironment() })
    const tar = spawn('tar', ['-xf', '-', '-C', folder], { stdio: ['pipe', 'ignore', 'pipe'] })
    let problems = ''
    let open = 2
    const close = (status: number | null): void => {
      if (status !== 0) problems ||= `exit status ${status ?? 'unknown'}`
      if (--open > 0) return
      if (problems === '') resolve(folder)
      else reject(new Error(`Cannot unpack commit ${sha}: ${problems.trim()}`))
    }
    for (const child of [archive, tar]) {
      child.on('error', reject)
      child.on('close', close)
      child.stderr.setEncoding('utf8').on('data', (text: string) => (problems += text))
    }
    tar.stdin.on('error', error => (problems += error.message))
    archive.stdout.pipe(tar.stdin)
  })
}
