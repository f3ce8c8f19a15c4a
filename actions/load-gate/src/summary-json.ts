import type { Verdict } from '#kit/errors'
import type { Judgement, Source } from './gate.ts'
import type { Figures, Measurement } from './measurement.ts'
import { answerText, type ReportFacts } from './report.ts'

/** Goes up when a name or a meaning below changes. */
const VERSION = 1

/** The results for other programs. Times in milliseconds, shares of 1; `null` for what is not known. */
export function summaryJson(
  measurement: Measurement,
  judgement: Judgement,
  source: Source,
  facts: ReportFacts,
): string {
  const verdict: Verdict = judgement.verdict
  const content = {
    version: VERSION,
    verdict,
    headline: answerText(judgement),
    engine: facts.engine,
    place: facts.place,
    commit: facts.sha,
    reasons: judgement.reasons,
    remarks: judgement.remarks,
    limits: judgement.limits.map(({ text, verdict, value, margin, samples, worst = null, reason = null }) => ({
      limit: text,
      verdict,
      value: known(value),
      margin: known(margin),
      samples,
      worst,
      reason,
    })),
    total: figuresJson(measurement.whole(), source.seconds),
    endpoints: measurement.endpoints.map(endpoint => ({
      name: endpoint.name,
      transaction: endpoint.isTransaction,
      ...figuresJson(endpoint, source.seconds),
    })),
    errors: measurement.failures.map(({ message, count, endpoints }) => ({
      message,
      count,
      endpoints: [...endpoints],
    })),
    health: source.health,
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

function figuresJson({ latency, failed, answered }: Figures, seconds: number) {
  const quantile = (share: number) => known(latency.quantile(share))
  return {
    requests: latency.count,
    failed,
    answered,
    rate: known(answered / seconds),
    latency: {
      min: known(latency.least),
      mean: known(latency.mean),
      p50: quantile(0.5),
      p90: quantile(0.9),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: known(latency.greatest),
    },
  }
}

/** JSON has no NaN. */
function known(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(6)) : null
}
