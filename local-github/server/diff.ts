/** What changed between two commits, file by file, as git tells it. */
import type { GitRepository } from './git.ts'

export interface FileDiff {
  readonly path: string
  /** Set for a rename or a copy. */
  readonly previousPath: string | null
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
  /** Blob after the change; before it for a removed file. */
  readonly sha: string
  readonly additions: number
  readonly deletions: number
  /** Hunks without git's header; null for a binary file or an unchanged content. */
  readonly patch: string | null
}

export interface DiffTotals {
  readonly additions: number
  readonly deletions: number
  readonly changedFiles: number
}

export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const statusOf: Readonly<Record<string, FileDiff['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
}

interface RawEntry {
  readonly letter: string
  readonly before: string
  readonly after: string
  readonly from: string
  readonly to: string
}

/** `from` and `to` are commits or trees. Files are in git's order, which is that of their paths. */
export async function diffFiles(git: GitRepository, from: string, to: string): Promise<FileDiff[]> {
  const [summary, patchText] = await Promise.all([
    git.bytes(['diff', '-M', '--raw', '--numstat', '-z', '--no-abbrev', from, to, '--']),
    git.bytes(['diff', '-M', '-p', '--no-color', '--no-ext-diff', from, to, '--']),
  ])
  const { raw, counts } = parseSummary(summary.toString())
  const patches = splitPatches(patchText.toString())
  return raw.map((entry, index) => {
    const count = counts[index]
    const renamed = entry.from !== entry.to
    return {
      path: entry.to,
      previousPath: renamed ? entry.from : null,
      status: statusOf[entry.letter] ?? 'changed',
      sha: entry.letter === 'D' ? entry.before : entry.after,
      additions: count?.additions ?? 0,
      deletions: count?.deletions ?? 0,
      patch: patches[index] ?? null,
    }
  })
}

export function totalsOf(files: readonly FileDiff[]): DiffTotals {
  return {
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: files.length,
  }
}

export async function diffTotals(git: GitRepository, from: string, to: string): Promise<DiffTotals> {
  const { counts } = parseSummary((await git.bytes(['diff', '-M', '--numstat', '-z', from, to, '--'])).toString())
  return {
    additions: counts.reduce((sum, count) => sum + count.additions, 0),
    deletions: counts.reduce((sum, count) => sum + count.deletions, 0),
    changedFiles: counts.length,
  }
}

/** With `-z`, a rename has both paths in fields of their own: in raw after the status, in numstat after an empty path. */
function parseSummary(text: string): { raw: RawEntry[]; counts: { additions: number; deletions: number }[] } {
  const fields = text.split('\0')
  const raw: RawEntry[] = []
  const counts: { additions: number; deletions: number }[] = []
  let index = 0
  const next = (): string => fields[index++] ?? ''
  while (index < fields.length) {
    const field = next()
    if (field.startsWith(':')) {
      const [, , before = '', after = '', status = ''] = field.split(' ')
      const letter = status.slice(0, 1)
      const from = next()
      raw.push({ letter, before, after, from, to: letter === 'R' || letter === 'C' ? next() : from })
    } else if (field !== '') {
      const [added = '-', deleted = '-', path = ''] = field.split('\t')
      if (path === '') index += 2
      counts.push({ additions: Number(added) || 0, deletions: Number(deleted) || 0 })
    }
  }
  return { raw, counts }
}

function splitPatches(text: string): (string | null)[] {
  return text
    .split(/^(?=diff --git )/m)
    .filter(part => part.startsWith('diff --git '))
    .map(part => {
      const start = part.search(/^@@ /m)
      return start < 0 ? null : part.slice(start).replace(/\n$/, '')
    })
}
