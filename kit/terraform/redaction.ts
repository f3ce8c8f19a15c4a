import { isList, isObject, member, type Json, type JsonObject } from './json.ts'
import type { Plan, ValueChange } from './plan.ts'

/** Shorter ones occur in too many harmless texts to be hidden wherever they occur. */
const SHORTEST_TAINT = 6

/**
 * Every text and long number that is marked sensitive anywhere in the plan: in changes, drift, outputs, variables, planned
 * values and prior state. Providers copy such values to places that bear no mark, so they are hidden by value.
 * Parts of addresses are left out: hiding them would hide which object is meant.
 */
export function collectTaint(plan: Plan): ReadonlySet<string> {
  const taint = new Set<string>()
  for (const change of [...plan.changes, ...plan.drift, ...plan.outputs, ...plan.deferred.map(item => item.change)])
    collectChange(taint, change)
  collectVariables(taint, plan.document)
  for (const part of ['planned_values', 'prior_state'])
    collectState(taint, part === 'prior_state' ? member(plan.document[part], 'values') : plan.document[part])
  const names = new Set(
    plan.changes.flatMap(({ address, type, name, index }) => [
      address,
      type,
      name,
      ...(index === undefined ? [] : [String(index)]),
    ]),
  )
  for (const value of taint) if (names.has(value)) taint.delete(value)
  return taint
}

function collectChange(taint: Set<string>, change: ValueChange): void {
  collectMarked(taint, change.before, change.beforeSensitive)
  collectMarked(taint, change.after, change.afterSensitive)
}

function collectVariables(taint: Set<string>, document: JsonObject): void {
  const declared = member(member(document['configuration'], 'root_module'), 'variables')
  const given = document['variables']
  if (!isObject(given)) return
  for (const [name, variable] of Object.entries(given))
    if (member(member(declared, name), 'sensitive') === true) collectLeaves(taint, member(variable, 'value'))
}

function collectState(taint: Set<string>, values: Json | undefined): void {
  const outputs = member(values, 'outputs')
  if (isObject(outputs))
    for (const output of Object.values(outputs))
      if (member(output, 'sensitive') === true) collectLeaves(taint, member(output, 'value'))
  collectModule(taint, member(values, 'root_module'))
}

function collectModule(taint: Set<string>, module: Json | undefined): void {
  const resources = member(module, 'resources')
  if (isList(resources))
    for (const resource of resources)
      collectMarked(taint, member(resource, 'values'), member(resource, 'sensitive_values'))
  const children = member(module, 'child_modules')
  if (isList(children)) for (const child of children) collectModule(taint, child)
}

function collectMarked(taint: Set<string>, value: Json | undefined, mark: Json | undefined): void {
  if (value === undefined || value === null || mark === undefined || mark === false) return
  if (mark === true) collectLeaves(taint, value)
  else if (isList(value) && isList(mark)) value.forEach((item, index) => collectMarked(taint, item, mark[index]))
  else if (isObject(value) && isObject(mark))
    for (const key of Object.keys(mark)) collectMarked(taint, member(value, key), mark[key])
}

function collectLeaves(taint: Set<string>, value: Json | undefined): void {
  if (typeof value === 'string') {
    if (value.length >= SHORTEST_TAINT) taint.add(value)
  } else if (isList(value)) value.forEach(item => collectLeaves(taint, item))
  else if (isObject(value)) Object.values(value).forEach(item => collectLeaves(taint, item))
}
