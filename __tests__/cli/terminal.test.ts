import { describe, expect, it, jest } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ACTIONS } from '../../cli/actions.ts'
import { readArguments, UsageError } from '../../cli/arguments.ts'
import { defaultOf } from '../../cli/metadata.ts'
import { nearest } from '../../kit/nearest.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

jest.setTimeout(30_000)

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

  it('lists actions and inputs', () => {
    const help = slipway([]).stdout
    for (const name of Object.keys(ACTIONS)) expect(help).toContain(`  ${name} `)
    expect(slipway(['terraform-plan', '--help']).stdout).toMatch(/--lock-timeout {2}\(default: 5m\)/)
  })
})
