/** Addresses that are told as one: `x[0…89]`, `x["a1"…"a90"]`. */
export interface AddressRange {
  readonly text: string
  /** How many addresses it stands for. */
  readonly count: number
}

/** Two are as short when each is written. */
const SHORTEST_RANGE = 3

/** A double holds them exactly. */
const MOST_DIGITS = 15

const INDEX = /\[(\d+|"(?:[^"\\]|\\.)*")\]/gs

/** The address without its indexes: the block of the configuration that it comes from. */
export function withoutIndexes(address: string): string {
  return address.includes('[') ? address.replace(INDEX, '') : address
}

interface Item {
  /** Literal text and the content of each index in turn. */
  readonly parts: readonly string[]
  readonly place: number
  readonly count: number
}

interface Numbered {
  readonly item: Item
  readonly digits: string
  readonly number: number
}

/**
 * Addresses with consecutive indexes as ranges, each in the place of its first one. A range stands for exactly the addresses
 * that were given: numbers that follow each other, behind the same text, without leading zeros or all of one width.
 * `…` between the quotes or digits of an index is never part of an address. With several indexes a range may stand for
 * all their combinations: `module.m[0…2].x[0…9]`.
 */
export function rangeAddresses(addresses: readonly string[]): readonly AddressRange[] {
  let items: readonly Item[] = addresses.map((address, place) => ({ parts: partsOf(address), place, count: 1 }))
  const deepest = items.reduce((most, { parts }) => Math.max(most, parts.length), 1)
  for (let fromEnd = 2; fromEnd <= deepest; fromEnd += 2) items = rangeAt(items, fromEnd)
  return items
    .toSorted((one, other) => one.place - other.place)
    .map(({ parts, count }) => ({ text: join(parts), count }))
}

/** Parts a key; no address that Terraform writes holds it, and one that does gets no range. */
const SEPARATOR = '\u0000'

function partsOf(address: string): readonly string[] {
  if (!address.includes('[') || address.includes(SEPARATOR)) return [address]
  return address.split(INDEX)
}

function join(parts: readonly string[]): string {
  let address = ''
  for (let index = 0; index < parts.length; index++) address += index % 2 === 0 ? parts[index] : `[${parts[index]}]`
  return address
}

/** Ranges over one index, counted from the end of the address. */
function rangeAt(items: readonly Item[], fromEnd: number): Item[] {
  const alike = new Map<string, Numbered[]>()
  const others: Item[] = []
  for (const item of items) {
    const at = item.parts.length - fromEnd
    const key = at < 0 ? '' : (item.parts[at] ?? '')
    const end = key.endsWith('"') ? key.length - 1 : key.length
    const start = digitsStart(key, end)
    if (start === end || end - start > MOST_DIGITS) {
      others.push(item)
      continue
    }
    const digits = key.slice(start, end)
    const numbered = { item, digits, number: Number(digits) }
    const around = aroundDigits(item.parts, at, key.slice(0, start))
    const known = alike.get(around)
    if (known === undefined) alike.set(around, [numbered])
    else known.push(numbered)
  }
  return [...others, ...[...alike.values()].flatMap(group => runsOf(group).flatMap(run => rangeOf(run, fromEnd)))]
}

/** Where the digits begin that stand before `end`. */
function digitsStart(text: string, end: number): number {
  let start = end
  while (start > 0 && isDigit(text.charCodeAt(start - 1))) start -= 1
  return start
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39
}

/** All of an address but the digits of one index, of which only `prefix` is kept. */
function aroundDigits(parts: readonly string[], at: number, prefix: string): string {
  let text = ''
  for (let index = 0; index < parts.length; index++) text += SEPARATOR + (index === at ? prefix : parts[index])
  return text
}

function runsOf(group: readonly Numbered[]): Numbered[][] {
  const ordered = group.toSorted((one, other) => one.digits.length - other.digits.length || one.number - other.number)
  const runs: Numbered[][] = []
  for (const numbered of ordered) {
    const run = runs.at(-1)
    if (run !== undefined && follows(run, numbered)) run.push(numbered)
    else runs.push([numbered])
  }
  return runs
}

function follows(run: readonly Numbered[], next: Numbered): boolean {
  const last = run.at(-1)
  const [first] = run
  if (last === undefined || first === undefined || next.number !== last.number + 1) return false
  if (next.digits.length === last.digits.length) return true
  return !hasLeadingZero(first.digits) && !hasLeadingZero(next.digits)
}

function hasLeadingZero(digits: string): boolean {
  return digits.length > 1 && digits.startsWith('0')
}

function rangeOf(run: readonly Numbered[], fromEnd: number): Item[] {
  const [first] = run
  const last = run.at(-1)
  if (run.length < SHORTEST_RANGE || first === undefined || last === undefined) return run.map(({ item }) => item)
  const at = first.item.parts.length - fromEnd
  const parts = first.item.parts.with(at, `${first.item.parts[at]}…${last.item.parts[at]}`)
  const place = run.reduce((least, { item }) => Math.min(least, item.place), Infinity)
  return [{ parts, place, count: run.reduce((sum, { item }) => sum + item.count, 0) }]
}
