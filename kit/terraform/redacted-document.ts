import {
  ExactNumber,
  isList,
  isObject,
  member,
  element,
  numberText,
  writeJson,
  type Json,
  type JsonObject,
} from './json.ts'
import type { Plan, ValueChange } from './plan.ts'
import { markSink } from './sink-marks.ts'
import { sinksOf } from './sinks.ts'
import { jsonInText } from './text-structure.ts'

/** They say nothing of what will happen, and hold values without marks beside them. */
const LEFT_OUT: ReadonlySet<string> = new Set(['prior_state', 'variables'])

/** Which member of the same object marks the values of a member. */
const MARKS: Readonly<Record<string, string>> = {
  before: 'before_sensitive',
  after: 'after_sensitive',
  value: 'sensitive',
  values: 'sensitive_values',
}

const HIDDEN = '***'

/**
 * The JSON of a plan for programs that may not know its secrets: what the plan's marks hide is `***`, whatever its type, and
 * every text and number goes through `hide`. State and variables are left out.
 * @param plan with a mark on every value that is to be hidden, as a hider gives it
 */
export function redactedDocument(plan: Plan, hide: (text: string) => string): JsonObject {
  const { document } = plan
  const marks = marksOf(plan)
  const redact = (value: Json, mark: Json | undefined): Json => {
    if (value === null) return null
    if (mark === true) return HIDDEN
    if (typeof value === 'string') {
      const inner = isObject(mark) || isList(mark) ? jsonInText(value) : undefined
      return hide(inner === undefined ? value : writeJson(redact(inner, mark)))
    }
    if (typeof value === 'number' || value instanceof ExactNumber) {
      // It is known without its sign.
      const digits = numberText(value).replace('-', '')
      return hide(digits) === digits ? value : HIDDEN
    }
    if (isList(value)) return value.map((item, index) => redact(item, element(mark, index)))
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        hide(name),
        redact(item, member(mark, name) ?? ownMark(value, name)),
      ]),
    )
  }
  const ownMark = (owner: JsonObject, name: string): Json | undefined => {
    const known = marks.get(owner)?.[name]
    if (known !== undefined) return known
    const marked = Object.hasOwn(MARKS, name) ? MARKS[name] : undefined
    return marked === undefined ? undefined : member(owner, marked)
  }
  const kept = Object.entries(document).filter(([name]) => !LEFT_OUT.has(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, redact(value, undefined)]))
}

/** Marks of the plan by the objects of its document beside whose own they stand. */
type Marks = Map<JsonObject, Readonly<Record<string, Json>>>

function marksOf({ document, changes, drift, deferred, outputs }: Plan): Marks {
  const marks: Marks = new Map()
  const after = new Map<string, Json>()
  const add = (owner: Json | undefined, { beforeSensitive, afterSensitive }: ValueChange) => {
    if (isObject(owner)) marks.set(owner, { before: beforeSensitive, after: afterSensitive })
  }
  for (const [name, found] of [
    ['resource_changes', changes],
    ['resource_drift', drift],
  ] as const)
    for (const [index, entry] of objects(document[name]).entries()) {
      const change = found[index]
      if (change === undefined) continue
      add(member(entry, 'change'), change)
      if (found === changes && change.deposed === undefined) after.set(change.address, change.afterSensitive)
    }
  for (const [index, entry] of objects(document['deferred_changes']).entries()) {
    const change = deferred[index]?.change
    if (change !== undefined) add(member(member(entry, 'resource_change'), 'change'), change)
  }
  for (const output of outputs) add(member(document['output_changes'], output.name), output)
  addModule(marks, after, member(document['planned_values'], 'root_module'))
  return marks
}

/** Objects to which nothing happens have no marks but Terraform's; places that hold secrets are found in all of them. */
function addModule(marks: Marks, after: ReadonlyMap<string, Json>, module: Json | undefined): void {
  for (const resource of objects(member(module, 'resources'))) {
    const [address, type, values] = ['address', 'type', 'values'].map(name => member(resource, name))
    const known = (typeof address === 'string' ? after.get(address) : undefined) || false
    const own = known === false ? (member(resource, 'sensitive_values') ?? false) : known
    const sinks = typeof type === 'string' ? sinksOf(type) : []
    const all = sinks.reduce<Json>((mark, sink) => markSink(values ?? null, mark, sink, () => undefined), own)
    marks.set(resource, { values: all })
  }
  for (const child of objects(member(module, 'child_modules'))) addModule(marks, after, child)
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : []
}
