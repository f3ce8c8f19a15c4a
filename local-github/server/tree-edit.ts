/** Makes a tree out of another one by adding and removing files, in an index of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitRepository } from './git.ts'
import { unprocessable } from './reply.ts'

export interface TreeEdit {
  /** Tree or commit to start from; null: an empty tree. */
  readonly base: string | null
  readonly additions: readonly { readonly path: string; readonly content: Uint8Array }[]
  readonly deletions: readonly string[]
}

/** GitHub refuses paths that git could not check out, or that would reach out of the repository. */
export function checkPath(path: string): void {
  const segments = path.split('/')
  const bad = segments.some(
    segment => segment === '' || segment === '.' || segment === '..' || /^\.git$/i.test(segment),
  )
  if (bad || path.includes('\0')) throw unprocessable(`path ${JSON.stringify(path)} is malformed`)
}

const regularFile = '100644'

/** Throws 422 for a bad path and for a deletion of what is not there. A file that exists keeps its mode. */
export async function editTree(git: GitRepository, edit: TreeEdit): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-github-index-'))
  const env = { GIT_INDEX_FILE: join(folder, 'index') }
  try {
    if (edit.base !== null) await git.text(['read-tree', edit.base], { env })
    const paths = [...edit.additions.map(({ path }) => path), ...edit.deletions]
    paths.forEach(checkPath)
    const modes = await modesOf(git, env, paths)
    const missing = edit.deletions.find(path => !modes.has(path))
    if (missing !== undefined) throw unprocessable(`${missing} was to be deleted and does not exist`)
    const added = await Promise.all(
      edit.additions.map(async ({ path, content }) => {
        return `${modes.get(path) ?? regularFile} ${await git.writeBlob(content)}\t${path}\0`
      }),
    )
    const removed = edit.deletions.map(path => `0 ${'0'.repeat(40)}\t${path}\0`)
    await git.text(['update-index', '-z', '--index-info'], { env, input: [...removed, ...added].join('') })
    return await git.text(['write-tree'], { env })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function modesOf(
  git: GitRepository,
  env: Record<string, string>,
  paths: readonly string[],
): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map()
  const literal = paths.map(path => `:(literal)${path}`)
  const listing = await git.text(['ls-files', '-z', '--stage', '--', ...literal], { env })
  return new Map(
    listing
      .split('\0')
      .filter(Boolean)
      .map(line => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]),
  )
}
