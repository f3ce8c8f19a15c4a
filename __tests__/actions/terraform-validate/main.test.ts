import { describe, expect, it } from '@jest/globals'
import { repositoryPath } from '../../../actions/terraform-validate/src/diagnostics.ts'
import { formatProblems } from '../../../actions/terraform-validate/src/format.ts'
import { main } from '../../../actions/terraform-validate/src/main.ts'
import { ActionError, CommandError } from '../../../kit/errors.ts'
import type { Tool } from '../../../kit/ports.ts'
import { makeRun } from '../../support/fakes.ts'
import { commands, failureOf, given, world, type Tree } from './world.ts'

const PATCH = `main.tf
--- old/main.tf
+++ new/main.tf
@@ -3,4 +3,4 @@
 locals {
- a = 1
+  a = 1
 }
 
net/vpc.tf
--- old/net/vpc.tf
+++ new/net/vpc.tf
@@ -1,1 +1,1 @@
-x=1
+x = 1
`

const INVALID = JSON.stringify({
  valid: false,
  diagnostics: [
    {
      severity: 'error',
      summary: 'Reference to undeclared input variable',
      detail: 'A variable "x" has not been declared.',
      address: 'module.net.aws_vpc.main',
      range: { filename: '../../modules/net/main.tf', start: { line: 4, column: 11 }, end: { line: 4, column: 16 } },
      snippet: { code: '  cidr = var.x' },
    },
    { severity: 'warning', summary: 'Deprecated', detail: 'Use the other one.' },
  ],
})
const UNFETCHED = `Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider hashicorp/aws:
could not connect to registry.terraform.io
`

const DEV = { roots: 'dev', 'working-directory': 'infra' }

describe('one root', () => {
  it('passes when it is well formed, and touches no backend', async () => {
    const made = world({})
    expect(await main(given(DEV), made.ports)).toEqual({ valid: 'true', diagnostics: '[]', roots: '["dev"]' })
    expect(commands(made)).toEqual(['infra/dev fmt', 'infra/dev init', 'infra/dev validate'])
    expect(made.exec.commands[1]?.args).toContain('-backend=false')
    expect(made.summary.text()).toMatch(/^✅ \*\*shop\/dev\*\*: valid/)
  })

  it('marks every problem at its line, relative to the repository, with the explanation kept', async () => {
    const made = world({ validate: { exitCode: 1, stdout: INVALID }, fmt: { exitCode: 3, stdout: PATCH } })
    const error = await failureOf(main(given(DEV), made.ports))
    expect(error).toBeInstanceOf(ActionError)
    expect(error).toMatchObject({ verdict: 'fail', outputs: { valid: 'false', roots: '["dev"]' } })
    expect(made.log.errors).toEqual([
      'module.net.aws_vpc.main: A variable "x" has not been declared.',
      'Run "terraform fmt". What it would change:\n- a = 1\n+  a = 1',
      'Run "terraform fmt". What it would change:\n-x=1\n+x = 1',
    ])
    expect(made.log.warnings).toEqual(['Use the other one.'])
    expect(made.log.places).toEqual([
      {
        ...{ file: 'modules/net/main.tf', line: 4, endLine: 4, column: 11, endColumn: 16 },
        title: 'Reference to undeclared input variable',
      },
      undefined,
      { file: 'infra/dev/main.tf', line: 4, endLine: 4, title: 'Not in the canonical format' },
      { file: 'infra/dev/net/vpc.tf', line: 1, endLine: 1, title: 'Not in the canonical format' },
    ])
  })

  it('tells each problem in order: what, where, why and the line; a difference as such', async () => {
    const made = world({ validate: { exitCode: 1, stdout: INVALID }, fmt: { exitCode: 3, stdout: PATCH } })
    await failureOf(main(given(DEV), made.ports))
    expect(made.summary.text()).toBe(
      [
        '❌ **shop/dev**: 3 problems, 1 warning, the first: Reference to undeclared input variable (modules/net/main.tf:4) · `infra/dev`',
        '**Error** Reference to undeclared input variable — `modules/net/main.tf:4`',
        'A variable "x" has not been declared.',
        '```hcl\ncidr = var.x\n```',
        '**Warning** Deprecated',
        'Use the other one.',
        '**Error** Not in the canonical format — `infra/dev/main.tf:4`',
        'Run "terraform fmt". What it would change:',
        '```diff\n-  a = 1\n+   a = 1\n```',
        '<details><summary>1 more problem</summary>',
        '**Error** Not in the canonical format — `infra/dev/net/vpc.tf:1`',
        'Run "terraform fmt". What it would change:',
        '```diff\n- x=1\n+ x = 1\n```',
        '</details>',
        '<sub>fffffff · run 3 · Terraform 1.11.4</sub>',
      ].join('\n\n'),
    )
  })

  it('leaves the format alone where it is not asked for', async () => {
    const made = world({ fmt: { exitCode: 3, stdout: PATCH } })
    expect(await main(given({ 'format-check': 'false' }), made.ports)).toMatchObject({ valid: 'true' })
  })

  it('reports what stops init at its line too', async () => {
    const problem =
      'Error: Invalid expression\n\n  on main.tf line 2, in locals:\n   2:  a =\n\nExpected the start of an expression.\n'
    const stderr = `${problem}\n\nError: Terraform encountered problems during initialisation, including problems\nwith the configuration, described below.\n\n${problem}`
    const made = world({ init: { exitCode: 1, stderr } })
    await expect(main(given(DEV), made.ports)).rejects.toThrow('1 problem: Invalid expression (infra/dev/main.tf:2)')
    expect(made.log.places).toEqual([{ file: 'infra/dev/main.tf', line: 2, endLine: 2, title: 'Invalid expression' }])
  })

  it('is told by name, with what to do, when a provider cannot be fetched', async () => {
    const made = world({ init: { exitCode: 1, stderr: UNFETCHED } })
    const error = await failureOf(main(given(DEV), made.ports))
    expect(error).toMatchObject({ verdict: 'invalid', hint: expect.stringContaining('required_providers') })
    expect((error as Error).message).toMatch(/^infra\/dev could not be checked: terraform init failed\nFailed to query/)
    expect(made.summary.text()).toMatch(/^❌ \*\*shop\/dev\*\*: could not be checked: infra\/dev\n/)
    expect(made.summary.text()).toContain(
      '**Not checked** `infra/dev`: terraform init failed: Failed to query available provider packages\n',
    )
  })

  it('has its lock file as it was found, or none', async () => {
    for (const before of ['locked', undefined]) {
      const path = '/workspace/infra/dev/.terraform.lock.hcl'
      const made = world({})
      if (before !== undefined) made.files.content.set(path, before)
      const { run } = made.exec
      made.exec.run = async command => {
        if (command.args[0] === 'init') made.files.content.set(path, 'written by init')
        return run.call(made.exec, command)
      }
      await main(given(DEV), made.ports)
      expect(made.files.content.get(path)).toBe(before)
    }
  })
})

const module = (source: string) => `module "net" {\n  source = "${source}"\n}\n`
const MANY: Tree = {
  'live/dev/main.tf': module('../../modules/net'),
  'live/prod/main.tf': module('../../modules/net'),
  'modules/net/main.tf': '',
  'modules/alone/main.tf': '',
  'modules/guest/main.tf':
    'terraform {\n  required_providers {\n    aws = { configuration_aliases = [aws.peer] }\n  }\n}',
}

describe('many roots', () => {
  it('are found with the modules that no root uses, and checked one after another', async () => {
    const made = world({}, MANY)
    expect(await main(given(), made.ports)).toMatchObject({ valid: 'true', roots: '["live/dev","live/prod"]' })
    expect(commands(made)).toEqual([
      ...['live/dev fmt', 'modules/net fmt', 'live/dev init', 'live/dev validate'],
      ...['live/prod fmt', 'live/prod init', 'live/prod validate'],
      ...['modules/alone fmt', 'modules/alone init', 'modules/alone validate'],
    ])
    expect(made.log.notices).toEqual(['2 roots and 1 module valid'])
    expect(made.summary.text()).toContain('| `modules/alone` (module) | pass | 0 | 0 |')
    expect(made.summary.text()).toContain('1 module not checked: used by no root, providers come from the caller')
  })

  it('share one folder of providers, which is gone afterwards, unless the user has one', async () => {
    const made = world({}, MANY)
    await main(given(), made.ports)
    const caches = new Set(
      made.exec.commands.filter(({ args }) => args[0] === 'init').map(({ env }) => env?.['TF_PLUGIN_CACHE_DIR']),
    )
    expect([...caches]).toEqual(['/temporary/slipway-providers-1'])
    expect(made.files.removed).toContain('/temporary/slipway-providers-1')
    const own = world({}, MANY)
    own.variables['TF_PLUGIN_CACHE_DIR'] = '/cache'
    await main(given(), own.ports)
    for (const { args, env } of own.exec.commands)
      if (args[0] === 'init') expect(env?.['TF_PLUGIN_CACHE_DIR']).toBe('/cache')
  })

  it('tell a problem of their module once, with the roots that show it', async () => {
    const invalid = { exitCode: 1, stdout: INVALID }
    const made = world({ 'live/dev validate': invalid, 'live/prod validate': invalid }, MANY)
    const error = await failureOf(main(given(), made.ports))
    expect((error as Error).message).toBe(
      '1 problem in 2 of 3 roots and modules, 2 warnings: Reference to undeclared input variable (modules/net/main.tf:4)',
    )
    expect(made.log.errors).toEqual([
      'module.net.aws_vpc.main: A variable "x" has not been declared.\nShown by live/dev, live/prod.',
    ])
    const { diagnostics } = (error as ActionError).outputs
    expect(JSON.parse(diagnostics!)[0]).toMatchObject({
      file: 'modules/net/main.tf',
      line: 4,
      roots: ['live/dev', 'live/prod'],
    })
    expect(made.summary.text()).toContain('| `live/dev` | fail | 1 | 1 |')
  })

  it('are all checked though one cannot be, and that one fails the step as undecided', async () => {
    const made = world(
      { 'live/dev init': { exitCode: 1, stderr: UNFETCHED }, 'live/prod validate': { exitCode: 1, stdout: INVALID } },
      MANY,
    )
    const error = await failureOf(main(given(), made.ports))
    expect(error).toMatchObject({ verdict: 'invalid' })
    expect((error as Error).message).toMatch(
      /^1 problem in 1 of 3 roots and modules, 1 could not be checked, 1 warning: /,
    )
    expect(made.log.errors.join('\n')).toContain('live/dev could not be checked: terraform init failed')
    expect(made.summary.text()).toContain(
      '| `live/dev` | invalid | 0 | 0 |\n| `live/prod` | fail | 1 | 1 |\n| `modules/alone` (module) | pass |',
    )
  })

  it('end at once when the step is cancelled', async () => {
    const made = world({}, MANY)
    const stop = new CommandError({ file: 'terraform', args: [], exitCode: null, stderr: '', cancelled: true })
    made.exec.run = () => Promise.reject(stop)
    await expect(main(given(), made.ports)).rejects.toBe(stop)
  })

  it('have their modules looked at for the format, each file once and for the roots that use it', async () => {
    const made = world({ 'modules/net fmt': { exitCode: 3, stdout: PATCH.split('net/vpc.tf\n')[0]! } }, MANY)
    const error = await failureOf(main(given(), made.ports))
    expect(JSON.parse((error as ActionError).outputs['diagnostics']!)).toMatchObject([
      { file: 'modules/net/main.tf', roots: ['live/dev', 'live/prod'] },
    ])
  })

  it('tell nothing of a folder that was not asked for', async () => {
    const made = world({ fmt: { exitCode: 3, stdout: PATCH } }, { 'main.tf': '', 'net/vpc.tf': '' })
    const error = await failureOf(main(given({ roots: '.' }), made.ports))
    expect(JSON.parse((error as ActionError).outputs['diagnostics']!)).toMatchObject([{ file: 'main.tf' }])
  })

  it('fold what is beyond a screen, what fails first', async () => {
    const tree = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`live/r${index + 10}/main.tf`, '']))
    const made = world({ 'live/r20 validate': { exitCode: 1, stdout: INVALID } }, tree)
    await failureOf(main(given(), made.ports))
    const lines = made.summary.text().split('\n')
    expect(lines.findIndex(line => line.startsWith('<details>'))).toBeLessThan(15)
    expect(lines[4]).toContain('`live/r20` | fail')
    expect(made.summary.text()).toContain('<summary>7 more roots</summary>')
  })

  it('may each want another version, and one that cannot be had fails alone', async () => {
    const asked: string[] = []
    const find = async (name: Tool['name'], { range }: { range: string }): Promise<Tool> => {
      asked.push(range)
      if (range === '1.5.7') throw new ActionError('no version of terraform fits "1.5.7"')
      return { name, path: '/bin/terraform', version: '1.11.4', origin: 'path' }
    }
    const tree = {
      'a/main.tf': '',
      'b/main.tf': '',
      'b/.terraform-version': '1.5.7',
      'c/main.tf': '',
      'd/main.tf': '',
      'd/.terraform-version': '1.9.3',
      'd/v.tf': 'terraform {\n  required_version = ">= 1.10"\n}',
    }
    const made = world({}, tree, { tools: { find } })
    const error = await failureOf(main(given(), made.ports))
    expect((error as Error).message).toBe('2 of 4 roots could not be checked: b')
    expect(asked).toEqual(['auto', '1.5.7'])
    expect(made.summary.text()).toContain(
      'no version of terraform is both "&gt;= 1.10" (d/v.tf:2) and "1.9.3" (d/.terraform-version)',
    )
  })

  it('are refused when there are none', async () => {
    await expect(main(given(), world({}, { 'docs/README.md': '' }).ports)).rejects.toThrow(
      'input "working-directory" is ".": no folder in it holds Terraform configuration',
    )
  })
})

describe('only what changed', () => {
  const changedIn = (files: readonly string[] | undefined, tree: Tree = MANY) => {
    const asked: string[] = []
    const made = world({}, tree)
    const repository = {
      ...made.ports.repository,
      changedFiles: async (base: string, head: string) => {
        asked.push(`${base[0]}...${head[0]}`)
        return files
      },
    }
    return { ...made, asked, ports: { ...made.ports, repository } }
  }
  const ONLY = given({ 'changed-only': 'true' })

  it('is checked, and each root says why', async () => {
    const made = changedIn(['live/prod/main.tf', 'README.md'])
    expect(await main(ONLY, made.ports)).toMatchObject({ valid: 'true', roots: '["live/prod"]' })
    expect(made.asked).toEqual(['b...a'])
    expect(commands(made)).toEqual(['live/prod fmt', 'modules/net fmt', 'live/prod init', 'live/prod validate'])
    expect(made.log.lines).toContain('root live/prod: live/prod/main.tf changed')
    expect(made.log.notices).toEqual(['1 root changed and valid, of 3'])
    expect(made.summary.text()).toContain('- `live/prod`: live/prod/main.tf changed')
  })

  it('is every root that uses a changed module, and a changed module by itself', async () => {
    const made = changedIn(['modules/net/x.tpl', 'modules/alone/main.tf'])
    expect(await main(ONLY, made.ports)).toMatchObject({ roots: '["live/dev","live/prod"]' })
    expect(commands(made)).toContain('modules/alone validate')
  })

  it('is nothing, which is said, when the change touches no root', async () => {
    const made = changedIn(['README.md'])
    expect(await main(ONLY, made.ports)).toEqual({ valid: 'true', diagnostics: '[]', roots: '[]' })
    expect(made.exec.commands).toEqual([])
    expect(made.summary.text()).toContain('✅ **shop**: no root changed, of 3')
  })

  it('is everything when GitHub does not list the whole change, or there is no pull request', async () => {
    const large = changedIn(undefined)
    await main(ONLY, large.ports)
    expect(large.log.notices[0]).toBe('GitHub does not list all files of so large a change, so everything is checked')
    expect(commands(large)).toContain('live/dev validate')
    const push = changedIn([])
    await main(ONLY, { ...push.ports, run: makeRun({ pullRequest: undefined, eventName: 'push' }) })
    expect(push.asked).toEqual([])
    expect(push.log.notices[0]).toBe('This run is of no pull request, so everything is checked, changed or not')
    expect(commands(push)).toContain('live/dev validate')
  })
})

describe('a path of Terraform', () => {
  it.each([
    ['infra/dev', 'main.tf', 'infra/dev/main.tf'],
    ['infra/dev', '../../modules/a/main.tf', 'modules/a/main.tf'],
    ['.', './main.tf', 'main.tf'],
    ['infra', '../../outside.tf', undefined],
    ['infra', '/etc/x.tf', undefined],
  ])('in %s, %s is %s', (root, file, path) => {
    expect(repositoryPath(root, file)).toBe(path)
  })
})

it('reads no problem from an empty patch', () => {
  expect(formatProblems('', 'terraform')).toEqual([])
})

it('names the program that formats', () => {
  expect(formatProblems(PATCH, 'tofu')[0]?.detail).toMatch(/^Run "tofu fmt"\./)
})
