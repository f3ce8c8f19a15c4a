import {
  canonicalText,
  element,
  ExactNumber,
  isList,
  isObject,
  member,
  parseJson,
  sameJson,
  type Json,
  type JsonObject,
} from './json.ts'
import type { AttributePath, ValueChange } from './plan.ts'

/** One side of a changed attribute. */
export type Side =
  { readonly state: 'absent' | 'unknown' | 'sensitive' } | { readonly state: 'known'; readonly value: Json }

export interface AttributeChange {
  readonly path: AttributePath
  /** Set when the attribute holds JSON as text: where in that JSON. */
  readonly jsonPath: AttributePath | undefined
  readonly before: Side
  readonly after: Side
  /** This attribute forces the replace of its object. */
  readonly forcesReplace: boolean
  /** What differs when the values look alike. */
  readonly note: 'order' | 'whitespace' | 'sensitivity' | undefined
}

interface Marks {
  readonly unknown: Json | undefined
  readonly beforeSensitive: Json | undefined
  readonly afterSensitive: Json | undefined
}

interface Walk {
  readonly found: AttributeChange[]
  readonly replacePaths: readonly AttributePath[]
}

interface Place {
  readonly path: AttributePath
  readonly jsonPath?: AttributePath
}

const ABSENT: Side = { state: 'absent' }
const UNKNOWN: Side = { state: 'unknown' }
const SENSITIVE: Side = { state: 'sensitive' }

/**
 * Attributes that differ, each by its own path. Unknown values are merged into `after`, JSON in strings is compared by
 * structure, lists by their elements. A value under a sensitive mark never comes out.
 */
export function compareAttributes(
  change: ValueChange & { replacePaths?: readonly AttributePath[] },
): AttributeChange[] {
  const walk: Walk = { found: [], replacePaths: change.replacePaths ?? [] }
  const marks: Marks = {
    unknown: change.afterUnknown,
    beforeSensitive: change.beforeSensitive,
    afterSensitive: change.afterSensitive,
  }
  compare(walk, { path: [] }, change.before ?? undefined, change.after ?? undefined, marks)
  return walk.found
}

function compare(walk: Walk, place: Place, before: Json | undefined, after: Json | undefined, marks: Marks): void {
  const left = before === null ? undefined : before
  const right = after === null ? undefined : after
  const leftHidden = marks.beforeSensitive === true && left !== undefined
  const rightHidden = marks.afterSensitive === true
  if (marks.unknown === true)
    return emit(walk, place, sideOf(left, marks.beforeSensitive), rightHidden ? SENSITIVE : UNKNOWN)
  if (leftHidden || (rightHidden && right !== undefined)) return compareHidden(walk, place, left, right, marks)
  if (isList(left) && isList(right)) return compareLists(walk, place, left, right, marks)
  if (isWalkable(left) && isWalkable(right) && [left, right, marks.unknown].some(isContainer)) {
    const keys = keysOf(left, right, marks.unknown)
    for (const key of keys)
      compare(walk, extend(place, key), child(left, key), child(right, key), {
        unknown: child(marks.unknown, key),
        beforeSensitive: child(marks.beforeSensitive, key),
        afterSensitive: child(marks.afterSensitive, key),
      })
    if (keys.length > 0) return
  }
  if (left === undefined && right === undefined) return
  if (left !== undefined && right !== undefined && sameJson(left, right)) return
  if (typeof left === 'string' && typeof right === 'string' && compareTexts(walk, place, left, right, marks)) return
  emit(walk, place, sideOf(left, marks.beforeSensitive), sideOf(right, marks.afterSensitive))
}

function isContainer(value: Json | undefined): boolean {
  return isObject(value) || isList(value)
}

function isWalkable(value: Json | undefined): boolean {
  return value === undefined || isContainer(value)
}

function compareHidden(walk: Walk, place: Place, left: Json | undefined, right: Json | undefined, marks: Marks): void {
  const same = left !== undefined && right !== undefined && sameJson(left, right)
  const sameMarks = canonicalText(marks.beforeSensitive ?? false) === canonicalText(marks.afterSensitive ?? false)
  if (same && sameMarks) return
  emit(
    walk,
    place,
    left === undefined ? ABSENT : SENSITIVE,
    right === undefined ? ABSENT : SENSITIVE,
    same ? 'sensitivity' : undefined,
  )
}

interface Element {
  readonly index: number
  readonly key: string
}

function compareLists(walk: Walk, place: Place, left: readonly Json[], right: readonly Json[], marks: Marks): void {
  const befores = left.map((value, index) => ({ index, key: elementKey(value, index, marks.beforeSensitive, false) }))
  const afters = right.map((value, index) => ({
    index,
    key: elementKey(value, index, marks.afterSensitive, element(marks.unknown, index) ?? false),
  }))
  const removed = without(befores, afters)
  const added = without(afters, befores)
  if (removed.length === 0 && added.length === 0) {
    if (befores.some((item, index) => item.key !== afters[index]?.key))
      emit(walk, place, sideOf(left, marks.beforeSensitive), sideOf(right, marks.afterSensitive), 'order')
    return
  }
  const pairs = removed.length === added.length ? removed.length : 0
  for (let index = 0; index < pairs; index++)
    compareElement(walk, place, left, right, marks, removed[index], added[index])
  for (const item of removed.slice(pairs)) compareElement(walk, place, left, right, marks, item, undefined)
  for (const item of added.slice(pairs)) compareElement(walk, place, left, right, marks, undefined, item)
}

function compareElement(
  walk: Walk,
  place: Place,
  left: readonly Json[],
  right: readonly Json[],
  marks: Marks,
  removed: Element | undefined,
  added: Element | undefined,
): void {
  const step = (added ?? removed)?.index ?? 0
  compare(walk, extend(place, step), removed && left[removed.index], added && right[added.index], {
    unknown: added && element(marks.unknown, added.index),
    beforeSensitive: marksOf(marks.beforeSensitive, removed),
    afterSensitive: marksOf(marks.afterSensitive, added),
  })
}

function marksOf(mark: Json | undefined, item: Element | undefined): Json | undefined {
  return item && element(mark, item.index)
}

/** The same key means the same value with the same marks; an unknown element is like no other. */
function elementKey(value: Json, index: number, sensitive: Json | undefined, unknown: Json): string {
  const known = unknown === false || (isObject(unknown) && Object.keys(unknown).length === 0)
  const mark = canonicalText(element(sensitive, index) ?? false)
  return `${canonicalText(value)}${mark === '{}' ? 'false' : mark}${known ? '' : `unknown ${index} ${canonicalText(unknown)}`}`
}

/** `items` less those that `others` has as well, counted. */
function without(items: readonly Element[], others: readonly Element[]): Element[] {
  const counts = new Map<string, number>()
  for (const { key } of others) counts.set(key, (counts.get(key) ?? 0) + 1)
  return items.filter(({ key }) => {
    const count = counts.get(key) ?? 0
    if (count > 0) counts.set(key, count - 1)
    return count === 0
  })
}

/** Compares two texts by meaning; false when they are just different texts. */
function compareTexts(walk: Walk, place: Place, left: string, right: string, marks: Marks): boolean {
  const leftJson = jsonInText(left)
  const rightJson = jsonInText(right)
  if (leftJson !== undefined && rightJson !== undefined && place.jsonPath === undefined) {
    const found = walk.found.length
    // A mark that is no `true` is one of ours, for what is inside of the text.
    compare(walk, { path: place.path, jsonPath: [] }, leftJson, rightJson, { ...marks, unknown: undefined })
    if (walk.found.length > found) return true
    emit(walk, place, { state: 'known', value: left }, { state: 'known', value: right }, 'whitespace')
    return true
  }
  if (left.replace(/\s+/g, ' ').trim() !== right.replace(/\s+/g, ' ').trim()) return false
  emit(walk, place, { state: 'known', value: left }, { state: 'known', value: right }, 'whitespace')
  return true
}

/** The object or list that a text holds as JSON; `undefined` when it holds none. */
export function jsonInText(text: string): JsonObject | readonly Json[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    const value = parseJson(text)
    return isObject(value) || isList(value) ? value : undefined
  } catch {
    return undefined
  }
}

function emit(walk: Walk, place: Place, before: Side, after: Side, note?: AttributeChange['note']): void {
  walk.found.push({
    path: place.path,
    jsonPath: place.jsonPath,
    before,
    after,
    note,
    forcesReplace: walk.replacePaths.some(forcing => isPrefix(forcing, place.path) || isPrefix(place.path, forcing)),
  })
}

function isPrefix(short: AttributePath, long: AttributePath): boolean {
  return short.length <= long.length && short.every((step, index) => String(step) === String(long[index]))
}

/** A value that comes out whole is hidden whole when anything in it is marked. */
function sideOf(value: Json | undefined, mark: Json | undefined): Side {
  if (value === undefined) return ABSENT
  return hasMark(mark) ? SENSITIVE : { state: 'known', value }
}

function hasMark(mark: Json | undefined): boolean {
  if (mark === true) return true
  if (isList(mark)) return mark.some(hasMark)
  return isObject(mark) && Object.values(mark).some(hasMark)
}

function extend(place: Place, step: string | number): Place {
  if (place.jsonPath !== undefined) return { path: place.path, jsonPath: [...place.jsonPath, step] }
  return { path: [...place.path, step] }
}

function keysOf(...values: readonly (Json | undefined)[]): (string | number)[] {
  const keys = new Set<string | number>()
  for (const value of values) {
    if (isList(value)) value.forEach((_item, index) => keys.add(index))
    else if (isObject(value)) Object.keys(value).forEach(key => keys.add(key))
  }
  return [...keys]
}

function child(value: Json | undefined, key: string | number): Json | undefined {
  if (value === true) return true
  if (value instanceof ExactNumber) return undefined
  return typeof key === 'number' ? element(value, key) : member(value, key)
}
