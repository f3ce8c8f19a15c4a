import { count } from '../report/count.ts'
import { HIDDEN, HIDDEN_NEW, hmac, type Leaves } from './contract-leaves.ts'
import type { Contract, ContractPart } from './contract.ts'
import { isList, isObject, member, type Json } from './json.ts'
import { sha256 } from './seal.ts'

/** A part of a contract as it may be published: values are short digests, of secrets only under a key. */
export interface RecordedPart {
  readonly subject: string
  readonly actions: string
  readonly digest: string
  /** By name: a digest, or `before>after`. Left out when the record would become too large. */
  readonly leaves?: Readonly<Record<string, string>>
}

/** What is not the same in two contracts, of one object or fact. */
export interface Difference {
  readonly subject: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What will be done; `reviewed` when that is something else. */
  readonly actions: string
  readonly reviewed: string
  /** Leaves that differ; empty when the whole does, or when a record does not hold them. */
  readonly names: readonly string[]
}

const MOST_LEAF_CHARACTERS = 1024 * 1024
/** 48 bits: enough to tell values apart; what decides is the digest of the whole. */
const DIGEST_CHARACTERS = 12

/**
 * The contract as a record for later jobs. No value is in it: what is sensitive is a digest under the key, or without a key
 * the word `hidden`.
 * @param hide takes the secrets out of a text; map keys can be secrets
 * @param mostLeafCharacters of names and digests of leaves; the parts that come after are recorded as a whole
 */
export function recordContract(
  { parts, key }: Contract,
  hide: (text: string) => string,
  mostLeafCharacters = MOST_LEAF_CHARACTERS,
): readonly RecordedPart[] {
  const short = (text: string) => (key === undefined ? sha256(text) : hmac(key, text)).slice(0, DIGEST_CHARACTERS)
  const seen = new Map<string, number>()
  let room = mostLeafCharacters
  return parts.map(part => {
    const times = (seen.get(part.subject) ?? 0) + 1
    seen.set(part.subject, times)
    const recorded = {
      subject: times === 1 ? part.subject : `${part.subject} (${times})`,
      actions: part.actions.join(', '),
      digest: part.digest.slice(0, DIGEST_CHARACTERS),
    }
    if (room <= 0) return recorded
    const leaves = recordLeaves(part, short, hide)
    room -= leaves.reduce((sum, [name, code]) => sum + name.length + code.length, 0)
    return room <= 0 ? recorded : { ...recorded, leaves: Object.fromEntries(leaves) }
  })
}

function recordLeaves(
  { subject, before, after }: ContractPart,
  short: (text: string) => string,
  hide: (text: string) => string,
): [string, string][] {
  const code = (leaves: Leaves, name: string): string => {
    const leaf = leaves.get(name)
    if (leaf === undefined) return ''
    return leaf === HIDDEN || leaf === HIDDEN_NEW ? leaf : short(JSON.stringify([subject, name, leaf]))
  }
  return [...new Set([...before.keys(), ...after.keys()])].map(name => {
    const [old, next] = [code(before, name), code(after, name)]
    return [hide(name), old === next ? old : `${old}>${next}`]
  })
}

/** Parts out of a record; `undefined` when they are none. */
export function readRecordedParts(value: Json | undefined): readonly RecordedPart[] | undefined {
  if (!isList(value)) return undefined
  const parts = value.map(readPart)
  return parts.every(part => part !== undefined) ? parts : undefined
}

function readPart(value: Json): RecordedPart | undefined {
  const [subject, actions, digest] = ['subject', 'actions', 'digest'].map(name => member(value, name))
  if (typeof subject !== 'string' || typeof actions !== 'string' || typeof digest !== 'string') return undefined
  const leaves = member(value, 'leaves')
  if (!isObject(leaves)) return { subject, actions, digest }
  const texts = Object.entries(leaves).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { subject, actions, digest, leaves: Object.fromEntries(texts) }
}

/** What `planned` does otherwise than `reviewed`, by subject; empty exactly when all parts are the same. */
export function differences(reviewed: readonly RecordedPart[], planned: readonly RecordedPart[]): Difference[] {
  const before = new Map(reviewed.map(part => [part.subject, part]))
  const after = new Map(planned.map(part => [part.subject, part]))
  const subjects = [...new Set([...before.keys(), ...after.keys()])].sort()
  return subjects.flatMap((subject): Difference[] => {
    const [old, next] = [before.get(subject), after.get(subject)]
    if (old?.digest === next?.digest && old?.actions === next?.actions) return []
    const { actions = '' } = next ?? old ?? {}
    const change = old === undefined ? 'added' : next === undefined ? 'removed' : 'changed'
    return [{ subject, change, actions, reviewed: old?.actions ?? '', names: leafDifferences(old, next) }]
  })
}

function leafDifferences(old: RecordedPart | undefined, next: RecordedPart | undefined): string[] {
  const [left, right] = [old?.leaves, next?.leaves]
  if (left === undefined || right === undefined) return []
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter(name => left[name] !== right[name]).sort()
}

const MOST_NAMES = 12

/** One line: `+ update aws_x.y`, `- create aws_x.z`, `~ update aws_x.y: tags.Sha`. */
export function differenceText({ subject, change, actions, reviewed, names }: Difference): string {
  const what = [actions, subject].filter(text => text !== '').join(' ')
  if (change === 'added') return `+ ${what}`
  if (change === 'removed') return `- ${what}`
  if (actions !== reviewed) return `~ ${what}, and ${reviewed} was reviewed`
  const listed = names.slice(0, MOST_NAMES).map(name => (name === '' ? 'value' : name))
  if (names.length > MOST_NAMES) listed.push(`${count(names.length - MOST_NAMES, 'more attribute')}`)
  return `~ ${what}${listed.length === 0 ? '' : `: ${listed.join(', ')}`}`
}
