import { ExactNumber, isList, isObject, unsignedText, type Json, type JsonObject } from './json.ts'
import { isEffective, type Plan, type ResourceChange, type ValueChange } from './plan.ts'
import { SHORTEST_TAINT, type Taint } from './redaction.ts'
import { childOf, markChild, markOf, markSink } from './sink-marks.ts'
import { sinksOf } from './sinks.ts'

export interface MarkedPlan {
  /** With every whole value marked that is to be hidden; the document is as it was. */
  readonly plan: Plan
  /** How many values under 6 characters are hidden in what changes, truth values among them. */
  readonly shortValues: number
  /** Texts of which a part is marked, such as JSON with the environment of a container. */
  readonly partlyHidden: ReadonlySet<string>
}

/**
 * Marks every whole value that equals a sensitive one, and every place that holds secrets by its nature. Objects to which
 * nothing happens are left as they are: nobody is told of them. Truth values and
 * single characters are the same in too many places to tell anything: they are hidden where the same object has a marked one.
 */
export function markHidden(plan: Plan, taint: Taint): MarkedPlan {
  const partlyHidden = new Set<string>()
  const isTaint = wholeMatcher(taint)
  let shortValues = 0

  function markValues<T extends ValueChange>(change: T, type: string): T {
    const own = trivialValues(change)
    const isHidden = own === undefined ? isTaint : (text: string) => isTaint(text) || own.has(text)
    const beforeSensitive = markSide(change.before, change.beforeSensitive, type, isHidden)
    const afterSensitive = markSide(change.after, change.afterSensitive, type, isHidden)
    if (beforeSensitive === change.beforeSensitive && afterSensitive === change.afterSensitive) return change
    return { ...change, beforeSensitive, afterSensitive }
  }

  function markSide(values: Json, marks: Json, type: string, isHidden: (text: string) => boolean): Json {
    if (values === null) return marks
    let marked = holdsHidden(values, isHidden) ? markEqual(values, marks, isHidden) : marks
    for (const sink of sinksOf(type)) marked = markSink(values, marked, sink, NOBODY)
    if (marked !== marks) collectPartlyHidden(partlyHidden, values, marked)
    return marked
  }

  function count<T extends ValueChange>(change: T): T {
    shortValues += Math.max(
      countShort(change.before, change.beforeSensitive),
      countShort(change.after, change.afterSensitive),
    )
    return change
  }

  const markChange = (change: ResourceChange) => markValues(change, change.type)
  const marked: Plan = {
    ...plan,
    changes: plan.changes.map(change => {
      if (!isEffective(change)) return change.kind === 'no-op' ? change : markChange(change)
      return count(markChange(change))
    }),
    drift: plan.drift.map(markChange),
    deferred: plan.deferred.map(item => ({ ...item, change: markChange(item.change) })),
    outputs: plan.outputs.map(output => {
      const found = markValues(output, '')
      return output.kind === 'no-op' ? found : count(found)
    }),
  }
  return { plan: marked, shortValues, partlyHidden }
}

/** Is told of what stands in a sink. */
const NOBODY = () => undefined

const LENGTHS = 65_536

/** Most values have a length that no sensitive one has, and need no look-up. */
function wholeMatcher({ long, short }: Taint): (text: string) => boolean {
  const isLength = new Uint8Array(LENGTHS)
  for (const texts of [long, short]) for (const { length } of texts) isLength[length] = 1
  return text => isLength[text.length] !== 0 && (long.has(text) || short.has(text))
}

/** Most values hold none: that is found out without looking at marks. */
function holdsHidden(value: Json, isHidden: (text: string) => boolean): boolean {
  if (typeof value === 'string') return isHidden(value)
  if (value === null) return false
  if (typeof value !== 'object') return isHidden(leafText(value))
  if (isList(value)) {
    for (const item of value) if (holdsHidden(item, isHidden)) return true
    return false
  }
  if (value instanceof ExactNumber) return isHidden(leafText(value))
  const object = value as JsonObject
  for (const key in object) if (holdsHidden(object[key] ?? null, isHidden)) return true
  return false
}

function markEqual(value: Json, mark: Json, isHidden: (text: string) => boolean): Json {
  if (mark === true || value === null) return mark
  if (typeof value === 'object' && !(value instanceof ExactNumber)) {
    return Object.keys(value).reduce<Json>(
      (marked, key) => markChild(marked, value, key, markEqual(childOf(value, key), markOf(marked, key), isHidden)),
      mark,
    )
  }
  return isHidden(leafText(value)) ? true : mark
}

type Leaf = string | number | boolean | ExactNumber

/** As a sensitive value is known: without the sign of a number. */
function leafText(value: Leaf): string {
  if (typeof value === 'string') return value
  return typeof value === 'boolean' ? String(value) : unsignedText(value)
}

/** Marked values of an object that are too common to be hidden elsewhere; `undefined` when there is none. */
function trivialValues({ before, beforeSensitive, after, afterSensitive }: ValueChange): Set<string> | undefined {
  let found: Set<string> | undefined
  const collect = (leaf: Leaf) => {
    const text = leafText(leaf)
    if (text.length === 1 || typeof leaf === 'boolean') (found ??= new Set()).add(text)
  }
  eachMarked(before, beforeSensitive, collect)
  eachMarked(after, afterSensitive, collect)
  return found
}

function countShort(value: Json, mark: Json): number {
  let count = 0
  eachMarked(value, mark, leaf => {
    const { length } = leafText(leaf)
    if (length > 0 && length < SHORTEST_TAINT) count += 1
  })
  return count
}

function eachMarked(value: Json, mark: Json, visit: (leaf: Leaf) => void): void {
  if (value === null) return
  if (mark === true) eachLeaf(value, visit)
  else if (isList(mark)) mark.forEach((itemMark, index) => eachMarked(childOf(value, index), itemMark, visit))
  else if (isObject(mark)) for (const key in mark) eachMarked(childOf(value, key), markOf(mark, key), visit)
}

function eachLeaf(value: Json, visit: (leaf: Leaf) => void): void {
  if (value === null) return
  if (typeof value !== 'object' || value instanceof ExactNumber) visit(value)
  else if (isList(value)) value.forEach(item => eachLeaf(item, visit))
  else for (const key in value) eachLeaf(childOf(value, key), visit)
}

function collectPartlyHidden(texts: Set<string>, value: Json, mark: Json): void {
  if (typeof mark !== 'object' || mark === null) return
  if (typeof value === 'string') texts.add(value)
  else for (const key of Object.keys(mark)) collectPartlyHidden(texts, childOf(value, key), markOf(mark, key))
}
