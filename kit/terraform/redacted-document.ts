import { isList, isObject, member, element, type Json, type JsonObject } from './json.ts'
import type { Plan } from './plan.ts'

/** They say nothing of what will happen, and hold values without marks beside them. */
const LEFT_OUT: ReadonlySet<string> = new Set(['prior_state', 'variables'])

/** Which member of the same object marks the values of a member. */
const MARKS: Readonly<Record<string, string>> = {
  before: 'before_sensitive',
  after: 'after_sensitive',
  value: 'sensitive',
  values: 'sensitive_values',
}

/**
 * The JSON of a plan for programs that may not know its secrets: what is marked as sensitive is `***`, whatever its type, and
 * every text goes through `hide`. State and variables are left out.
 */
export function redactedDocument({ document }: Plan, hide: (text: string) => string): JsonObject {
  const redact = (value: Json, mark: Json | undefined): Json => {
    if (value === null) return null
    if (mark === true) return '***'
    if (typeof value === 'string') return hide(value)
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
    const marked = Object.hasOwn(MARKS, name) ? MARKS[name] : undefined
    return marked === undefined ? undefined : member(owner, marked)
  }
  const kept = Object.entries(document).filter(([name]) => !LEFT_OUT.has(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, redact(value, undefined)]))
}
