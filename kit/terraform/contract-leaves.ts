import { createHmac, type KeyObject } from 'node:crypto'
import { canonicalText, element, isList, isObject, member, normalNumber, numberText, type Json } from './json.ts'
import type { AttributePath } from './plan.ts'

/** By name, such as `tags["a.b"]`: the value with its type in front, so that `1` and `"1"`, or null and nothing, never look alike. */
export type Leaves = ReadonlyMap<string, string>

export interface LeafSecrets {
  /** Of leaves that are marked sensitive; without it they are only a word. */
  readonly key: KeyObject | undefined
  /** Whether a text holds a sensitive value. Asked only without a key: with one, nothing of a value can be tried out. */
  readonly isTainted: (text: string) => boolean
}

/** A value with Terraform's marks beside it. */
interface MarkedValue {
  readonly value: Json | undefined
  readonly unknown?: Json | undefined
  readonly sensitive?: Json | undefined
}

interface LeafOptions {
  /** Enters the HMAC, so that one secret in two places does not look alike. */
  readonly address: string
  /** In front of every name. */
  readonly prefix?: string
  readonly isIgnored?: ((path: AttributePath) => boolean) | undefined
  /** Canonical text of hidden values by name, for a later comparison; only filled without a key. */
  readonly hidden?: Map<string, string>
}

export const HIDDEN = 'hidden'
/** A sensitive value that is not the one before, as far as can be said without a key. */
export const HIDDEN_NEW = 'hidden new'

/** Every leaf of a value, and every container that is empty, unknown or sensitive as a whole. */
export function readLeaves(marked: MarkedValue, secrets: LeafSecrets, options: LeafOptions): Map<string, string> {
  const leaves = new Map<string, string>()
  const { address, isIgnored, hidden } = options
  const path: (string | number)[] = []

  const hide = (name: string, value: Json): string => {
    const text = canonicalText(value)
    if (secrets.key !== undefined) return `${HIDDEN} ${hmac(secrets.key, JSON.stringify([address, name, text]))}`
    hidden?.set(name, text)
    return HIDDEN
  }
  const step = (name: string, next: string | number, marks: MarkedValue): void => {
    path.push(next)
    walk(name + stepText(next, name === (options.prefix ?? ''), secrets), marks)
    path.pop()
  }
  const walk = (name: string, { value, unknown, sensitive }: MarkedValue): void => {
    if (isIgnored?.(path) === true) return
    if (unknown === true) return void leaves.set(name, sensitive === true ? 'unknown hidden' : 'unknown')
    if (value === null && !holdsUnknown(unknown))
      return void leaves.set(name, sensitive === true ? 'null hidden' : 'null')
    if (sensitive === true) return void leaves.set(name, value === undefined ? 'missing hidden' : hide(name, value))
    if (isList(value)) {
      if (value.length === 0) leaves.set(name, 'list')
      for (const [index, item] of value.entries())
        step(name, index, { value: item, unknown: element(unknown, index), sensitive: element(sensitive, index) })
      return
    }
    if (isObject(value) || isObject(unknown)) {
      const known = isObject(value) ? Object.keys(value) : []
      const late = isObject(unknown) ? Object.keys(unknown).filter(key => member(value, key) === undefined) : []
      if (known.length === 0) leaves.set(name, isObject(value) ? 'object' : 'missing')
      for (const key of [...known, ...late.filter(key => holdsUnknown(member(unknown, key)))])
        step(name, key, {
          value: member(value, key),
          unknown: member(unknown, key),
          sensitive: member(sensitive, key),
        })
      return
    }
    if (value === undefined || value === null) return
    const text = typeof value === 'string' ? value : typeof value === 'boolean' ? String(value) : numberText(value)
    if (typeof value === 'boolean') leaves.set(name, text)
    else if (secrets.key === undefined && secrets.isTainted(text)) leaves.set(name, hide(name, value))
    else leaves.set(name, typeof value === 'string' ? `text ${text}` : `number ${normalNumber(text)}`)
  }
  walk(options.prefix ?? '', marked)
  return leaves
}

/** Whether a mark of unknown values holds any. */
export function holdsUnknown(mark: Json | undefined): boolean {
  if (isList(mark)) return mark.some(holdsUnknown)
  return isObject(mark) ? Object.values(mark).some(holdsUnknown) : mark === true
}

export function hmac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

/** As `pathText` writes it. A key can be a secret too, and a name is never hashed under a key of its own. */
function stepText(step: string | number, isFirst: boolean, { key, isTainted }: LeafSecrets): string {
  if (typeof step === 'number') return `[${step}]`
  if (key === undefined && isTainted(step)) return `[${HIDDEN}]`
  if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`
  return isFirst ? step : `.${step}`
}
