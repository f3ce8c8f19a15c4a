import { describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/terraform-validate/src/main.ts'
import { commands, failureOf, given, world } from './world.ts'

const event = (fields: object) => `${JSON.stringify(fields)}\n`
const run = (name: string, status: string, progress = 'complete') =>
  event({ type: 'test_run', test_run: { path: 'tests/x.tftest.hcl', run: name, progress, status } })

describe('terraform test', () => {
  const tree = { 'infra/dev/main.tf': '', 'infra/dev/tests/x.tftest.hcl': '' }
  const TEST = given({ test: 'true' })

  it('runs only when it is asked for, and where there are tests', async () => {
    for (const [values, files] of [
      [{}, tree],
      [{ test: 'true' }, { 'infra/dev/main.tf': '' }],
    ] as const) {
      const made = world({}, files)
      await main(given(values), made.ports)
      expect(commands(made)).not.toContain('infra/dev test')
    }
  })

  it('tells what passed', async () => {
    const made = world({ test: { stdout: `no JSON\n${run('one', 'pending', 'starting')}${run('one', 'pass')}` } }, tree)
    await main(TEST, made.ports)
    expect(made.summary.text()).toContain('| one | `infra/dev/tests/x.tftest.hcl` | pass |')
  })

  it('marks what failed at its line, and what it left behind', async () => {
    const failed = {
      type: 'diagnostic',
      diagnostic: {
        severity: 'error',
        summary: 'Test assertion failed',
        detail: 'two is one',
        range: { filename: 'tests/x.tftest.hcl', start: { line: 9, column: 5 }, end: { line: 9, column: 20 } },
      },
    }
    const left = {
      type: 'test_cleanup',
      '@testfile': 'tests/x.tftest.hcl',
      test_cleanup: { failed_resources: [{ instance: 'aws_vpc.a' }] },
    }
    const stdout = run('one', 'pass') + event(failed) + run('two', 'fail') + event(left)
    const made = world({ test: { exitCode: 1, stdout } }, tree)
    const error = await failureOf(main(TEST, made.ports))
    expect((error as Error).message).toContain(
      '2 problems, the first: Test assertion failed (infra/dev/tests/x.tftest.hcl:9)',
    )
    expect(made.log.errors).toEqual(['two is one', 'Destroy them by hand: aws_vpc.a.'])
  })

  it('that cannot run leaves the root undecided', async () => {
    const made = world({ test: { exitCode: 1, stderr: 'no such command' } }, tree)
    await expect(main(TEST, made.ports)).rejects.toThrow(
      'infra/dev could not be checked: terraform test could not run: no such command',
    )
  })
})
