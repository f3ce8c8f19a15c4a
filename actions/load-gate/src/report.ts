import type { Verdict } from '#kit/errors'
import type { Budget } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { details } from '#kit/report/details'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import { Histogram } from '#kit/stats/histogram'
import { formatMeasure, formatThreshold, type Threshold } from '#kit/stats/threshold'
import type { Judged, Judgement, Source } from './gate.ts'
import type { Endpoint, Measurement } from './measurement.ts'
import { marginText, milliseconds, percent, valueText } from './numbers.ts'

export interface ReportFacts {
  /** What was tested: the repository's name. */
  readonly subject: string
  /** Where: a host, or files. */
  readonly place: string
  readonly engine: string
  readonly sha: string
  readonly runNumber: number
}

const GLYPHS: Readonly<Record<Verdict, Glyph>> = { pass: '✅', fail: '❌', invalid: '⛔' }
const SHOWN_ENDPOINTS = 10
const SHOWN_FAILURES = 20

/** The verdict in one line of plain text, with the limit that decides it. */
export function answerText({ verdict, limits, reasons }: Judgement): string {
  const [first] = limits
  if (verdict === 'invalid') return `load test invalid: ${reasons[0] ?? 'nothing could be decided'}`
  if (first === undefined) return `load test ${verdict}`
  const failed = limits.filter(limit => limit.verdict === 'fail').length
  const more = failed > 1 ? ` (${failed} of ${limits.length} limits are crossed)` : ''
  if (verdict === 'fail') return `load test failed: ${measured(first)}${more}`
  return `load test passed, ${limits.length === 1 ? '' : 'nearest to its limit '}${measured(first)}`
}

/** `p95(latency) 412 ms, limit < 300 ms, on GET /api/items`. */
function measured({ threshold, value, worst }: Judged): string {
  const where = threshold.selector ?? worst
  return `${formatMeasure(threshold.measure)} ${valueText(threshold.measure, value)}, limit ${limitText(threshold)}${where === undefined ? '' : `, ${threshold.selector === undefined ? 'worst on' : 'on'} ${where}`}`
}

/** `< 300 ms`. */
function limitText(threshold: Threshold): string {
  const whole = formatThreshold({ ...threshold, selector: undefined })
  return whole.slice(formatMeasure(threshold.measure).length + 1).replace(/(\d)([a-z%])/, '$1 $2')
}

/** The whole report within `budget`. */
export function renderReport(
  measurement: Measurement,
  judgement: Judgement,
  source: Source,
  facts: ReportFacts,
  budget: Budget,
): string {
  const last = footer(facts, [facts.engine])
  const compose = (endpoints: number) => () =>
    [
      headline({
        glyph: GLYPHS[judgement.verdict],
        subject: facts.subject,
        answer: text(answerText(judgement)),
        place: facts.place,
      }),
      ...(judgement.reasons.length > 1 ? [list(judgement.reasons.slice(1))] : []),
      ...judgement.remarks.map(text),
      limitsTable(judgement.limits),
      ...endpointTables(measurement.endpoints, endpoints),
      ...failureList(measurement),
      whyValid(judgement, source, measurement),
      last,
    ].join('\n\n')
  return fit([compose(Infinity), compose(SHOWN_ENDPOINTS)], budget, last)
}

function list(items: readonly string[]): string {
  return items.map(item => `- ${text(item)}`).join('\n')
}

function limitsTable(limits: readonly Judged[]): string {
  return table(
    [
      { title: 'limit' },
      { title: 'verdict' },
      { title: 'value', align: 'right' },
      { title: 'margin', align: 'right' },
      { title: 'samples', align: 'right' },
    ],
    limits.map(({ text: limit, verdict, threshold, value, margin, samples }) => [
      code(limit),
      verdict,
      valueText(threshold.measure, value),
      verdict === 'invalid' ? '–' : marginText(margin),
      samples.toLocaleString('en-US'),
    ]),
  )
}

function endpointTables(endpoints: readonly Endpoint[], most: number): readonly string[] {
  if (endpoints.length === 0) return []
  const slowest = endpoints
    .map(endpoint => ({ endpoint, p95: endpoint.latency.quantile(0.95) }))
    .sort((one, other) => other.p95 - one.p95)
    .map(({ endpoint }) => endpoint)
  const [shown, folded] = [slowest.slice(0, SHOWN_ENDPOINTS), slowest.slice(SHOWN_ENDPOINTS, most)]
  const rest = slowest.length - shown.length
  if (rest === 0) return [endpointTable(shown)]
  const body = folded.length > 0 ? endpointTable(folded) : 'They are in the JSON of the results.'
  return [endpointTable(shown), details(`${count(rest, 'faster endpoint')}`, body)]
}

function endpointTable(endpoints: readonly Endpoint[]): string {
  return table(
    [
      { title: 'endpoint' },
      { title: 'requests', align: 'right' },
      { title: 'errors', align: 'right' },
      { title: 'p50', align: 'right' },
      { title: 'p95', align: 'right' },
    ],
    endpoints.map(({ name, isTransaction, latency, failed }) => [
      `${code(name)}${isTransaction ? ' (transaction)' : ''}`,
      latency.count.toLocaleString('en-US'),
      failed === 0 ? '0' : `${failed.toLocaleString('en-US')} (${percent(failed / latency.count)})`,
      milliseconds(latency.quantile(0.5)),
      milliseconds(latency.quantile(0.95)),
    ]),
  )
}

function failureList(measurement: Measurement): readonly string[] {
  const { failures } = measurement
  if (failures.length === 0) return []
  const lines = failures.slice(0, SHOWN_FAILURES).map(({ message, count: times, endpoints }) => {
    const places = [...endpoints].map(code).join(', ')
    return `- ${times.toLocaleString('en-US')} × ${text(message)} on ${places}`
  })
  const rest = failures.length - SHOWN_FAILURES
  if (rest > 0) lines.push(`- ${count(rest, 'more message')}`)
  const total = failures.reduce((sum, { count: times }) => sum + times, 0)
  return [details(`${count(total, 'error')}, ${count(failures.length, 'message')}`, lines.join('\n'))]
}

/** What the verdict rests on, also when it is that there is none. */
function whyValid({ verdict }: Judgement, source: Source, measurement: Measurement): string {
  const resolution = measurement.whole().latency
  const accuracy = `Percentiles are of ${count(resolution.count, 'sample')}, by nearest rank, within ${percent(Histogram.RELATIVE_ERROR)}.`
  const title = verdict === 'invalid' ? 'About the run' : 'Why the run is valid'
  return details(title, list([...source.health, accuracy]))
}
