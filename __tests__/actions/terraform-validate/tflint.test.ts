import { describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/terraform-validate/src/main.ts'
import type { Tool } from '../../../kit/ports.ts'
import { failureOf, given, world } from './world.ts'

const LINT = JSON.stringify({
  issues: [
    {
      rule: { name: 'terraform_unused_declarations', severity: 'warning', link: 'https://rules.example/unused' },
      message: 'variable "x" is declared but not used',
      range: { filename: 'main.tf', start: { line: 2, column: 1 }, end: { line: 2, column: 13 } },
      callers: [],
    },
    { rule: { name: 'own', severity: 'error', link: '' }, message: 'no', range: { filename: '' }, callers: [] },
  ],
  errors: [],
})

describe('tflint', () => {
  const tree = {
    'infra/dev/main.tf': '',
    '.tflint.hcl': 'plugin "aws" {\n  enabled = true\n  source = "github.com/x/y"\n}',
  }
  const find = async (name: Tool['name']): Promise<Tool> => ({
    name,
    path: `/bin/${name}`,
    version: '1.11.4',
    origin: 'path',
  })

  it('runs where it is configured, gets its plugins first, and its problems stand beside the others', async () => {
    const made = world({ '--format=json': { exitCode: 2, stdout: LINT } }, tree, { tools: { find } })
    const error = await failureOf(main(given(), made.ports))
    expect((error as Error).message).toBe('infra/dev is not valid: 1 problem, 1 warning: no')
    expect(made.exec.lines().filter(line => line.startsWith('/bin/tflint'))).toEqual([
      '/bin/tflint --init --config=/workspace/.tflint.hcl --no-color',
      '/bin/tflint --format=json --config=/workspace/.tflint.hcl --no-color',
    ])
    expect(made.log.places[0]).toMatchObject({ file: 'infra/dev/main.tf', line: 2, column: 1, endColumn: 13 })
    expect(made.log.warnings).toEqual(['tflint: terraform_unused_declarations, see https://rules.example/unused'])
  })

  it('leaves the root undecided when its plugins cannot be fetched, and says how to bring them', async () => {
    const made = world({ '--init': { exitCode: 1, stderr: 'rate limit' } }, tree, { tools: { find } })
    await expect(main(given(), made.ports)).rejects.toMatchObject({
      message: 'infra/dev could not be checked: tflint could not fetch its plugins: rate limit',
      verdict: 'invalid',
      hint: expect.stringContaining('TFLINT_PLUGIN_DIR'),
    })
  })

  it('runs by the configuration of the root itself before that of the top', async () => {
    const made = world(
      { '--format=json': { stdout: '{"issues":[],"errors":[]}' } },
      { ...tree, 'infra/dev/.tflint.hcl': '' },
      { tools: { find } },
    )
    await main(given(), made.ports)
    expect(made.exec.lines()).toContain(
      '/bin/tflint --format=json --config=/workspace/infra/dev/.tflint.hcl --no-color',
    )
    expect(made.exec.lines().join()).not.toContain('--init')
  })

  it.each([
    ['not where it is not configured', { 'infra/dev/main.tf': '' }, 'auto'],
    ['not when it is not wanted', tree, 'none'],
  ])('runs %s', async (_, tree, tflint) => {
    const made = world({}, tree, { tools: { find } })
    await main(given({ tflint }), made.ports)
    expect(made.exec.lines().join()).not.toContain('tflint')
  })

  it.each([
    [
      'words in place of JSON',
      { exitCode: 1, stderr: 'Failed to load plugins' },
      'tflint could not run: Failed to load plugins',
    ],
    [
      'an error at a line',
      {
        exitCode: 1,
        stdout: JSON.stringify({
          issues: [],
          errors: [
            { severity: 'warning', message: 'old' },
            {
              severity: 'error',
              summary: 'Invalid block',
              message: 'it is not closed',
              range: { filename: 'main.tf', start: { line: 3, column: 1 }, end: { line: 3, column: 2 } },
            },
          ],
        }),
      },
      'tflint could not run: Invalid block: it is not closed (main.tf:3)',
    ],
    [
      'errors of its own',
      { exitCode: 1, stdout: '{"issues":[],"errors":[{"message":"no rule"}]}' },
      'tflint could not run: no rule',
    ],
  ])('that gives %s leaves the root undecided', async (_, answer, message) => {
    const made = world({ '--format=json': answer }, tree, { tools: { find } })
    const error = await failureOf(main(given(), made.ports))
    expect(error).toMatchObject({ verdict: 'invalid' })
    expect((error as Error).message).toContain(message)
  })
})
