/** Runs one workflow file: its graph of jobs, their matrices and the workflows that they call. */
import { data } from '@actions/expressions'
import { createCancellation } from './cancellation-source.ts'
import { readConcurrency } from './concurrency-groups.ts'
import { evaluateString, evaluateStringMap, toExpressionData } from './evaluate.ts'
import { enterGroups } from './group-membership.ts'
import type { JobDefinition } from './job-definition.ts'
import {
  isWanted,
  mergeOutputs,
  mergeResults,
  needsContext,
  runGraph,
  type JobOutcome,
  type Needed,
  type Result,
} from './job-graph.ts'
import { runInstance } from './job-run.ts'
import { expandJob, plainName } from './job-strategy.ts'
import { createLevelControl, type LiveJob } from './level-control.ts'
import { readVariables } from './run-contexts.ts'
import type { InstanceOutcome, InstancePart, Level, RunState } from './run-state.ts'
import { createSlots } from './slots.ts'
import { evaluateCallInputs } from './workflow-inputs.ts'
import type { Work } from './activity.ts'

export interface LevelOutcome {
  readonly result: Result
  readonly outputs: Record<string, string>
  readonly names: string[]
}

export async function runLevel(state: RunState, level: Level): Promise<LevelOutcome> {
  const outcomes = await runGraph(level.tree.definition.jobs, async (job, needed) => {
    const work = state.engine.activity.begin()
    try {
      return await runJob(state, level, job, needed, work)
    } catch (error) {
      return endUnstarted(state, level, job, needed, 'failure', error instanceof Error ? error.message : String(error))
    } finally {
      work.end()
    }
  })
  return {
    result: mergeResults([...outcomes.values()].map(outcome => outcome.result)),
    outputs: readOutputs(state, level, outcomes),
    names: [...outcomes.values()].flatMap(outcome => outcome.names),
  }
}

/** Of a called workflow. */
function readOutputs(state: RunState, level: Level, outcomes: Map<string, JobOutcome>): Record<string, string> {
  if (level.path === '') return {}
  const jobs = [...outcomes].map(([key, { result, outputs }]) => [key, { result, outputs }])
  const contexts = extend(levelContexts(state, level), { jobs: toExpressionData(Object.fromEntries(jobs)) })
  const declared = level.tree.definition.call?.outputs ?? []
  return Object.fromEntries(declared.map(({ name, value }) => [name, evaluateString(value, { contexts })]))
}

function levelContexts(state: RunState, level: Level): data.Dictionary {
  return new data.Dictionary(
    { key: 'github', value: toExpressionData(state.github) },
    { key: 'inputs', value: level.inputs },
    { key: 'vars', value: readVariables(state.engine.github, state.run.repositoryId, null) },
  )
}

function extend(contexts: data.Dictionary, more: Record<string, data.ExpressionData>): data.Dictionary {
  return new data.Dictionary(...contexts.pairs(), ...Object.entries(more).map(([key, value]) => ({ key, value })))
}

async function runJob(
  state: RunState,
  level: Level,
  job: JobDefinition,
  needed: Needed,
  work: Work,
): Promise<JobOutcome> {
  const contexts = extend(levelContexts(state, level), { needs: needsContext(needed) })
  if (level.control.forced || !isWanted(job, contexts, needed, level.control.cancelled)) {
    return endUnstarted(state, level, job, needed, 'skipped')
  }
  const { instances, failFast, maxParallel } = expandJob(job, contexts)
  const turns = createSlots(maxParallel)
  const mayKeep = level.mayKeep && [...needed.all.values()].every(outcome => outcome.kept)
  const calls = level.tree.calls.has(job.key)
  const live = new Map<number, LiveJob>()
  const ended: InstanceOutcome[] = []

  const running = instances.map(async instance => {
    const needs = namesOf(level, needed)
    const isWantedWhenCancelled = (): boolean => !calls && isWanted(job, contexts, needed, true)
    const part: InstancePart = { state, level, job, instance, needs, needed, mayKeep, turns, isWantedWhenCancelled }
    const register = (entry: LiveJob): void => {
      live.set(instance.index, entry)
      level.control.live.add(entry)
    }
    const outcome = await (calls ? runCall(part, register) : runInstance(part, register))
    const own = live.get(instance.index)
    if (own) level.control.live.delete(own)
    live.delete(instance.index)
    ended.push(outcome)
    if (failFast && outcome.result === 'failure') for (const other of live.values()) other.cancel(false)
  })
  await work.pauseFor(Promise.all(running))
  return {
    result: mergeResults(ended.map(outcome => outcome.result)),
    outputs: mergeOutputs(ended.map(outcome => outcome.outputs)),
    names: ended.flatMap(outcome => outcome.names),
    kept: ended.every(outcome => outcome.kept),
  }
}

async function runCall(part: InstancePart, register: (live: LiveJob) => void): Promise<InstanceOutcome> {
  const { state, level, job, instance, needed } = part
  const work = state.engine.activity.begin()
  const cancellation = createCancellation()
  const control = createLevelControl()
  const name = `${level.namePrefix}${instance.name}`
  let reason: string | undefined
  register({
    isWantedWhenCancelled: part.isWantedWhenCancelled,
    cancel: (force, why) => {
      reason ??= why
      cancellation.request(force)
      control.cancel(force, why)
    },
  })
  const end = (result: 'failure' | 'cancelled', why?: string): InstanceOutcome =>
    endUnstarted(state, level, job, needed, result, why, name)

  let leave = (): void => {}
  try {
    const inner = prepareCall(part, control)
    const ownGroup = readConcurrency(job.concurrency, { contexts: instance.contexts })
    const calledGroup = readConcurrency(inner.tree.definition.concurrency, { contexts: levelContexts(state, inner) })
    const turn = await part.turns.take(cancellation)
    const groups = await enterGroups([ownGroup, calledGroup], {
      state,
      held: level.heldGroups,
      holder: name,
      work,
      cancellation,
      onWait: () => {},
      onReplaced: why => {
        reason ??= why
        cancellation.request()
        control.cancel(false, why)
      },
    })
    leave = () => {
      groups.leave()
      turn?.()
    }
    if (!groups.entered) return end('cancelled', groups.reason ?? reason)
    const outcome = await work.pauseFor(runLevel(state, { ...inner, heldGroups: groups.held }))
    return { ...outcome, kept: false }
  } catch (error) {
    return end('failure', error instanceof Error ? error.message : String(error))
  } finally {
    leave()
    work.end()
  }
}

function prepareCall({ state, level, job, instance, needs, mayKeep }: InstancePart, control: Level['control']): Level {
  const tree = level.tree.calls.get(job.key)
  const call = job.call
  if (!tree || !call) throw new Error(`The job ${job.key} calls nothing.`)
  const scope = { contexts: instance.contexts }
  const inputs = evaluateCallInputs(tree.definition.call?.inputs ?? [], call.with, scope, {
    contexts: levelContexts(state, level),
  })
  const secretsScope = { contexts: extend(instance.contexts, { secrets: toExpressionData(level.secretsFor(null)) }) }
  const given = call.secrets === 'inherit' ? {} : evaluateStringMap(call.secrets, secretsScope)
  const mapped = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toUpperCase(), value]))
  return {
    tree,
    control,
    inputs,
    path: `${level.path}${job.key}#${instance.index}/`,
    namePrefix: `${level.namePrefix}${instance.name} / `,
    outerNeeds: needs,
    heldGroups: level.heldGroups,
    mayKeep,
    secretsFor: environment => (call.secrets === 'inherit' ? level.secretsFor(environment) : mapped),
  }
}

function namesOf(level: Level, needed: Needed): string[] {
  const own = [...needed.direct.values()].flatMap(outcome => outcome.names)
  return needed.direct.size > 0 ? own : level.outerNeeds
}

/** A job that is over without a runner: skipped, cancelled in a queue, or impossible to evaluate. */
function endUnstarted(
  state: RunState,
  level: Level,
  job: JobDefinition,
  needed: Needed,
  result: 'skipped' | 'failure' | 'cancelled',
  reason?: string,
  name: string = `${level.namePrefix}${plainName(job)}`,
): JobOutcome {
  const { records, report } = state.engine
  const needs = namesOf(level, needed)
  const created = records.createJob({ run: state.run, name, needs, labels: [], permissions: {} })
  const ended = records.endJob(created.id, result, reason)
  report({ kind: 'job-finished', run: state.run, job: ended })
  return { result, outputs: {}, names: [name], kept: result === 'skipped' && level.mayKeep }
}
