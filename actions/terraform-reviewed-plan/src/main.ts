import type { Outputs } from '#kit/action'
import { ApiError, InputError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { findReviewed } from '#kit/terraform/reviewed'
import { artifactName, rootPath } from '#kit/terraform/root'
import type { Inputs, outputs } from './inputs.ts'

export async function main(
  inputs: Inputs,
  ports: Pick<Ports, 'log' | 'files' | 'repository' | 'run'>,
): Promise<Outputs<typeof outputs>> {
  const { files, repository } = ports
  // The planning job refuses a root outside of the workspace (rule R22), so no artifact has the name that one would get.
  await files.resolve('working-directory', inputs['working-directory'])
  await files.resolve('roots', inputs.roots, inputs['working-directory'])
  const asked = {
    mergedPullRequests: (sha: string) => repository.mergedPullRequests(sha),
    successfulRuns: (file: string, sha: string) => repository.successfulRuns(file, sha).catch(unknownWorkflow(file)),
  }
  const { pullRequest, planRun } = await findReviewed(asked, ports.run.sha, inputs['plan-workflow'])
  ports.log.notice(
    `#${pullRequest.number} was merged as ${ports.run.sha.slice(0, 7)}; its head ${pullRequest.headSha.slice(0, 7)} was planned by ${planRun.url}`,
  )
  return {
    'run-id': String(planRun.id),
    'artifact-name': artifactName(rootPath(inputs), inputs.workspace),
    'pull-request': String(pullRequest.number),
    'head-sha': pullRequest.headSha,
    'head-ref': pullRequest.headRef,
  }
}

/** GitHub's answer does not say which workflow it did not find, and that is the user's own input. */
function unknownWorkflow(file: string): (thrown: unknown) => never {
  return thrown => {
    if (!(thrown instanceof ApiError) || thrown.status !== 404) throw thrown
    throw new InputError([
      {
        input: 'plan-workflow',
        value: file,
        problem: 'GitHub knows no such workflow in this repository, or the token may not see it',
        fix: 'Give the name of a file in .github/workflows; in a private repository the job also needs "actions: read"',
      },
    ])
  }
}
