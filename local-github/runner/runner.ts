/** Starts the workflows that events ask for, on this machine. */
import { availableParallelism } from 'node:os'
import type { LocalGitHub, RepositoryEvent, RunnerRequest } from '../local-github.ts'
import { createActivity } from './activity.ts'
import { createConcurrencyGroups } from './concurrency-groups.ts'
import { createEnvironmentGates } from './environment-gates.ts'
import { createJobExecutor, type JobExecutor } from './execute-job.ts'
import type { ExecuteJob } from './job-plan.ts'
import { realTimers, type Timers } from './process-group.ts'
import { createRunJournals } from './run-journal.ts'
import { createRunRecords } from './run-records.ts'
import { createRunStarter } from './run-start.ts'
import type { Engine, Progress } from './run-state.ts'
import { createSlots } from './slots.ts'
import { createWorkflowCatalog } from './workflow-catalog.ts'
import { createWorkflowStarter } from './workflow-start.ts'

export type { Progress } from './run-state.ts'

export interface RunnerOptions {
  /** Jobs side by side; default: cores. */
  readonly concurrency?: number
  /** `PATH` of the steps; default: this process's own. */
  readonly toolPath?: string
  /** More for the steps' environment: endpoints of what stands in for a cloud. Never anybody's credentials. */
  readonly env?: Readonly<Record<string, string>>
  readonly timers?: Timers
  /** In place of processes on this machine. */
  readonly execute?: ExecuteJob
  /** Hears of what cannot be shown on a run. Default: the error output. */
  readonly onProblem?: (problem: unknown) => void
}

export interface Runner {
  /** Resolves when nothing runs or is queued; a run that waits for a reviewer is idle. */
  idle(): Promise<void>
  /** Tells of runs and jobs as they start and end. Returns the way out. */
  onProgress(listener: (progress: Progress) => void): () => void
  /** Starts a scheduled workflow of `owner/name` now. Throws when it has no schedule. */
  runSchedule(repository: string, workflowPath: string): Promise<void>
  /** Ends what executes; what waits for people stays, and goes on after the next start. */
  close(): Promise<void>
}

export function startRunner(github: LocalGitHub, options: RunnerOptions = {}): Runner {
  const timers = options.timers ?? realTimers
  const onProblem = options.onProblem ?? ((problem: unknown) => console.error(problem))
  const executor = options.execute
    ? { execute: options.execute, close: () => Promise.resolve() }
    : openExecutor(github, options)
  const activity = createActivity()
  const slots = createSlots(options.concurrency ?? availableParallelism())
  const listeners = new Set<(progress: Progress) => void>()
  const engine: Engine = {
    github,
    records: createRunRecords(github),
    execute: executor.execute,
    slots,
    groups: createConcurrencyGroups(),
    gates: createEnvironmentGates(github, (milliseconds, callback) => timers.after(milliseconds, callback)),
    activity,
    report: progress => {
      for (const listener of listeners) listener(progress)
    },
  }
  const catalog = createWorkflowCatalog(github)
  const journals = createRunJournals(github.stateFolder)
  const runs = createRunStarter(engine, catalog, journals, (run, action, trigger) =>
    workflows.onRunChange(run, action, trigger),
  )
  const workflows = createWorkflowStarter(
    github,
    catalog,
    activity,
    request => background(runs.start(request)),
    onProblem,
  )
  const background = (work: Promise<void>): void => void work.catch(onProblem)

  const onEvent = (event: RepositoryEvent): void => {
    const work = activity.begin()
    background(workflows.onEvent(event).finally(() => work.end()))
  }
  const onRequest = (request: RunnerRequest): void => {
    if (request.kind === 'cancel') runs.cancel(request.runId, request.force)
    if (request.kind === 'reviewed') engine.gates.reviewed(request.pendingDeploymentId)
    if (request.kind === 'rerun') background(runs.rerun(request.runId, request.failedOnly, request.actorId))
  }
  const stops = [github.onEvent(onEvent), github.onRequest(onRequest)]
  for (const runId of endInterrupted(engine)) background(runs.resume(runId))

  return {
    idle: () => activity.idle(),
    onProgress: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    runSchedule: (repository, path) => workflows.runSchedule(repository, path),
    close: async () => {
      for (const stop of stops) stop()
      slots.close()
      await runs.close()
      await executor.close()
    },
  }
}

function openExecutor(github: LocalGitHub, options: RunnerOptions): JobExecutor {
  return createJobExecutor(github, {
    ...(options.toolPath === undefined ? {} : { path: options.toolPath }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.timers === undefined ? {} : { timers: options.timers }),
  })
}

/** Runs whose jobs were executing when the server died are over; those that only waited are returned: they go on. */
function endInterrupted({ github, records }: Engine): number[] {
  const { store } = github
  const unfinished = store.runs.filter(run => run.status !== 'completed')
  const waiting: number[] = []
  for (const run of unfinished) {
    const jobs = store.jobs.filter(job => job.runId === run.id && job.status !== 'completed')
    if (!jobs.some(job => job.status === 'in_progress')) {
      waiting.push(run.id)
      continue
    }
    for (const job of jobs)
      records.endJob(job.id, 'cancelled', 'The local GitHub was stopped while this run was under way.')
    records.updateRun(run.id, { status: 'completed', conclusion: 'cancelled' })
  }
  return waiting
}
