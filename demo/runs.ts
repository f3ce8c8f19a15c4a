import type { WorkflowRun } from '../local-github/model.ts'
import type { Stage } from './story.ts'
import type { Chapter } from './telling.ts'

/** What a chapter says of itself when it is over. */
export type Told = Pick<Chapter, 'result' | 'isAsTold' | 'address'>

export const SHOP = '/repos/acme/shop'

/** Commits all of the working copy, pushes it, and waits for what that starts. */
export async function pushed(stage: Stage, branch: string, message: string, event = 'push'): Promise<WorkflowRun> {
  await stage.copy.commit(message)
  await stage.copy.git('push', '--quiet', 'origin', branch)
  return runOf(stage, event)
}

/** The newest run of the shop that the event started, when all is quiet again. */
export async function runOf(stage: Stage, event: string): Promise<WorkflowRun> {
  await quiet(stage)
  const run = stage.github.store.runs.filter(run => run.repositoryId === stage.shop.id && run.event === event).at(-1)
  if (!run) throw new Error(`no workflow of the shop was started by ${event}`)
  if (run.startupError !== undefined) throw new Error(`${run.path} did not start: ${run.startupError}`)
  return run
}

/** Until nothing runs, or only waits for a person. */
export async function quiet(stage: Stage): Promise<void> {
  await Promise.race([stage.idle(), aborted(stage.signal)])
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
