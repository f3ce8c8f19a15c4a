/**
 * Whether the runner has something to do now. Waiting for a reviewer, or for a group that such a run holds, is no activity:
 * only a person can end it.
 */
export interface Activity {
  /** The way to say that it ended. */
  begin(): () => void
  /** Resolves when nothing is active. */
  idle(): Promise<void>
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

  return {
    begin: () => {
      active += 1
      let open = true
      return () => {
        if (!open) return
        open = false
        active -= 1
        if (active === 0) settle()
      }
    },
    idle: () =>
      new Promise(resolve => {
        waiting.add(resolve)
        if (active === 0) settle()
      }),
  }
}
