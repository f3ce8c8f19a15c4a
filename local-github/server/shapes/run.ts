import { posix } from 'node:path'
import type { Artifact, Conclusion, Job, Repository, WorkflowFile, WorkflowRun } from '../../model.ts'
import type { Core } from '../core.ts'
import { isPull } from '../issue-records.ts'
import { simpleUserById } from './account.ts'
import { simpleCommit } from './commit.ts'
import { nodeId } from './node-id.ts'
import { pullMinimal } from './pull.ts'
import { minimalRepository, repositoryHtmlUrl, repositoryUrl } from './repository.ts'

export function workflowShape(core: Core, repository: Repository, workflow: WorkflowFile) {
  const html = repositoryHtmlUrl(core, repository)
  const file = posix.basename(workflow.path)
  return {
    id: workflow.id,
    node_id: nodeId('Workflow', workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: workflow.state,
    created_at: workflow.createdAt,
    updated_at: workflow.createdAt,
    url: `${repositoryUrl(core, repository)}/actions/workflows/${workflow.id}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${html}/actions/workflows/${file}/badge.svg`,
  }
}

export async function runShape(core: Core, repository: Repository, run: WorkflowRun, withPulls = true) {
  const api = repositoryUrl(core, repository)
  const url = `${api}/actions/runs/${run.id}`
  const headRepository = core.store.repositories.get(run.headRepositoryId) ?? repository
  const pulls = withPulls
    ? core.store.issues
        .filter(issue => issue.repositoryId === repository.id && run.pullRequestNumbers.includes(issue.number))
        .filter(isPull)
    : []
  const git = core.git(repository.id)
  const known = (await git.try(['cat-file', '-e', `${run.headSha}^{commit}`])).status === 0
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: run.displayTitle,
    run_number: run.runNumber,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.checkSuiteId,
    check_suite_node_id: nodeId('CheckSuite', run.checkSuiteId),
    url,
    html_url: `${repositoryHtmlUrl(core, repository)}/actions/runs/${run.id}`,
    pull_requests: pulls.map(issue => pullMinimal(core, issue)),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor: simpleUserById(core, run.actorId),
    triggering_actor: simpleUserById(core, run.triggeringActorId),
    run_attempt: run.attempt,
    run_started_at: run.startedAt,
    referenced_workflows: run.referencedWorkflows,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.checkSuiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${api}/actions/workflows/${run.workflowId}`,
    head_commit: known ? simpleCommit(await git.commit(run.headSha)) : null,
    repository: minimalRepository(core, repository),
    head_repository: minimalRepository(core, headRepository),
  }
}

/** The description knows fewer conclusions of a job than of a run. */
const jobConclusion = (conclusion: Conclusion | null): Conclusion | null =>
  conclusion === 'startup_failure' ? 'failure' : conclusion === 'stale' ? 'cancelled' : conclusion

export function jobShape(core: Core, repository: Repository, job: Job) {
  const run = core.store.runs.get(job.runId)
  if (!run) throw new Error(`Job ${job.id} has no run`)
  const api = repositoryUrl(core, repository)
  const ran = job.runnerName !== ''
  return {
    id: job.id,
    run_id: job.runId,
    workflow_name: run.name,
    head_branch: run.headBranch,
    run_url: `${api}/actions/runs/${job.runId}`,
    run_attempt: job.attempt,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${repositoryHtmlUrl(core, repository)}/actions/runs/${job.runId}/job/${job.id}`,
    status: job.status,
    conclusion: jobConclusion(job.conclusion),
    created_at: job.createdAt,
    started_at: job.startedAt ?? job.createdAt,
    completed_at: job.completedAt,
    name: job.name,
    steps: job.steps.map(step => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: step.number,
      started_at: step.startedAt,
      completed_at: step.completedAt,
    })),
    check_run_url: `${api}/check-runs/${job.checkRunId}`,
    labels: job.labels,
    runner_id: ran ? 1 : null,
    runner_name: ran ? job.runnerName : null,
    runner_group_id: ran ? 1 : null,
    runner_group_name: ran ? 'Default' : null,
  }
}

export function artifactShape(core: Core, repository: Repository, artifact: Artifact) {
  const run = core.store.runs.get(artifact.runId)
  const url = `${repositoryUrl(core, repository)}/actions/artifacts/${artifact.id}`
  return {
    id: artifact.id,
    node_id: nodeId('Artifact', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.size,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expired,
    digest: artifact.digest,
    created_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    expires_at: artifact.expiresAt,
    workflow_run: run
      ? {
          id: run.id,
          repository_id: repository.id,
          head_repository_id: run.headRepositoryId,
          head_branch: run.headBranch,
          head_sha: run.headSha,
        }
      : null,
  }
}
