/** When the requests of an open-model load start: by the clock, not when an earlier one has ended. */
export interface Schedule {
  /** Requests in all. */
  readonly total: number
  /** When request `index` (from 0) is meant to start, in milliseconds from the start of the run. */
  intendedAt(index: number): number
}

/** Evenly spaced: no bursts that the rate does not say. */
export function evenSchedule(ratePerSecond: number, durationSeconds: number): Schedule {
  // A rate such as 0.1 × 30 s comes out a little over 3 in binary.
  const total = Math.max(1, Math.ceil(ratePerSecond * durationSeconds - 1e-9))
  return { total, intendedAt: index => (index * 1_000) / ratePerSecond }
}

/** A request that may start now. */
export interface Start {
  readonly index: number
  readonly intended: number
  /** Milliseconds that it is late although it could have been started: the generator's own fault, not the target's. */
  readonly ownDelay: number
}

/**
 * Decides which request starts when at most `users` may be in flight. One that finds all of them busy waits, and its
 * latency goes on counting from when it was meant to start: a slow target cannot slow the load down to what suits it.
 * Times are milliseconds from the start of the run, and never go back.
 */
export class Admission {
  readonly #schedule: Schedule
  /** Since when each free place is free, the longest first. */
  readonly #free: number[]
  #next = 0
  #waited = 0

  constructor(schedule: Schedule, users: number) {
    this.#schedule = schedule
    this.#free = Array.from({ length: users }, () => 0)
  }

  /** The next request that is due at `now` and has a place; call again until there is none. */
  start(now: number): Start | undefined {
    const intended = this.nextAt()
    if (intended === undefined || intended > now) return undefined
    const freeSince = this.#free.shift()
    if (freeSince === undefined) return undefined
    if (freeSince > intended) this.#waited += 1
    return { index: this.#next++, intended, ownDelay: now - Math.max(intended, freeSince) }
  }

  /** A request ended and gives its place back. */
  end(now: number): void {
    this.#free.push(now)
  }

  /** When the next request is meant to start; `undefined` after the last. */
  nextAt(): number | undefined {
    return this.#next < this.#schedule.total ? this.#schedule.intendedAt(this.#next) : undefined
  }

  get isFull(): boolean {
    return this.#free.length === 0
  }
  get started(): number {
    return this.#next
  }
  /** Requests that had to wait for a place. */
  get waited(): number {
    return this.#waited
  }
}
