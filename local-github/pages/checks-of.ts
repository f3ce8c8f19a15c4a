import type { LocalGitHub } from '../local-github.ts'
import type { CheckRun, CommitStatus, Repository } from '../model.ts'
import { lookOf, lookOfState, worstOf, type Look } from './words.ts'

export interface CommitChecks {
  /** Newest of each name, in the order they began. */
  readonly runs: readonly CheckRun[]
  /** Newest of each context. */
  readonly statuses: readonly CommitStatus[]
  /** One look for all; `undefined` when there is none. */
  readonly look: Look | undefined
}

/** Checks and statuses of a commit, as a pull request shows them: the newest of each name counts. */
export function checksOf(github: LocalGitHub, repository: Repository, sha: string): CommitChecks {
  const runs = new Map<string, CheckRun>()
  for (const run of github.store.checkRuns.filter(run => run.repositoryId === repository.id && run.headSha === sha)) {
    runs.set(`${run.name}\0${workflowOf(github, run)}`, run)
  }
  const statuses = new Map<string, CommitStatus>()
  for (const status of github.store.statuses.filter(
    status => status.repositoryId === repository.id && status.sha === sha,
  )) {
    statuses.set(status.context, status)
  }
  const looks = [
    ...[...runs.values()].map(run => lookOf(run.status, run.conclusion)),
    ...[...statuses.values()].map(status => lookOfState(status.state)),
  ]
  return { runs: [...runs.values()], statuses: [...statuses.values()], look: worstOf(looks) }
}

/** Name of the workflow whose job the check stands for; empty for an app's own check. */
export function workflowOf(github: LocalGitHub, run: CheckRun): string {
  const job = run.jobId === undefined ? undefined : github.store.jobs.get(run.jobId)
  const workflowRun = job && github.store.runs.get(job.runId)
  return workflowRun?.name ?? ''
}
