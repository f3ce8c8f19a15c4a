import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listActions, ROOT } from '../scripts/metadata.ts'

/**
 * From the start of the process to the first input that the bundle reads, beside `node -e 0`. The first read is seen from
 * inside: a preloaded file watches `process.env` for a name that begins with INPUT_ and ends the process there.
 */

const RUNS = Number(process.argv[2] ?? '15')
const LIMIT_MILLISECONDS = 150

const PROBE = `
const read = process.env
process.env = new Proxy(read, {
  get(target, name) {
    if (typeof name === 'string' && name.startsWith('INPUT_')) process.exit(77)
    return target[name]
  },
})
`

async function milliseconds(words: readonly string[], expected: number): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, words, {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], INPUT_ROOTS: '.' },
  })
  const code = await new Promise(resolve => child.once('exit', resolve))
  if (code !== expected) throw new Error(`${words.join(' ')} ended with ${String(code)}`)
  return performance.now() - started
}

const folder = mkdtempSync(join(tmpdir(), 'slipway-startup-'))
const probe = join(folder, 'probe.cjs')
writeFileSync(probe, PROBE)
const subjects: readonly (readonly [string, readonly string[], number])[] = [
  ['node -e 0', ['-e', '0'], 0],
  ...(await listActions()).map(
    name => [name, ['--require', probe, join(ROOT, 'actions', name, 'dist', 'index.js')], 77] as const,
  ),
]
const times = new Map<string, number[]>(subjects.map(([name]) => [name, []]))
try {
  // Side by side in each round, so that what else the machine does falls on all of them alike.
  for (let round = 0; round < RUNS; round++)
    for (const [name, words, expected] of subjects) times.get(name)!.push(await milliseconds(words, expected))
} finally {
  rmSync(folder, { recursive: true })
}

const middle = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
const base = middle(times.get('node -e 0')!)
console.log(`| From spawn to the first input read | median of ${RUNS} | least | beside node -e 0 |`)
console.log('| --- | --: | --: | --: |')
for (const [name, values] of times) {
  const ratio = (middle(values) / base).toFixed(1)
  console.log(`| ${name} | ${middle(values).toFixed(0)} ms | ${Math.min(...values).toFixed(0)} ms | ${ratio} |`)
}
const slow = [...times].filter(([, values]) => middle(values) > LIMIT_MILLISECONDS)
if (slow.length > 0) {
  console.error(`Over ${LIMIT_MILLISECONDS} ms: ${slow.map(([name]) => name).join(', ')}`)
  process.exitCode = 1
}
