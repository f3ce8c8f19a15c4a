/** One bare repository, worked on by git itself with an environment that knows nothing of the user's configuration. */
import { spawn } from 'node:child_process'
import { devNull } from 'node:os'
import { readRef, readRefs } from './git-refs.ts'

export interface Identity {
  readonly name: string
  readonly email: string
}

export interface CommitInfo {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Identity & { readonly date: string }
  readonly committer: Identity & { readonly date: string }
  readonly message: string
}

export interface GitResult {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface GitRepository {
  readonly folder: string
  /** Runs git there; rejects when it fails. Trailing line ends are cut. */
  text(args: readonly string[], options?: GitOptions): Promise<string>
  bytes(args: readonly string[], options?: GitOptions): Promise<Buffer>
  /** Runs git there; a failure is an answer. */
  try(args: readonly string[], options?: GitOptions): Promise<GitResult>
  /** The commit's SHA for a branch, tag, full ref or SHA; null when there is none. */
  commitOf(rev: string): Promise<string | null>
  /** What a full ref holds; null when it does not exist. */
  readRef(ref: string): Promise<string | null>
  /** Full ref name → SHA of those under a prefix (`refs/heads/`). */
  refs(prefix: string): Promise<Map<string, string>>
  commit(sha: string): Promise<CommitInfo>
  /** Newest first. `options` as for `git log`: `a..b`, `--max-count=…`, `-- path`. */
  log(options: readonly string[]): Promise<CommitInfo[]>
  isAncestor(ancestor: string, descendant: string): Promise<boolean>
  /** Writes a commit; nothing points to it yet. */
  commitTree(commit: {
    tree: string
    parents: readonly string[]
    message: string
    author: Identity
    /** Unset: `GitHub <noreply@github.com>`. */
    committer?: Identity
    /** ISO 8601; of author and committer. */
    date: string
  }): Promise<string>
  writeBlob(content: Uint8Array): Promise<string>
  /** Moves a ref with no events and no rules (`refs/pull/…`); with `from`, only if it still holds that. False: it did not. */
  moveRef(ref: string, to: string | null, from?: string): Promise<boolean>
}

export interface GitOptions {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

export const webFlow: Identity = { name: 'GitHub', email: 'noreply@github.com' }

export const gitEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_SYSTEM: devNull,
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: webFlow.name,
  GIT_AUTHOR_EMAIL: webFlow.email,
  GIT_COMMITTER_NAME: webFlow.name,
  GIT_COMMITTER_EMAIL: webFlow.email,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
})

export function runGit(folder: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd: folder, env: { ...gitEnvironment(), ...options.env } })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', status =>
      resolve({ status: status ?? 1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    )
    child.stdin.on('error', () => {
      // git may end before it has read all of its input; its exit status tells.
    })
    child.stdin.end(options.input ?? '')
  })
}

const shaPattern = /^[0-9a-f]{40}$/
const commitFormat = '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x1e'

export function openGit(folder: string): GitRepository {
  // What a SHA says never changes, so that it is asked once.
  const commits = new Map<string, CommitInfo>()
  const ancestry = new Map<string, boolean>()
  const bytes = async (args: readonly string[], options?: GitOptions): Promise<Buffer> => {
    const result = await runGit(folder, args, options)
    if (result.status !== 0)
      throw new Error(`git ${args.join(' ')}: ${result.stderr.trim() || `exit ${result.status}`}`)
    return result.stdout
  }
  const text = async (args: readonly string[], options?: GitOptions): Promise<string> =>
    (await bytes(args, options)).toString().replace(/\n+$/, '')
  const log = async (options: readonly string[]): Promise<CommitInfo[]> =>
    parseCommits((await bytes(['log', `--format=${commitFormat}`, ...options])).toString())

  return {
    folder,
    text,
    bytes,
    log,
    try: (args, options) => runGit(folder, args, options),
    commitOf: async rev => {
      if (commits.has(rev)) return rev
      if (rev.startsWith('-') || /[\s^:]/.test(rev)) return null
      const candidates = rev.startsWith('refs/') ? [rev] : [`refs/heads/${rev}`, `refs/tags/${rev}`, rev]
      const input = candidates.map(candidate => `${candidate}^{commit}\n`).join('')
      const lines = await text(['cat-file', '--batch-check=%(objectname)'], { input })
      return lines.split('\n').find(line => /^[0-9a-f]{40}$/.test(line)) ?? null
    },
    readRef: ref => readRef(folder, ref),
    refs: prefix => readRefs(folder, prefix),
    commit: async sha => {
      const known = commits.get(sha)
      if (known) return known
      const [found] = await log(['--max-count=1', sha, '--'])
      if (!found) throw new Error(`no commit ${sha}`)
      commits.set(found.sha, found)
      return found
    },
    isAncestor: async (ancestor, descendant) => {
      if (ancestor === descendant) return true
      const key = `${ancestor} ${descendant}`
      const known = ancestry.get(key)
      if (known !== undefined) return known
      const { status } = await runGit(folder, ['merge-base', '--is-ancestor', ancestor, descendant])
      const fixed = shaPattern.test(ancestor) && shaPattern.test(descendant) && status <= 1
      if (fixed) ancestry.set(key, status === 0)
      return status === 0
    },
    commitTree: commit =>
      text(['commit-tree', commit.tree, ...commit.parents.flatMap(parent => ['-p', parent]), '-F', '-'], {
        input: commit.message,
        env: {
          GIT_AUTHOR_NAME: commit.author.name,
          GIT_AUTHOR_EMAIL: commit.author.email,
          GIT_AUTHOR_DATE: commit.date,
          GIT_COMMITTER_NAME: (commit.committer ?? webFlow).name,
          GIT_COMMITTER_EMAIL: (commit.committer ?? webFlow).email,
          GIT_COMMITTER_DATE: commit.date,
        },
      }),
    writeBlob: content => text(['hash-object', '-w', '--stdin'], { input: content }),
    moveRef: async (ref, to, from) => {
      const args = to === null ? ['update-ref', '-d', ref] : ['update-ref', ref, to]
      return (await runGit(folder, from === undefined ? args : [...args, from])).status === 0
    },
  }
}

function parseCommits(output: string): CommitInfo[] {
  return output
    .split('\x1e')
    .map(entry => entry.replace(/^\n/, '').split('\0'))
    .filter(fields => fields.length >= 10)
    .map(fields => {
      const at = (index: number): string => fields[index] ?? ''
      return {
        sha: at(0),
        tree: at(1),
        parents: at(2).split(' ').filter(Boolean),
        author: { name: at(3), email: at(4), date: utc(at(5)) },
        committer: { name: at(6), email: at(7), date: utc(at(8)) },
        message: at(9).replace(/\n+$/, ''),
      }
    })
}

const utc = (time: string): string => new Date(time).toISOString().replace('.000Z', 'Z')
