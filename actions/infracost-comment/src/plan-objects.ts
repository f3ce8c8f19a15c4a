import { isList, isObject, member, type Json, type JsonObject } from '#kit/terraform/json'
import { isEffective, type Plan, type ResourceChange } from '#kit/terraform/plan'
import { Attributes } from './attributes.ts'
import { withoutKeys } from '#kit/terraform/plan-configuration'
import { readConfiguration, type Configuration } from './configuration.ts'

/** A managed object before or after the change. */
export interface PlannedObject {
  /** The address that it has after the change, so that a moved object meets itself. */
  readonly address: string
  readonly type: string
  readonly modulePath: string
  readonly moduleAddress: string
  readonly attributes: Attributes
  readonly expressions: Json | undefined
  /** Its id, where there is one already. */
  readonly id: string | undefined
  readonly region: string | undefined
  readonly changed: boolean
}

export interface Sides {
  readonly past: readonly PlannedObject[]
  readonly current: readonly PlannedObject[]
  /** What Terraform stops managing without destroying it: it is still paid for. */
  readonly forgotten: readonly PlannedObject[]
  readonly configuration: Configuration
}

interface Raw {
  readonly address: string
  readonly moduleAddress: string
  readonly type: string
  readonly name: string
  readonly deposed: string | undefined
  readonly values: Json
  readonly sensitive: Json | undefined
}

/** Both sides of the plan. `defaultRegion` stands in where the plan does not say in which region an object is. */
export function readSides(plan: Plan, defaultRegion: string | undefined): Sides {
  const configuration = readConfiguration(plan.document)
  const managed = plan.changes.filter(change => change.mode === 'managed')
  const byAddress = new Map(managed.map(change => [keyOf(change.address, change.deposed), change]))
  const movedTo = new Map(
    managed.flatMap(({ previousAddress, address }) =>
      previousAddress === undefined ? [] : [[previousAddress, address]],
    ),
  )

  const planned = isObject(plan.document['planned_values'])
    ? listed(member(plan.document['planned_values'], 'root_module'))
    : managed.filter(change => change.after !== null).map(change => rawOf(change, change.after, change.afterSensitive))
  const plannedAddresses = new Set(planned.map(raw => raw.address))
  const prior = isObject(plan.document['prior_state'])
    ? listed(member(member(plan.document['prior_state'], 'values'), 'root_module'))
    : managed
        .filter(change => change.before !== null)
        .map(change => rawOf(change, change.before, change.beforeSensitive))

  const build = (raw: Raw, address: string, side: 'past' | 'current'): PlannedObject => {
    const change = byAddress.get(keyOf(address, raw.deposed))
    const place = change === undefined ? raw : { ...raw, moduleAddress: change.moduleAddress ?? '', name: change.name }
    const resource = `${raw.type}.${place.name}`
    const expressions = configuration.expressions(place.moduleAddress, resource)
    return {
      address: raw.deposed === undefined ? address : `${address} (deposed ${raw.deposed})`,
      type: raw.type,
      moduleAddress: place.moduleAddress,
      modulePath: withoutKeys(place.moduleAddress),
      attributes: new Attributes(raw.values, {
        unknown: side === 'current' ? change?.afterUnknown : undefined,
        sensitive: mergeMarks(raw.sensitive, side === 'current' ? change?.afterSensitive : change?.beforeSensitive),
        configured: expressions,
      }),
      expressions,
      id: textOf(member(raw.values, 'id')),
      region: regionOf(place, configuration) ?? defaultRegion,
      changed: change !== undefined && isEffective(change),
    }
  }

  const past: PlannedObject[] = []
  const forgotten: PlannedObject[] = []
  for (const raw of prior) {
    const address = movedTo.get(raw.address) ?? raw.address
    const change = byAddress.get(keyOf(address, raw.deposed))
    // With -target, what is outside the target is in neither; it stays as it is.
    if (change === undefined && !plannedAddresses.has(address)) continue
    const object = build(raw, address, 'past')
    if (change?.kind === 'forget' || change?.replaceOrder === 'forget-first') forgotten.push(object)
    else past.push(object)
  }
  // Terraform 1.11 leaves in its planned values what it is going to forget.
  const isForgotten = (raw: Raw): boolean => byAddress.get(raw.address)?.kind === 'forget'
  const current = planned.filter(raw => !isForgotten(raw)).map(raw => build(raw, raw.address, 'current'))
  return { past, current, forgotten, configuration }
}

function keyOf(address: string, deposed: string | undefined): string {
  return deposed === undefined ? address : `${address} ${deposed}`
}

function rawOf(change: ResourceChange, values: Json, sensitive: Json): Raw {
  return {
    address: change.previousAddress !== undefined && values === change.before ? change.previousAddress : change.address,
    moduleAddress: change.moduleAddress ?? '',
    type: change.type,
    name: change.name,
    deposed: change.deposed,
    values,
    sensitive,
  }
}

function listed(module: Json | undefined): readonly Raw[] {
  const resources = member(module, 'resources')
  const children = member(module, 'child_modules')
  const moduleAddress = textOf(member(module, 'address')) ?? ''
  return [
    ...(isList(resources) ? resources : [])
      .filter(isObject)
      .filter(item => item['mode'] === 'managed')
      .map((item: JsonObject) => ({
        address: textOf(item['address']) ?? '',
        moduleAddress,
        type: textOf(item['type']) ?? '',
        name: textOf(item['name']) ?? '',
        deposed: textOf(item['deposed_key']),
        values: item['values'] ?? null,
        sensitive: item['sensitive_values'],
      })),
    ...(isList(children) ? children : []).flatMap(listed),
  ]
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Marked where either is. Lists are taken from the one that has them. */
function mergeMarks(left: Json | undefined, right: Json | undefined): Json {
  if (left === true || right === true) return true
  if (isObject(left) && isObject(right))
    return Object.fromEntries(
      [...Object.keys(left), ...Object.keys(right)].map(key => [key, mergeMarks(left[key], right[key])]),
    )
  if (isList(left) && isList(right))
    return Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
      mergeMarks(left[index], right[index]),
    )
  return (isObject(left) || isList(left) ? left : right) ?? false
}

const ZONE = /^([a-z]{2}(?:-[a-z]+)+-\d)[a-z]$/

/** The region by what is surest: the object's own, its ARN, its zone, then its provider's. */
function regionOf(raw: Raw, configuration: Configuration): string | undefined {
  const own = textOf(member(raw.values, 'region'))
  if (own !== undefined) return own
  const fromArn = textOf(textOf(member(raw.values, 'arn'))?.split(':')[3])
  if (fromArn !== undefined) return fromArn
  const zone = ZONE.exec(textOf(member(raw.values, 'availability_zone')) ?? '')?.[1]
  if (zone !== undefined) return zone
  const provider = configuration.providerKey(raw.moduleAddress, `${raw.type}.${raw.name}`)
  return provider === undefined ? configuration.onlyRegion : configuration.providerRegion(provider)
}
