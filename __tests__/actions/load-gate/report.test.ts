import { expect, it } from '@jest/globals'
import { sourceOf } from '../../../actions/load-gate/src/embedded.ts'
import { judge } from '../../../actions/load-gate/src/gate.ts'
import { Measurement } from '../../../actions/load-gate/src/measurement.ts'
import { milliseconds, percent } from '../../../actions/load-gate/src/numbers.ts'
import { renderReport } from '../../../actions/load-gate/src/report.ts'
import { Histogram } from '../../../kit/stats/histogram.ts'
import { thresholds } from '../../../kit/stats/threshold.ts'

const LOAD = { requests: [], ratePerSecond: 50, durationSeconds: 2, users: 20, timeoutMilliseconds: 1_000 }
const FACTS = {
  ...{ subject: 'shop', place: 'staging.example', engine: 'embedded engine' },
  ...{ sha: 'a1b2c3d4'.repeat(5), runNumber: 57 },
}
const WIDE = { bytes: 1024 * 1024, characters: Infinity }

function render(measurement: Measurement, limits: string, result = {}, budget = WIDE): string {
  const delays = new Histogram(0.001)
  delays.record(1.25)
  const source = sourceOf(
    LOAD,
    { scheduled: 100, started: 100, waited: 0, retried: 0, busyShare: 0.07, ...result },
    delays,
  )
  return renderReport(measurement, judge(measurement, thresholds.parse(limits), source), source, FACTS, budget)
}

function measure(endpoints: Readonly<Record<string, readonly [number, number]>>, failure?: string): Measurement {
  const measurement = new Measurement(0.001)
  for (const [endpoint, [count, latency]] of Object.entries(endpoints))
    for (let index = 0; index < count; index += 1)
      measurement.record({ endpoint, latency, answered: true, failure: index === 0 ? failure : undefined })
  return measurement
}

it('says first what was judged and the worst limit, then the limits, the endpoints, the errors and why it is valid', () => {
  const measurement = measure({ 'GET /api/items': [50, 412.3], 'GET /health': [50, 3.21] }, 'status 503')
  expect(render(measurement, 'p95(latency) < 300ms\nerror_rate <= 2%')).toBe(
    `❌ **shop**: load test failed: p95(latency) 412.3 ms, limit &lt; 300 ms, worst on GET /api/items · \`staging.example\`

| limit | verdict | value | margin | samples |
|---|---|--:|--:|--:|
| \`p95(latency) < 300ms\` | fail | 412.3 ms | −37 % | 100 |
| \`error_rate <= 2%\` | pass | 2 % | +0 % | 100 |

| endpoint | requests | errors | p50 | p95 |
|---|--:|--:|--:|--:|
| \`GET /api/items\` | 50 | 1 (2 %) | 412.3 ms | 412.3 ms |
| \`GET /health\` | 50 | 1 (2 %) | 3.2 ms | 3.2 ms |

<details><summary>2 errors, 1 message</summary>

- 2 × status 503 on \`GET /api/items\`, \`GET /health\`

</details>

<details><summary>Why the run is valid</summary>

- All 100 requests were sent in 2 s: 50/s reached of 50/s asked.
- The generator itself was 1.3 ms late at p99, 1.3 ms at most, and busy for 7 % of the time.
- The 20 users were never all busy.
- Percentiles are of 100 samples, by nearest rank, within 0.05 %.

</details>

<sub>a1b2c3d · run 57 · embedded engine</sub>`,
  )
})

it('says of a run that fell short what it reached and what to do', () => {
  const report = render(measure({ a: [40, 5] }), 'p95(latency) < 300ms', { started: 40, waited: 70 })
  expect(report).toMatch(
    /^⛔ \*\*shop\*\*: load test invalid: the rate was not reached: 20\/s reached of 50\/s asked, /,
  )
  expect(report).toContain('raise "users" or lower "rate"')
  expect(report).toContain('70 requests waited because all 20 users were busy')
  expect(report).toContain('<summary>About the run</summary>')
})

it.each([
  [1, 100, 'pass'],
  [4, 100, 'pass'],
  [5, 100, 'invalid'],
  [10, 1_000, 'pass'],
  [11, 1_000, 'invalid'],
])('R38: %i of %i requests that had to be sent twice: %s, and the report counts them', (retried, started, verdict) => {
  const load = { scheduled: started, started, retried }
  const report = render(measure({ a: [started, 5] }), 'errors <= 0', load)
  expect(report.slice(0, 1)).toBe({ pass: '✅', invalid: '⛔' }[verdict])
  const [first] = report.split('\n')
  expect(first?.includes('were reset on kept connections, more than closing idle ones explains')).toBe(
    verdict !== 'pass',
  )
  expect(report).toContain(
    `- ${retried} of ${started.toLocaleString('en-US')} requests were reset on a kept connection and sent once more`,
  )
})

it('a limit that is crossed fails although requests had to be sent twice: without that it would have been worse', () => {
  const report = render(measure({ a: [100, 500] }), 'p95(latency) < 300ms', { retried: 50 })
  expect(report).toMatch(/^❌ .*load test failed/)
  expect(report).toContain('50 of 100 requests (50 %) were reset on kept connections')
})

it('R38: says that the generator was overloaded', () => {
  const report = render(measure({ a: [100, 500] }), 'p95(latency) < 300ms', { busyShare: 0.97 })
  expect(report).toMatch(/^⛔ .*the load generator itself was overloaded \(97 % busy\)/)
  expect(report).toContain('What could be judged crosses a limit already.')
})

it('shows the slowest endpoints and folds the rest; with less room it says where they are', () => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`GET /${index}`, [20, index] as const]))
  const report = render(measure(many), 'p95(latency) < 1s')
  const above = report.split('<details>')[0] ?? ''
  expect(above).toContain('`GET /399`')
  expect(above).not.toContain('`GET /389`')
  expect(report).toContain('<summary>390 faster endpoints</summary>')
  expect(report).toContain('`GET /389`')
  const short = render(measure(many), 'p95(latency) < 1s', {}, { bytes: 4_000, characters: Infinity })
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(4_000)
  expect(short).toContain('They are in the JSON of the results.')
})

it('R6: names and messages of a target stay text', () => {
  const nasty = '</summary>@acme/all | `x` ![](http://evil.example)'
  const report = render(measure({ [nasty]: [30, 5] }, nasty), 'error_rate < 1%')
  expect(report).not.toMatch(/<\/summary>@|@acme\/all|!\[\]\(http|\n\| [^|]*\| `x`/)
})

it.each([
  [milliseconds(0.04), '0 ms'],
  [milliseconds(99.96), '100 ms'],
  [milliseconds(1_234.5), '1,235 ms'],
  [milliseconds(NaN), 'unknown'],
  [percent(0.0004), '0.04 %'],
  [percent(0.123), '12 %'],
  [percent(NaN), 'unknown'],
])('%s', (shown, expected) => expect(shown).toBe(expected))
