import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface CommitInfo {
  readonly sha: string
  readonly parents: readonly string[]
  readonly authorName: string
  readonly authorEmail: string
  readonly at: string
  readonly subject: string
  readonly body: string
}

export interface FileDiff {
  readonly path: string
  readonly oldPath: string
  readonly status: 'added' | 'removed' | 'renamed' | 'modified'
  readonly binary: boolean
  readonly added: number
  readonly removed: number
  readonly lines: readonly DiffLine[]
  /** Lines that are not kept because the file's diff is very long. */
  readonly left: number
}

export interface DiffLine {
  readonly kind: 'hunk' | 'added' | 'removed' | 'context'
  readonly old: number | null
  readonly new: number | null
  readonly text: string
}

const MOST_LINES_A_FILE = 600
const MOST_LINES_A_DIFF = 4000

async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['--git-dir', folder, ...args], {
    maxBuffer: 256 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      HOME: '/nonexistent',
    },
  })
  return stdout
}

export async function branchesOf(folder: string): Promise<{ name: string; sha: string }[]> {
  const text = await git(folder, 'for-each-ref', '--format=%(objectname) %(refname:strip=2)', 'refs/heads')
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => ({ sha: line.slice(0, 40), name: line.slice(41) }))
}

/** Newest first, at most `limit`. `range` is a revision or `a..b`; an empty list when it does not resolve. */
export async function commitsOf(folder: string, range: string, limit: number): Promise<CommitInfo[]> {
  const format = '%H%x00%P%x00%an%x00%ae%x00%aI%x00%s%x00%b%x01'
  const text = await git(
    folder,
    'log',
    `--max-count=${limit}`,
    `--format=${format}`,
    '--end-of-options',
    range,
    '--',
  ).catch(() => '')
  return text
    .split('\u0001')
    .map(record => record.replace(/^\n/, ''))
    .filter(record => record !== '')
    .map(record => {
      const [sha = '', parents = '', authorName = '', authorEmail = '', at = '', subject = '', body = ''] =
        record.split('\0')
      return {
        sha,
        parents: parents.split(' ').filter(Boolean),
        authorName,
        authorEmail,
        at,
        subject,
        body: body.trim(),
      }
    })
}

/** Of all branches and pull requests, newest first. */
export async function allCommitsOf(folder: string, limit: number): Promise<string[]> {
  const text = await git(folder, 'rev-list', '--all', `--max-count=${limit}`)
  return text.split('\n').filter(line => line !== '')
}

/** The change between two commits; from the empty tree when `from` is null. */
export async function diffOf(folder: string, from: string | null, to: string): Promise<FileDiff[]> {
  const base = from ?? (await git(folder, 'hash-object', '-t', 'tree', '/dev/null')).trim()
  const text = await git(folder, 'diff', '--no-color', '--no-ext-diff', '-M', '--end-of-options', base, to, '--')
  return parseDiff(text)
}

export async function mergeBaseOf(folder: string, a: string, b: string): Promise<string | null> {
  return (await git(folder, 'merge-base', a, b).catch(() => '')).trim() || null
}

export async function fileAt(folder: string, revision: string, path: string): Promise<string | null> {
  return git(folder, 'cat-file', 'blob', `${revision}:${path}`).catch(() => null)
}

/** Reads the output of `git diff`. Long files are cut, and say how much is left. */
export function parseDiff(text: string): FileDiff[] {
  let kept = 0
  return text
    .split(/^(?=diff --git )/m)
    .filter(part => part.startsWith('diff --git '))
    .map(part => {
      const file = parseFile(part, Math.max(0, Math.min(MOST_LINES_A_FILE, MOST_LINES_A_DIFF - kept)))
      kept += file.lines.length
      return file
    })
}

function parseFile(part: string, most: number): FileDiff {
  const bodyStart = part.search(/^@@ /m)
  const head = (bodyStart === -1 ? part : part.slice(0, bodyStart)).split('\n')
  const body = bodyStart === -1 ? [] : part.slice(bodyStart).replace(/\n$/, '').split('\n')
  const find = (prefix: string) => head.find(line => line.startsWith(prefix))?.slice(prefix.length)
  const [, plainOld = '', plainNew = ''] = /^diff --git "?a\/(.*?)"? "?b\/(.*?)"?$/.exec(head[0] ?? '') ?? []
  const oldPath = find('rename from ') ?? find('--- a/') ?? plainOld
  const path = find('rename to ') ?? find('+++ b/') ?? plainNew
  const lines: DiffLine[] = []
  let oldLine = 0
  let newLine = 0
  let added = 0
  let removed = 0
  let left = 0
  for (const text of body) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    let line: DiffLine
    if (hunk) {
      oldLine = Number(hunk[1])
      newLine = Number(hunk[2])
      line = { kind: 'hunk', old: null, new: null, text }
    } else if (text.startsWith('+')) {
      added += 1
      line = { kind: 'added', old: null, new: newLine++, text: text.slice(1) }
    } else if (text.startsWith('-')) {
      removed += 1
      line = { kind: 'removed', old: oldLine++, new: null, text: text.slice(1) }
    } else if (text.startsWith('\\')) {
      continue
    } else {
      line = { kind: 'context', old: oldLine++, new: newLine++, text: text.slice(1) }
    }
    if (lines.length < most) lines.push(line)
    else left += 1
  }
  return {
    path,
    oldPath,
    status:
      find('new file mode') !== undefined
        ? 'added'
        : find('deleted file mode') !== undefined
          ? 'removed'
          : oldPath !== path
            ? 'renamed'
            : 'modified',
    binary: head.some(line => line.startsWith('Binary files ')),
    added,
    removed,
    lines,
    left,
  }
}
