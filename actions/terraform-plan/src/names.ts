import { numeral } from '#kit/report/count'
import { code } from '#kit/report/inline'
import { shortenMiddle } from '#kit/report/shorten'
import { rangeAddresses } from '#kit/terraform/address-ranges'
import type { ResourceChange } from '#kit/terraform/plan'

/** No name in a cloud is as long; one that is must not keep all others out. UTF-16 units. */
const LONGEST_ADDRESS = 4_096

/** A line of a list that names one object, or a range of them. */
export interface Name {
  readonly markdown: string
  /** Markdown for a place among other words. */
  readonly address: string
  readonly objects: number
}

export function namesOf(changes: readonly ResourceChange[]): Name[] {
  const current = changes.filter(change => change.deposed === undefined)
  const deposed = changes.filter(change => change.deposed !== undefined)
  return [
    ...rangesOf(current.map(({ address }) => address)),
    ...deposed.map(({ address, deposed: key = '' }) => nameOf(`${addressCode(address)} (deposed ${code(key)})`)),
  ]
}

export function rangesOf(addresses: readonly string[]): Name[] {
  return rangeAddresses(addresses).map(({ text, count }) => nameOf(addressCode(text), count))
}

/** @param address Markdown */
export function nameOf(address: string, objects = 1): Name {
  return { markdown: `- ${address}${objects === 1 ? '' : ` (${numeral(objects)})`}`, address, objects }
}

export function addressCode(address: string, limit = LONGEST_ADDRESS): string {
  return code(shortenMiddle(address, limit))
}

/** A Markdown list of them. */
export function listOf(names: readonly Name[]): string {
  return names.map(({ markdown }) => markdown).join('\n')
}
