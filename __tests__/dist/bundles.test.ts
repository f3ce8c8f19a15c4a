import { describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { InputSpec } from '../../kit/inputs.ts'
import { listActions, ROOT } from '../../scripts/metadata.ts'
import { runBundle } from '../support/run-bundle.ts'

/** A bundle is read by people before they trust it, so it may not grow without anyone noticing. */
const BUDGET_BYTES = 2_500_000

const UNUSABLE = ['', '-x', 'not usable', 'a b\tc', 'user@', '5 minutes', '{', '\u0000']

const actions = await listActions()

/** For each input a text that its parser refuses, where there is one. */
async function unusableInputs(action: string): Promise<Readonly<Record<string, string>>> {
  const { inputs } = (await import(join(ROOT, 'actions', action, 'src', 'inputs.ts'))) as { inputs: InputSpec }
  const refused = Object.entries(inputs).flatMap(([name, parser]) => {
    const text = UNUSABLE.filter(each => !each.includes('\u0000')).find(each => {
      try {
        parser.parse(each)
        return false
      } catch {
        return true
      }
    })
    return text === undefined ? [] : [[name, text] as const]
  })
  return Object.fromEntries(refused)
}

describe.each(actions)('the bundle of %s', action => {
  it('reports all bad inputs together, ends with 1 and shows no stack', async () => {
    const inputs = await unusableInputs(action)
    const run = await runBundle(action, { inputs })
    expect(run.exitCode).toBe(1)
    const error = /^::error::(.*)$/m.exec(run.stdout)?.[1] ?? ''
    for (const name of Object.keys(inputs)) expect(error).toContain(`input "${name}"`)
    expect(run.stdout + run.stderr).not.toMatch(/^\s+at /m)
    expect(run.stdout).not.toContain('bug in Slipway')
    expect(run.stderr).toBe('')
    expect(run.outputs).toEqual({})
  })

  it('R28: writes to the files of the runner with delimiters that nobody can guess', async () => {
    const runs = [await runBundle(action), await runBundle(action)]
    for (const run of runs) expect(run).toMatchObject({ state: { 'slipway-phase': 'post' }, environment: '' })
    const delimiters = runs.flatMap(({ delimiters }) => delimiters)
    for (const delimiter of delimiters) expect(delimiter).toMatch(/^ghadelimiter_[0-9a-f-]{36}$/)
    expect(new Set(delimiters).size).toBe(delimiters.length)
    expect(delimiters.length).toBeGreaterThanOrEqual(2)
  })

  it('R39: carries its licences and stays within its budget of bytes', () => {
    const folder = join(ROOT, 'actions', action, 'dist')
    const files = readdirSync(folder)
    expect(files).toEqual(expect.arrayContaining(['index.js', 'licenses.txt', 'package.json']))
    expect(readFileSync(join(folder, 'licenses.txt'), 'utf8')).toContain('@actions/core')
    const bytes = files.map(file => statSync(join(folder, file)).size).reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeLessThan(BUDGET_BYTES)
  })
})

it('R39: a bundle that is built again is byte for byte the committed one', async () => {
  const action = 'terraform-reviewed-plan'
  const words = [join(ROOT, 'scripts', 'build.ts'), '--check', action]
  const { stdout } = await promisify(execFile)(process.execPath, words)
  expect(stdout).toBe(`actions/${action}/dist: up to date\n`)
})

it('R39: no source of ours makes code out of data', () => {
  const sources = ['kit', 'actions', 'cli'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .map(file => join(folder, file)),
  )
  const guilty = sources.filter(file =>
    /\beval\(|new Function\(|\bvm\b.*from 'node:vm'/.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  expect(guilty).toEqual([])
})

it('R39: there is a licence, and package.json names it', () => {
  const { license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { license: string }
  expect(readFileSync(join(ROOT, 'LICENSE'), 'utf8')).toMatch(new RegExp(`^${license} License`))
})

it('R39: no dependency runs a script when it is installed, but those that package.json names', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; integrity?: string; link?: boolean }>
  }
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { allowScripts: object }
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
  const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
  expect(scripted.filter(name => !(name in allowScripts) && name !== 'fsevents')).toEqual([])
  expect(packages.filter(([, { integrity, link }]) => !integrity && !link).map(([path]) => path)).toEqual([])
})
