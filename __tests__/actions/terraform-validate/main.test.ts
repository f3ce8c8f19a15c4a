import { describe, expect, it } from '@jest/globals'
import { repositoryPath } from '../../../actions/terraform-validate/src/diagnostics.ts'
import { formatProblems } from '../../../actions/terraform-validate/src/format.ts'
import { inputs as spec } from '../../../actions/terraform-validate/src/inputs.ts'
import { main } from '../../../actions/terraform-validate/src/main.ts'
import { ActionError } from '../../../kit/errors.ts'
import type { Completed } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeExec } from '../../support/fakes.ts'
import { makeWorld } from '../terraform-plan/fake-terraform.ts'

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
      range: { filename: '../../modules/net/main.tf', start: { line: 4, column: 11 }, end: { line: 4, column: 16 } },
      snippet: { code: '  cidr = var.x' },
    },
    { severity: 'warning', summary: 'Deprecated', detail: 'Use the other one.' },
  ],
})

function world(answers: Record<string, Partial<Completed>>) {
  const exec = new FakeExec(({ args }) => answers[args[0] ?? ''] ?? {})
  const made = makeWorld({}, { exec })
  made.files.content.set('/workspace/infra/dev/main.tf', '')
  return { ...made, exec }
}

function given(values: Record<string, string> = {}) {
  return inputsOf('terraform-validate', spec, { roots: 'dev', 'working-directory': 'infra', ...values })
}

const VALID = { validate: { stdout: '{"valid":true,"diagnostics":[]}' } }

it('passes a root that is well formed, and touches no backend', async () => {
  const made = world(VALID)
  expect(await main(given(), made.ports)).toEqual({ valid: 'true', diagnostics: '[]' })
  expect(made.exec.commands.map(({ args }) => args.slice(0, 1).join())).toEqual(['fmt', 'init', 'validate'])
  expect(made.exec.commands[1]?.args).toContain('-backend=false')
  expect(made.summary.text()).toMatch(/^✅/)
})

it('marks every problem at its line, relative to the repository, with the explanation kept', async () => {
  const made = world({ validate: { exitCode: 1, stdout: INVALID }, fmt: { exitCode: 3, stdout: PATCH } })
  const error = await main(given(), made.ports).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ActionError)
  expect(error).toMatchObject({ verdict: 'fail', outputs: { valid: 'false' } })
  expect(made.log.errors).toEqual([
    'A variable "x" has not been declared.',
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
  expect(made.summary.text()).toContain('3 problems, 1 warning, the first: Reference to undeclared input variable')
})

it('tells each problem in order: what, where, why and the line; a difference as such', async () => {
  const made = world({ ...VALID, validate: { exitCode: 1, stdout: INVALID }, fmt: { exitCode: 3, stdout: PATCH } })
  await main(given(), made.ports).catch(() => undefined)
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
      '<details><summary>1 more</summary>',
      '**Error** Not in the canonical format — `infra/dev/net/vpc.tf:1`',
      'Run "terraform fmt". What it would change:',
      '```diff\n- x=1\n+ x = 1\n```',
      '</details>',
      '<sub>fffffff · run 3 · Terraform 1.11.4</sub>',
    ].join('\n\n'),
  )
})

it('leaves the format alone where it is not asked for', async () => {
  const made = world({ ...VALID, fmt: { exitCode: 3, stdout: PATCH } })
  expect(await main(given({ 'format-check': 'false' }), made.ports)).toMatchObject({ valid: 'true' })
})

it('reports what stops init at its line too', async () => {
  const stderr = `Error: Invalid expression

  on main.tf line 2, in locals:
   2:  a =

Expected the start of an expression.


Error: Terraform encountered problems during initialisation, including problems
with the configuration, described below.

Error: Invalid expression

  on main.tf line 2, in locals:
   2:  a =

Expected the start of an expression.
`
  const made = world({ init: { exitCode: 1, stderr } })
  await expect(main(given(), made.ports)).rejects.toThrow('1 problem: Invalid expression (infra/dev/main.tf:2)')
  expect(made.log.places).toEqual([{ file: 'infra/dev/main.tf', line: 2, endLine: 2, title: 'Invalid expression' }])
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
