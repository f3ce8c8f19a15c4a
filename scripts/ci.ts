import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** `npm run ci [-- name …]`: every check there is. The ones that only read run side by side; the tests have the machine. */

const ROOT = join(import.meta.dirname, '..')
const script = (name: string, ...words: string[]) => ['npm', 'run', '--silent', name, '--', ...words]

const STAGES: readonly Readonly<Record<string, readonly string[]>>[] = [
  { types: script('types'), format: script('format:check'), docs: script('docs', '--check') },
  { lint: script('lint'), knip: script('knip') },
  { dist: script('build', '--check') },
  { tests: script('test') },
]

interface Result {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
}

async function runCheck(name: string, [file = '', ...words]: readonly string[]): Promise<Result> {
  const started = performance.now()
  const child = spawn(file, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const seconds = (performance.now() - started) / 1000
  console.log(`${status === 0 ? 'pass' : 'FAIL'}  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s`)
  if (status !== 0 || name === 'tests') process.stdout.write(Buffer.concat(output))
  return { name, passed: status === 0, seconds }
}

const asked = process.argv.slice(2)
const known = STAGES.flatMap(stage => Object.keys(stage))
const stranger = asked.find(name => !known.includes(name))
if (stranger !== undefined) throw new Error(`there is no check "${stranger}"; there are: ${known.join(', ')}`)

const results: Result[] = []
for (const stage of STAGES) {
  const checks = Object.entries(stage).filter(([name]) => asked.length === 0 || asked.includes(name))
  results.push(...(await Promise.all(checks.map(([name, words]) => runCheck(name, words)))))
}

console.log('\n| check    | result |   time |\n| -------- | ------ | ------ |')
for (const { name, passed, seconds } of results)
  console.log(`| ${name.padEnd(8)} | ${passed ? 'pass  ' : 'FAIL  '} | ${seconds.toFixed(1).padStart(4)} s |`)
if (results.some(({ passed }) => !passed)) process.exitCode = 1
