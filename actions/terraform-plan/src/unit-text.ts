import type { Budget } from '#kit/ports'
import { details } from '#kit/report/details'
import { diffFence, type DiffLine } from '#kit/report/fence'
import { code, text } from '#kit/report/inline'
import { rangeAddresses } from '#kit/terraform/address-ranges'
import { attributeName, FULL_LENGTHS, type Lengths } from '#kit/terraform/diff-text'
import type { ResourceChange } from '#kit/terraform/plan'
import { shortenMiddle } from '#kit/report/shorten'
import { attributeLines } from './attributes.ts'
import { NOTHING_LEFT, partOf, type Part } from './part.ts'
import type { Unit } from './shapes.ts'
import { typesText, whyText, type Hide } from './words.ts'

/** How much is told of a unit. `short`: long values and long lists of attributes are cut, values that vary are counted. */
export type Form = 'full' | 'short'

const SHORT_LENGTHS: Lengths = { value: 80, lines: 8 }
const SHORT_LINES = 12

/** Addresses that stand beside the title of a group; more are behind a fold. */
const ADDRESSES_BESIDE = 3

/** No name in a cloud is as long; one that is must not keep all others out. UTF-16 units. */
const LONGEST_ADDRESS = 4_096

/** What an object whose attributes vary costs at least, in bytes: says early what cannot fit. */
const LEAST_OWN_BYTES = 8

/** A unit as Markdown; `undefined` when it cannot fit into `room`. */
export function unitPart(unit: Unit, form: Form, room: Budget, hide: Hide): Part | undefined {
  const [first] = unit.changes
  if (first === undefined) return undefined
  if (form === 'full' && unit.own !== undefined && unit.changes.length * LEAST_OWN_BYTES > room.bytes) return undefined
  const lengths = form === 'full' ? FULL_LENGTHS : SHORT_LENGTHS
  const common = attributeLines(first.kind, unit.common(), hide, lengths)
  const own = unit.own === undefined ? [] : ownLines(unit, form, hide, lengths)
  const all = [...common, ...own]
  const lines =
    form === 'full' || all.length <= SHORT_LINES + 1
      ? all
      : [...all.slice(0, SHORT_LINES), { sign: '#' as const, text: `${all.length - SHORT_LINES} more lines` }]
  const complete = form === 'full' || (unit.own === undefined && lines === all)
  const title = unit.changes.length === 1 ? objectTitle(first, hide) : groupTitle(unit, hide)
  const list = unit.changes.length === 1 ? '' : addressFold(unit.changes)
  const body = lines.length === 0 ? title : `${title}\n${diffFence(lines)}`
  return partOf(list === '' ? body : `${body}\n\n${list}`, {
    ...NOTHING_LEFT,
    attributes: complete ? 0 : unit.changes.length,
  })
}

function ownLines(unit: Unit, form: Form, hide: Hide, lengths: Lengths): DiffLine[] {
  const { own, changes } = unit
  if (own === undefined) return []
  if (form === 'full') {
    const labels = labelsOf(changes)
    return changes.flatMap((change, index): DiffLine[] => {
      const label = labels[index] ?? change.address
      const lines = attributeLines(change.kind, own(change), hide, lengths)
      const [only] = lines
      if (lines.length === 1 && only !== undefined) return [{ ...only, text: `${only.text}  # ${label}` }]
      return [{ sign: '#', text: label }, ...lines]
    })
  }
  const [first] = changes
  const names = first === undefined ? [] : own(first).map(attribute => hide(attributeName(attribute)))
  return [...new Set(names)].map(name => ({ sign: '#', text: `${name} differs on each of the ${changes.length}` }))
}

/** What tells the addresses apart: `["a"]`, `["b"]` of two instances. */
function labelsOf(changes: readonly ResourceChange[]): readonly string[] {
  const addresses = changes.map(({ address }) => address)
  const [first = ''] = addresses
  let same = first.length
  for (const address of addresses) while (!address.startsWith(first.slice(0, same))) same -= 1
  const start = Math.max(first.lastIndexOf('[', same), first.lastIndexOf('.', same - 1) + 1)
  return addresses.some(address => address.length <= start) ? addresses : addresses.map(address => address.slice(start))
}

/** `aws_db_instance.main` (moved from …) — why. */
function objectTitle(change: ResourceChange, hide: Hide): string {
  const beside = [
    ...(change.deposed === undefined ? [] : [`deposed ${code(change.deposed)}`]),
    ...(change.previousAddress === undefined ? [] : [`moved from ${code(change.previousAddress)}`]),
    ...(change.importId === undefined ? [] : [`imported from ${code(hide(change.importId || 'its identity'))}`]),
  ]
  const why = whyText(change)
  return `${addressCode(change.address)}${beside.length === 0 ? '' : ` (${beside.join(', ')})`}${why === '' ? '' : ` — ${why}`}`
}

/** **`tags.CommitSha` on 94 objects**: 40 aws_subnet, … */
function groupTitle(unit: Unit, hide: Hide): string {
  const { changes } = unit
  const [first] = changes
  const number = changes.length.toLocaleString('en-US')
  const names = first?.kind === 'update' ? shapeNames(unit, hide) : ''
  const what = `**${names === '' ? '' : `${names} on `}${number}** ${text(typesText(changes, 'bare'))}`
  const ranges = rangeAddresses(changes.map(({ address }) => address))
  const beside = ranges.length > ADDRESSES_BESIDE ? '' : `: ${ranges.map(range => addressCode(range.text)).join(', ')}`
  const why = first === undefined ? '' : whyText(first)
  return `${what}${beside}${why === '' ? '' : ` — ${why}`}`
}

/** `tags.CommitSha` and 2 more: which attributes change. */
export function shapeNames(unit: Unit, hide: Hide, show: (name: string) => string = code): string {
  const [change] = unit.changes
  const attributes = [...unit.common(), ...(change === undefined ? [] : (unit.own?.(change) ?? []))]
  const [first, second] = attributes.map(attribute => show(hide(attributeName(attribute))))
  if (first === undefined) return ''
  if (attributes.length === 1 || second === undefined) return first
  return attributes.length === 2 ? `${first} and ${second}` : `${first} and ${attributes.length - 1} more`
}

function addressFold(changes: readonly ResourceChange[]): string {
  const names = namesOf(changes)
  if (names.length <= ADDRESSES_BESIDE) return ''
  return details(`All ${changes.length.toLocaleString('en-US')}`, names.map(({ markdown }) => markdown).join('\n'))
}

/** A line of a list that names one object, or a range of them. */
export interface Name {
  readonly markdown: string
  readonly objects: number
}

export function namesOf(changes: readonly ResourceChange[]): Name[] {
  const deposed = changes.filter(change => change.deposed !== undefined)
  const current = deposed.length === 0 ? changes : changes.filter(change => change.deposed === undefined)
  return [
    ...rangesOf(current.map(({ address }) => address)),
    ...deposed.map(change => ({
      markdown: `- ${addressCode(change.address)} (deposed ${code(change.deposed ?? '')})`,
      objects: 1,
    })),
  ]
}

export function rangesOf(addresses: readonly string[]): Name[] {
  return rangeAddresses(addresses).map(({ text: range, count }) => ({
    markdown: `- ${addressCode(range)}${count === 1 ? '' : ` (${count.toLocaleString('en-US')})`}`,
    objects: count,
  }))
}

export function addressCode(address: string, limit = LONGEST_ADDRESS): string {
  return code(shortenMiddle(address, limit))
}
