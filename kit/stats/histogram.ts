/** Steps below this are counted one by one; from here on two neighbours share a bucket, then four, and so on. */
const EXACT_STEPS = 2_048
const HALF = EXACT_STEPS / 2
const FIRST_CAPACITY = 256
const LARGEST_STEP = Number.MAX_SAFE_INTEGER

/**
 * Durations as counts in log-linear buckets: memory does not grow with the number of samples, and adding the histograms of
 * shards gives exactly the histogram of the whole, which averaging their percentiles never does.
 *
 * Up to 2,047 steps of the resolution every value has a bucket of its own, so percentiles are exact there; above, they are
 * within `RELATIVE_ERROR`. Count, least, greatest and mean are exact always.
 */
export class Histogram {
  /** How far a percentile can be from the sample of that rank, as a share of it. */
  static readonly RELATIVE_ERROR = 1 / EXACT_STEPS

  readonly resolutionMilliseconds: number
  #counts = new Float64Array(FIRST_CAPACITY)
  #count = 0
  #sum = 0
  #least = Infinity
  #greatest = -Infinity

  /** @param resolutionMilliseconds what samples are rounded to: 1 for whole milliseconds, 0.001 for microseconds */
  constructor(resolutionMilliseconds: number) {
    if (!(resolutionMilliseconds > 0)) throw new RangeError(`a resolution of ${resolutionMilliseconds} ms`)
    this.resolutionMilliseconds = resolutionMilliseconds
  }

  /** @throws RangeError for NaN, a negative or an endless duration: a sample that is none must not be counted as one */
  record(milliseconds: number): void {
    const step = Math.round(milliseconds / this.resolutionMilliseconds)
    if (!(step >= 0 && step <= LARGEST_STEP)) throw new RangeError(`a sample of ${milliseconds} ms`)
    const bucket = bucketOf(step)
    this.#reach(bucket)
    this.#counts[bucket]! += 1
    this.#count += 1
    this.#sum += milliseconds
    if (milliseconds < this.#least) this.#least = milliseconds
    if (milliseconds > this.#greatest) this.#greatest = milliseconds
  }

  /** Adds the samples of `other`. @throws RangeError when its resolution is another one */
  add(other: Histogram): void {
    if (other.resolutionMilliseconds !== this.resolutionMilliseconds)
      throw new RangeError(`${other.resolutionMilliseconds} ms into ${this.resolutionMilliseconds} ms`)
    this.#reach(other.#counts.length - 1)
    for (let bucket = 0; bucket < other.#counts.length; bucket += 1) this.#counts[bucket]! += other.#counts[bucket]!
    this.#count += other.#count
    this.#sum += other.#sum
    this.#least = Math.min(this.#least, other.#least)
    this.#greatest = Math.max(this.#greatest, other.#greatest)
  }

  get count(): number {
    return this.#count
  }
  /** Milliseconds; NaN without samples, like the ones below. */
  get least(): number {
    return this.#count === 0 ? NaN : this.#least
  }
  get greatest(): number {
    return this.#count === 0 ? NaN : this.#greatest
  }
  get mean(): number {
    return this.#count === 0 ? NaN : this.#sum / this.#count
  }

  /**
   * The sample of rank ⌈share × count⌉ (nearest rank, no interpolation between two samples), in milliseconds.
   * @param share from 0 to 1
   */
  quantile(share: number): number {
    if (this.#count === 0 || !(share >= 0 && share <= 1)) return NaN
    const rank = Math.max(1, Math.ceil(share * this.#count - ROUNDING))
    if (rank === this.#count) return this.#greatest
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) {
      seen += this.#counts[bucket]!
      if (seen >= rank) return this.#within(middleOf(bucket) * this.resolutionMilliseconds)
    }
    return this.#greatest
  }

  #within(milliseconds: number): number {
    return Math.min(this.#greatest, Math.max(this.#least, milliseconds))
  }

  #reach(bucket: number): void {
    if (bucket < this.#counts.length) return
    let capacity = this.#counts.length
    while (capacity <= bucket) capacity *= 2
    const grown = new Float64Array(capacity)
    grown.set(this.#counts)
    this.#counts = grown
  }
}

/** 0.95 × 20 is 19, though in binary it comes out a little over. */
const ROUNDING = 1e-9

function bucketOf(step: number): number {
  if (step < EXACT_STEPS) return step
  // Just under a power of two the logarithm may round up to it; the bucket comes out the same.
  const exponent = Math.floor(Math.log2(step / HALF))
  return exponent * HALF + Math.floor(step / 2 ** exponent)
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_STEPS) return bucket
  const exponent = Math.floor(bucket / HALF) - 1
  const width = 2 ** exponent
  return (bucket - exponent * HALF) * width + (width - 1) / 2
}
