import { expect } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import type { WorkflowRun } from '../../local-github/model.ts'
import { jobLogFile } from '../../local-github/server/run-logs.ts'
import type { Stage } from '../local-github/runner/runner-stage.ts'

/**
 * The team's own workflows: a pull request to main is planned, its merge applied.
 * @param lines YAML of both callers from `with:` on; the place of what only the apply gets is `ofApply`
 */
export function infrastructureCallers(lines: (ofApply: string) => string, ofApply = ''): Record<string, string> {
  const caller = (name: 'plan' | 'apply', on: string, permissions: string, own: string) => `
on: ${on}
permissions: {}
jobs:
  ${name}:
    permissions: ${permissions}
    uses: slipway/slipway/.github/workflows/terraform-${name}.yml@v0.1.0
${lines(own)}`
  return {
    '.github/workflows/terraform-plan.yml': caller(
      'plan',
      '{ pull_request: { branches: [main] } }',
      '{ contents: read, pull-requests: write, checks: write, id-token: write }',
      '',
    ),
    '.github/workflows/terraform-apply.yml': caller(
      'apply',
      '{ push: { branches: [main] } }',
      '{ contents: read, pull-requests: read, actions: read, checks: write, deployments: write, id-token: write }',
      ofApply,
    ),
  }
}

/** Opens a pull request with these files and waits for what it starts; the newest run is the one of its plan. */
export async function openPullRequest(
  stage: Stage,
  branch: string,
  files: Record<string, string>,
): Promise<{ number: number; run: WorkflowRun }> {
  await stage.push(files, { branch })
  const values = { title: branch, head: branch, base: 'main' }
  const { body } = await stage.api('POST', `/repos/${stage.repository.fullName}/pulls`, values)
  await stage.runner.idle()
  return { number: (body as { number: number }).number, run: stage.runs().at(-1)! }
}

/** Merges and waits for the run that the merge starts. */
export async function mergePullRequest(stage: Stage, number: number): Promise<WorkflowRun> {
  const place = `/repos/${stage.repository.fullName}/pulls/${number}/merge`
  const { status } = await stage.api('PUT', place, { merge_method: 'merge' })
  expect(status).toBe(200)
  await stage.runner.idle()
  return stage.runs().at(-1)!
}

/** What all jobs of a run logged. */
export function logOf(stage: Stage, run: WorkflowRun): string {
  const files = stage.jobs(run).map(({ id }) => jobLogFile(stage.github.stateFolder, id))
  return files
    .filter(file => existsSync(file))
    .map(file => readFileSync(file, 'utf8'))
    .join('\n')
}
