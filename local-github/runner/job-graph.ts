/** Which jobs of a workflow run, in what order, and what the jobs after them see. Pure but for the promises. */
import { data } from '@actions/expressions'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import { evaluateCondition, toExpressionData, type Scope } from './evaluate.ts'
import type { JobDefinition } from './job-definition.ts'

/** `needs.<key>.result`. A failure that `continue-on-error` forgives is a success. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped'

export interface JobOutcome {
  readonly result: Result
  readonly outputs: Record<string, string>
  /** Names of the records that it left: a matrix or a called workflow leaves several. */
  readonly names: string[]
  /** Taken over from the attempt before, so that what needs it can be too. */
  readonly kept: boolean
}

export interface Needed {
  /** Of `needs`, in order. */
  readonly direct: ReadonlyMap<string, JobOutcome>
  /** Of `needs`, of their `needs`, and so on: what `success()` and `failure()` ask. */
  readonly all: ReadonlyMap<string, JobOutcome>
}

/** Starts every job as soon as its needs are over. `run` must not throw. */
export async function runGraph(
  jobs: readonly JobDefinition[],
  run: (job: JobDefinition, needed: Needed) => Promise<JobOutcome>,
): Promise<Map<string, JobOutcome>> {
  const byKey = new Map(jobs.map(job => [job.key, job]))
  const started = new Map<string, Promise<JobOutcome>>()

  const start = (job: JobDefinition): Promise<JobOutcome> => {
    const running = started.get(job.key)
    if (running) return running
    const promise = (async () => {
      const outcomeOf = async (key: string): Promise<[string, JobOutcome][]> => {
        const needed = byKey.get(key)
        return needed ? [[key, await start(needed)]] : []
      }
      const direct = new Map((await Promise.all(job.needs.map(outcomeOf))).flat())
      const all = new Map((await Promise.all([...ancestorsOf(job, byKey)].map(outcomeOf))).flat())
      return run(job, { direct, all })
    })()
    started.set(job.key, promise)
    return promise
  }

  const outcomes = await Promise.all(jobs.map(async job => [job.key, await start(job)] as const))
  return new Map(outcomes)
}

function ancestorsOf(job: JobDefinition, byKey: ReadonlyMap<string, JobDefinition>): Set<string> {
  const found = new Set<string>()
  const visit = (keys: readonly string[]): void => {
    for (const key of keys) {
      if (found.has(key)) continue
      found.add(key)
      visit(byKey.get(key)?.needs ?? [])
    }
  }
  visit(job.needs)
  return found
}

export function needsContext(needed: Needed): data.ExpressionData {
  const entries = [...needed.direct].map(([key, { result, outputs }]) => [key, { result, outputs }])
  return toExpressionData(Object.fromEntries(entries))
}

/** Whether a job's `if` lets it run. Asked again for running jobs when the run is cancelled. */
export function isWanted(job: JobDefinition, contexts: data.Dictionary, needed: Needed, cancelled: boolean): boolean {
  return evaluateCondition(job.condition, { contexts, functions: statusFunctions(needed, cancelled) } satisfies Scope)
}

function statusFunctions(needed: Needed, cancelled: boolean): Map<string, FunctionDefinition> {
  const asked = (names: data.ExpressionData[]): JobOutcome[] => {
    if (names.length === 0) return [...needed.all.values()]
    const keys = names.map(name => name.coerceString().toLowerCase())
    return [...needed.all].filter(([key]) => keys.includes(key.toLowerCase())).map(([, outcome]) => outcome)
  }
  const define = (name: string, maxArgs: number, call: (...names: data.ExpressionData[]) => boolean) =>
    [name, { name, minArgs: 0, maxArgs, call: (...args) => new data.BooleanData(call(...args)) }] as [
      string,
      FunctionDefinition,
    ]
  return new Map([
    define('always', 0, () => true),
    define('cancelled', 0, () => cancelled),
    define('success', 255, (...names) => !cancelled && asked(names).every(({ result }) => result === 'success')),
    define('failure', 255, (...names) => !cancelled && asked(names).some(({ result }) => result === 'failure')),
  ])
}

/** Of several jobs as one: a matrix, a called workflow, a run. */
export function mergeResults(results: readonly Result[]): Result {
  for (const result of ['failure', 'cancelled', 'success'] as const) if (results.includes(result)) return result
  return 'skipped'
}

/** In the order in which they ended; an empty value does not take the place of another's. */
export function mergeOutputs(all: readonly Record<string, string>[]): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const outputs of all) {
    for (const [name, value] of Object.entries(outputs)) if (value !== '' || !(name in merged)) merged[name] = value
  }
  return merged
}
