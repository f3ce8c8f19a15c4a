import type { Cancellation } from './job-plan.ts'

/** Places for jobs that run side by side, given in the order of asking. */
export interface Slots {
  /** Resolves with the way to give the place back, or with null when cancelled before there was one. */
  take(cancellation: Cancellation): Promise<(() => void) | null>
  /** From now on nobody gets one, and who asks waits without end. */
  close(): void
}

export function createSlots(count: number): Slots {
  let free = Math.max(1, count)
  let closed = false
  const queue: (() => void)[] = []

  const give = (): (() => void) => {
    free -= 1
    let given = true
    return () => {
      if (!given) return
      given = false
      free += 1
      if (!closed) queue.shift()?.()
    }
  }

  return {
    close: () => {
      closed = true
    },
    take: cancellation =>
      new Promise(resolve => {
        if (cancellation.requested) return resolve(null)
        if (free > 0 && !closed) return resolve(give())
        const grant = (): void => {
          stop()
          resolve(give())
        }
        queue.push(grant)
        const stop = cancellation.onRequest(() => {
          const index = queue.indexOf(grant)
          if (index < 0) return
          queue.splice(index, 1)
          stop()
          resolve(null)
        })
      }),
  }
}
