import type { Budget } from '#kit/ports'
import { measure } from '#kit/report/measure'

/** What was left out, counted by objects. */
export interface Left {
  /** Whose attributes are not told, or not all. */
  readonly attributes: number
  /** That are not even named. */
  readonly names: number
}

export const NOTHING_LEFT: Left = { attributes: 0, names: 0 }

export function addLeft(one: Left, other: Left): Left {
  return { attributes: one.attributes + other.attributes, names: one.names + other.names }
}

/** A piece of a report, with what it costs and what it does not say. */
export interface Part {
  readonly markdown: string
  readonly size: Budget
  readonly left: Left
}

/** A blank line stands between two parts. */
const GAP = 2

export function partOf(markdown: string, left: Left = NOTHING_LEFT): Part {
  const { bytes, characters } = measure(markdown)
  return { markdown, left, size: { bytes: bytes + GAP, characters: characters + GAP } }
}

export function holds(room: Budget, size: Budget): boolean {
  return size.bytes <= room.bytes && size.characters <= room.characters
}

export function minus(room: Budget, size: Budget): Budget {
  return { bytes: room.bytes - size.bytes, characters: room.characters - size.characters }
}

export function plus(one: Budget, other: Budget): Budget {
  return { bytes: one.bytes + other.bytes, characters: one.characters + other.characters }
}
