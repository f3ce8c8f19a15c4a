/** Cancelling one workflow file of a run, with all that it calls. */
export interface LevelControl {
  readonly cancelled: boolean
  /** Nothing more starts, not even what asks for `always()`. */
  readonly forced: boolean
  /** Jobs that were started and have not ended. */
  readonly live: Set<LiveJob>
  cancel(force: boolean, reason?: string): void
}

export interface LiveJob {
  /** Its `if`, asked with `cancelled()` true: then it goes on, as on GitHub. */
  isWantedWhenCancelled(): boolean
  cancel(force: boolean, reason?: string): void
}

export function createLevelControl(): LevelControl {
  const live = new Set<LiveJob>()
  const state = { cancelled: false, forced: false }
  return {
    get cancelled() {
      return state.cancelled
    },
    get forced() {
      return state.forced
    },
    live,
    cancel: (force, reason) => {
      state.cancelled = true
      state.forced ||= force
      for (const job of [...live]) if (force || !job.isWantedWhenCancelled()) job.cancel(force, reason)
    },
  }
}
