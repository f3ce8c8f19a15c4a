import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Unusable } from '../../../kit/inputs.ts'
import {
  formatThreshold,
  holds,
  limitValue,
  parseThreshold,
  select,
  thresholds,
  type Measure,
  type Threshold,
} from '../../../kit/stats/threshold.ts'

describe('a limit', () => {
  it.each([
    ['p95(latency) < 300ms', 'p95(latency) < 300ms', 300],
    ['  p99.9( latency )<=1.5 s ', 'p99.9(latency) <= 1.5s', 1_500],
    ['med(latency) < 250us', 'p50(latency) < 250us', 0.25],
    ['max(latency) < 1m', 'max(latency) < 1m', 60_000],
    ['error_rate < 1%', 'error_rate < 1%', 0.01],
    ['rate >= 50/s', 'rate >= 50/s', 50],
    ['rate > 120/min', 'rate > 120/min', 2],
    ['errors <= 0', 'errors <= 0', 0],
    ['requests >= 1000', 'requests >= 1000', 1_000],
    ['p95(latency){GET /api/items} < 300ms', 'p95(latency){GET /api/items} < 300ms', 300],
    ['error_rate{GET /items/{id}} < 1%', 'error_rate{GET /items/{id}} < 1%', 0.01],
    ['p95(latency){a} < 5ms} < 300ms', 'p95(latency){a} < 5ms} < 300ms', 300],
  ])('%s is %s', (line, written, value) => {
    const threshold = parseThreshold(line)
    expect(formatThreshold(threshold)).toBe(written)
    expect(limitValue(threshold)).toBeCloseTo(value, 9)
  })

  it.each([
    ['p95(latency) < 300', 'has no unit', 'such as "300ms"'],
    ['p95(latency) < 300mb', 'has the unit "mb"', '"us", "ms", "s", "m"'],
    ['error_rate < 0.01', 'has no unit', 'such as "0.01%"'],
    ['errors < 3%', 'has the unit "%"', 'errors < 10'],
    ['p95(latency) == 300ms', 'compares with "=="', '"<", "<=", ">" or ">="'],
    ['p95(latnecy) < 300ms', 'has the metric "latnecy"', 'Did you mean "latency"?'],
    ['p95 < 300ms', 'does not say of what', '"p95(latency)"'],
    ['latency < 300ms', 'does not say which latency', '"p95(latency)"'],
    ['avg(latency) < 300ms', 'has the statistic "avg"', '"mean"'],
    ['p100(latency) < 300ms', 'has the percentile "p100"', '"p95"'],
    ['p0(latency) < 300ms', 'has the percentile "p0"', '"p95"'],
    ['p95(error_rate) < 1%', 'around a metric that has one value', '"error_rate" alone'],
    ['p95(latency){} < 300ms', 'has an empty selector', 'Name an endpoint'],
    ['p95(latency) < fast', 'has no number', 'p95(latency) < 300ms'],
    ['p95(latency) < -5ms', 'has no number', 'p95(latency) < 300ms'],
    ['p95(latency) < NaNms', 'has no number', 'p95(latency) < 300ms'],
    ['be quick', 'is no limit', 'p95(latency) < 300ms'],
  ])('%s is refused: it %s', (line, problem, fix) => {
    const thrown = attempt(() => parseThreshold(line))
    expect(thrown).toBeInstanceOf(Unusable)
    expect(thrown.message).toContain(problem)
    expect((thrown as Unusable).fix).toContain(fix)
  })

  it('is read back to the same limit from what it is written as', () => {
    fc.assert(
      fc.property(anyThreshold, threshold => {
        expect(parseThreshold(formatThreshold(threshold))).toEqual(threshold)
      }),
    )
  })

  it('never takes long to read, and never throws anything but what to do', () => {
    const pieces = fc.constantFrom(...['p95', '(', 'latency', ')', '{', '}', '<', '= ', ' ', '1', 'ms', '*', 'x', '\t'])
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 300 }), words => {
        const thrown = attempt(() => parseThreshold(words.join('')))
        if (thrown.message !== 'nothing was thrown') expect(thrown).toBeInstanceOf(Unusable)
      }),
    )
  })

  it.each(['<', '<=', '>', '>='] as const)('R38: NaN does not keep a limit with %s', operator => {
    expect(holds({ ...parseThreshold('errors < 1'), operator }, NaN)).toBe(false)
  })

  it.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
  ] as const)('with %s compares as it says', (operator, results) => {
    const threshold = { ...parseThreshold('errors < 10'), operator }
    expect([9, 10, 11].map(value => holds(threshold, value))).toEqual(results)
  })
})

describe('limits', () => {
  it('come one per line', () => {
    expect(thresholds.parse('p95(latency) < 300ms\n\n  error_rate < 1%\r\n').map(formatThreshold)).toEqual([
      'p95(latency) < 300ms',
      'error_rate < 1%',
    ])
  })
  it.each([
    ['', 'lets all pass'],
    ['error_rate < 1%\nerror_rate  < 1 %', '"error_rate < 1%" comes twice'],
  ])('%j are refused', (raw, problem) => expect(() => thresholds.parse(raw)).toThrow(problem))
})

describe('a selector', () => {
  const names = ['GET /api/items', 'GET /api/items/{id}', 'POST /api/items', 'literal *']
  it.each([
    ['GET /api/items', ['GET /api/items']],
    ['GET *', ['GET /api/items', 'GET /api/items/{id}']],
    ['*items', ['GET /api/items', 'POST /api/items']],
    ['*/api/*{id}', ['GET /api/items/{id}']],
    ['literal *', ['literal *']],
    ['*', names],
    ['get /api/items', []],
    ['GET /api/items*items', []],
  ])('%s means %j', (selector, meant) => expect(select(selector, names)).toEqual(meant))

  it('means what the same pattern as a regular expression means', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(word, name, (pattern, name) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)
        expect(select(pattern, [name])).toEqual(expected ? [name] : [])
      }),
    )
  })
})

const operator = fc.constantFrom('<', '<=', '>', '>=' as const)
const limit = fc.nat({ max: 999_999_999 }).map(number => number / 1_000)
const selector = fc.option(
  fc.string({ minLength: 1 }).filter(text => text.trim() === text && !/[\r\n\u2028\u2029]/.test(text)),
  { nil: undefined },
)
const latency: fc.Arbitrary<Measure> = fc.oneof(
  fc.constantFrom('min', 'mean', 'max').map(statistic => ({ kind: 'latency' as const, statistic })),
  fc.integer({ min: 1, max: 9_999 }).map(number => ({
    ...{ kind: 'latency' as const, statistic: 'percentile' as const, percent: number / 100 },
  })),
)
const of = (measure: fc.Arbitrary<Measure>, ...units: Threshold['unit'][]) =>
  fc.record({ measure, selector, operator, limit, unit: fc.constantFrom(...units) })
const anyThreshold: fc.Arbitrary<Threshold> = fc.oneof(
  of(latency, 'us', 'ms', 's', 'm'),
  of(fc.constant({ kind: 'error_rate' }), '%'),
  of(fc.constant({ kind: 'rate' }), '/s', '/min'),
  of(fc.constantFrom<Measure>({ kind: 'errors' }, { kind: 'requests' }), ''),
)

function attempt(work: () => unknown): Error {
  try {
    work()
  } catch (thrown) {
    return thrown as Error
  }
  return new Error('nothing was thrown')
}
