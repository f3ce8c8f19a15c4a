import { isObject, parseJson, type Json, type JsonObject } from './json.ts'
import { checkDocument, isPlanDocument, noiseIn, plainText, readDocument, unreadable } from './plan-document.ts'
import { planOfEvents } from './plan-events.ts'
import { planOf, type Plan } from './plan.ts'

export interface NamedPlan {
  /** The unit as Terragrunt calls it, where its log tells. */
  readonly unit: string | undefined
  readonly plan: Plan
}

/**
 * Reads what a plan left where `show -json` cannot run on each plan file: one plan as JSON, the events of `plan -json`, or both
 * of several units as Terragrunt with `--all` writes them, a JSON document a line, bare or in Terragrunt's own log (as JSON, or
 * with time and unit before it). Terragrunt's lines about itself are passed over.
 *
 * A plan that was read from events knows less: see `detail`.
 * @param name what to call the text in an error, such as its path
 * @returns a plan a unit, in the order in which units first spoke
 * @throws GateError (`invalid`) when a line is neither, is cut, or when units without names are mixed
 */
export function parsePlans(text: string, name: string): readonly NamedPlan[] {
  const body = plainText(text, name)
  const units = new Map<string | undefined, Spoken>()
  for (const [index, line] of body.split(/\r?\n/).entries()) {
    const entry = entryOf(line)
    if (entry === undefined) continue
    const spoken = units.get(entry.unit) ?? { documents: [], events: [], begun: '' }
    units.set(entry.unit, spoken)
    const place = `${name}, line ${index + 1},`
    const document = documentOf(entry, spoken)
    if (document !== undefined) hear(spoken, document, place)
    else if (!entry.logged) {
      // One document over several lines, or one that was cut.
      if (index === 0 && line.startsWith('{')) return [{ unit: undefined, plan: planOf(readDocument(body, name)) }]
      throw noiseIn(body, name) ?? unreadable(place, 'it is neither the JSON of a plan nor an event, or it was cut')
    }
  }
  const plans = [...units].flatMap(([unit, spoken]) => plansOf(unit, spoken, name))
  if (plans.length === 0) throw unreadable(name, 'no line of it is a plan or an event')
  return plans
}

function hear(spoken: Spoken, document: JsonObject, place: string): void {
  if (isEvent(document)) spoken.events.push(document)
  else {
    checkDocument(document, place)
    spoken.documents.push(document)
  }
}

/** Terragrunt's log breaks a line of more than 32 KiB: the rest follows in the next entries of the same unit. */
function documentOf(entry: Entry, spoken: Spoken): JsonObject | undefined {
  if (!entry.logged) return entry.document ?? documentIn(entry.text)
  if (spoken.begun === '' && !entry.text.startsWith('{')) return undefined
  spoken.begun += entry.text
  if (!entry.text.endsWith('}')) return undefined
  const document = documentIn(spoken.begun)
  if (document !== undefined) spoken.begun = ''
  return document
}

/** What one unit wrote. */
interface Spoken {
  readonly documents: JsonObject[]
  readonly events: JsonObject[]
  /** A document whose end has not come yet. */
  begun: string
}

function plansOf(unit: string | undefined, { documents, events, begun }: Spoken, name: string): readonly NamedPlan[] {
  const called = unit === undefined ? name : `${name}, unit ${JSON.stringify(unit)},`
  if (begun !== '') throw unreadable(called, 'a line of JSON in it has no end; it was cut')
  const plans = documents.map(document => ({ unit, plan: planOf(document) }))
  if (events.length === 0) return plans
  if (events.filter(event => event['type'] === 'version').length > 1)
    throw unreadable(
      called,
      'the events of several plans are mixed in it, and none says whose it is',
      'Let Terragrunt write "--log-format json", or keep a file a unit.',
    )
  return [...plans, { unit, plan: planOfEvents(events, called) }]
}

function documentIn(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const document = parseJson(text)
    return isObject(document) ? document : undefined
  } catch {
    return undefined
  }
}

function isEvent(document: JsonObject): boolean {
  return typeof document['@message'] === 'string' && !isPlanDocument(document)
}

interface Entry {
  readonly unit: string | undefined
  readonly text: string
  /** It stood in Terragrunt's log. */
  readonly logged: boolean
  /** When it is parsed already. */
  readonly document?: JsonObject
}

/** Time, level, unit and tool as Terragrunt's pretty log has them before a line of Terraform. A unit may hold brackets. */
const PRETTY = /^\d\d:\d\d:\d\d(?:\.\d+)? +[A-Z]+ +(?:\[(.+?)\] )?(?:(?:\S*tofu|\S*terraform)\S*: )?(.*)$/

/** What a line holds once Terragrunt's log is taken off; `undefined` for an empty one. */
function entryOf(line: string): Entry | undefined {
  if (line.trim() === '') return undefined
  const pretty = PRETTY.exec(line)
  if (pretty) return { unit: pretty[1], text: pretty[2] ?? '', logged: true }
  const document = documentIn(line)
  const message = document?.['msg']
  if (document === undefined) return { unit: undefined, text: line, logged: false }
  if (typeof message !== 'string' || isEvent(document) || isPlanDocument(document))
    return { unit: undefined, text: line, logged: false, document }
  return { unit: unitOf(document), text: message.replace(/\n+$/, ''), logged: true }
}

function unitOf(entry: JsonObject): string | undefined {
  const named = (value: Json | undefined) => (typeof value === 'string' && value !== '' ? value : undefined)
  return named(entry['prefix']) ?? named(entry['working-dir']) ?? named(entry['workingDir'])
}
