import { Histogram } from '#kit/stats/histogram'

export interface Sample {
  readonly endpoint: string
  /** Milliseconds. */
  readonly latency: number
  /** What `latency` would have been without delays of the generator's own, where they are known. */
  readonly latencyAtBest?: number
  /** Whether the target answered, whatever it said. */
  readonly answered: boolean
  /** Why it counts as an error; `undefined` when it does not. */
  readonly failure: string | undefined
  /** A sum over other samples (JMeter's transaction controller): shown, and not counted a second time in the whole. */
  readonly isTransaction?: boolean
}

/** What is known of one endpoint, or of all together. */
export interface Figures {
  readonly latency: Histogram
  /** The same one where delays of the generator are not known. */
  readonly latencyAtBest: Histogram
  failed: number
  answered: number
}

export interface Endpoint extends Figures {
  readonly name: string
  readonly isTransaction: boolean
}

export interface Failure {
  readonly message: string
  count: number
  /** Some of the endpoints that had it. */
  readonly endpoints: Set<string>
}

const MOST_ENDPOINTS = 500
const MOST_MESSAGES = 100
const MOST_MESSAGE_CHARACTERS = 200
const MOST_NAMED_ENDPOINTS = 3

/** Samples as they come, in memory that does not grow with their number. */
export class Measurement {
  readonly #resolutionMilliseconds: number
  readonly #knowsDelays: boolean
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #failures = new Map<string, Failure>()
  #folded = 0

  /** @param knowsDelays whether samples say what the generator's own delay was */
  constructor(resolutionMilliseconds: number, { knowsDelays = false } = {}) {
    this.#resolutionMilliseconds = resolutionMilliseconds
    this.#knowsDelays = knowsDelays
  }

  record(sample: Sample): void {
    const endpoint = this.#endpointOf(sample)
    endpoint.latency.record(sample.latency)
    if (this.#knowsDelays) endpoint.latencyAtBest.record(sample.latencyAtBest ?? sample.latency)
    if (sample.answered) endpoint.answered += 1
    if (sample.failure === undefined) return
    endpoint.failed += 1
    // What a transaction says of its failure is how many of its samples failed: those are here themselves.
    if (!endpoint.isTransaction) this.#fold(sample.failure, endpoint.name)
  }

  /** By name. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#endpoints.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }
  /** The most frequent first. */
  get failures(): readonly Failure[] {
    return [...this.#failures.values()].sort(
      (one, other) => other.count - one.count || (one.message < other.message ? -1 : 1),
    )
  }
  /** Samples of endpoints beyond the number that is kept apart. */
  get folded(): number {
    return this.#folded
  }

  /** All that is no transaction. */
  whole(): Figures {
    return this.together(this.endpoints.filter(endpoint => !endpoint.isTransaction))
  }

  together(endpoints: readonly Endpoint[]): Figures {
    const sum = this.#figures()
    for (const { latency, latencyAtBest, failed, answered } of endpoints) {
      sum.latency.add(latency)
      if (this.#knowsDelays) sum.latencyAtBest.add(latencyAtBest)
      sum.failed += failed
      sum.answered += answered
    }
    return sum
  }

  #endpointOf({ endpoint: name, isTransaction = false }: Sample): Endpoint {
    const known = this.#endpoints.get(name)
    if (known !== undefined) return known
    if (this.#endpoints.size < MOST_ENDPOINTS) return this.#begin(name, isTransaction)
    // Their names are not kept, so a limit on one of them finds nothing and is invalid.
    this.#folded += 1
    return this.#endpoints.get(OTHER_ENDPOINTS) ?? this.#begin(OTHER_ENDPOINTS, false)
  }

  #begin(name: string, isTransaction: boolean): Endpoint {
    const endpoint: Endpoint = { name, isTransaction, ...this.#figures() }
    this.#endpoints.set(name, endpoint)
    return endpoint
  }

  #figures(): Figures {
    const latency = new Histogram(this.#resolutionMilliseconds)
    const latencyAtBest = this.#knowsDelays ? new Histogram(this.#resolutionMilliseconds) : latency
    return { latency, latencyAtBest, failed: 0, answered: 0 }
  }

  #fold(failure: string, endpoint: string): void {
    const short = hideQueries(failure.slice(0, MOST_MESSAGE_CHARACTERS))
    const message = this.#failures.has(short) || this.#failures.size < MOST_MESSAGES ? short : OTHER_MESSAGES
    const known = this.#failures.get(message) ?? { message, count: 0, endpoints: new Set<string>() }
    known.count += 1
    if (known.endpoints.size < MOST_NAMED_ENDPOINTS) known.endpoints.add(endpoint)
    this.#failures.set(message, known)
  }
}

const OTHER_ENDPOINTS = '(endpoints beyond the first 500)'
const OTHER_MESSAGES = '(other messages)'

/** What stands behind "?" in an address is often a key (rule R13). */
function hideQueries(message: string): string {
  return message.replace(/(\/[^\s?"']*)\?[^\s"']*/g, '$1?…')
}
