import type { Clock, Random } from './ports.ts'

/** Why a call did not come through. */
export type Trouble =
  | {
      /** Refused before anything was done: a limit. */
      readonly kind: 'limited'
      readonly why: string
      /** The least to wait before the next attempt. */
      readonly waitMilliseconds: number
    }
  | {
      /** No usable answer: the server may or may not have done what it was asked. */
      readonly kind: 'unclear'
      readonly why: string
    }

export const WAIT_CAP_MILLISECONDS = 60_000
const MOST_ATTEMPTS = 6
const FIRST_WAIT_MILLISECONDS = 1_000

/** What one call has left of attempts and time. Its reconciling reads share it. */
export interface Patience {
  /** Waits for the next attempt and gives true; false when none is left, or when the wait would pass the cap. */
  next(trouble: Trouble): Promise<boolean>
  readonly attempts: number
}

/**
 * Waits that grow from one second with jitter, or as long as GitHub asks, and never above 60 s in all. Where answers are
 * unclear, the time that attempts take counts too, so slow ones do not add up.
 */
export function createPatience(clock: Clock, random: Random, capMilliseconds = WAIT_CAP_MILLISECONDS): Patience {
  const start = clock.now()
  let attempts = 1
  let slept = 0
  return {
    get attempts() {
      return attempts
    },
    async next(trouble) {
      const left = capMilliseconds - (trouble.kind === 'limited' ? slept : Math.max(slept, clock.now() - start))
      const grown = FIRST_WAIT_MILLISECONDS * 2 ** (attempts - 1)
      const wait =
        trouble.kind === 'limited'
          ? Math.max(trouble.waitMilliseconds, FIRST_WAIT_MILLISECONDS)
          : grown * (0.5 + random.next() / 2)
      if (attempts >= MOST_ATTEMPTS || wait > left) return false
      attempts += 1
      slept += wait
      await clock.sleep(wait)
      return true
    },
  }
}
