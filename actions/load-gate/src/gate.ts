import type { Verdict } from '#kit/errors'
import { nearest } from '#kit/nearest'
import { count } from '#kit/report/count'
import { formatThreshold, holds, limitValue, select, type Measure, type Threshold } from '#kit/stats/threshold'
import type { Figures, Measurement } from './measurement.ts'

/** How the samples came about, as far as the verdict depends on it. */
export interface Source {
  /** Time that a rate is counted over; NaN when nobody knows. */
  readonly seconds: number
  /** How late the generator itself was, at p99; 0 where that is not known. */
  readonly ownDelayMilliseconds: number
  /** Why nothing can be decided, whatever the figures say. */
  readonly problems: readonly string[]
  /** Why figures over the limits prove nothing; ones within them do all the same. */
  readonly doubts: readonly string[]
  /** Why figures within the limits prove nothing; one over them is a fact all the same. */
  readonly shortfalls: readonly string[]
  /** What speaks for the run, a sentence each. */
  readonly health: readonly string[]
}

export interface Judged {
  readonly threshold: Threshold
  /** As it is written everywhere. */
  readonly text: string
  readonly verdict: Verdict
  /** Milliseconds, share of 1, per second or pieces; NaN when it is not known. */
  readonly value: number
  /** How far the value is on the good side of the limit, as a share of it; negative on the bad side. */
  readonly margin: number
  readonly samples: number
  /** The endpoint with the worst value, where the limit is about several. */
  readonly worst: string | undefined
  /** Why it is invalid. */
  readonly reason: string | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  /** What is most wrong first. */
  readonly limits: readonly Judged[]
  /** Why it is invalid, the first cause first; empty otherwise. */
  readonly reasons: readonly string[]
  /** What the user should know although it changes nothing. */
  readonly remarks: readonly string[]
}

/** Decides over a load test. What is missing, NaN or not proved never passes (rule R38). */
export function judge(measurement: Measurement, thresholds: readonly Threshold[], source: Source): Judgement {
  const whole = measurement.whole()
  const isEmpty = whole.latency.count === 0
  const unusable = [...source.problems, ...problemsOf(measurement, whole, thresholds)]
  if (isEmpty && unusable.length === 0) unusable.push('there is no sample')
  const limits = thresholds
    .map(threshold => judgeLimit(threshold, measurement, source))
    .sort((one, other) => RANK[one.verdict] - RANK[other.verdict] || one.margin - other.margin)
  // Without a sample every limit lacks its value, which says nothing that the cause does not.
  const invalid = limits.flatMap(({ text, reason }) => (reason === undefined || isEmpty ? [] : [`${text}: ${reason}`]))
  const failed = limits.some(({ verdict }) => verdict === 'fail')
  const reasons = [...unusable, ...invalid, ...(failed ? source.doubts : source.shortfalls)]
  const crossed = failed && reasons.length > 0 ? ['What could be judged crosses a limit already.'] : []
  const remarks = [...crossed, ...(failed ? source.shortfalls : []), ...remarksOf(measurement, whole, thresholds)]
  return { verdict: reasons.length > 0 ? 'invalid' : failed ? 'fail' : 'pass', limits, reasons, remarks }
}

const RANK: Readonly<Record<Verdict, number>> = { fail: 0, invalid: 1, pass: 2 }

function problemsOf(measurement: Measurement, whole: Figures, thresholds: readonly Threshold[]): readonly string[] {
  const total = whole.latency.count
  if (total === 0) return []
  const first = measurement.failures[0]?.message ?? ''
  if (whole.answered === 0) return [`none of ${count(total, 'request')} was answered (${first})`]
  if (whole.failed === total && !judgesErrors(thresholds))
    return [`all ${count(total, 'request')} failed (${first}), and no limit is about errors`]
  return []
}

function remarksOf(measurement: Measurement, whole: Figures, thresholds: readonly Threshold[]): readonly string[] {
  const { failed, latency } = whole
  const remarks: string[] = []
  if (failed > 0 && !judgesErrors(thresholds))
    remarks.push(`${failed} of ${count(latency.count, 'request')} failed, and no limit is about errors.`)
  if (measurement.folded > 0)
    remarks.push(`${count(measurement.folded, 'sample')} of endpoints beyond the first 500 are shown as one.`)
  return remarks
}

function judgesErrors(thresholds: readonly Threshold[]): boolean {
  return thresholds.some(({ measure }) => measure.kind === 'error_rate' || measure.kind === 'errors')
}

function judgeLimit(threshold: Threshold, measurement: Measurement, source: Source): Judged {
  const { measure, selector } = threshold
  const names = measurement.endpoints.map(({ name }) => name)
  const selected = selector === undefined ? undefined : new Set(select(selector, names))
  const endpoints = measurement.endpoints.filter(({ name, isTransaction }) => selected?.has(name) ?? !isTransaction)
  const figures = measurement.together(endpoints)
  const value = valueOf(measure, figures, source.seconds)
  const samples = figures.latency.count
  const atBest = valueOf(measure, { ...figures, latency: figures.latencyAtBest }, source.seconds)
  const isHeld = holds(threshold, value)
  // A process that starts requests so late hears their answers as late, and calls that the target's latency.
  const isTooLate = measure.kind === 'latency' && source.ownDelayMilliseconds >= limitValue(threshold)
  const isSure = isHeld === holds(threshold, atBest) && (isHeld || !isTooLate)
  const reason =
    endpoints.length === 0 ? nothingMatches(selector, names) : reasonAgainst(measure, samples, value, isSure)
  return {
    threshold,
    text: formatThreshold(threshold),
    verdict: reason === undefined ? (isHeld ? 'pass' : 'fail') : 'invalid',
    value: samples === 0 ? NaN : value,
    margin: marginOf(threshold, value),
    samples,
    worst: worstOf(threshold, endpoints, source.seconds),
    reason,
  }
}

function reasonAgainst(measure: Measure, samples: number, value: number, isSure: boolean): string | undefined {
  if (measure.kind === 'latency' && measure.statistic === 'percentile') {
    // With fewer, no sample is expected above it, and it is the greatest one under another name.
    const least = Math.ceil(100 / (100 - measure.percent) - 1e-9)
    if (samples < least) return `${count(samples, 'sample')} are too few, it takes ${least.toLocaleString('en-US')}`
  }
  if (!Number.isFinite(value)) return 'there is no value for it'
  if (!isSure) return 'the delay of the load generator itself decides it; send less, or from a larger machine'
  return undefined
}

function nothingMatches(selector: string | undefined, names: readonly string[]): string {
  if (selector === undefined) return 'there is no sample'
  const close = nearest(selector, names)
  const known = names.slice(0, 5).map(name => `"${name}"`)
  return `no endpoint fits "${selector}"; ${close === undefined ? `there are ${known.join(', ') || 'none'}` : `did you mean "${close}"?`}`
}

function valueOf(measure: Measure, { latency, failed, answered }: Figures, seconds: number): number {
  switch (measure.kind) {
    case 'latency':
      if (measure.statistic === 'percentile') return latency.quantile(measure.percent / 100)
      return { min: latency.least, mean: latency.mean, max: latency.greatest }[measure.statistic]
    case 'error_rate':
      return failed / latency.count
    case 'errors':
      return failed
    case 'requests':
      return latency.count
    case 'rate':
      return seconds > 0 ? answered / seconds : NaN
  }
}

function marginOf(threshold: Threshold, value: number): number {
  const limit = limitValue(threshold)
  const distance = isCeiling(threshold) ? limit - value : value - limit
  if (limit === 0) return distance === 0 ? 0 : distance > 0 ? Infinity : -Infinity
  return distance / limit
}

function isCeiling({ operator }: Threshold): boolean {
  return operator === '<' || operator === '<='
}

/** Of a statistic, not of a sum: the busiest endpoint is not the worst. */
function worstOf(threshold: Threshold, endpoints: readonly (Figures & { name: string })[], seconds: number) {
  const { kind } = threshold.measure
  if (endpoints.length < 2 || (kind !== 'latency' && kind !== 'error_rate')) return undefined
  const sign = isCeiling(threshold) ? 1 : -1
  const ranked = endpoints
    .map(endpoint => ({ name: endpoint.name, value: sign * valueOf(threshold.measure, endpoint, seconds) }))
    .sort((one, other) => other.value - one.value)
  return ranked[0]?.name
}
