import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { LocalGitHub } from './local-github.ts'
import type { Repository } from './model.ts'

const run = promisify(execFile)

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...args], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Local GitHub',
      GIT_AUTHOR_EMAIL: 'local@localhost',
      GIT_COMMITTER_NAME: 'Local GitHub',
      GIT_COMMITTER_EMAIL: 'local@localhost',
    },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout.trim()
}

/** The top of the git repository that `folder` lies in; throws when there is none. */
export async function repositoryTop(folder: string): Promise<string> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) throw new Error(`there is no folder ${folder}`)
  return git(folder, 'rev-parse', '--show-toplevel').catch(() => {
    throw new Error(`${folder} is not in a git repository: run "git init" and commit there first`)
  })
}

/** `owner/name` from the remote `origin` where GitHub would take them, else `local/<folder>`. */
export async function fullNameOf(top: string): Promise<string> {
  const remote = await git(top, 'remote', 'get-url', 'origin').catch(() => '')
  const match = /[/:]([A-Za-z0-9][A-Za-z0-9-]*)\/([\w.-]+?)(?:\.git)?\/?$/.exec(remote)
  return match ? `${match[1]}/${match[2]}` : `local/${basename(top).replace(/[^\w.-]/g, '-')}`
}

/** Brings the branches and tags of a git repository in, as they are; nothing is started by it. */
export async function importRepository(github: LocalGitHub, fullName: string, top: string): Promise<Repository> {
  const branch = await git(top, 'symbolic-ref', '--short', 'HEAD').catch(() => 'main')
  const repository = createWithOwner(github, { fullName, defaultBranch: branch })
  await git(
    github.gitFolder(repository.id),
    'fetch',
    '--quiet',
    top,
    '+refs/heads/*:refs/heads/*',
    '+refs/tags/*:refs/tags/*',
  )
  return repository
}

/** Makes a repository of one commit with the files of `folder` named in `parts`, tagged, for any repository to use. */
export async function importSnapshot(
  github: LocalGitHub,
  fullName: string,
  folder: string,
  snapshot: {
    readonly parts: readonly string[]
    readonly tag: string
    readonly message: string
    readonly description: string
  },
): Promise<Repository> {
  const repository = createWithOwner(github, {
    fullName,
    defaultBranch: 'main',
    actionsShared: true,
    description: snapshot.description,
  })
  const copy = await mkdtemp(join(tmpdir(), 'local-github-'))
  try {
    await git(copy, 'init', '--quiet', '--initial-branch=main')
    for (const part of snapshot.parts)
      await cp(join(folder, part), join(copy, part), {
        recursive: true,
        filter: source => !source.includes('/node_modules/'),
      })
    await git(copy, 'add', '--all', '--force')
    await git(copy, 'commit', '--quiet', '--message', snapshot.message)
    await git(copy, 'tag', snapshot.tag)
    await git(
      github.gitFolder(repository.id),
      'fetch',
      '--quiet',
      copy,
      'refs/heads/main:refs/heads/main',
      'refs/tags/*:refs/tags/*',
    )
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
  return repository
}

export const LIBRARY = 'slipway/slipway'
/** What a caller needs of it. */
const LIBRARY_PARTS = ['action.yml', 'actions', '.github/workflows', 'README.md', 'LICENSE']

/** Slipway itself as it is in `checkout`, tagged with its version, so that workflows which call it find it here. */
export async function importLibrary(github: LocalGitHub, checkout: string): Promise<Repository> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string }
  return importSnapshot(github, LIBRARY, checkout, {
    parts: LIBRARY_PARTS,
    tag: `v${version}`,
    message: 'Slipway as it is in this checkout',
    description: 'Actions and reusable workflows, as they are in this checkout',
  })
}

function createWithOwner(github: LocalGitHub, repository: Parameters<LocalGitHub['createRepository']>[0]): Repository {
  const owner = repository.fullName.split('/')[0] ?? ''
  if (!github.store.accounts.find(account => account.login.toLowerCase() === owner.toLowerCase()))
    github.createAccount({ login: owner, type: 'Organization' })
  return github.createRepository(repository)
}
