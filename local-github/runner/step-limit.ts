import type { JobSession } from './job-session.ts'
import type { StopReason } from './process-group.ts'

/** What may end a step early: the job's cancellation, the step's own time limit, the step around it. */
export interface StepLimit {
  readonly signal: AbortSignal
  endAfter(minutes: number): void
  release(): void
}

const minuteMilliseconds = 60_000

/** @param stillHolds asked when the job is cancelled: a step whose condition still holds then goes on */
export function limitStep(session: JobSession, outer: AbortSignal | undefined, stillHolds: () => boolean): StepLimit {
  const controller = new AbortController()
  const stop = (reason: StopReason): void => controller.abort(reason)
  const stopWithOuter = (): void => stop(outer?.reason as StopReason)
  const releases = [
    session.stop.onStop(reason => {
      if (reason === 'force' || !holds(stillHolds)) stop(reason)
    }),
  ]
  if (outer?.aborted) stopWithOuter()
  else if (outer) {
    outer.addEventListener('abort', stopWithOuter)
    releases.push(() => outer.removeEventListener('abort', stopWithOuter))
  }
  return {
    signal: controller.signal,
    endAfter: minutes => {
      releases.push(session.parts.timers.after(minutes * minuteMilliseconds, () => stop('timeout')))
    },
    release: () => {
      for (const release of releases) release()
    },
  }
}

function holds(condition: () => boolean): boolean {
  try {
    return condition()
  } catch {
    return false
  }
}
