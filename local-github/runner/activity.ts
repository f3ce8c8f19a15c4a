/**
 * Whether the runner has something to do now. Waiting for a reviewer, or for a group that such a run holds, is no activity:
 * only a person can end it.
 */
export interface Activity {
  begin(): Work
  /** Resolves when nothing is active. */
  idle(): Promise<void>
}

export interface Work {
  /** The promise's value; until it comes, the work does not count as active. */
  pauseFor<T>(promise: Promise<T>): Promise<T>
  end(): void
}

export function createActivity(): Activity {
  let active = 0
  const waiting = new Set<() => void>()

  const settle = (): void => {
    // What follows a finished job starts in the same turn; only a quiet turn is idle.
    setImmediate(() => {
      if (active > 0) return
      for (const resolve of waiting) resolve()
      waiting.clear()
    })
  }
  const leave = (): void => {
    active -= 1
    if (active === 0) settle()
  }

  return {
    begin: () => {
      active += 1
      let open = true
      return {
        pauseFor: async promise => {
          leave()
          try {
            return await promise
          } finally {
            active += 1
          }
        },
        end: () => {
          if (open) leave()
          open = false
        },
      }
    },
    idle: () =>
      new Promise(resolve => {
        waiting.add(resolve)
        if (active === 0) settle()
      }),
  }
}
