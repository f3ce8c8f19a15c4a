import { numeral } from '../report/count.ts'
import { createHash } from 'node:crypto'
import { isObject, type Json } from './json.ts'
import { isEffective, type Plan, type ResourceChange } from './plan.ts'

/**
 * Which objects a plan touches and how, small enough for a check's text: per kind of change, 8 hexadecimal digits of each
 * object's address, one after the other. Values are not in it, so no secret is; whether they changed says the contract.
 */
export type Outline = Readonly<Record<string, string>>

const ID_DIGITS = 8
/** Together they leave room for the rest of the record in 64 KiB. */
const MOST_OBJECTS = 4_000

/** `undefined` for a plan with more objects than there is room for. */
export function outlineOf(plan: Plan): Outline | undefined {
  const changes = plan.changes.filter(isEffective)
  if (changes.length > MOST_OBJECTS) return undefined
  const ids = new Map<string, string[]>()
  for (const change of changes) {
    const list = ids.get(wordOf(change)) ?? []
    ids.set(wordOf(change), list)
    list.push(idOf(change))
  }
  return Object.fromEntries([...ids].sort().map(([word, list]) => [word, list.sort().join('')]))
}

function idOf({ address, deposed = '' }: ResourceChange): string {
  return createHash('sha256').update(`${address}\n${deposed}`).digest('hex').slice(0, ID_DIGITS)
}

/** The most dangerous first. */
const WORDS = ['destroy', 'replace', 'forget', 'unknown action', 'change', 'add', 'import', 'move'] as const

function wordOf({ kind, importId }: ResourceChange): (typeof WORDS)[number] {
  if (kind === 'delete') return 'destroy'
  if (kind === 'update') return 'change'
  if (kind === 'create') return 'add'
  if (kind === 'replace' || kind === 'forget') return kind
  if (kind === 'no-op') return importId === undefined ? 'move' : 'import'
  return 'unknown action'
}

/** `undefined` for what is no outline. */
export function readOutline(value: Json | undefined): Outline | undefined {
  if (!isObject(value)) return undefined
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^(?:[0-9a-f]{8})*$/.test(entry[1]),
  )
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined
}

/** `+1 destroy, −2 changes`: what came and went between two plans, the most dangerous first; empty when nothing did. */
export function outlineDelta(before: Outline, after: Outline): string {
  return WORDS.flatMap(word => {
    const [was, is] = [idsOf(before, word), idsOf(after, word)]
    const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
      [...one].filter(id => !other.has(id)).length
    return [...told('+', without(is, was), word), ...told('−', without(was, is), word)]
  }).join(', ')
}

function told(sign: string, number: number, word: string): string[] {
  return number === 0 ? [] : [`${sign}${numeral(number)} ${word}${number === 1 ? '' : 's'}`]
}

function idsOf(outline: Outline, word: string): ReadonlySet<string> {
  return new Set((Object.hasOwn(outline, word) ? outline[word] : undefined)?.match(/.{8}/g))
}
