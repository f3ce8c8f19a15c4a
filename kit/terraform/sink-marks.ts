import { isList, isObject, member, type Json } from './json.ts'
import type { Sink } from './sinks.ts'
import { jsonInText } from './text-structure.ts'

/** A mark for one member or element more; what was marked stays so. The same object when nothing changes. */
export function markChild(mark: Json, container: Json, key: string | number, childMark: Json): Json {
  if (markOf(mark, key) === childMark) return mark
  if (isList(container)) {
    const marks: Json[] = container.map((_, index) => (isList(mark) ? (mark[index] ?? false) : false))
    marks[Number(key)] = childMark
    return marks
  }
  return { ...(isObject(mark) ? mark : {}), [key]: childMark }
}

/** What lies below in a value; null where there is nothing. */
export function childOf(value: Json, key: string | number): Json {
  return (isList(value) ? value[Number(key)] : member(value, String(key))) ?? null
}

/** What a mark says of what lies below; a missing mark is `false`. */
export function markOf(mark: Json, key: string | number): Json {
  return childOf(mark, key) ?? false
}

/**
 * Marks with the places of `sink` marked as well. In the mark of a text that holds JSON, an object or a list marks what is
 * inside of that JSON.
 * @param found called with each value that stands at such a place
 */
export function markSink(values: Json, mark: Json, sink: Sink, found: (value: Json) => void): Json {
  // Most objects have few of the places of their type.
  const first = sink.path[0] ?? ''
  if (isObject(values) && (values[first] ?? null) === null && !first.startsWith('*')) return mark
  if (sink.when?.(values) === false) return mark
  return walk(values, mark, sink.path, found)
}

function walk(value: Json, mark: Json, path: readonly string[], found: (value: Json) => void): Json {
  const step = path[0]
  if (step === undefined) {
    if (value === '' || value === null) return mark
    found(value)
    return true
  }
  if (mark === true) {
    // Marked already; what stands there is still told.
    walk(value, false, path, found)
    return true
  }
  const rest = path.slice(1)
  if (step === '{}') return typeof value === 'string' ? walkText(value, mark, rest, found) : mark
  const keys = step === '*' || step === '**' ? keysOf(value) : [step]
  let marked = step === '**' ? walk(value, mark, rest, found) : mark
  for (const key of keys) {
    const child = isList(value) ? value[Number(key)] : member(value, key)
    if (child === undefined || marked === true) continue
    marked = markChild(marked, value, key, walk(child, markOf(marked, key), step === '**' ? path : rest, found))
  }
  return marked
}

function walkText(text: string, mark: Json, path: readonly string[], found: (value: Json) => void): Json {
  const inner = jsonInText(text)
  if (inner !== undefined) return walk(inner, mark, path, found)
  if (text.trim() === '') return mark
  found(text)
  return true
}

function keysOf(value: Json): readonly string[] {
  return isList(value) || isObject(value) ? Object.keys(value) : []
}
