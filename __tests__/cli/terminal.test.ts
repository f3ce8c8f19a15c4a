import { describe, expect, it } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ACTIONS } from '../../cli/actions.ts'
import { readArguments, UsageError } from '../../cli/arguments.ts'
import { defaultOf } from '../../cli/metadata.ts'
import { nearest } from '../../kit/nearest.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NAMES = ['roots', 'plan-json', 'comment-key', 'format-check']

describe('the words of a command', () => {
  it.each([
    [['--roots', 'infra'], { roots: 'infra' }],
    [['--roots=infra/a=b'], { roots: 'infra/a=b' }],
    [['--roots', 'a', '--roots', 'b'], { roots: 'a\nb' }],
    [['--format-check'], { 'format-check': 'true' }],
    [['--format-check', '--roots', 'x'], { 'format-check': 'true', roots: 'x' }],
    [['--roots='], { roots: '' }],
    [['--comment-key', '-x'], { 'comment-key': '-x' }],
    [[], {}],
  ])('%j are %j', (words, values) => {
    expect(Object.fromEntries(readArguments(words, NAMES))).toEqual(values)
  })

  it.each([
    [['--rots', 'x'], '--rots is not known. Did you mean --roots?'],
    [['--plan_json', 'x'], '--plan_json is not known. Did you mean --plan-json?'],
    [['--colour'], '--colour is not known. Known are: --roots, --plan-json, --comment-key, --format-check'],
    [['infra'], '"infra" is not an input; inputs are given as --name value'],
    [['-r', 'x'], '"-r" is not an input; inputs are given as --name value'],
  ])('%j are refused: %s', (words, message) => {
    expect(() => readArguments(words, NAMES)).toThrow(new UsageError(message))
  })

  it('are guessed only when they are near', () => {
    expect(nearest('roots', ['roots'])).toBe('roots')
    expect(nearest('xyz', ['roots', 'comment'])).toBeUndefined()
    expect(nearest('x', [])).toBeUndefined()
  })

  it('leave the default of action.yml, whose expressions a terminal resolves or empties', () => {
    expect(defaultOf({ description: '', default: 'update' }, {})).toBe('update')
    expect(defaultOf({ description: '', default: '${{ github.token }}' }, { GITHUB_TOKEN: 't' })).toBe('t')
    expect(defaultOf({ description: '', default: '${{ github.actor }}' }, {})).toBe('')
    expect(defaultOf({ description: '' }, {})).toBe('')
  })
})

describe('npm run slipway', () => {
  const slipway = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [join(ROOT, 'cli', 'dist', 'index.js'), ...words], {
      encoding: 'utf8',
      cwd: temporaryFolder(),
      env: { PATH: process.env['PATH'], HOME: temporaryFolder(), ...env },
    })
  const plan = join(ROOT, '__tests__', 'kit', 'terraform', 'fixtures', 'every-action', 'plan.json')

  it('prints the report to standard output, the rest beside it, and ends as the step would', () => {
    const done = slipway(['terraform-plan', '--plan-json', plan])
    expect(done.status).toBe(0)
    expect(done.stdout).toMatch(/\*\*plan\*\*: destroys 3/)
    expect(done.stdout).not.toMatch(/^::|verdict =/m)
    expect(done.stderr).toContain('verdict = pass\n')
  })

  it('ends with 1 and all bad inputs when the step would be red', () => {
    const done = slipway(['terraform-plan', '--plan-json', plan, '--comment', 'off', '--lock-timeout', 'soon'])
    expect(done.status).toBe(1)
    expect(done.stdout).toBe('')
    expect(done.stderr).toContain('input "comment" is "off"')
    expect(done.stderr).toContain('input "lock-timeout" is "soon"')
    expect(done.stderr).not.toMatch(/^\s+at /m)
  })

  it('takes a secret from a variable, so that it is no word of the command', () => {
    const done = slipway(['terraform-plan', '--plan-json', plan], { SLIPWAY_PLAN_KEY: 'short' })
    expect(done.status).toBe(1)
    expect(done.stderr).toContain('input "plan-key"')
    expect(done.stderr).not.toContain('short')
  })

  it('ends with 2 and the nearest name when it is asked for something unknown', () => {
    expect(slipway(['terraform-pln'])).toMatchObject({
      status: 2,
      stderr: 'The action "terraform-pln" is not known. Did you mean terraform-plan?\n',
    })
    expect(slipway(['terraform-plan', '--rots', 'x'])).toMatchObject({
      status: 2,
      stderr: '--rots is not known. Did you mean --roots?\n',
    })
  })

  describe('that is cut short', () => {
    const program = `#!/bin/sh
case "$1" in
  version) echo '{"terraform_version":"1.11.4"}' ;;
  plan) for word; do case "$word" in -out=*) echo plan > "\${word#-out=}" ;; esac; done; exit 2 ;;
  show) cat "${plan}" ;;
esac
`
    const root = () => {
      const folder = temporaryFolder()
      writeFileSync(join(folder, 'main.tf'), '')
      return folder
    }
    const cli = join(ROOT, 'cli', 'dist', 'index.js')
    const secretFolders = (folder: string) => readdirSync(folder).filter(name => /^slipway-plan-\w{6}$/.test(name))

    it('by a reader that has seen enough leaves no plan on the disk', () => {
      const [bin, temporary] = [temporaryFolder(), temporaryFolder()]
      writeFileSync(join(bin, 'terraform'), program, { mode: 0o755 })
      const line = `"${process.execPath}" "${cli}" terraform-plan --roots "${root()}" 2>&1 | head -1`
      const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: temporaryFolder(), RUNNER_TEMP: temporary }
      expect(spawnSync('sh', ['-c', line], { encoding: 'utf8', env }).stdout).toBe('terraform 1.11.4 from PATH\n')
      expect(secretFolders(temporary)).toEqual([])
      expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^slipway-plan-results-/)])
    })

    it('by Ctrl-C while no program runs leaves none either, and ends by the signal', async () => {
      const temporary = temporaryFolder()
      const server = createServer()
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      const words = ['--roots', root(), '--download-url', `http://127.0.0.1:${port}`]
      const env = { PATH: '', HOME: temporaryFolder(), RUNNER_TEMP: temporary }
      const child = spawn(process.execPath, [cli, 'terraform-plan', ...words], { env, stdio: 'ignore' })
      try {
        await once(server, 'request')
        expect(secretFolders(temporary)).toHaveLength(1)
        child.kill('SIGINT')
        expect(await once(child, 'exit')).toEqual([null, 'SIGINT'])
        expect(secretFolders(temporary)).toEqual([])
      } finally {
        child.kill('SIGKILL')
        server.closeAllConnections()
        server.close()
      }
    })
  })

  it('lists actions and inputs', () => {
    const help = slipway(['--help']).stdout
    expect(slipway([])).toMatchObject({ status: 2, stdout: help })
    for (const name of Object.keys(ACTIONS)) expect(help).toContain(`  ${name} `)
    expect(slipway(['terraform-plan', '--help']).stdout).toMatch(/--lock-timeout {2}\(default: 5m\)/)
  })
})
