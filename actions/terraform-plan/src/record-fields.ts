import { shortenMiddle } from '#kit/report/shorten'
import { isList, isObject, member, type Json, type JsonObject } from '#kit/terraform/json'

/** Why a record cannot be read. */
export class UnreadableRecord extends Error {}

const LONGEST_TOLD = 80

/** What a reader says of a value that it cannot use. */
function unreadable(name: string, value: Json | undefined): UnreadableRecord {
  const told = value === undefined ? 'missing' : shortenMiddle(JSON.stringify(value), LONGEST_TOLD)
  return new UnreadableRecord(`its ${JSON.stringify(name)} is ${told}`)
}

type Read<T> = (value: Json, name: string) => T

/** Members of a record, each of which must be what is expected of it; nothing is taken on trust. */
export function readText(object: JsonObject, name: string): string {
  const value = member(object, name)
  if (typeof value !== 'string') throw unreadable(name, value)
  return value
}

export function readTextOrNothing(object: JsonObject, name: string): string | undefined {
  return member(object, name) === undefined ? undefined : readText(object, name)
}

/** A whole number from 0 on. */
export function readNumber(object: JsonObject, name: string): number {
  const value = member(object, name)
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable(name, value)
  return value
}

/** False when it is left out. */
export function readFlag(object: JsonObject, name: string): boolean {
  const value = member(object, name) ?? false
  if (typeof value !== 'boolean') throw unreadable(name, value)
  return value
}

export function readWord<const W extends string>(object: JsonObject, name: string, words: readonly W[]): W {
  const value = member(object, name)
  const word = words.find(one => one === value)
  if (word === undefined) throw unreadable(name, value)
  return word
}

export function readObject(value: Json | undefined, name: string): JsonObject {
  if (!isObject(value)) throw unreadable(name, value)
  return value
}

export function readList<T>(object: JsonObject, name: string, read: Read<T>): readonly T[] {
  const value = member(object, name)
  if (!isList(value)) throw unreadable(name, value)
  return value.map(item => read(item, name))
}

export function textItem(value: Json, name: string): string {
  if (typeof value !== 'string') throw unreadable(name, value)
  return value
}

/** Where an attribute is. */
export function pathItem(value: Json, name: string): readonly (string | number)[] {
  if (!isList(value)) throw unreadable(name, value)
  return value.map(step => {
    if (typeof step === 'string' || (typeof step === 'number' && Number.isSafeInteger(step) && step >= 0)) return step
    throw unreadable(name, value)
  })
}

/** No plan is nested as deeply; what is could not be written again. */
const MOST_LEVELS = 200

export function refuseDeep(value: Json, levels = MOST_LEVELS): void {
  if (typeof value !== 'object' || value === null) return
  if (levels === 0) throw new UnreadableRecord(`it is nested more than ${MOST_LEVELS} levels deep`)
  for (const item of Object.values(value)) refuseDeep(item as Json, levels - 1)
}
