import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkflowRun } from '../local-github/model.ts'
import type { Stage } from './story.ts'
import type { Chapter } from './telling.ts'

/** What a chapter says of itself when it is over. */
export type Told = Pick<Chapter, 'result' | 'isAsTold' | 'address'>

export const SHOP = '/repos/acme/shop'

/** Commits all of the working copy, pushes it, and waits for what that starts. */
export async function pushed(stage: Stage, branch: string, message: string, event = 'push'): Promise<WorkflowRun> {
  await stage.copy.commit(message)
  return runStartedBy(stage, event, () => stage.copy.git('push', '--quiet', 'origin', branch))
}

/**
 * The run of the shop that `act` starts by this event, when it and the others of its commit are over, or only wait for a person.
 * Runs of other commits may go on.
 */
export async function runStartedBy(
  stage: Stage,
  event: string,
  act: () => Promise<unknown>,
  onStart: () => void = () => undefined,
): Promise<WorkflowRun> {
  const { runs } = stage.github.store
  const before = new Set(runs.filter(() => true).map(({ id }) => id))
  await act()
  const started = () => runs.filter(run => run.repositoryId === stage.shop.id && !before.has(run.id))
  const { id, headSha } = await until(
    stage,
    () => started().find(run => run.event === event && run.status !== 'queued'),
    `no workflow of the shop was started by ${event}`,
  )
  onStart()
  const isOver = ({ status }: WorkflowRun) => status === 'completed' || status === 'waiting'
  const areOver = () => started().every(run => run.headSha !== headSha || isOver(run))
  const run = await until(stage, () => (areOver() ? runs.get(id) : undefined), `run ${id} did not end`)
  if (run.startupError !== undefined) throw new Error(`${run.path} did not start: ${run.startupError}`)
  return run
}

/** The run when it is over. */
export function completed(stage: Stage, { id }: WorkflowRun): Promise<WorkflowRun> {
  const isIt = (run: WorkflowRun) => run.id === id && run.status === 'completed'
  return until(stage, () => stage.github.store.runs.find(isIt), `run ${id} did not end`)
}

/** @throws when there is nothing, and the runner has nothing more to do */
async function until<T>(stage: Stage, find: () => T | undefined, problem: string): Promise<T> {
  let isIdle = false
  const idle = Promise.race([stage.idle(), aborted(stage.signal)]).then(() => (isIdle = true))
  // What no longer waits need not hear of a signal.
  idle.catch(() => undefined)
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (isIdle) throw new Error(problem)
    await Promise.race([idle, sleep(100)])
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

export function addressOf(stage: Stage, run: WorkflowRun): string {
  return `${stage.github.url}/acme/shop/actions/runs/${run.id}`
}

export function pullAddressOf(stage: Stage, number: number): string {
  return `${stage.github.url}/acme/shop/pull/${number}`
}

/** How a chapter ended, beside how the story tells it. */
export function ending(
  run: WorkflowRun,
  expected: 'success' | 'failure',
  also?: { readonly words: string; readonly holds: boolean },
): Omit<Told, 'address'> {
  const colour = run.conclusion === 'success' ? 'green' : `red (${run.conclusion})`
  if (run.conclusion !== expected) return { result: `${colour}, not as the story goes`, isAsTold: false }
  const words = expected === 'failure' ? 'red, as it should be' : 'green'
  if (!also) return { result: words, isAsTold: true }
  return { result: `${words}, ${also.holds ? '' : 'but not '}${also.words}`, isAsTold: also.holds }
}
