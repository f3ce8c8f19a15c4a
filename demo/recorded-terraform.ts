/**
 * Stands where terraform is not: answers from recordings of real runs on exactly these files, and says no to everything
 * else. `npm run demo -- --record` makes the recordings, through the same file, with the real terraform behind it.
 *
 * Called as `<recordings folder> <real terraform or -> <terraform's arguments …>` by the launcher that `installRecorded` writes.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const RECORDINGS = join(dirname(fileURLToPath(import.meta.url)), 'recordings')

interface Answer {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

interface Recording {
  /** What stood in the files: their names and SHA-256. */
  readonly files: Readonly<Record<string, string>>
  /** By arguments, in a module by its folder too; paths of plan files are `*`. */
  readonly answers: Record<string, Answer>
}

const CONFIGURATION = /\.(tf|tfvars|tftpl|hcl)$/
/** They change the world or depend on it: never recorded. */
const NEVER_RECORDED = new Set(['apply', 'destroy', 'import', 'output', 'state', 'force-unlock'])

/** Puts a `terraform` into `folder` that answers from the recordings, or makes them when `real` is the path of terraform. */
export async function installRecorded(folder: string, real: string | undefined): Promise<void> {
  await mkdir(folder, { recursive: true })
  const words = [process.execPath, fileURLToPath(import.meta.url), RECORDINGS, real ?? '-']
  const file = join(folder, 'terraform')
  await writeFile(file, `#!/bin/sh\nexec ${words.map(quote).join(' ')} "$@"\n`)
  await chmod(file, 0o755)
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** The files that decide what terraform does in `folder`: all of the `infra` that it lies in. */
export function configurationOf(folder: string): Record<string, string> {
  let top = folder
  while (basename(top) !== 'infra' && dirname(top) !== top) top = dirname(top)
  if (basename(top) !== 'infra') return {}
  const files: Record<string, string> = {}
  for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
    const path = relative(top, join(entry.parentPath, entry.name))
    if (!entry.isFile() || !CONFIGURATION.test(path) || path.split('/').includes('.terraform')) continue
    files[path] = createHash('sha256')
      .update(readFileSync(join(top, path)))
      .digest('hex')
  }
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function recordingName(files: Readonly<Record<string, string>>): string {
  return Object.keys(files).length === 0
    ? 'anywhere.json'
    : `${createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)}.json`
}

function keyOf(args: readonly string[], folder: string): string {
  const masked = args.map(arg => arg.replace(/^(-out=|-backend-config=).*$/, '$1*'))
  if (masked[0] === 'show') masked[masked.length - 1] = '*'
  // Modules have a format of their own; all else is asked of the root.
  const module = /\/infra\/(modules\/.+)$/.exec(folder)?.[1]
  return `${masked.join(' ')}${module === undefined ? '' : ` in ${module}`}`
}

function answer(recordings: string, args: readonly string[], folder: string): Answer {
  const file = join(recordings, recordingName(args[0] === 'version' ? {} : configurationOf(folder)))
  const recording = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : undefined
  const found = recording?.answers[keyOf(args, folder)]
  if (found === undefined)
    return {
      exitCode: 1,
      stdout: '',
      stderr: `Error: terraform is not on this machine, and there is no recording of "terraform ${keyOf(args, folder)}" on these files. Install terraform to run it.\n`,
    }
  const out = args.find(arg => arg.startsWith('-out='))
  if (out !== undefined) writeFileSync(out.slice('-out='.length), `recorded plan ${basename(file)}\n`)
  return found
}

function record(recordings: string, real: string, args: readonly string[], folder: string): Answer {
  const files = args[0] === 'version' ? {} : configurationOf(folder)
  const done = spawnSync(real, [...args], { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  const given: Answer = { exitCode: done.status ?? 1, stdout: done.stdout, stderr: done.stderr }
  if (NEVER_RECORDED.has(args[0] ?? '')) return given
  mkdirSync(recordings, { recursive: true })
  const file = join(recordings, recordingName(files))
  const answers = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording).answers : {}
  writeFileSync(file, `${JSON.stringify({ files, answers: { ...answers, [keyOf(args, folder)]: given } }, null, 1)}\n`)
  return given
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [recordings = '', real = '-', ...args] = process.argv.slice(2)
  const given = real === '-' ? answer(recordings, args, process.cwd()) : record(recordings, real, args, process.cwd())
  process.stdout.write(given.stdout)
  process.stderr.write(given.stderr)
  process.exitCode = given.exitCode
}
