import { ApiError, GateError, InputError } from '../errors.ts'
import { Unusable, type Parser } from '../inputs.ts'
import type { MergedPullRequest, Repository, RunContext, WorkflowRunRef } from '../ports.ts'

/** The plan that was reviewed before `sha` was merged. */
export interface Reviewed {
  readonly pullRequest: MergedPullRequest
  readonly planRun: WorkflowRunRef
}

/**
 * Finds the pull request whose merge made the commit of this run and the newest successful plan of its head. Both come from the API
 * and from nothing that the pull request could have written.
 * @param workflowFile file name of the workflow that plans, such as `infra-plan.yml`
 * @throws GateError when there is not exactly one such pull request, or no such run; InputError for an unknown workflow
 */
export async function findReviewed(
  repository: Pick<Repository, 'mergedPullRequests' | 'successfulRuns'>,
  { sha, eventName }: Pick<RunContext, 'sha' | 'eventName'>,
  workflowFile: string,
): Promise<Reviewed> {
  const merged = await repository.mergedPullRequests(sha)
  const [pullRequest] = merged
  const before = BEFORE_THE_MERGE[eventName]
  if (pullRequest === undefined && before !== undefined)
    throw new GateError(`this run is of ${before}, and its commit ${sha.slice(0, 7)} is not merged`, {
      verdict: 'fail',
      hint: 'Apply on "push" of the branch that is deployed: that event comes after the merge.',
    })
  if (pullRequest === undefined)
    throw new GateError(
      `no merged pull request has ${sha.slice(0, 7)} as its merge commit, so nobody reviewed a plan of it`,
      {
        verdict: 'fail',
        hint: 'Changes of the infrastructure reach this branch by pull request; open one, and protect the branch against pushes.',
      },
    )
  if (merged.length > 1)
    throw new GateError(
      `${merged.length} merged pull requests have ${sha.slice(0, 7)} as their merge commit: ${merged.map(({ number }) => `#${number}`).join(', ')}`,
      { verdict: 'invalid', hint: 'Merge pull requests one by one.' },
    )
  const runs = await repository.successfulRuns(workflowFile, pullRequest.headSha).catch(unknownWorkflow(workflowFile))
  const planRun = runs.find(run => run.headSha === pullRequest.headSha && run.event === 'pull_request')
  if (planRun === undefined)
    throw new GateError(
      `no run of ${workflowFile} for pull request #${pullRequest.number} succeeded at its head ${pullRequest.headSha.slice(0, 7)}`,
      {
        verdict: 'fail',
        hint: `Make the plan a required check, and give the workflow that runs it as "plan-workflow" (now ${JSON.stringify(workflowFile)}).`,
      },
    )
  return { pullRequest, planRun }
}

const BEFORE_THE_MERGE: Readonly<Record<string, string | undefined>> = {
  pull_request: 'a pull request',
  pull_request_target: 'a pull request',
  merge_group: 'a merge queue',
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

/** File name of the workflow whose runs made the plans. */
export const workflowFile: Parser<string> = {
  parse(raw) {
    if (!/^[\w.-]+\.ya?ml$/.test(raw))
      throw new Unusable('it is not the file name of a workflow', 'Give the name alone, such as "terraform-plan.yml"')
    return raw
  },
}
