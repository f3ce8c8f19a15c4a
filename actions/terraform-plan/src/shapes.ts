import { numeral } from '#kit/report/count'
import { withoutIndexes } from '#kit/terraform/address-ranges'
import { sameSides, sidesKey, type AttributeChange } from '#kit/terraform/diff'
import { isObject, sameJson, type Json, type JsonObject } from '#kit/terraform/json'
import type { ResourceChange } from '#kit/terraform/plan'
import { attributesOf } from './attributes.ts'
import { namesOf, type Name } from './names.ts'
import { once } from './once.ts'

/** Objects that are told together: one alone, or several to which the same happens. */
export interface Unit {
  readonly changes: readonly ResourceChange[]
  readonly names: () => readonly Name[]
  /** What is the same on all of them. */
  readonly common: () => readonly AttributeChange[]
  /** What differs from one to the next, object or root; there is none when all is the same. */
  readonly own: (() => readonly Own[]) | undefined
  /** Where that differs: `on each of the 94`. */
  readonly differs: string
}

/** What one of several has for itself. */
export interface Own {
  /** Plain text that tells it from the others. */
  readonly label: string
  readonly attributes: () => readonly AttributeChange[]
}

/** With fewer, each is told by itself. */
const LEAST_ALIKE = 3

/** Lines that a title, a fence and the space around them take. */
const FRAME_LINES = 5

/** What folding must save to read better than each by itself. */
const MOST_OF_APART = 0.6

/**
 * Changes of one kind, those of the same shape together: the same attributes with the same values on both sides, on objects
 * of any type for an update; or the same attributes of one type, when it is shorter to tell what is common once. Each group
 * stands where its first object stood. What also moves or is imported stays alone: that is told with it.
 */
export function unitsOf(changes: readonly ResourceChange[]): readonly Unit[] {
  const units: Unit[] = []
  const plain = changes.filter(change => {
    if (change.previousAddress === undefined && change.importId === undefined && change.deposed === undefined)
      return true
    units.push(alone(change))
    return false
  })
  units.push(...(isOneSided(plain) ? foldOneSided(plain) : foldChanged(plain)))
  const places = new Map(changes.map((change, place) => [change, place]))
  const placeOf = ({ changes: [first] }: Unit) => (first === undefined ? 0 : (places.get(first) ?? 0))
  return units.sort((one, other) => placeOf(one) - placeOf(other))
}

function alone(change: ResourceChange): Unit {
  return unitFrom([change], () => attributesOf(change), undefined)
}

function unitFrom(
  changes: readonly ResourceChange[],
  common: Unit['common'],
  own: ((change: ResourceChange) => readonly AttributeChange[]) | undefined,
): Unit {
  const ownOfEach = once(() => {
    const labels = labelsOf(changes)
    return changes.map((change, index) => ({
      label: labels[index] ?? change.address,
      attributes: () => own?.(change) ?? [],
    }))
  })
  return {
    ...{ changes, common, names: once(() => namesOf(changes)) },
    ...{ own: own && ownOfEach, differs: `on each of the ${numeral(changes.length)}` },
  }
}

/** What tells the addresses apart: `["a"]`, `["b"]` of two instances. */
function labelsOf(changes: readonly ResourceChange[]): readonly string[] {
  const addresses = changes.map(({ address }) => address)
  const [first = ''] = addresses
  let same = first.length
  for (const address of addresses) while (!address.startsWith(first.slice(0, same))) same -= 1
  const start = Math.max(first.lastIndexOf('[', same), first.lastIndexOf('.', same - 1) + 1)
  return addresses.some(address => address.length <= start) ? addresses : addresses.map(address => address.slice(start))
}

function isOneSided([first]: readonly ResourceChange[]): boolean {
  return first?.kind === 'create' || first?.kind === 'delete'
}

/** Updates and replaces: few attributes change, so all are compared. */
function foldChanged(changes: readonly ResourceChange[]): Unit[] {
  const compared = changes.map(change => ({ change, attributes: attributesOf(change) }))
  type Compared = (typeof compared)[number]
  const same = groupBy(compared, ({ change, attributes }) =>
    [change.kind === 'update' ? '' : changeKey(change), ...attributes.map(attributeKey)].join('\n'),
  )
  const unitOf = (members: readonly Compared[], varying?: ReadonlySet<number>): Unit => {
    const attributes = new Map(members.map(member => [member.change, member.attributes]))
    const [first] = members
    return unitFrom(
      members.map(({ change }) => change),
      () => (first?.attributes ?? []).filter((_attribute, index) => varying?.has(index) !== true),
      varying && (change => (attributes.get(change) ?? []).filter((_attribute, index) => varying.has(index))),
    )
  }
  const units = same.filter(members => members.length > 1).map(members => unitOf(members))
  const rest = same.flatMap(members => (members.length === 1 ? members : []))
  const alike = groupBy(rest, ({ change, attributes }) =>
    JSON.stringify([
      changeKey(change),
      ...attributes.map(({ path, innerPath, base64, before, after }) => [
        path,
        innerPath,
        base64,
        before.state,
        after.state,
      ]),
    ]),
  )
  for (const members of alike) {
    const [first] = members
    const common = first?.attributes ?? []
    const varying = new Set(
      common.flatMap((attribute, index) =>
        members.some(({ attributes }) => !isAlike(attributes[index], attribute)) ? [index] : [],
      ),
    )
    if (readsBetter(members.length, 2 * (common.length - varying.size), 2 * varying.size))
      units.push(unitOf(members, varying))
    else units.push(...members.map(({ change }) => alone(change)))
  }
  return units
}

function isAlike(attribute: AttributeChange | undefined, other: AttributeChange): boolean {
  return attribute !== undefined && sameSides(attribute, other)
}

/** Equal for the same on both sides. On as many lines for every attribute: joined, they tell attributes apart as well. */
export function attributeKey(attribute: AttributeChange): string {
  return `${JSON.stringify([attribute.path, attribute.innerPath, attribute.base64])}\n${sidesKey(attribute)}`
}

/** Equal for what may be told together but for values. */
export function changeKey({ type, kind, reason, replaceOrder }: ResourceChange): string {
  return JSON.stringify([kind, type, reason, replaceOrder])
}

/** What is made or goes has all its attributes on one side: they are looked at by name only, until they are told. */
function foldOneSided(changes: readonly ResourceChange[]): Unit[] {
  const blocks = groupBy(changes, change => `${withoutIndexes(change.address)} ${shapeKey(change)}`)
  const rest: ResourceChange[] = []
  const units: Unit[] = []
  for (const members of blocks) {
    const unit = foldAlike(members)
    if (unit === undefined) rest.push(...members)
    else units.push(unit)
  }
  for (const members of groupBy(rest, change => `${change.type} ${shapeKey(change)}`)) {
    const unit = foldAlike(members)
    units.push(...(unit === undefined ? members.map(alone) : [unit]))
  }
  return units
}

function shapeKey(change: ResourceChange): string {
  const side = sideOf(change)
  const keys = Object.keys(side).filter(key => side[key] !== null)
  return `${changeKey(change)} ${keys.join(' ')} ${change.kind === 'create' ? unknownKey(change) : ''}`
}

function sideOf(change: ResourceChange): JsonObject {
  if (change.differences !== undefined) return recordedSide(change.differences)
  const side = change.kind === 'create' ? change.after : change.before
  return isObject(side) ? side : {}
}

const recordedSides = new WeakMap<readonly AttributeChange[], JsonObject>()

/** By attribute of the first level what is known of it: enough to tell what is alike. */
function recordedSide(differences: readonly AttributeChange[]): JsonObject {
  const known = recordedSides.get(differences)
  if (known !== undefined) return known
  const side: Record<string, Json> = {}
  for (const [key, attributes] of Map.groupBy(differences, ({ path }) => String(path[0])))
    if (attributes.some(({ after }) => after.state !== 'unknown')) side[key] = attributes.map(attributeKey)
  recordedSides.set(differences, side)
  return side
}

function unknownKey({ differences, afterUnknown }: ResourceChange): string {
  if (differences === undefined) return JSON.stringify(afterUnknown)
  return JSON.stringify(differences.filter(({ after }) => after.state === 'unknown').map(({ path }) => path))
}

function sensitiveOf(change: ResourceChange): Json {
  return change.kind === 'create' ? change.afterSensitive : change.beforeSensitive
}

function foldAlike(members: readonly ResourceChange[]): Unit | undefined {
  const [first] = members
  if (first === undefined || members.length < LEAST_ALIKE) return undefined
  const side = sideOf(first)
  if (members.some(member => !sameJson(sensitiveOf(member), sensitiveOf(first)))) return undefined
  const keys = Object.keys(side).filter(key => side[key] !== null)
  const varying = new Set(
    keys.filter(key => members.some(member => !sameJson(sideOf(member)[key] ?? null, side[key] ?? null))),
  )
  if (!readsBetter(members.length, keys.length - varying.size, varying.size)) return undefined
  return unitFrom(
    members,
    () => attributesOf(first).filter(({ path }) => !varying.has(String(path[0]))),
    varying.size === 0 ? undefined : change => attributesOf(only(change, varying)),
  )
}

/** The change with some of its attributes: comparing all of them for each of many would be most of the work. */
function only(change: ResourceChange, keys: ReadonlySet<string>): Parameters<typeof attributesOf>[0] {
  return {
    ...{ kind: change.kind, replacePaths: change.replacePaths },
    ...{ before: pick(change.before, keys), after: pick(change.after, keys) },
    ...{ beforeSensitive: pick(change.beforeSensitive, keys), afterSensitive: pick(change.afterSensitive, keys) },
    afterUnknown: pick(change.afterUnknown, keys),
    ...(change.differences && { differences: change.differences.filter(({ path }) => keys.has(String(path[0]))) }),
  }
}

function pick(value: Json, keys: ReadonlySet<string>): Json {
  if (!isObject(value)) return value
  const picked: Record<string, Json> = {}
  for (const key of keys) picked[key] = value[key] ?? null
  return picked
}

function readsBetter(objects: number, commonLines: number, ownLines: number): boolean {
  if (objects < LEAST_ALIKE) return false
  const apart = objects * (commonLines + ownLines + FRAME_LINES)
  const together = commonLines + objects * (ownLines === 0 ? 0 : ownLines + 1) + FRAME_LINES
  return together <= apart * MOST_OF_APART
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  return [...Map.groupBy(items, keyOf).values()]
}
