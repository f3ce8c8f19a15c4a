import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalGitHub } from '../local-github.ts'
import { baseEnvironment, makeFolders, prependPath, runnerContext } from './job-environment.ts'
import { JobLog } from './job-log.ts'
import { runPhases } from './job-phases.ts'
import type { Cancellation, ExecuteJob, JobPlan, JobResult } from './job-plan.ts'
import { JobSession } from './job-session.ts'
import { Masks } from './masks.ts'
import { serveOidc, type OidcIssuer } from './oidc.ts'
import { ProcessGroups, realTimers, type Timers } from './process-group.ts'
import { StandInPrograms, type StandInProgram } from './stand-in-programs.ts'
import { StepOutput } from './step-output.ts'
import { ActionLibrary } from './uses.ts'

export interface ExecutorOptions {
  /** `PATH` of the steps; this process's own when left out. */
  readonly path?: string
  /** More for the steps' environment: endpoints of what stands in for a cloud. Never anybody's credentials. */
  readonly env?: Readonly<Record<string, string>>
  /** Words for a step whose `uses` works on something that is not the real thing on this machine; shown on its page. */
  readonly standInOf?: (uses: string) => string | undefined
  /** Programs that jobs find on `PATH` before any other; a step that calls one is shown as done by a stand-in. */
  readonly programs?: readonly StandInProgram[]
  /** Shortened by tests. */
  readonly timers?: Timers
}

export interface JobExecutor {
  readonly execute: ExecuteJob
  /** Kills what runs; `execute` then ends as cancelled. */
  close(): Promise<void>
}

const minuteMilliseconds = 60_000
const logNewsMilliseconds = 200
/** How long steps may clean up after a cancellation. */
const cancelLimitMinutes = 5

/** Runs jobs on this machine, each step in a process of its own. */
export function createJobExecutor(github: LocalGitHub, options: ExecutorOptions = {}): JobExecutor {
  const issuer = serveOidc(github)
  const running = new Map<JobSession, Promise<JobResult>>()
  return {
    execute: async (plan, cancellation) => {
      const session = openSession(github, plan, options, issuer)
      const result = executeJob(session, cancellation, issuer)
      running.set(session, result)
      try {
        return await result
      } finally {
        running.delete(session)
      }
    },
    close: async () => {
      for (const session of running.keys()) force(session)
      await Promise.allSettled(running.values())
    },
  }
}

function openSession(github: LocalGitHub, plan: JobPlan, options: ExecutorOptions, issuer: OidcIssuer): JobSession {
  const masks = new Masks()
  for (const value of [plan.token, ...Object.values(plan.secrets)]) masks.add(value)
  const folders = makeFolders(github, plan)
  const timers = options.timers ?? realTimers
  const oidc = plan.permissions['id-token'] === 'write' ? issuer.open(plan) : {}
  masks.add(oidc['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '')
  const programs = new StandInPrograms(options.programs ?? [], join(folders.root, '_programs'), process.execPath)
  const path = prependPath(programs.folder === null ? [] : [programs.folder], options.path ?? process.env['PATH'] ?? '')
  return new JobSession({
    plan,
    github,
    folders,
    masks,
    timers,
    log: new JobLog({
      stateFolder: github.stateFolder,
      jobId: plan.job.id,
      masks,
      now: () => github.now(),
      onWrite: throttle(() => github.changed()),
    }),
    processes: new ProcessGroups(`local_${randomUUID()}`, timers),
    library: new ActionLibrary({
      github,
      folder: folders.actions,
      workspace: folders.workspace,
      callerRepositoryId: plan.run.repositoryId,
    }),
    baseEnvironment: {
      ...baseEnvironment(folders, { path, env: options.env ?? {} }),
      ...oidc,
    },
    standInOf: options.standInOf ?? (() => undefined),
    programs,
    runner: runnerContext(folders, plan.job.runnerName),
    node: process.execPath,
  })
}

/** Pages that are open follow a log without being told of every line. */
function throttle(tell: () => void): () => void {
  let isPlanned = false
  return () => {
    if (isPlanned) return
    isPlanned = true
    setTimeout(() => {
      isPlanned = false
      tell()
    }, logNewsMilliseconds).unref()
  }
}

async function executeJob(session: JobSession, cancellation: Cancellation, issuer: OidcIssuer): Promise<JobResult> {
  const { plan, log, timers, folders, processes, github } = session.parts
  const releases: (() => void)[] = []
  const startGrace = (): void => {
    releases.push(timers.after(cancelLimitMinutes * minuteMilliseconds, () => force(session)))
  }
  releases.push(
    session.stop.onStop(startGrace),
    timers.after(plan.timeoutMinutes * minuteMilliseconds, () => timeOut(session)),
    cancellation.onRequest(forced => (forced ? force(session) : cancel(session))),
  )
  try {
    return await runPhases(session)
  } finally {
    for (const release of releases) release()
    await processes.killLeftovers()
    issuer.close(plan)
    log.close()
    rmSync(folders.root, { recursive: true, force: true, maxRetries: 3 })
    github.changed()
  }
}

function cancel(session: JobSession): void {
  session.status = 'cancelled'
  session.stop.request('cancel')
}

function force(session: JobSession): void {
  session.status = 'cancelled'
  session.stop.request('force')
  session.parts.processes.kill()
}

function timeOut(session: JobSession): void {
  const { timeoutMinutes } = session.parts.plan
  const unit = timeoutMinutes === 1 ? 'minute' : 'minutes'
  new StepOutput(session, 1).error(`The job has exceeded the maximum execution time of ${timeoutMinutes} ${unit}.`)
  cancel(session)
}
