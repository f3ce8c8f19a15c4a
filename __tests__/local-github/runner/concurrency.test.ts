import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { WorkflowRun } from '../../../local-github/model.ts'
import { createHeldJob, setStage, type Stage } from './runner-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage()
})
afterEach(async () => {
  await stage.close()
})

const workflow = (concurrency: string, at: 'workflow' | 'job'): string => `
on: push
${at === 'workflow' ? `concurrency: ${concurrency}` : ''}
jobs:
  deploy:
    runs-on: ubuntu-latest
    ${at === 'job' ? `concurrency: ${concurrency}` : ''}
    steps: [{ run: a }]
`
const path = '.github/workflows/ci.yml'
const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await tick()
}
const fresh = (run: WorkflowRun | undefined): string => {
  const now = run && stage.github.store.runs.get(run.id)
  return now?.conclusion ?? now?.status ?? ''
}

/** Three runs of which the first holds the group until it is told to end. */
async function startThree(concurrency: string, at: 'workflow' | 'job') {
  const held = createHeldJob()
  stage.answer('deploy', (plan, cancellation) =>
    plan.run.runNumber === 1
      ? held.execute(plan, cancellation)
      : { conclusion: 'success', outputs: {}, environmentUrl: null },
  )
  const text = workflow(concurrency, at)
  await stage.push({ [path]: text })
  await held.started
  for (const number of [2, 3]) {
    await stage.push({ [path]: text, n: String(number) })
    await until(() => stage.runs().length === number && fresh(stage.runs()[number - 1]) !== 'queued')
  }
  return held
}

test.each(['workflow', 'job'] as const)(
  'a newer waiting run takes the place of the waiting one (%s level)',
  async at => {
    const held = await startThree('prod', at)
    expect(stage.runs().map(fresh)).toEqual(['in_progress', 'cancelled', 'pending'])
    held.finish()
    await stage.runner.idle()
    expect(stage.runs().map(fresh)).toEqual(['success', 'cancelled', 'success'])
    if (at === 'job') {
      expect(stage.jobs(stage.runs()[1])[0]?.annotations[0]?.message).toBe(
        'Canceling since a higher priority waiting request for prod exists',
      )
    }
  },
)

test.each(['workflow', 'job'] as const)('with queue: max all wait for their turn (%s level)', async at => {
  const held = await startThree('{ group: prod, queue: max }', at)
  expect(stage.runs().map(fresh)).toEqual(['in_progress', 'pending', 'pending'])
  held.finish()
  await stage.runner.idle()
  expect(stage.runs().map(fresh)).toEqual(['success', 'success', 'success'])
  expect(stage.executed.map(plan => plan.run.runNumber)).toEqual([1, 2, 3])
})

test.each(['workflow', 'job'] as const)('cancel-in-progress ends the running one (%s level)', async at => {
  await startThree('{ group: prod, cancel-in-progress: true }', at)
  await stage.runner.idle()
  expect(stage.runs().map(fresh)).toEqual(['cancelled', expect.stringMatching(/cancelled|success/), 'success'])
})

test('groups are compared without case, and only within a repository', async () => {
  const held = createHeldJob()
  stage.answer('deploy', (plan, cancellation) => held.execute(plan, cancellation))
  const other = stage.github.createRepository({ fullName: 'mona/other' })
  await stage.push({ [path]: workflow('Prod', 'job') })
  await held.started
  await stage.push({ [path]: workflow('PROD', 'job') })
  await stage.push({ [path]: workflow('prod', 'job') }, { repository: other })
  await until(() => stage.runs().length === 3 && stage.executed.length === 2)
  expect(stage.executed.map(plan => plan.run.repositoryId)).toEqual([stage.repository.id, other.id])
  held.finish()
  await stage.runner.idle()
})

test('a group that a run holds already is a deadlock, and is told as one', async () => {
  const run = await stage.run(`
on: push
concurrency: ci-\${{ github.ref }}
jobs:
  deploy:
    runs-on: ubuntu-latest
    concurrency: CI-\${{ github.ref }}
    steps: [{ run: a }]
`)
  expect(fresh(run)).toBe('cancelled')
  expect(stage.jobs()[0]?.annotations[0]?.message).toBe(
    "Canceling since a deadlock for concurrency group 'CI-refs/heads/main' was detected between 'top level workflow' and 'deploy'",
  )
})

test('R33: a called workflow that shares its group with the caller is a deadlock', async () => {
  await stage.push({
    '.github/workflows/called.yml': `
on: workflow_call
concurrency: \${{ github.workflow }}
jobs:
  deploy: { runs-on: ubuntu-latest, steps: [{ run: a }] }
`,
  })
  const run = await stage.run(`
name: Release
on: push
concurrency: \${{ github.workflow }}
jobs:
  go: { uses: ./.github/workflows/called.yml }
`)
  expect(fresh(run)).toBe('cancelled')
  expect(stage.jobs()[0]?.annotations[0]?.message).toMatch(
    /deadlock for concurrency group 'Release'.*'top level workflow' and 'go'/,
  )
})

test('queue: max and cancel-in-progress exclude each other', async () => {
  const run = await stage.run(workflow('{ group: g, queue: max, cancel-in-progress: true }', 'workflow'))
  expect(run).toMatchObject({
    conclusion: 'startup_failure',
    startupError: expect.stringContaining('exclude each other'),
  })
})
