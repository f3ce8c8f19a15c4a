import { createLiteralSearch } from '../literal-search.ts'
import { isList, isObject, leafTexts, member, type Json, type JsonObject } from './json.ts'
import { markSink } from './sink-marks.ts'
import type { Plan, ResourceChange, ValueChange } from './plan.ts'
import { sinksOf } from './sinks.ts'

/** Shorter ones occur in too many harmless texts to be hidden wherever they occur. */
export const SHORTEST_TAINT = 6

/** What is sensitive in a plan. */
export interface Taint {
  /** Texts, and digits of numbers, of 6 characters and more: hidden as parts of other texts too. */
  readonly long: ReadonlySet<string>
  /** Shorter ones, of 2 characters and more: hidden where a whole value is the same. */
  readonly short: ReadonlySet<string>
  /** Values of 6 characters and more that stand in addresses, which are shown: Terraform itself lets none get there. */
  readonly inAddresses: ReadonlySet<string>
}

/**
 * Every literal that is marked sensitive anywhere: in changes, drift, deferred changes, outputs, invocations, planned
 * values and prior state; values and defaults of sensitive variables, of child modules too where the configuration names
 * what goes in; what stands in places that hold nothing but secrets. Providers copy such values to places without a mark,
 * so they are hidden by value. Parts of addresses are left out: hiding them would hide which object is meant.
 * @param values what is known to be sensitive besides
 * @param states more documents of `show -json`, such as the state after an apply
 */
export function collectTaint(plan: Plan, values: Iterable<string> = [], states: readonly Json[] = []): Taint {
  const found: Found = { values: new Set(values), names: new Set(), addresses: [] }
  for (const change of plan.changes) collectObject(found, change)
  for (const change of plan.drift) collectObject(found, change)
  for (const { change } of plan.deferred) collectObject(found, change)
  for (const output of plan.outputs) collectChange(found, output)
  for (const invocation of plan.invocations)
    collectMarked(found, invocation['config_values'], invocation['config_sensitive'])
  const { document } = plan
  collectConfiguration(found, member(document['configuration'], 'root_module'), name =>
    member(member(document['variables'], name), 'value'),
  )
  collectState(found, document['planned_values'])
  for (const state of [document['prior_state'], ...states]) collectState(found, member(state, 'values'))
  return taintOf(found)
}

/** What is sensitive in a state (`show -json`) and among values that are known otherwise. */
export function collectStateTaint(state: Json, values: Iterable<string>): Taint {
  const found: Found = { values: new Set(values), names: new Set(), addresses: [] }
  collectState(found, member(state, 'values'))
  return taintOf(found)
}

interface Found {
  readonly values: Set<string>
  /** Parts of addresses. */
  readonly names: Set<string>
  readonly addresses: string[]
}

function taintOf({ values, names, addresses }: Found): Taint {
  const long = new Set<string>()
  const short = new Set<string>()
  for (const value of values) {
    const text = value.trim()
    if (names.has(text)) continue
    if (text.length >= SHORTEST_TAINT) for (const form of [value, text]) long.add(form)
    else if (text.length > 1) short.add(text)
  }
  const inAddresses = new Set<string>()
  createLiteralSearch([...long, ...[...values].filter(value => value.length >= SHORTEST_TAINT)]).find(
    [...new Set(addresses)].join('\n'),
    (_start, _end, value) => inAddresses.add(value),
  )
  return { long, short, inAddresses }
}

function collectObject(found: Found, change: ResourceChange): void {
  addName(found, change)
  if (change.previousAddress !== undefined) found.addresses.push(change.previousAddress)
  collectSinks(found, change.type, change.before)
  collectSinks(found, change.type, change.after)
  collectChange(found, change)
}

type Named = Pick<ResourceChange, 'address' | 'type' | 'name' | 'index' | 'moduleAddress'>

function addName({ names, addresses }: Found, { address, type, name, index = '', moduleAddress }: Named): void {
  addresses.push(address)
  names.add(address).add(type).add(name).add(String(index))
  if (moduleAddress === undefined || names.has(moduleAddress)) return
  names.add(moduleAddress)
  for (const match of moduleAddress.matchAll(/module\.([\w-]+)(?:\[(?:"((?:[^"\\]|\\.)*)"|\d+)\])?/g))
    for (const part of match.slice(1)) if (part !== undefined) names.add(part)
}

function collectChange(found: Found, change: ValueChange): void {
  collectMarked(found, change.before, change.beforeSensitive)
  collectMarked(found, change.after, change.afterSensitive)
}

function collectSinks(found: Found, type: string, values: Json | undefined): void {
  if (!isObject(values)) return
  const collect = (value: Json) => collectLeaves(found, value)
  for (const sink of sinksOf(type)) if (sink.hides === 'secret') markSink(values, false, sink, collect)
}

/** @param given the value of a variable of this module; `undefined` when it is not known */
function collectConfiguration(found: Found, module: Json | undefined, given: (name: string) => Json | undefined): void {
  for (const [name, variable] of members(member(module, 'variables'))) {
    if (member(variable, 'sensitive') !== true) continue
    collectLeaves(found, member(variable, 'default'))
    collectLeaves(found, given(name))
  }
  for (const output of members(member(module, 'outputs')).map(([, output]) => output))
    if (member(output, 'sensitive') === true) collectLeaves(found, argumentValue(member(output, 'expression'), given))
  for (const [, call] of members(member(module, 'module_calls')))
    collectConfiguration(found, member(call, 'module'), name =>
      argumentValue(member(member(call, 'expressions'), name), given),
    )
}

/** The value of an expression that is a constant or nothing but a variable; of others the plan does not tell it. */
function argumentValue(expression: Json | undefined, given: (name: string) => Json | undefined): Json | undefined {
  const constant = member(expression, 'constant_value')
  if (constant !== undefined) return constant
  const references = member(expression, 'references')
  if (!isList(references)) return undefined
  // `var.db.password` comes with `var.db` behind it.
  const [first, ...rest] = references.filter(reference => typeof reference === 'string')
  const steps = first?.split('.') ?? []
  if (steps[0] !== 'var' || !rest.every(reference => first?.startsWith(`${reference}.`))) return undefined
  return steps.slice(2).reduce<Json | undefined>(member, given(steps[1] ?? ''))
}

function collectState(found: Found, values: Json | undefined): void {
  for (const [, output] of members(member(values, 'outputs')))
    if (member(output, 'sensitive') === true) collectLeaves(found, member(output, 'value'))
  collectModule(found, member(values, 'root_module'))
}

function collectModule(found: Found, module: Json | undefined): void {
  for (const resource of elements(member(module, 'resources'))) {
    const type = textOf(member(resource, 'type'))
    const address = textOf(member(resource, 'address'))
    // Most stand among the changes, too.
    if (!found.names.has(address)) addName(found, namedIn(resource, address, type, module))
    collectSinks(found, type, member(resource, 'values'))
    collectMarked(found, member(resource, 'values'), member(resource, 'sensitive_values'))
  }
  for (const child of elements(member(module, 'child_modules'))) collectModule(found, child)
}

function namedIn(resource: JsonObject, address: string, type: string, module: Json | undefined): Named {
  const index = member(resource, 'index')
  return {
    address,
    type,
    name: textOf(member(resource, 'name')),
    index: typeof index === 'string' || typeof index === 'number' ? index : undefined,
    moduleAddress: textOf(member(module, 'address')) || undefined,
  }
}

function collectMarked(found: Found, value: Json | undefined, mark: Json | undefined): void {
  if (value === undefined || value === null || mark === undefined || mark === false) return
  if (mark === true) collectLeaves(found, value)
  else if (isList(value) && isList(mark)) value.forEach((item, index) => collectMarked(found, item, mark[index]))
  else if (isObject(value) && isObject(mark))
    for (const key in mark) collectMarked(found, member(value, key), mark[key])
}

/** A truth value has nothing to be known by. */
function collectLeaves(found: Found, value: Json | undefined): void {
  for (const text of leafTexts(value)) found.values.add(text)
}

function members(value: Json | undefined): readonly (readonly [string, Json])[] {
  return isObject(value) ? Object.entries(value) : []
}

function elements(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
