import { expect, it } from '@jest/globals'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBundle } from '../../support/run-bundle.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

it('prices a plan of the real terraform as the runner runs it: outputs, summary, file and a red step', async () => {
  const workspace = temporaryFolder()
  copyFileSync(new URL('fixtures/changed.json', import.meta.url), join(workspace, 'plan.json'))
  const run = await runBundle('infracost-comment', {
    workspace,
    inputs: { 'plan-json': 'plan.json', 'max-increase': '25', 'comment-key': 'prod', 'on-comment-failure': 'fail' },
  })
  expect(run.exitCode).toBe(1)
  expect(run.stdout).toContain('::error::shop/prod: costs $310.96 a month, +$233.37 (+301 %25)')
  expect(run.outputs).toMatchObject({
    'monthly-cost': '310.96',
    'past-monthly-cost': '77.59',
    'diff-monthly-cost': '233.37',
    'diff-percent': '300.77',
    exceeded: 'true',
    verdict: 'fail',
    'unknown-count': '3',
  })
  expect(run.summary).toMatch(/^❌ \*\*shop\/prod\*\*: costs/)
  const written = JSON.parse(readFileSync(run.outputs['infracost-json'] ?? '', 'utf8')) as { version: string }
  expect(written.version).toBe('0.2')
})
