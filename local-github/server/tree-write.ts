/** `POST /git/trees`: entries over a base tree, in an index of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitRepository } from './git.ts'
import { unprocessable } from './reply.ts'
import { checkPath } from './tree-edit.ts'

export interface TreeEntryChange {
  readonly path: string
  readonly mode: string
  /** Null removes the path; unset: `content` is written. */
  readonly sha: string | null | undefined
  readonly content: string | null
}

export async function writeTree(
  git: GitRepository,
  base: string | null,
  changes: readonly TreeEntryChange[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-github-index-'))
  const env = { GIT_INDEX_FILE: join(folder, 'index') }
  try {
    await git.text(base === null ? ['read-tree', '--empty'] : ['read-tree', base], { env })
    for (const change of changes) await applyEntry(git, env, change)
    return await git.text(['write-tree'], { env })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function applyEntry(git: GitRepository, env: Record<string, string>, change: TreeEntryChange): Promise<void> {
  checkPath(change.path)
  if (change.sha === null) {
    await git.text(['rm', '--cached', '-r', '-q', '--ignore-unmatch', '--', `:(literal)${change.path}`], { env })
    return
  }
  if (change.sha === undefined && change.content === null) {
    throw unprocessable(`${change.path}: give a sha or a content`)
  }
  const sha = change.sha ?? (await git.writeBlob(Buffer.from(change.content ?? '')))
  const known = await git.try(['cat-file', '-e', sha])
  if (known.status !== 0 && change.mode !== '160000')
    throw unprocessable(`${change.path}: object ${sha} does not exist`)
  if (change.mode === '040000') {
    await git.text(['rm', '--cached', '-r', '-q', '--ignore-unmatch', '--', `:(literal)${change.path}`], { env })
    await git.text(['read-tree', `--prefix=${change.path}/`, sha], { env })
    return
  }
  await git.text(['update-index', '-z', '--index-info'], { env, input: `${change.mode} ${sha}\t${change.path}\0` })
}
