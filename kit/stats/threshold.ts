import { Unusable, type Parser } from '../inputs.ts'
import { nearest } from '../nearest.ts'

export type Operator = '<' | '<=' | '>' | '>='

/** What a limit is about: a statistic of the latency, or a number of the whole run. */
export type Measure =
  | { readonly kind: 'latency'; readonly statistic: 'min' | 'mean' | 'max' }
  /** `percent` from 0 to 100, both left out. */
  | { readonly kind: 'latency'; readonly statistic: 'percentile'; readonly percent: number }
  | { readonly kind: 'error_rate' | 'errors' | 'requests' | 'rate' }

/** A limit: what must hold. */
export interface Threshold {
  readonly measure: Measure
  /** Name of an endpoint, or a pattern with `*`; `undefined` for all together. */
  readonly selector: string | undefined
  readonly operator: Operator
  readonly limit: number
  readonly unit: Unit
}

/** Units and how much one of each is: milliseconds, shares of 1, per second, pieces. */
const UNITS = {
  latency: { us: 0.001, ms: 1, s: 1_000, m: 60_000 },
  error_rate: { '%': 0.01 },
  rate: { '/s': 1, '/min': 1 / 60 },
  errors: { '': 1 },
  requests: { '': 1 },
} as const satisfies Record<Measure['kind'], Readonly<Record<string, number>>>

type Unit = { [K in keyof typeof UNITS]: keyof (typeof UNITS)[K] }[keyof typeof UNITS]

const EXAMPLE = 'Write it as "p95(latency) < 300ms", "error_rate < 1%" or "p99(latency){GET /api/items} < 1s"'
const STATISTICS = ['min', 'mean', 'med', 'max']
const KINDS = Object.keys(UNITS) as Measure['kind'][]

// The selector is whatever stands in the outermost braces: names of endpoints hold braces and comparisons themselves.
const SHAPE = /^([a-z_]+[0-9.]*)\s*(?:\(\s*([a-z_]*)\s*\))?\s*(?:\{(.*)\})?\s*([<>=!]+)\s*([^\s<>=]+)\s*(\S*)$/
const NUMBER = /^(\d{1,12}(?:\.\d{1,6})?)(.*)$/

/**
 * Reads a limit: `p95(latency) < 300ms`, `error_rate < 1%`, `rate >= 50/s`, with a selector behind the metric where it is
 * about some endpoints only: `p95(latency){GET /api/*} < 300ms`. Times, shares and rates need their unit.
 * @throws Unusable
 */
export function parseThreshold(line: string): Threshold {
  const { measure, selector, operator, value, rest } = partsOf(line.trim())
  if (!isOperator(operator))
    throw new Unusable(`${quote(line)} compares with ${quote(operator)}`, 'Use "<", "<=", ">" or ">="')
  const [, digits, glued = ''] = NUMBER.exec(value) ?? []
  if (digits === undefined) throw new Unusable(`${quote(line)} has no number as its limit`, EXAMPLE)
  const unit = glued === '' ? rest : `${glued}${rest === '' ? '' : ` ${rest}`}`
  if (!isUnitOf(measure.kind, unit)) {
    const units = Object.keys(UNITS[measure.kind])
    const fix = units.includes('')
      ? `Give a number alone, such as "${measure.kind} ${operator} 10"`
      : `Put one of ${units.map(quote).join(', ')} behind the number, such as "${digits}${units.includes('ms') ? 'ms' : units[0]}"`
    throw new Unusable(`${quote(line)} ${unit === '' ? 'has no unit' : `has the unit ${quote(unit)}`}`, fix)
  }
  return { measure, selector, operator, limit: Number(digits), unit }
}

/** The way that it is written everywhere; `parseThreshold` reads it back to the same limit. */
export function formatThreshold({ measure, selector, operator, limit, unit }: Threshold): string {
  return `${formatMeasure(measure)}${selector === undefined ? '' : `{${selector}}`} ${operator} ${decimal(limit)}${unit}`
}

/** `p95(latency)`, `error_rate`. */
export function formatMeasure(measure: Measure): string {
  if (measure.kind !== 'latency') return measure.kind
  return `${measure.statistic === 'percentile' ? `p${decimal(measure.percent)}` : measure.statistic}(latency)`
}

/** The limit in milliseconds, as a share of 1, per second or in pieces. */
export function limitValue({ measure, limit, unit }: Threshold): number {
  const factors: Readonly<Record<string, number>> = UNITS[measure.kind]
  return limit * (factors[unit] ?? NaN)
}

/** Whether `value` keeps the limit. NaN never does (rule R38). */
export function holds(threshold: Threshold, value: number): boolean {
  const limit = limitValue(threshold)
  switch (threshold.operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}

/** Those of `names` that a selector means: the one of exactly this name, else those that fit its `*`. */
export function select(selector: string, names: readonly string[]): readonly string[] {
  if (names.includes(selector)) return [selector]
  const parts = selector.split('*')
  return parts.length === 1 ? [] : names.filter(name => fitsPattern(name, parts))
}

/** Without a regular expression: one made of a selector of many stars could take ages. */
function fitsPattern(name: string, parts: readonly string[]): boolean {
  const [first = '', last = ''] = [parts[0], parts.at(-1)]
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let from = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}

/** Limits, one per line; at least one, and none twice. */
export const thresholds: Parser<readonly Threshold[]> = {
  parse(raw) {
    const lines = raw
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(line => line !== '')
    if (lines.length === 0) throw new Unusable('it has no limit, and a gate without one lets all pass', EXAMPLE)
    const limits = lines.map(parseThreshold)
    const texts = limits.map(formatThreshold)
    const twice = texts.find((text, index) => texts.indexOf(text) !== index)
    if (twice !== undefined) throw new Unusable(`the limit ${quote(twice)} comes twice`, 'Give each limit once')
    return limits
  },
}

interface Parts {
  readonly measure: Measure
  readonly selector: string | undefined
  readonly operator: string
  readonly value: string
  readonly rest: string
}

function partsOf(line: string): Parts {
  const [, word = '', metric, braces, operator = '', value = '', rest = ''] = SHAPE.exec(line) ?? []
  if (word === '') throw new Unusable(`${quote(line)} is no limit`, EXAMPLE)
  const selector = braces?.trim()
  if (selector === '') throw new Unusable(`${quote(line)} has an empty selector`, 'Name an endpoint in the braces')
  return { measure: measureOf(line, word, metric), selector, operator, value, rest }
}

function measureOf(line: string, word: string, metric: string | undefined): Measure {
  if (metric === undefined) {
    const kind = KINDS.find(each => each === word)
    if (kind === 'latency')
      throw new Unusable(
        `${quote(line)} does not say which latency`,
        'Write "p95(latency)", "max(latency)" or the like',
      )
    if (kind !== undefined) return { kind }
    if (STATISTICS.includes(word) || /^p\d/.test(word))
      throw new Unusable(`${quote(line)} does not say of what`, `Write "${word}(latency)"`)
    throw unknown(line, 'metric', word, KINDS)
  }
  if (metric !== 'latency') {
    const meant = KINDS.find(each => each === metric)
    if (meant !== undefined)
      throw new Unusable(
        `${quote(line)} has ${quote(`${word}(…)`)} around a metric that has one value`,
        `Write "${meant}" alone`,
      )
    throw unknown(line, 'metric', metric, KINDS)
  }
  const [, digits] = /^p(\d{1,2}(?:\.\d{1,4})?)$/.exec(word) ?? []
  const percent = word === 'med' ? 50 : Number(digits ?? NaN)
  if (percent > 0 && percent < 100) return { kind: 'latency', statistic: 'percentile', percent }
  if (word === 'min' || word === 'mean' || word === 'max') return { kind: 'latency', statistic: word }
  if (/^p[\d.]+$/.test(word))
    throw new Unusable(
      `${quote(line)} has the percentile ${quote(word)}`,
      'Use one from "p0.0001" to "p99.9999", such as "p95"',
    )
  throw unknown(line, 'statistic', word, [...STATISTICS, 'p50', 'p95', 'p99'])
}

function unknown(line: string, what: string, word: string, known: readonly string[]): Unusable {
  const close = nearest(word, known)
  const fix = close === undefined ? `Use one of ${known.map(quote).join(', ')}` : `Did you mean "${close}"?`
  return new Unusable(`${quote(line)} has the ${what} ${quote(word)}, which there is not`, fix)
}

function isOperator(text: string): text is Operator {
  return ['<', '<=', '>', '>='].includes(text)
}

function isUnitOf(kind: Measure['kind'], unit: string): unit is Unit {
  return Object.hasOwn(UNITS[kind], unit)
}

/** As it was written: no exponents, no digits that come of the binary form. */
function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '')
}

function quote(text: string): string {
  return JSON.stringify(text)
}
