import { describe, expect, it } from '@jest/globals'
import { judge, type Judgement, type Source } from '../../../actions/load-gate/src/gate.ts'
import { Measurement, type Sample } from '../../../actions/load-gate/src/measurement.ts'
import { answerText } from '../../../actions/load-gate/src/report.ts'
import { thresholds } from '../../../kit/stats/threshold.ts'

const GOOD: Source = { seconds: 10, ownDelayMilliseconds: 0, problems: [], doubts: [], shortfalls: [], health: [] }

function decide(samples: readonly Partial<Sample>[], limits: string, source: Partial<Source> = {}): Judgement {
  const measurement = new Measurement(0.001, { knowsDelays: true })
  for (const sample of samples)
    measurement.record({ endpoint: 'GET /', latency: 20, answered: true, failure: undefined, ...sample })
  return judge(measurement, thresholds.parse(limits), { ...GOOD, ...source })
}

const times = (count: number, sample: Partial<Sample> = {}) => Array.from({ length: count }, () => sample)

describe('the gate', () => {
  it('passes when every limit holds, and names the one with the least room', () => {
    const judgement = decide(times(100), 'p95(latency) < 25ms\nerror_rate < 1%\nrate >= 2/s')
    expect(judgement.verdict).toBe('pass')
    expect(answerText(judgement)).toBe('load test passed, nearest to its limit p95(latency) 20 ms, limit < 25 ms')
  })

  it('fails when one does not, and names the worst with its endpoint', () => {
    const samples = [...times(50), ...times(50, { endpoint: 'GET /slow', latency: 412 })]
    const judgement = decide(samples, 'p95(latency) < 300ms\nmax(latency) < 400ms\nerror_rate < 1%')
    expect(judgement.verdict).toBe('fail')
    expect(judgement.limits.map(({ verdict }) => verdict)).toEqual(['fail', 'fail', 'pass'])
    expect(answerText(judgement)).toBe(
      'load test failed: p95(latency) 412 ms, limit < 300 ms, worst on GET /slow (2 of 3 limits are crossed)',
    )
  })

  it('looks at the selected endpoints only', () => {
    const samples = [...times(50), ...times(50, { endpoint: 'GET /slow', latency: 412 })]
    expect(decide(samples, 'p95(latency){GET /} < 300ms').verdict).toBe('pass')
    expect(decide(samples, 'p95(latency){GET /s*} < 300ms').verdict).toBe('fail')
    expect(decide(samples, 'p95(latency){GET *} < 300ms').limits[0]).toMatchObject({ samples: 100, worst: 'GET /slow' })
  })

  it.each([
    ['requests >= 100', 'pass'],
    ['requests >= 101', 'fail'],
    ['errors <= 10', 'pass'],
    ['errors < 10', 'fail'],
    ['error_rate <= 10%', 'pass'],
    ['error_rate < 10%', 'fail'],
    ['rate >= 10/s', 'pass'],
    ['rate > 10/s', 'fail'],
    ['min(latency) >= 20ms', 'pass'],
    ['mean(latency) <= 20ms', 'pass'],
  ])('%s: %s', (limit, verdict) => {
    const samples = [...times(90), ...times(10, { failure: 'status 500' })]
    expect(decide(samples, limit).verdict).toBe(verdict)
  })

  it('counts in a rate only what was answered', () => {
    const samples = [...times(50), ...times(50, { answered: false, failure: 'ECONNRESET' })]
    expect(decide(samples, 'rate >= 5/s').limits[0]).toMatchObject({ value: 5, verdict: 'pass' })
  })

  it('remarks on errors that no limit is about', () => {
    const judgement = decide([...times(99), { failure: 'status 500' }], 'p95(latency) < 300ms')
    expect([judgement.verdict, judgement.remarks]).toEqual([
      'pass',
      ['1 of 100 requests failed, and no limit is about errors.'],
    ])
  })

  it('calls it invalid when the generator was overloaded and a limit is crossed; within the limits that does no harm', () => {
    const doubts = ['the load generator itself was overloaded']
    expect(decide(times(100), 'p95(latency) < 10ms', { doubts })).toMatchObject({
      ...{ verdict: 'invalid', reasons: doubts, remarks: ['What could be judged crosses a limit already.'] },
    })
    expect(decide(times(100), 'p95(latency) < 30ms', { doubts }).verdict).toBe('pass')
  })

  it('calls a crossed limit a failure although the rate was not reached, as more load would not have made it better', () => {
    const shortfalls = ['the rate was not reached']
    expect(decide(times(100), 'p95(latency) < 10ms', { shortfalls })).toMatchObject({
      ...{ verdict: 'fail', reasons: [], remarks: shortfalls },
    })
    expect(decide(times(100), 'p95(latency) < 30ms', { shortfalls })).toMatchObject({
      ...{ verdict: 'invalid', reasons: shortfalls },
    })
  })
})

describe('R38: the gate cannot decide, and so does not pass, when', () => {
  it.each<readonly [string, readonly Partial<Sample>[], string, Partial<Source>, string]>([
    ['there is no sample', [], 'error_rate < 1%', {}, 'there is no sample'],
    ['there is no sample of latency', [], 'p95(latency) < 300ms', {}, 'there is no sample'],
    ['errors have no limit on nothing', [], 'errors <= 0', {}, 'there is no sample'],
    [
      'nothing was answered',
      times(50, { answered: false, failure: 'ECONNREFUSED', latency: 1 }),
      'p95(latency) < 300ms\nerror_rate < 1%',
      {},
      'none of 50 requests was answered (ECONNREFUSED)',
    ],
    [
      'all failed at once and only the latency is judged',
      times(5_999, { failure: 'status 500', latency: 0 }),
      'p99(latency) < 300ms',
      {},
      'all 5,999 requests failed (status 500), and no limit is about errors',
    ],
    [
      'a selector fits no endpoint',
      times(50),
      'p95(latency){GET /itmes} < 300ms\nerror_rate < 1%',
      {},
      'p95(latency){GET /itmes} < 300ms: no endpoint fits "GET /itmes"; there are "GET /"',
    ],
    ['there are too few samples', times(19), 'p95(latency) < 300ms', {}, '19 samples are too few, it takes 20'],
    [
      'there are too few for the far end',
      times(999),
      'p99.9(latency) < 1s',
      {},
      '999 samples are too few, it takes 1,000',
    ],
    ['nobody knows the time', times(50), 'rate >= 1/s', { seconds: NaN }, 'there is no value for it'],
    ['the source has a problem', times(50), 'error_rate < 1%', { problems: ['it is truncated'] }, 'it is truncated'],
    [
      'the generator itself was late and that decides',
      times(50, { latency: 400, latencyAtBest: 50 }),
      'p95(latency) < 300ms',
      {},
      'the delay of the load generator itself decides it',
    ],
    [
      'the generator was as late as the limit is wide',
      times(50, { latency: 400 }),
      'p95(latency) < 20ms',
      { ownDelayMilliseconds: 57 },
      'the delay of the load generator itself decides it',
    ],
    [
      'one limit is crossed and another cannot be judged',
      times(50, { latency: 400 }),
      'p95(latency) < 300ms\nrate >= 1/s',
      { seconds: NaN },
      'rate >= 1/s: there is no value for it',
    ],
  ])('%s', (_, samples, limits, source, reason) => {
    const judgement = decide(samples, limits, source)
    expect(judgement.verdict).toBe('invalid')
    expect(judgement.reasons.join('\n')).toContain(reason)
    expect(answerText(judgement)).toMatch(/^load test invalid: /)
  })

  it('a delay of the generator that decides nothing does no harm', () => {
    expect(decide(times(50, { latency: 90, latencyAtBest: 50 }), 'p95(latency) < 300ms').verdict).toBe('pass')
    expect(decide(times(50, { latency: 900, latencyAtBest: 800 }), 'p95(latency) < 300ms').verdict).toBe('fail')
    const late = { ownDelayMilliseconds: 57 }
    expect(decide(times(50, { latency: 900 }), 'p95(latency) < 300ms', late).verdict).toBe('fail')
    expect(decide(times(50, { latency: 10 }), 'p95(latency) < 20ms', late).verdict).toBe('pass')
    expect(decide([...times(49), { failure: 'status 500' }], 'errors <= 0', late).verdict).toBe('fail')
  })
})
