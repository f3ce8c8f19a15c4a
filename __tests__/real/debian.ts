import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The release whose packages make images and hosts: its Docker has compose 2, and its PostgreSQL is the shop's. */
const RELEASE = 'trixie'

/**
 * Makes a root folder of Debian as a tar, from the mirror that this machine's apt uses. Takes 80 s and more.
 * @param settings of mmdebstrap
 */
export async function makeDebian(tar: string, packages: readonly string[], settings: readonly string[]): Promise<void> {
  const wanted = ['Created-By: Packages', 'Component: main', 'Origin: Debian']
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...wanted])
  const mirror = stdout.split('\n').find(line => line !== '' && !line.includes('security'))
  if (mirror === undefined) throw new Error('apt knows no mirror of Debian: run "apt-get update"')
  const excluded = ['doc', 'man', 'locale', 'info'].map(name => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  await run(
    'mmdebstrap',
    ['--quiet', '--mode=root', `--include=${packages.join(',')}`, ...excluded, ...settings, RELEASE, tar, mirror],
    { maxBuffer: 64 * 1024 * 1024 },
  )
}

/**
 * A folder that is made once for what it is made from, below `$SLIPWAY_CACHE` or `~/.cache/slipway`. Two that make it at once
 * do so twice, and the first wins.
 * @param sources what its key is made from
 */
export async function cached(
  name: string,
  sources: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = cachePlace(name, sources)
  const parent = dirname(folder)
  const stem = `${name}-`
  if (existsSync(folder)) return folder
  const part = `${folder}.${process.pid}`
  mkdirSync(part, { recursive: true })
  try {
    await make(part)
    if (!existsSync(folder)) renameSync(part, folder)
  } finally {
    rmSync(part, { recursive: true, force: true })
  }
  // What earlier sources made.
  for (const other of readdirSync(parent).filter(entry => entry.startsWith(stem) && !/\.\d+$/.test(entry)))
    if (join(parent, other) !== folder) rmSync(join(parent, other), { recursive: true, force: true })
  return folder
}

/** Where `cached` keeps it, whether it is there or not. */
export function cachePlace(name: string, sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const source of [RELEASE, ...sources]) hash.update(source).update('\0')
  const parent = process.env['SLIPWAY_CACHE'] ?? join(homedir(), '.cache', 'slipway')
  return join(parent, `${name}-${hash.digest('hex').slice(0, 16)}`)
}
