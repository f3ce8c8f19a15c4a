import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const NCC = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js')
const USAGE = 'Usage: npm run build -- [--check] [name …]   (a name is a folder of actions/, or "cli")'

interface Bundle {
  readonly name: string
  readonly source: string
  readonly dist: string
}

async function allBundles(): Promise<readonly Bundle[]> {
  const actions = await readdir(join(ROOT, 'actions'))
  return [...actions.sort().map(name => ({ name, folder: `actions/${name}`, entry: 'src/index.ts' })), cliBundle]
    .map(({ name, folder, entry }) => ({ name, source: `${folder}/${entry}`, dist: `${folder}/dist` }))
    .filter(bundle => existsSync(join(ROOT, bundle.source)))
}
const cliBundle = { name: 'cli', folder: 'cli', entry: 'index.ts' }

async function bundleInto(bundle: Bundle, folder: string): Promise<void> {
  const args = [NCC, 'build', bundle.source, '-o', folder, '--transpile-only', '--license', 'licenses.txt', '--quiet']
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${bundle.source} could not be bundled\n${complaint.trim()}`)
}

/** Names of files that are not the same in both folders. */
async function differences(built: string, committed: string): Promise<readonly string[]> {
  const list = (folder: string) => readdir(folder).catch((): string[] => [])
  const names = new Set([...(await list(built)), ...(await list(committed))])
  const read = (folder: string, name: string) => readFile(join(folder, name)).catch(() => undefined)
  const differing: string[] = []
  for (const name of names) {
    const [ours, theirs] = [await read(built, name), await read(committed, name)]
    if (ours === undefined || theirs === undefined || !ours.equals(theirs)) differing.push(name)
  }
  return differing
}

const names = process.argv.slice(2).filter(word => word !== '--check')
const check = process.argv.includes('--check')
const known = await allBundles()
const stranger = names.find(name => !known.some(bundle => bundle.name === name))
if (stranger !== undefined) throw new Error(`there is no bundle "${stranger}". ${USAGE}`)
const waiting = known.filter(bundle => names.length === 0 || names.includes(bundle.name))
const scratch = await mkdtemp(join(tmpdir(), 'slipway-build-'))
const complaints: string[] = []

async function work(): Promise<void> {
  for (let bundle = waiting.shift(); bundle !== undefined; bundle = waiting.shift()) {
    const built = join(scratch, bundle.name)
    const committed = join(ROOT, bundle.dist)
    await bundleInto(bundle, built)
    const changed = await differences(built, committed)
    if (check) complaints.push(...changed.map(name => `${bundle.dist}/${name}`))
    else if (changed.length > 0) {
      await rm(committed, { recursive: true, force: true })
      await cp(built, committed, { recursive: true })
    }
    console.log(`${bundle.dist}: ${changed.length === 0 ? 'up to date' : check ? 'differs' : 'built'}`)
  }
}
try {
  await Promise.all(Array.from({ length: availableParallelism() }, work))
} finally {
  await rm(scratch, { recursive: true, force: true })
}
if (complaints.length > 0) {
  console.error(`Not what the sources give:\n  ${complaints.join('\n  ')}\nRun "npm run build" and commit the result.`)
  process.exitCode = 1
}
