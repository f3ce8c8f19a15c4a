/** What a run leaves in the store: jobs with their check runs, deployments with their statuses. */
import type { LocalGitHub } from '../local-github.ts'
import type { CheckRun, Conclusion, Deployment, DeploymentStatus, Job, RunStatus, WorkflowRun } from '../model.ts'

export interface RunRecords {
  time(): string
  updateRun(id: number, change: Partial<Omit<WorkflowRun, 'id'>>): WorkflowRun
  createJob(job: Pick<Job, 'name' | 'needs' | 'labels' | 'permissions'> & { run: WorkflowRun }): Job
  /** The check run follows. */
  updateJob(id: number, change: Partial<Omit<Job, 'id'>>): Job
  /** With an annotation that says why, where there is something to say. */
  endJob(id: number, conclusion: Conclusion, reason?: string): Job
  createDeployment(run: WorkflowRun, ref: string, sha: string, environment: string): Deployment
  addDeploymentStatus(
    deployment: Deployment,
    state: DeploymentStatus['state'],
    details: { job: Job; creatorId: number; description?: string; environmentUrl?: string },
  ): void
}

export function createRunRecords(github: LocalGitHub): RunRecords {
  const { store } = github
  const time = (): string => new Date(github.now()).toISOString().replace(/\.\d+Z$/, 'Z')

  const updateJob: RunRecords['updateJob'] = (id, change) => {
    const job = store.jobs.update(id, change)
    store.checkRuns.update(job.checkRunId, checkOf(job, time()))
    github.changed()
    return job
  }

  return {
    time,
    updateJob,
    updateRun: (id, change) => {
      const run = store.runs.update(id, { ...change, updatedAt: time() })
      github.changed()
      return run
    },
    createJob: ({ run, ...parts }) => {
      const check = store.checkRuns.insert({
        repositoryId: run.repositoryId,
        suiteId: run.checkSuiteId,
        headSha: run.headSha,
        name: parts.name,
        externalId: null,
        detailsUrl: null,
        status: 'queued',
        conclusion: null,
        startedAt: time(),
        completedAt: null,
        title: null,
        summary: null,
        text: null,
        annotations: [],
      })
      const job = store.jobs.insert({
        ...parts,
        repositoryId: run.repositoryId,
        runId: run.id,
        attempt: run.attempt,
        status: 'queued',
        conclusion: null,
        createdAt: time(),
        startedAt: null,
        completedAt: null,
        runnerName: '',
        environment: null,
        environmentUrl: null,
        steps: [],
        checkRunId: check.id,
        concurrencyGroup: null,
        annotations: [],
        summaries: [],
      })
      const repository = store.repositories.get(run.repositoryId)?.fullName ?? ''
      store.checkRuns.update(check.id, {
        jobId: job.id,
        externalId: String(job.id),
        detailsUrl: `${github.url}/${repository}/actions/runs/${run.id}/job/${job.id}`,
      })
      github.changed()
      return job
    },
    endJob: (id, conclusion, reason) => {
      const job = store.jobs.get(id)
      const annotations = job?.annotations ?? []
      return updateJob(id, {
        status: 'completed',
        conclusion,
        startedAt: job?.startedAt ?? time(),
        completedAt: time(),
        annotations: reason === undefined ? annotations : [...annotations, annotate(reason, conclusion)],
      })
    },
    createDeployment: (run, ref, sha, environment) =>
      store.deployments.insert({
        repositoryId: run.repositoryId,
        sha,
        ref,
        task: 'deploy',
        environment,
        description: null,
        payload: {},
        creatorId: run.actorId,
        createdAt: time(),
        updatedAt: time(),
      }),
    addDeploymentStatus: (deployment, state, { job, creatorId, description, environmentUrl }) => {
      const repository = store.repositories.get(deployment.repositoryId)?.fullName ?? ''
      const common = { repositoryId: deployment.repositoryId, creatorId, createdAt: time() }
      store.deploymentStatuses.insert({
        ...common,
        deploymentId: deployment.id,
        state,
        description: description ?? '',
        environmentUrl: environmentUrl ?? '',
        logUrl: `${github.url}/${repository}/actions/runs/${job.runId}/job/${job.id}`,
      })
      store.deployments.update(deployment.id, { updatedAt: time() })
      if (state === 'success') retireEarlier(github, deployment, common)
      github.changed()
    },
  }
}

/** A newer successful deployment makes the environment's earlier ones inactive. */
function retireEarlier(
  { store }: LocalGitHub,
  deployment: Deployment,
  common: Pick<DeploymentStatus, 'repositoryId' | 'creatorId' | 'createdAt'>,
): void {
  const earlier = store.deployments.filter(
    other =>
      other.repositoryId === deployment.repositoryId &&
      other.environment === deployment.environment &&
      other.id < deployment.id,
  )
  for (const other of earlier) {
    const latest = store.deploymentStatuses.filter(status => status.deploymentId === other.id).at(-1)
    if (latest?.state !== 'success') continue
    store.deploymentStatuses.insert({
      ...common,
      deploymentId: other.id,
      state: 'inactive',
      description: '',
      environmentUrl: latest.environmentUrl,
      logUrl: latest.logUrl,
    })
  }
}

function checkOf(job: Job, now: string): Partial<Omit<CheckRun, 'id'>> {
  return {
    name: job.name,
    status: checkStatus(job.status),
    conclusion: job.conclusion,
    startedAt: job.startedAt ?? now,
    completedAt: job.completedAt,
    ...(job.status === 'completed' ? { annotations: job.annotations } : {}),
  }
}

const checkStatus = (status: RunStatus): CheckRun['status'] => (status === 'requested' ? 'queued' : status)

function annotate(message: string, conclusion: Conclusion): Job['annotations'][number] {
  return {
    path: '.github',
    start_line: 1,
    end_line: 1,
    start_column: null,
    end_column: null,
    annotation_level: conclusion === 'skipped' || conclusion === 'success' ? 'notice' : 'failure',
    message,
    title: null,
    raw_details: null,
  }
}
