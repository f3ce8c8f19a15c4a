/** A number whose digits, or their spelling, do not survive a double; `source` is its JSON text. */
export class ExactNumber {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type Json = null | boolean | number | string | ExactNumber | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

type NumberReviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown

/**
 * Where a double in a list or an object may lose digits: a value of sixteen or more of them, or with an exponent. The same inside
 * of a string matches too: that only costs time, so what stands around a value is part of it, which spares the hashes that a
 * plan is full of. Its first character is one of three: V8 passes the others in half the time.
 */
const MAY_BE_LONG = /[[:,]\s*-?\d(?:[\d.]{15,}|[\d.]*[eE][+-]?\d)[\d.eE+-]*\s*(?:[,\]}]|$)/
const IS_NUMBER = /^\s*[-\d]/

/**
 * Parses JSON without losing digits: a number that a double cannot hold, or would write otherwise, comes back as ExactNumber.
 * @throws SyntaxError as JSON.parse
 */
export function parseJson(text: string): Json {
  if (!IS_NUMBER.test(text) && !MAY_BE_LONG.test(text)) return JSON.parse(text) as Json
  const revive: NumberReviver = (_key, value, context) => {
    const { source } = context
    if (typeof value !== 'number' || source === undefined) return value
    const written = String(value)
    if (written === source) return value
    // A double of 22 digits and more comes out with an exponent, in which nobody knows the number again.
    return normalNumber(source) === normalNumber(written) && !written.includes('e') ? value : new ExactNumber(source)
  }
  return (JSON.parse as (text: string, reviver: NumberReviver) => Json)(text, revive)
}

/** As parseJson; `undefined` for what is no JSON. */
export function jsonOrNothing(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** One spelling for every spelling of the same number: `1`, `1.0` and `10e-1` are `1e0`. */
export function normalNumber(source: string): string {
  const match = NUMBER.exec(source)
  if (!match) return source
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0e0'
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)
  return `${sign}${significant}e${power}`
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The digits of a number as they were written. */
export function numberText(value: number | ExactNumber): string {
  return value instanceof ExactNumber ? value.source : String(value)
}

/** The digits of a number without its sign: as a sensitive one is known. */
export function unsignedText(value: number | ExactNumber): string {
  const text = numberText(value)
  return text.includes('-') ? text.replace('-', '') : text
}

/** Every text, and the digits of every number without its sign, below a value. */
export function leafTexts(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number' || value instanceof ExactNumber) return [unsignedText(value)]
  if (isList(value)) return value.flatMap(leafTexts)
  return isObject(value) ? Object.values(value).flatMap(leafTexts) : []
}

/** Own member of an object; `undefined` when it is missing or `value` is no object. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** Element of a list; `undefined` when it is missing or `value` is no list. */
export function element(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value[index] : undefined
}

/** JSON text with sorted keys and all digits; equal values have equal text. */
export function canonicalText(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || value instanceof ExactNumber) return normalNumber(numberText(value))
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`
  const object = value as JsonObject
  const members = Object.keys(object)
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonicalText(object[key] ?? null)}`)
  return `{${members.join(',')}}`
}

/** Whether both have the same canonical text; told without making it. Plain loops: this runs for every value of a plan. */
export function sameJson(left: Json, right: Json): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return isNumber(left) && isNumber(right) && normalNumber(numberText(left)) === normalNumber(numberText(right))
  }
  if (isList(left)) {
    if (!isList(right) || left.length !== right.length) return false
    for (let index = 0; index < left.length; index++)
      if (!sameJson(left[index] ?? null, right[index] ?? null)) return false
    return true
  }
  if (isNumber(left) || isNumber(right))
    return isNumber(left) && isNumber(right) && normalNumber(left.source) === normalNumber(right.source)
  if (!isObject(left) || !isObject(right)) return false
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  for (const key of keys)
    if (!Object.hasOwn(right, key) || !sameJson(left[key] ?? null, right[key] ?? null)) return false
  return true
}

function isNumber(value: Json): value is number | ExactNumber {
  return typeof value === 'number' || value instanceof ExactNumber
}

/** JSON text for people: keys in their order, all digits kept. `indent` spaces a level; on one line when it is 0. */
export function writeJson(value: Json, indent = 0, level = 0): string {
  if (typeof value === 'number' || value instanceof ExactNumber) return numberText(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}']
  const parts = isList(value)
    ? value.map(item => writeJson(item, indent, level + 1))
    : Object.entries(value as JsonObject).map(
        ([key, item]) => `${JSON.stringify(key)}: ${writeJson(item, indent, level + 1)}`,
      )
  if (parts.length === 0) return open + close
  if (indent === 0) return open + parts.join(', ') + close
  const pad = ' '.repeat(indent * (level + 1))
  return `${open}\n${parts.map(part => pad + part).join(',\n')}\n${' '.repeat(indent * level)}${close}`
}
