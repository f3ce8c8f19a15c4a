import { GateError } from '../errors.ts'
import { isObject, parseJson, type Json, type JsonObject } from './json.ts'

const MAKE_PLAN = 'Make it with "terraform plan -out=tfplan && terraform show -json tfplan".'

/** Parts that make a JSON object a plan; HCP's redacted form has the second version instead of the first. */
const PLAN_KEYS = ['resource_changes', 'planned_values', 'output_changes', 'configuration', 'prior_state']

/** Lists of objects; one that is something else would get lost unseen. */
const PARTS = [
  ...['resource_changes', 'resource_drift', 'deferred_changes', 'checks'],
  ...['action_invocations', 'deferred_action_invocations'],
]

/** What plans of Terraform 0.12 to 1.17 and of OpenTofu to 1.13 are made of. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  ...PLAN_KEYS,
  ...PARTS,
  ...['format_version', 'plan_format_version', 'provider_format_version', 'terraform_version', 'timestamp'],
  ...['variables', 'proposed_unknown', 'relevant_attributes', 'provider_schemas'],
  ...['applyable', 'complete', 'errored'],
])

/** A text that is no plan; its gate cannot decide. */
export function unreadable(name: string, problem: string, hint = MAKE_PLAN): GateError {
  return new GateError(`${name} cannot be read as a Terraform plan: ${problem}`, { verdict: 'invalid', hint })
}

/** The text without a byte order mark and space around it. */
export function plainText(text: string, name: string): string {
  // JSON holds no NUL; UTF-16 that was read as UTF-8 has one beside each letter.
  if (text.slice(0, 64).includes('\0'))
    throw unreadable(
      name,
      'it is UTF-16, as ">" of Windows PowerShell writes it',
      'Write it as UTF-8: "terraform show -json tfplan | Out-File -Encoding utf8 plan.json".',
    )
  const body = text.replace(/^\uFEFF/, '').trim()
  if (body === '') throw unreadable(name, 'it is empty')
  return body
}

const WRAPPER_LINE = /^(?:\[command\]|::[a-z-]+(?: [^\n]*)?::)/m

/** Why a text is not one JSON document, when other programs wrote beside it. */
export function noiseIn(body: string, name: string): GateError | undefined {
  if (WRAPPER_LINE.test(body))
    return unreadable(
      name,
      'the wrapper of hashicorp/setup-terraform wrote its own lines ("[command]…", "::…") around the JSON',
      'Set "terraform_wrapper: false", or let Slipway run terraform.',
    )
  if (!body.startsWith('{') && /^\{/m.test(body))
    return unreadable(
      name,
      'there are other lines before the JSON, as a wrapper script writes them',
      'Keep stdout of "show -json" alone, without stderr, or let Slipway run terraform.',
    )
  return undefined
}

/**
 * The JSON object of one plan.
 * @throws GateError (`invalid`) when the text is none
 */
export function readDocument(text: string, name: string): JsonObject {
  const body = plainText(text, name)
  let document: Json
  try {
    document = parseJson(body)
  } catch {
    const isStream = /^\{.*\}\r?\n\s*\{/.test(body)
    const problem = isStream
      ? 'it holds several JSON documents, one a line, as "plan -json" and Terragrunt with --all write them'
      : 'it is not valid JSON; it may have been cut'
    // The words of JSON.parse are left out: they quote what they stumbled over.
    throw noiseIn(body, name) ?? unreadable(name, problem)
  }
  if (!isObject(document)) throw unreadable(name, 'it is not a JSON object')
  checkDocument(document, name)
  return document
}

/** Whether a JSON object is meant as a plan. */
export function isPlanDocument(document: JsonObject): boolean {
  return PLAN_KEYS.some(key => key in document)
}

/** @throws GateError (`invalid`) when the object is no plan of a known format, or a part of it could get lost unseen */
export function checkDocument(document: JsonObject, name: string): void {
  const format = versionOf(document)
  if (format !== undefined && !/^[01](?:\.|$)/.test(format))
    throw unreadable(name, `its format version is ${JSON.stringify(format)}, known are 0.1 to 1.x`)
  if (!isPlanDocument(document))
    throw unreadable(name, 'values' in document ? 'it is a state, not a plan' : 'it has none of the parts of a plan')
  for (const part of PARTS)
    if (!isListOfObjects(document[part])) throw unreadable(name, `its "${part}" is not a list of objects`)
  const outputs = document['output_changes'] ?? null
  if (outputs !== null && !isObject(outputs)) throw unreadable(name, 'its "output_changes" is not an object')
}

function isListOfObjects(value: Json | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.every(item => isObject(item as Json)))
}

/** The format version; the redacted form names it otherwise, and very old plans have none. */
export function versionOf(document: JsonObject): string | undefined {
  const version = document['format_version'] ?? document['plan_format_version'] ?? null
  if (version === null) return undefined
  return typeof version === 'string' ? version : JSON.stringify(version)
}

/** Names of the parts that hold something and that this version does not know. */
export function unknownParts(document: JsonObject): readonly string[] {
  return Object.entries(document)
    .filter(([key, value]) => !KNOWN_KEYS.has(key) && !isEmpty(value))
    .map(([key]) => key)
}

function isEmpty(value: Json): boolean {
  if (value === null || value === false || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
