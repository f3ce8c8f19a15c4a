/**
 * `npm run bench:plan-render`: the plan of 10,000 changed objects, about 30 MB, becomes a comment and a summary in a fresh
 * process. Beside it a bare Node that only parses the file, and tf-summarize, which prints a table. Each is run five times in
 * turn; medians count. Ends with 1 when a limit is missed.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { writeBigPlan } from './plan-render/big-plan.ts'

const ROUNDS = 5
const OBJECTS = 10_000
const MORE_OBJECTS = 50_000
const LIMITS = { cpuMilliseconds: 1000, megabytes: 400, timesBare: 6, growth: 1.25 }
const PEER = 'github.com/dineshba/tf-summarize'
const PEER_VERSION = 'v0.3.10'
const ROOT = join(import.meta.dirname, '..')

interface Cost {
  /** Milliseconds of all threads, start of the process included. */
  readonly cpu: number
  readonly wall: number
  /** Bytes at most. */
  readonly rss: number
}

/** CPU time as the kernel counted it, for any program; memory where the program itself says it. */
function costOf(file: string, args: readonly string[]): Cost {
  const timed = 'TIMEFORMAT="%3U %3S %3R"; time "$@"'
  const { status, stdout, stderr } = spawnSync('bash', ['-c', timed, 'bash', file, ...args], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${file} ended with ${String(status)}\n${stderr}`)
  const [user = NaN, system = NaN, wall = NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  const { rss } = stdout.startsWith('{') ? (JSON.parse(stdout) as { rss: number }) : { rss: NaN }
  return { cpu: 1000 * (user + system), wall: 1000 * wall, rss }
}

function memoryText(bytes: number): string {
  return Number.isNaN(bytes) ? '' : `${(bytes / 1e6).toFixed(0)} MB`
}

function median(costs: readonly Cost[], part: keyof Cost): number {
  const sorted = costs.map(cost => cost[part]).sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** From PATH, else built from the Go module proxy: as a requirement, because that asks for this version only. */
function findPeer(folder: string): string {
  for (const place of (process.env['PATH'] ?? '').split(delimiter))
    if (existsSync(join(place, 'tf-summarize'))) return join(place, 'tf-summarize')
  const made = join(folder, 'tf-summarize')
  writeFileSync(join(folder, 'go.mod'), `module bench\n\ngo 1.21\n\nrequire ${PEER} ${PEER_VERSION}\n`)
  const { status } = spawnSync('go', ['build', '-mod=mod', '-ldflags=-s -w', '-o', made, PEER], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`tf-summarize ${PEER_VERSION} is not on PATH, and go could not build ${PEER}`)
  return made
}

const folder = mkdtempSync(join(tmpdir(), 'slipway-plan-render-'))
const misses: string[] = []
const limit = (what: string, value: number, most: number, unit = '') => {
  console.log(`${what}: ${value.toFixed(2)}${unit} (limit ${most}${unit})`)
  if (!(value < most)) misses.push(what)
}
try {
  const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js')
  const entry = join(ROOT, 'bench', 'plan-render', 'render.ts')
  execFileSync(process.execPath, [ncc, 'build', entry, '-o', join(folder, 'dist'), '--transpile-only', '--quiet'], {
    cwd: ROOT,
    stdio: 'ignore',
  })
  const peer = findPeer(folder)
  const small = join(folder, 'plan.json')
  const large = join(folder, 'large.json')
  writeBigPlan(small, OBJECTS)
  writeBigPlan(large, MORE_OBJECTS)
  const ours = join(folder, 'dist', 'index.js')
  const subjects: Readonly<Record<string, readonly [string, readonly string[]]>> = {
    slipway: [process.execPath, [ours, small]],
    'node, JSON.parse only': [process.execPath, [join(ROOT, 'bench', 'plan-render', 'bare.js'), small]],
    'tf-summarize 0.3.10': [peer, [small]],
    'slipway, 50,000': [process.execPath, [ours, large]],
  }
  const costs = new Map<string, Cost[]>(Object.keys(subjects).map(name => [name, []]))
  // Side by side in each round, so that what else the machine does falls on all of them alike.
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, [file, args]] of Object.entries(subjects)) costs.get(name)?.push(costOf(file, args))
  const of = (name: string, part: keyof Cost) => median(costs.get(name) ?? [], part)

  console.log(
    `A plan of ${OBJECTS} changed objects, ${(statSync(small).size / 1e6).toFixed(1)} MB; medians of ${ROUNDS}.\n`,
  )
  console.log('| | CPU | wall | peak memory |')
  console.log('| --- | --: | --: | --: |')
  for (const name of costs.keys())
    console.log(
      `| ${name} | ${of(name, 'cpu').toFixed(0)} ms | ${of(name, 'wall').toFixed(0)} ms | ${memoryText(of(name, 'rss'))} |`,
    )
  console.log('')
  limit('CPU', of('slipway', 'cpu'), LIMITS.cpuMilliseconds, ' ms')
  limit('peak memory', of('slipway', 'rss') / 1e6, LIMITS.megabytes, ' MB')
  limit('beside bare Node, CPU', of('slipway', 'cpu') / of('node, JSON.parse only', 'cpu'), LIMITS.timesBare)
  console.log(`beside tf-summarize, CPU: ${(of('slipway', 'cpu') / of('tf-summarize 0.3.10', 'cpu')).toFixed(2)}`)
  limit('beside tf-summarize, wall', of('slipway', 'wall') / of('tf-summarize 0.3.10', 'wall'), 1)
  const growth = of('slipway, 50,000', 'cpu') / of('slipway', 'cpu') / (MORE_OBJECTS / OBJECTS)
  limit('CPU an object at 50,000 beside 10,000', growth, LIMITS.growth)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const miss of misses) console.error(`missed: ${miss}`)
if (misses.length > 0) process.exitCode = 1
