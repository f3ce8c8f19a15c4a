import type { Cancellation } from './job-plan.ts'

export interface CancellationSource extends Cancellation {
  /** Asking again changes nothing, but for the first time with force. */
  request(force?: boolean): void
}

export function createCancellation(): CancellationSource {
  const listeners = new Set<(forced: boolean) => void>()
  const state = { requested: false, forced: false }
  return {
    get requested() {
      return state.requested
    },
    get forced() {
      return state.forced
    },
    onRequest: listener => {
      if (state.requested) listener(state.forced)
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    request: (force = false) => {
      if (state.requested && (state.forced || !force)) return
      state.requested = true
      state.forced ||= force
      for (const listener of [...listeners]) listener(state.forced)
    },
  }
}

/** The promise's value, or null as soon as the cancellation is requested. */
export function unlessCancelled<T>(promise: Promise<T>, cancellation: Cancellation): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = cancellation.onRequest(() => resolve(null))
    promise.then(resolve, reject).finally(stop)
  })
}
