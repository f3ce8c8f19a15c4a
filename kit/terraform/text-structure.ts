import { parseAllDocuments } from 'yaml'
import { ExactNumber, isList, isObject, parseJson, type Json, type JsonObject } from './json.ts'

/** A document as text: more than this is compared as text. UTF-16 units. */
const LONGEST_JSON = 1_000_000
const LONGEST_YAML = 65_536
const LONGEST_BASE64 = 1_000_000

/** Shorter words are base64 by chance. */
const SHORTEST_BASE64 = 16

type Structure = JsonObject | readonly Json[]

/** The object or list that a text holds as JSON. */
export function jsonInText(text: string): Structure | undefined {
  if (text.length > LONGEST_JSON || !/^\s*[[{]/.test(text)) return undefined
  try {
    const value = parseJson(text)
    return isObject(value) || isList(value) ? value : undefined
  } catch {
    return undefined
  }
}

const YAML_LINE = /^[ \t]*(?:- |[^\s#:{}[\],&*!|>%@`][^\n:]*:(?:[ \t\r]|$))/m

/** The mapping or list that a text of several lines holds as YAML 1.2; several documents are a list. */
export function yamlInText(text: string): Structure | undefined {
  if (text.length > LONGEST_YAML || !text.includes('\n') || !YAML_LINE.test(text)) return undefined
  try {
    const documents = parseAllDocuments(text, { intAsBigInt: true, logLevel: 'silent' })
    if (!Array.isArray(documents) || documents.some(({ errors, warnings }) => errors.length + warnings.length > 0))
      return undefined
    const values = documents.map(document => jsonOf(document.toJS({ maxAliasCount: 100 })))
    if (!values.every(value => isObject(value) || isList(value))) return undefined
    return values.length === 1 ? (values[0] as Structure) : values
  } catch {
    return undefined
  }
}

function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : new ExactNumber(String(value))
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
/** A digest, which only looks like base64. */
const HEX = /^(?:[0-9a-f]+|[0-9A-F]+)$/

/** The text that base64 decodes to; `undefined` when it is no base64, or what it decodes to is not for people. */
export function base64Text(text: string): string | undefined {
  if (text.length < SHORTEST_BASE64 || text.length > LONGEST_BASE64) return undefined
  if (text.length % 4 !== 0 || HEX.test(text) || !BASE64.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  const decoded = bytes.toString('utf8')
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFD]/.test(decoded)) return undefined
  return Buffer.from(decoded).equals(bytes) ? decoded : undefined
}
