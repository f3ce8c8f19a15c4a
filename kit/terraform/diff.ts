import {
  canonicalText,
  element,
  ExactNumber,
  isList,
  isObject,
  member,
  sameJson,
  type Json,
  type JsonObject,
} from './json.ts'
import { pairElements, sharedName, type Element } from './list-pairs.ts'
import type { AttributePath, ValueChange } from './plan.ts'
import { base64Text, jsonInText, yamlInText } from './text-structure.ts'

/** One side of a changed attribute. */
export type Side =
  { readonly state: 'absent' | 'unknown' | 'sensitive' } | { readonly state: 'known'; readonly value: Json }

export interface AttributeChange {
  readonly path: AttributePath
  /** Set when the attribute holds JSON or YAML as text: where in that document. */
  readonly innerPath: AttributePath | undefined
  /** Name of the list's element that it is in, where elements have names: an index says little. */
  readonly element: string | undefined
  /** The attribute holds base64; the sides are of what it decodes to. */
  readonly base64: boolean
  readonly before: Side
  readonly after: Side
  /** This attribute forces the replace of its object. */
  readonly forcesReplace: boolean
  /** What differs when the values look alike. `spelling`: the same document, written in another way. */
  readonly note: 'order' | 'whitespace' | 'spelling' | 'sensitivity' | undefined
}

/** Where the comparison is. One place is changed while walking: most values are equal, and need no path of their own. */
interface Walk {
  readonly found: AttributeChange[]
  readonly replacePaths: readonly AttributePath[]
  readonly path: (string | number)[]
  inner: (string | number)[] | undefined
  element: string | undefined
  base64: boolean
}

/** Terraform's marks beside a value; `undefined` where there is none. */
interface Marks {
  readonly unknown: Json | undefined
  readonly beforeSensitive: Json | undefined
  readonly afterSensitive: Json | undefined
}

const ABSENT: Side = { state: 'absent' }
const UNKNOWN: Side = { state: 'unknown' }
const SENSITIVE: Side = { state: 'sensitive' }
const UNMARKED: Marks = { unknown: undefined, beforeSensitive: undefined, afterSensitive: undefined }

/**
 * Attributes that differ, each by its own path. Unknown values are merged into `after`; JSON and YAML in strings are
 * compared by structure, base64 by what it decodes to, lists by their elements, of which objects are matched by likeness. A
 * value under a sensitive mark never comes out.
 */
export function compareAttributes(
  change: ValueChange & { readonly replacePaths?: readonly AttributePath[] },
): readonly AttributeChange[] {
  if (change.differences !== undefined) return change.differences
  const { replacePaths = [] } = change
  const walk: Walk = { found: [], replacePaths, path: [], inner: undefined, element: undefined, base64: false }
  const marks = marksOf(change.afterUnknown, change.beforeSensitive, change.afterSensitive)
  compare(walk, change.before ?? undefined, change.after ?? undefined, marks)
  return walk.found
}

/** A mark that says something; lists and objects in which nothing is marked are none. */
function markOf(mark: Json | undefined): Json | undefined {
  return hasMark(mark) ? mark : undefined
}

function hasMark(mark: Json | undefined): boolean {
  if (typeof mark !== 'object') return mark === true
  if (isList(mark)) return mark.some(hasMark)
  if (!isObject(mark)) return false
  for (const key in mark) if (hasMark(mark[key])) return true
  return false
}

function compare(walk: Walk, before: Json | undefined, after: Json | undefined, marks: Marks): void {
  const left = before === null ? undefined : before
  const right = after === null ? undefined : after
  const { unknown, beforeSensitive, afterSensitive } = marks
  if (marks === UNMARKED) {
    if (left === right) return
    // Members are compared one by one anyway.
    if (isObject(left) && isObject(right) ? compareMembers(walk, left, right, UNMARKED) : isSame(left, right)) return
  }
  if (unknown === true) return emit(walk, sideOf(left, beforeSensitive), afterSensitive === true ? SENSITIVE : UNKNOWN)
  if ((beforeSensitive === true && left !== undefined) || (afterSensitive === true && right !== undefined))
    return compareHidden(walk, left, right, marks)
  if (isList(left) && isList(right)) return compareLists(walk, left, right, marks)
  if (isWalkable(left) && isWalkable(right) && (isContainer(left) || isContainer(right) || isContainer(unknown)))
    if (compareMembers(walk, left, right, marks)) return
  if (left === undefined && right === undefined) return
  if (isSame(left, right)) return
  if (typeof left === 'string' || typeof right === 'string') if (compareTexts(walk, left, right, marks)) return
  emit(walk, sideOf(left, beforeSensitive), sideOf(right, afterSensitive))
}

function isSame(left: Json | undefined, right: Json | undefined): boolean {
  return left !== undefined && right !== undefined && sameJson(left, right)
}

function isContainer(value: Json | undefined): boolean {
  return isObject(value) || isList(value)
}

function isWalkable(value: Json | undefined): boolean {
  return value === undefined || isContainer(value)
}

/** False when there is none, so that an empty object is told itself. */
function compareMembers(walk: Walk, left: Json | undefined, right: Json | undefined, marks: Marks): boolean {
  if (marks === UNMARKED && isObject(left) && isObject(right)) return compareOpen(walk, left, right)
  const keys = keysOf(left, right, marks.unknown)
  for (const key of keys) compareStep(walk, key, child(left, key), child(right, key), marksBelow(marks, key))
  return keys.length > 0
}

/** As `compareMembers`, for objects in which nothing is marked: most of them, of which most members are equal. */
function compareOpen(walk: Walk, left: JsonObject, right: JsonObject): boolean {
  let common = 0
  let members = 0
  for (const key in left) {
    members += 1
    const before = left[key]
    // Only what JSON wrote can be equal, so what is equal is no member that every object has.
    if (before !== right[key]) {
      const isCommon = Object.hasOwn(right, key)
      if (isCommon) common += 1
      compareStep(walk, key, before, isCommon ? right[key] : undefined, UNMARKED)
    } else common += 1
  }
  const others = Object.keys(right)
  if (others.length > common)
    for (const key of others) if (!Object.hasOwn(left, key)) compareStep(walk, key, undefined, right[key], UNMARKED)
  return members + others.length > 0
}

function compareStep(
  walk: Walk,
  step: string | number,
  before: Json | undefined,
  after: Json | undefined,
  marks: Marks,
): void {
  if (marks === UNMARKED && before === after) return
  const steps = walk.inner ?? walk.path
  steps.push(step)
  compare(walk, before, after, marks)
  steps.pop()
}

function marksBelow(marks: Marks, key: string | number): Marks {
  if (marks === UNMARKED) return UNMARKED
  return marksOf(child(marks.unknown, key), child(marks.beforeSensitive, key), child(marks.afterSensitive, key))
}

/** `UNMARKED` where none of them says something. */
function marksOf(unknown: Json | undefined, before: Json | undefined, after: Json | undefined): Marks {
  const marks = { unknown: markOf(unknown), beforeSensitive: markOf(before), afterSensitive: markOf(after) }
  const { beforeSensitive, afterSensitive } = marks
  return marks.unknown === undefined && beforeSensitive === undefined && afterSensitive === undefined ? UNMARKED : marks
}

function compareHidden(walk: Walk, left: Json | undefined, right: Json | undefined, marks: Marks): void {
  const same = left !== undefined && right !== undefined && sameJson(left, right)
  const sameMarks = canonicalText(marks.beforeSensitive ?? false) === canonicalText(marks.afterSensitive ?? false)
  if (same && sameMarks) return
  emit(
    walk,
    left === undefined ? ABSENT : SENSITIVE,
    right === undefined ? ABSENT : SENSITIVE,
    same ? 'sensitivity' : undefined,
  )
}

function compareLists(walk: Walk, left: readonly Json[], right: readonly Json[], marks: Marks): void {
  // A block that Terraform allows once is a list of one.
  if (left.length === 1 && right.length === 1 && marks === UNMARKED)
    return compareElements(walk, { index: 0, value: left[0] ?? null }, { index: 0, value: right[0] ?? null }, marks)
  const befores = left.map((value, index) => elementOf(value, index, marks.beforeSensitive, undefined))
  const afters = right.map((value, index) => elementOf(value, index, marks.afterSensitive, marks.unknown))
  const removed = without(befores, afters)
  const added = without(afters, befores)
  if (removed.length === 0 && added.length === 0) {
    if (befores.some((item, index) => item.key !== afters[index]?.key))
      emit(walk, sideOf(left, marks.beforeSensitive), sideOf(right, marks.afterSensitive), 'order')
    return
  }
  for (const [before, after] of pairElements(removed, added)) compareElements(walk, before, after, marks)
}

type Placed = Pick<Element, 'index' | 'value'>

/** @param marks of the lists that they are in */
function compareElements(walk: Walk, before: Placed | undefined, after: Placed | undefined, marks: Marks): void {
  const steps = walk.inner ?? walk.path
  const outer = walk.element
  const elementMarks = marksOf(
    after && element(marks.unknown, after.index),
    before && element(marks.beforeSensitive, before.index),
    after && element(marks.afterSensitive, after.index),
  )
  steps.push((after ?? before)?.index ?? 0)
  const { beforeSensitive, afterSensitive } = elementMarks
  const isOpen = (key: string) => !hasMark(child(beforeSensitive, key)) && !hasMark(child(afterSensitive, key))
  walk.element = sharedName(before?.value, after?.value, isOpen) ?? outer
  compare(walk, before?.value, after?.value, elementMarks)
  walk.element = outer
  steps.pop()
}

/** The same key means the same value with the same marks; an unknown element is like no other. */
function elementOf(value: Json, index: number, sensitive: Json | undefined, unknown: Json | undefined): Element {
  const mark = markOf(element(sensitive, index))
  const open = markOf(element(unknown, index))
  const marked = `${mark === undefined ? '' : canonicalText(mark)}${open === undefined ? '' : `unknown ${index}`}`
  return { index, value, key: `${canonicalText(value)} ${marked}` }
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

/** Compares a text by its meaning; false when it has none that says more than the text. */
function compareTexts(walk: Walk, left: Json | undefined, right: Json | undefined, marks: Marks): boolean {
  // A mark that is no `true` is one of ours, for what is inside of JSON: the text itself is not to be seen.
  const isOpen = !hasMark(marks.beforeSensitive) && !hasMark(marks.afterSensitive)
  if (left === undefined || right === undefined) return isOpen && decodes(walk, left, right)
  if (typeof left !== 'string' || typeof right !== 'string') return false
  if (walk.inner === undefined && compareDocuments(walk, left, right, marks)) return true
  if (!isOpen) return false
  if (sameWords(left, right)) {
    emit(walk, known(left), known(right), 'whitespace')
    return true
  }
  return decodes(walk, left, right)
}

function compareDocuments(walk: Walk, left: string, right: string, marks: Marks): boolean {
  const json = inBoth(left, right, jsonInText)
  if (json !== undefined) {
    if (compareInside(walk, json[0], json[1], marksOf(undefined, marks.beforeSensitive, marks.afterSensitive)))
      return true
    emit(walk, known(left), known(right), sameLetters(left, right) ? 'whitespace' : 'spelling')
    return true
  }
  if (hasMark(marks.beforeSensitive) || hasMark(marks.afterSensitive)) return false
  const yaml = inBoth(left, right, yamlInText)
  if (yaml === undefined) return false
  // The same structure may be other text to who reads it (`#cloud-config`, 1.10): then the lines are shown.
  return compareInside(walk, yaml[0], yaml[1], UNMARKED)
}

function inBoth<T>(left: string, right: string, read: (text: string) => T | undefined): readonly [T, T] | undefined {
  const first = read(left)
  const second = first === undefined ? undefined : read(right)
  return first === undefined || second === undefined ? undefined : [first, second]
}

/** False when nothing differs. */
function compareInside(walk: Walk, left: Json, right: Json, marks: Marks): boolean {
  const found = walk.found.length
  walk.inner = []
  compare(walk, left, right, marks)
  walk.inner = undefined
  return walk.found.length > found
}

/** Texts that are longer are not searched for what white space hides. UTF-16 units. */
const LONGEST_WORDS = 262_144

function sameWords(left: string, right: string): boolean {
  if (Math.max(left.length, right.length) > LONGEST_WORDS || !(/\s/.test(left) || /\s/.test(right))) return false
  return left.replace(/\s+/g, ' ').trim() === right.replace(/\s+/g, ' ').trim()
}

function sameLetters(left: string, right: string): boolean {
  return left.replace(/\s+/g, '') === right.replace(/\s+/g, '')
}

/** Compares what base64 decodes to; false when a side does not decode to text. */
function decodes(walk: Walk, left: Json | undefined, right: Json | undefined): boolean {
  if (walk.base64) return false
  const before = typeof left === 'string' ? base64Text(left) : undefined
  if (left !== undefined && before === undefined) return false
  const after = typeof right === 'string' ? base64Text(right) : undefined
  if (right !== undefined && after === undefined) return false
  walk.base64 = true
  if (before === undefined || after === undefined || !compareTexts(walk, before, after, UNMARKED))
    emit(walk, before === undefined ? ABSENT : known(before), after === undefined ? ABSENT : known(after))
  walk.base64 = false
  return true
}

function known(value: Json): Side {
  return { state: 'known', value }
}

function emit(walk: Walk, before: Side, after: Side, note?: AttributeChange['note']): void {
  const { path, inner } = walk
  walk.found.push({
    path: [...path],
    innerPath: inner && [...inner],
    element: walk.element,
    base64: walk.base64,
    before,
    after,
    note,
    forcesReplace: walk.replacePaths.some(forcing => isPrefix(forcing, path) || isPrefix(path, forcing)),
  })
}

function isPrefix(short: AttributePath, long: AttributePath): boolean {
  return short.length <= long.length && short.every((step, index) => String(step) === String(long[index]))
}

/** A value that comes out whole is hidden whole when anything in it is marked. */
function sideOf(value: Json | undefined, mark: Json | undefined): Side {
  if (value === undefined) return ABSENT
  return mark === undefined ? known(value) : SENSITIVE
}

/** Those of the first in their order, then what others have besides. */
function keysOf(first: Json | undefined, ...others: readonly (Json | undefined)[]): readonly (string | number)[] {
  const keys = ownKeys(first)
  const more = new Set<string | number>()
  for (const other of others) for (const key of ownKeys(other)) if (!hasKey(first, key)) more.add(key)
  return more.size === 0 ? keys : [...keys, ...more]
}

function ownKeys(value: Json | undefined): readonly (string | number)[] {
  if (isList(value)) return [...value.keys()]
  return isObject(value) ? Object.keys(value) : []
}

function hasKey(value: Json | undefined, key: string | number): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

function child(value: Json | undefined, key: string | number): Json | undefined {
  if (value === true || value === undefined) return value
  if (value instanceof ExactNumber) return undefined
  return typeof key === 'number' ? element(value, key) : member(value, key)
}

/** Equal for equal values on both sides. */
export function sidesKey({ before, after, note, forcesReplace, element = '' }: AttributeChange): string {
  return [sideKey(before), sideKey(after), note ?? '', forcesReplace ? 'forces' : '', JSON.stringify(element)].join(
    '\n',
  )
}

/** Whether both have the same `sidesKey`; told without making it. */
export function sameSides(one: AttributeChange, other: AttributeChange): boolean {
  return (
    sameSide(one.before, other.before) &&
    sameSide(one.after, other.after) &&
    one.note === other.note &&
    one.forcesReplace === other.forcesReplace &&
    (one.element ?? '') === (other.element ?? '')
  )
}

function sameSide(one: Side, other: Side): boolean {
  if (one.state !== 'known' || other.state !== 'known') return one.state === other.state
  return sameJson(one.value, other.value)
}

function sideKey(side: Side): string {
  return side.state === 'known' ? `known ${canonicalText(side.value)}` : side.state
}
