import { spawnSync } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { buildConftest, buildProviders, buildTflint, buildTofu } from '../__tests__/real/go-tools.ts'

/** What takes too long for every change: other binaries, many rounds, large random plans. Ends with the number that failed. */

await buildProviders()
const folders = [await buildTofu(), await buildConftest(), await buildTflint()].map(path => dirname(path))
const env = {
  ...process.env,
  PATH: [...folders, process.env['PATH']].join(delimiter),
  SLIPWAY_NIGHTLY: '1',
  SLIPWAY_RACE_ROUNDS: '20',
  SLIPWAY_TEST_BINARY: 'tofu',
  SLIPWAY_LONG: '1',
}

const RUNS: readonly (readonly string[])[] = [
  ['run', 'test:real', '--', 'concurrent-tags', 'nightly', 'terraform-contract', 'terraform-unsaved'],
  ['run', 'test:real', '--', 'real/terraform.test', '-t', 'planning again'],
  ['test', '--', 'terraform-plan/(roots-)?budget'],
  ['run', 'bench:plan-parity', '--', '--again'],
]

const failed = RUNS.filter(words => {
  console.log(`::: npm ${words.join(' ')}`)
  return spawnSync('npm', words, { env, stdio: 'inherit' }).status !== 0
})
console.log(`${RUNS.length - failed.length} passed, ${failed.length} failed`)
if (failed.length > 0) process.exitCode = 1
