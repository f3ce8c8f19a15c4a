/** One instance of a job, from its record to its end: queue, group, environment, runner. */
import { data } from '@actions/expressions'
import {
  SequenceToken,
  StringToken,
  MappingToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index'
import type { Conclusion, Deployment, Job } from '../model.ts'
import type { Work } from './activity.ts'
import { createCancellation, type CancellationSource } from './cancellation-source.ts'
import { readConcurrency } from './concurrency-groups.ts'
import { evaluateToken, isTruthy } from './evaluate.ts'
import { enterGroups } from './group-membership.ts'
import { runsOnProblem } from './job-definition.ts'
import { readEnvironment, type EnvironmentReference } from './job-environment-reference.ts'
import type { Result } from './job-graph.ts'
import type { JobResult } from './job-plan.ts'
import { preparePlan } from './job-preparation.ts'
import type { LiveJob } from './level-control.ts'
import { grantedScopes, readOnly } from './permissions.ts'
import type { InstanceOutcome, InstancePart } from './run-state.ts'

/** A job that ends before its first step; the message is shown on it. */
class JobStopped extends Error {
  readonly conclusion: 'failure' | 'cancelled'

  constructor(conclusion: 'failure' | 'cancelled', reason?: string) {
    super(reason ?? '')
    this.conclusion = conclusion
  }
}

export async function runInstance(part: InstancePart, register: (live: LiveJob) => void): Promise<InstanceOutcome> {
  const { state, level, job, instance } = part
  const path = `${level.path}${job.key}#${instance.index}`
  const name = `${level.namePrefix}${instance.name}`
  const before = part.mayKeep ? state.kept[path] : undefined
  if (before?.result === 'success') return keep(part, path, before)

  const work = state.engine.activity.begin()
  const cancellation = createCancellation()
  const permissions = level.tree.permissions.get(job.key) ?? {}
  const record = state.engine.records.createJob({
    run: state.run,
    name,
    needs: part.needs,
    labels: [],
    permissions: grantedScopes(state.trigger.restricted ? readOnly(permissions) : permissions),
  })
  state.refresh()
  const reasons: string[] = []
  const replace = (reason?: string): void => {
    if (reason !== undefined) reasons.push(reason)
  }
  register({
    isWantedWhenCancelled: part.isWantedWhenCancelled,
    cancel: (force, reason) => {
      replace(reason)
      cancellation.request(force)
    },
  })
  let result: JobResult = { conclusion: 'failure', outputs: {}, environmentUrl: null }
  try {
    result = await schedule({ part, record, work, cancellation, replace })
    end(part, record.id, result.conclusion)
  } catch (error) {
    const stopped = error instanceof JobStopped ? error : null
    const reason = stopped ? stopped.message || reasons[0] : error instanceof Error ? error.message : String(error)
    result = { ...result, conclusion: stopped?.conclusion ?? 'failure' }
    end(part, record.id, result.conclusion, reason)
  } finally {
    revokeTokens(part, record.id)
    work.end()
  }
  const outcome = { result: resultOf(part, result.conclusion), outputs: result.outputs }
  state.remember(path, { ...outcome, jobId: record.id })
  return { ...outcome, names: [name], kept: false }
}

interface Scheduling {
  readonly part: InstancePart
  readonly record: Job
  readonly work: Work
  readonly cancellation: CancellationSource
  replace(reason: string): void
}

async function schedule(scheduling: Scheduling): Promise<JobResult> {
  const { part, record, work, cancellation } = scheduling
  const { state, level, job, instance } = part
  const { records, slots } = state.engine
  const releases: ((() => void) | null)[] = []
  const scope = { contexts: instance.contexts }
  try {
    const labels = readLabels(job.runsOn, scope)
    records.updateJob(record.id, { labels })
    const turn = await part.turns.take(cancellation)
    releases.push(turn)
    const groups = await enterGroups([readConcurrency(job.concurrency, scope)], {
      state,
      held: level.heldGroups,
      holder: record.name,
      work,
      cancellation,
      onWait: group => {
        records.updateJob(record.id, { status: 'pending', concurrencyGroup: group })
        state.refresh()
      },
      onReplaced: reason => {
        scheduling.replace(reason)
        cancellation.request()
      },
    })
    releases.push(groups.leave)
    if (!groups.entered) throw new JobStopped('cancelled', groups.reason ?? undefined)
    records.updateJob(record.id, { status: 'queued' })

    const environment = readEnvironment(job.environment, scope)
    const deployment = environment ? await passEnvironment(scheduling, environment) : null
    const slot = await slots.take(cancellation)
    releases.push(slot)
    if (!slot) {
      if (deployment) closeDeployment(scheduling, deployment, 'cancelled', null)
      throw new JobStopped('cancelled')
    }
    return await execute(scheduling, environment, deployment)
  } finally {
    for (const release of releases.reverse()) release?.()
  }
}

async function passEnvironment(scheduling: Scheduling, environment: EnvironmentReference): Promise<Deployment | null> {
  const { part, record, work, cancellation } = scheduling
  const { state } = part
  const { records, gates, report } = state.engine
  const { run, trigger } = state
  records.updateJob(record.id, { environment: environment.name })
  const refusal = gates.findRefusal(run, environment.name, trigger.ref)
  if (refusal !== null) throw new JobStopped('failure', refusal)
  const deployment = environment.deployment
    ? records.createDeployment(run, deploymentRef(part), trigger.sha, environment.name)
    : null
  if (!gates.needsWaiting(run, environment.name)) return deployment
  if (deployment) records.addDeploymentStatus(deployment, 'waiting', { job: record, creatorId: run.actorId })
  const waiting = records.updateJob(record.id, { status: 'waiting' })
  state.refresh()
  report({ kind: 'job-waiting', run, job: waiting })
  const verdict = await work.pauseFor(gates.wait(run, record, environment.name, cancellation))
  if (verdict.passed) {
    records.updateJob(record.id, { status: 'queued' })
    return deployment
  }
  const conclusion = verdict.reason === null ? 'cancelled' : 'failure'
  if (deployment) closeDeployment(scheduling, deployment, conclusion, null)
  throw new JobStopped(conclusion, verdict.reason ?? undefined)
}

async function execute(
  scheduling: Scheduling,
  environment: EnvironmentReference | null,
  deployment: Deployment | null,
): Promise<JobResult> {
  const { part, record, cancellation } = scheduling
  const { state } = part
  const { records, report } = state.engine
  const started = records.updateJob(record.id, {
    status: 'in_progress',
    startedAt: records.time(),
    runnerName: 'This machine',
  })
  state.refresh()
  report({ kind: 'job-started', run: state.run, job: started })
  if (deployment) records.addDeploymentStatus(deployment, 'in_progress', { job: started, creatorId: state.run.actorId })
  let result: JobResult = { conclusion: 'failure', outputs: {}, environmentUrl: null }
  try {
    result = await state.engine.execute(preparePlan(part, started, environment), cancellation)
    records.updateJob(record.id, { environmentUrl: result.environmentUrl })
    return result
  } finally {
    if (deployment) closeDeployment(scheduling, deployment, result.conclusion, result.environmentUrl)
  }
}

function closeDeployment(
  { part, record }: Scheduling,
  deployment: Deployment,
  conclusion: JobResult['conclusion'],
  url: string | null,
): void {
  const state = conclusion === 'success' ? 'success' : conclusion === 'cancelled' ? 'error' : 'failure'
  const { records } = part.state.engine
  const details = { job: record, creatorId: part.state.run.actorId, ...(url === null ? {} : { environmentUrl: url }) }
  records.addDeploymentStatus(deployment, state, details)
}

function deploymentRef({ state }: InstancePart): string {
  return state.trigger.headRef || state.run.headBranch
}

function readLabels(token: TemplateToken | null, scope: { contexts: data.Dictionary }): string[] {
  if (!token) return []
  const value = evaluateToken(token instanceof MappingToken ? (token.find('labels') ?? token) : token, scope)
  const labels = value instanceof data.Array ? value.values().map(item => item.coerceString()) : [value.coerceString()]
  const problem = labels.map(runsOnProblem).find(found => found !== null)
  if (problem) throw new JobStopped('failure', problem)
  return token instanceof SequenceToken || token instanceof StringToken ? labels : labels.filter(Boolean)
}

function resultOf({ job, instance }: InstancePart, conclusion: JobResult['conclusion']): Result {
  if (conclusion === 'success' || conclusion === 'cancelled') return conclusion
  const forgiven = job.continueOnError && isTruthy(evaluateToken(job.continueOnError, { contexts: instance.contexts }))
  return forgiven ? 'success' : 'failure'
}

function end({ state }: InstancePart, jobId: number, conclusion: Conclusion, reason?: string): void {
  const { records, report } = state.engine
  const job = records.endJob(jobId, conclusion, reason)
  state.refresh()
  report({ kind: 'job-finished', run: state.run, job })
}

function keep(
  part: InstancePart,
  path: string,
  before: { outputs: Record<string, string>; jobId: number },
): InstanceOutcome {
  const { state, level, instance } = part
  const { store } = state.engine.github
  const name = `${level.namePrefix}${instance.name}`
  const earlier = store.jobs.get(before.jobId)
  let jobId = before.jobId
  if (earlier && earlier.attempt !== state.run.attempt) {
    const { id: _earlierId, ...copy } = earlier
    jobId = store.jobs.insert({ ...copy, attempt: state.run.attempt }).id
  }
  state.remember(path, { result: 'success', outputs: before.outputs, jobId })
  return { result: 'success', outputs: before.outputs, names: [name], kept: true }
}

function revokeTokens({ state }: InstancePart, jobId: number): void {
  const { tokens } = state.engine.github.store
  for (const token of tokens.filter(candidate => candidate.jobId === jobId)) tokens.delete(token.id)
}
