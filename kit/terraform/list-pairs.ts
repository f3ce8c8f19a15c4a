import { isObject, sameJson, type Json } from './json.ts'

/** An element of a list that only one side has. */
export interface Element {
  readonly index: number
  readonly value: Json
  /** Equal for equal values with equal marks. */
  readonly key: string
}

/** Members by which people and providers tell the elements of a list apart. */
const NAMES: readonly string[] = ['name', 'Name', 'key', 'id', 'sid', 'Sid']

/** Comparing each with each costs the product. */
const MOST_COMPARED = 4_000

/** Objects that are alike in fewer of their members are two, not one that changed. */
const LEAST_LIKENESS = 0.5

type Pair = readonly [Element | undefined, Element | undefined]

/**
 * Which element became which. Objects are matched by likeness, the likest first, so that one that is put in between does not
 * make all behind it look changed. What is left is matched in order when both sides have as many, else it came or went.
 */
export function pairElements(removed: readonly Element[], added: readonly Element[]): readonly Pair[] {
  if (removed.length === 1 && added.length === 1) return [[removed[0], added[0]]]
  const pairs = new Map<Element, Element>()
  if (removed.length * added.length <= MOST_COMPARED) matchByLikeness(removed, added, pairs)
  const taken = new Set(pairs.values())
  const alone = removed.filter(item => !pairs.has(item))
  const fresh = added.filter(item => !taken.has(item))
  if (alone.length === fresh.length) alone.forEach((item, index) => pairs.set(item, fresh[index] as Element))
  const matched = new Set(pairs.values())
  return [
    ...removed.map((item): Pair => [item, pairs.get(item)]),
    ...added.filter(item => !matched.has(item)).map((item): Pair => [undefined, item]),
  ]
}

function matchByLikeness(removed: readonly Element[], added: readonly Element[], pairs: Map<Element, Element>): void {
  const likely = removed
    .flatMap(before => added.map(after => ({ before, after, likeness: likenessOf(before.value, after.value) })))
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .sort(
      (one, other) =>
        other.likeness - one.likeness ||
        Math.abs(one.before.index - one.after.index) - Math.abs(other.before.index - other.after.index),
    )
  const taken = new Set<Element>()
  for (const { before, after } of likely) {
    if (pairs.has(before) || taken.has(after)) continue
    pairs.set(before, after)
    taken.add(after)
  }
}

/** From 0 to 1: the share of equal members; 1 more when they have the same name. Only objects are alike. */
function likenessOf(left: Json, right: Json): number {
  if (!isObject(left) || !isObject(right)) return 0
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  let equal = 0
  for (const key of keys) if (sameMember(left[key], right[key])) equal += 1
  const named = NAMES.find(name => typeof left[name] === 'string' && typeof right[name] === 'string')
  if (named === undefined) return equal / Math.max(1, keys.size)
  return left[named] === right[named] ? 1 + equal / keys.size : 0
}

/**
 * The name that both bear; `undefined` when there is none, or another one.
 * @param isOpen whether what stands in this member may be told
 */
export function sharedName(
  left: Json | undefined,
  right: Json | undefined,
  isOpen: (key: string) => boolean,
): string | undefined {
  if (!isObject(left) || !isObject(right)) return undefined
  const name = NAMES.find(key => typeof left[key] === 'string' && left[key] === right[key])
  const value = name === undefined || !isOpen(name) ? undefined : left[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function sameMember(left: Json | undefined, right: Json | undefined): boolean {
  return sameJson(left ?? null, right ?? null)
}
