import { compareAttributes, type AttributeChange, type Side } from '#kit/terraform/diff'
import { canonicalText, isList, isObject, member, type JsonObject } from '#kit/terraform/json'
import {
  isEffective,
  pathText,
  type AttributePath,
  type OutputChange,
  type Plan,
  type ResourceChange,
} from '#kit/terraform/plan'

/** An object that is not as the last apply left it. */
export interface ChangedObject {
  readonly change: ResourceChange
  /** What was changed; empty for one that was deleted. */
  readonly attributes: readonly AttributeChange[]
}

/** An object that somebody changed or deleted outside, and what an apply would do about it. */
export interface ChangedOutside extends ChangedObject {
  /** `undefined`: nothing to the object itself, but to others that depend on it. */
  readonly planned: ResourceChange | undefined
}

/** Where the infrastructure differs from the configuration. */
export interface Drift {
  readonly outside: readonly ChangedOutside[]
  /** What an apply would do to what nobody changed outside: the configuration is not applied. */
  readonly pending: readonly ResourceChange[]
  readonly outputs: readonly OutputChange[]
  /** What Terraform can only plan later, or invokes besides. */
  readonly later: readonly string[]
  /** Changed outside where the configuration says nothing: computed, or under `ignore_changes`. An apply would leave it. */
  readonly unmanaged: readonly ChangedObject[]
}

export function findDrift(plan: Plan): Drift {
  const planned = plan.changes.filter(isEffective)
  const reactionTo = new Map(planned.flatMap(change => objectNames(change).map(name => [name, change])))
  const relevant = relevantPaths(plan.document)
  const outside: ChangedOutside[] = []
  const unmanaged: ChangedObject[] = []
  for (const change of plan.drift) {
    const attributes = change.kind === 'delete' ? [] : compareAttributes(change).filter(means)
    if (!isDrift(change) || (change.kind !== 'delete' && attributes.length === 0)) continue
    const object = { change, attributes }
    const reaction = objectNames(change)
      .map(name => reactionTo.get(name))
      .find(found => found !== undefined && reactsTo(found, object))
    if (reaction !== undefined || isRelevant(object, relevant)) outside.push({ ...object, planned: reaction })
    else unmanaged.push(object)
  }
  const reactions = new Set(outside.map(({ planned }) => planned))
  return {
    outside,
    pending: planned.filter(change => !reactions.has(change)),
    outputs: plan.outputs.filter(({ kind }) => kind !== 'no-op'),
    later: [
      ...plan.deferred.map(({ change }) => change.address),
      ...plan.invocations.map(invocation => String(invocation['address'] ?? 'an action')),
    ],
    unmanaged,
  }
}

/** How much differs. `all` is the sum. */
export interface DriftCounts {
  readonly objects: number
  readonly outputs: number
  readonly later: number
  readonly all: number
}

/** @param withUnmanaged counts objects that an apply would leave, too */
export function countDrift(drift: Drift, withUnmanaged: boolean): DriftCounts {
  const objects = drift.outside.length + drift.pending.length + (withUnmanaged ? drift.unmanaged.length : 0)
  const [outputs, later] = [drift.outputs.length, drift.later.length]
  return { objects, outputs, later, all: objects + outputs + later }
}

/** Terraform lists objects that only moved as drift, too. */
function isDrift({ mode, kind }: ResourceChange): boolean {
  return mode === 'managed' && kind !== 'no-op' && kind !== 'read'
}

/** After a create, many providers read back `{}` or `""` where nothing was set; nobody changed that. */
function means({ before, after }: AttributeChange): boolean {
  return !(isEmpty(before) && isEmpty(after))
}

function isEmpty(side: Side): boolean {
  if (side.state !== 'known') return side.state === 'absent'
  const { value } = side
  return value === '' || (isList(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0)
}

/** Whether what was changed outside is among what the planned change is about. */
function reactsTo(planned: ResourceChange, { change, attributes }: ChangedObject): boolean {
  if (change.kind === 'delete') return true
  const paths = compareAttributes(planned).map(({ path }) => path)
  return attributes.some(({ path }) => paths.some(other => sharesWay(other, path)))
}

/** What an object is known by: one that moves, by both addresses. */
function objectNames({ address, previousAddress, deposed = '' }: ResourceChange): string[] {
  return [address, ...(previousAddress === undefined ? [] : [previousAddress])].map(name => `${name} ${deposed}`)
}

/**
 * Attributes, by resource, that other changes of the plan depend on: `relevant_attributes` of the plan's JSON (format 1.0 on). They
 * are named whether they drifted or not.
 */
function relevantPaths(document: JsonObject): ReadonlyMap<string, readonly AttributePath[]> {
  const listed = document['relevant_attributes']
  const paths = new Map<string, AttributePath[]>()
  for (const entry of isList(listed) ? listed : []) {
    const resource = member(entry, 'resource')
    const attribute = member(entry, 'attribute')
    if (typeof resource !== 'string' || !isList(attribute)) continue
    const path = attribute.filter(step => typeof step === 'string' || typeof step === 'number')
    paths.set(resource, [...(paths.get(resource) ?? []), path])
  }
  return paths
}

function isRelevant(object: ChangedObject, relevant: ReadonlyMap<string, readonly AttributePath[]>): boolean {
  const used = relevant.get(object.change.address) ?? []
  if (object.change.kind === 'delete') return used.length > 0
  return object.attributes.some(({ path }) => used.some(other => sharesWay(other, path)))
}

function sharesWay(one: AttributePath, other: AttributePath): boolean {
  const steps = Math.min(one.length, other.length)
  return one.slice(0, steps).every((step, index) => String(step) === String(other[index]))
}

/** Whether an apply does nothing to the object but set back what was changed outside; all of that, or a part. */
export function changedBack({ attributes, planned }: ChangedOutside): 'all' | 'part' | undefined {
  if (planned?.kind !== 'update' || planned.previousAddress !== undefined) return undefined
  const outside = new Set(attributes.map(attribute => stepText(attribute, 'before', 'after')))
  const back = compareAttributes(planned).map(attribute => stepText(attribute, 'after', 'before'))
  if (!back.every(step => step !== undefined && outside.has(step))) return undefined
  return back.length === outside.size ? 'all' : 'part'
}

/** `undefined` where a value is not shown: two of them may differ. */
function stepText(attribute: AttributeChange, from: 'before' | 'after', to: 'before' | 'after'): string | undefined {
  const sides = [attribute[from], attribute[to]].map(side =>
    side.state === 'known' ? canonicalText(side.value) : side.state === 'absent' ? side.state : undefined,
  )
  const place = [pathText(attribute.path), pathText(attribute.innerPath ?? [])]
  return sides.includes(undefined) ? undefined : canonicalText([...place, ...sides.map(String)])
}
