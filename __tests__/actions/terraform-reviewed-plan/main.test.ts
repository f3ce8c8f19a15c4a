import { expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-reviewed-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-reviewed-plan/src/main.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeFiles, FakeLog, makeRun } from '../../support/fakes.ts'

function given(values: Record<string, string>) {
  return inputsOf('terraform-reviewed-plan', spec, { roots: 'infra/dev', 'plan-workflow': 'plan.yml', ...values })
}

async function reviewed(values: Record<string, string>) {
  const asked: unknown[] = []
  const head = 'a'.repeat(40)
  const run = { attempt: 1, headSha: head, event: 'pull_request', path: '.github/workflows/plan.yml', url: '' }
  const outputs = await main(given(values), {
    log: new FakeLog(),
    files: new FakeFiles(),
    run: makeRun({ sha: 'f'.repeat(40) }),
    repository: {
      async mergedPullRequests(sha) {
        asked.push(sha)
        return [{ number: 9, headSha: head, headRef: 'topic', baseRef: 'main', mergeCommitSha: sha, url: '' }]
      },
      async successfulRuns(file, sha) {
        asked.push([file, sha])
        return [
          { ...run, id: 31 },
          { ...run, id: 30 },
        ]
      },
      runsAt: async () => [],
      treeOf: async () => '',
      changedFiles: async () => [],
      compare: async () => 'ahead',
      hasRequiredReviewers: async () => false,
      readFile: async () => undefined,
      readFolder: async () => undefined,
      labels: async () => [],
    },
  })
  return { asked, head, outputs }
}

it('names the run and the artifact of the newest plan of the merged head', async () => {
  const { asked, head, outputs } = await reviewed({ roots: 'dev', 'working-directory': 'infra', workspace: 'blue' })
  expect(asked).toEqual(['f'.repeat(40), ['plan.yml', head]])
  expect(outputs).toEqual({
    'run-id': '31',
    'artifact-name': 'slipway-plan-infra-dev@blue',
    'artifact-pattern': 'slipway-plan-infra-dev@blue',
    'pull-request': '9',
    'head-sha': head,
    'head-ref': 'topic',
  })
})

it.each(['infra/*', 'infra/app\ninfra/network', ''])('names all plans where %j may mean several roots', async roots => {
  const { outputs } = await reviewed({ roots })
  expect(outputs).toMatchObject({ 'artifact-name': '', 'artifact-pattern': 'slipway-plan-*' })
})
