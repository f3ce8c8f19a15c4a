import { numeral } from '#kit/report/count'
import type { Budget } from '#kit/ports'
import { details } from '#kit/report/details'
import { diffFence, type DiffLine } from '#kit/report/fence'
import { code, htmlCode, text } from '#kit/report/inline'
import type { AttributeChange } from '#kit/terraform/diff'
import { attributeName, FULL_LENGTHS, type Lengths } from '#kit/terraform/diff-text'
import type { ResourceChange } from '#kit/terraform/plan'
import { attributeLines } from './attributes.ts'
import { addressCode, listOf, type Name } from './names.ts'
import { NOTHING_LEFT, partOf, type Part } from './part.ts'
import type { Unit } from './shapes.ts'
import { typesText, whyText, type Hide } from './words.ts'

/** How much is told of a unit. `short`: long values and long lists of attributes are cut, values that vary are counted. */
export type Form = 'full' | 'short'

const SHORT_LENGTHS: Lengths = { value: 80, lines: 8 }
const SHORT_LINES = 12

/** Names that stand beside the title of a group; more are behind a fold. */
const NAMES_BESIDE = 3

/** Objects after which it is known how long the others will be. */
const SAMPLE = 4

/** A sign, the blank behind it and the end of the line. */
const SIGN = 3

/**
 * A unit as Markdown; `undefined` when it cannot fit into `room`.
 * @param named its address stands above it already
 */
export function unitPart(unit: Unit, form: Form, room: Budget, hide: Hide, named = false): Part | undefined {
  const { changes } = unit
  const [first] = changes
  if (first === undefined) return undefined
  const lengths = form === 'full' ? FULL_LENGTHS : SHORT_LENGTHS
  const own = form === 'full' ? ownLines(unit, room, hide) : differingLines(unit, hide)
  if (own === undefined) return undefined
  const apart = own.length > SHORT_LINES
  const all = [...attributeLines(first.kind, unit.common(), hide, lengths), ...(apart ? [] : own)]
  const lines = form === 'full' ? all : firstLines(all)
  const names = changes.length === 1 ? [] : unit.names()
  const beside = names.length <= NAMES_BESIDE
  const number = numeral(changes.length)
  const title = changes.length === 1 ? objectTitle(first, hide) : groupTitle(unit, first, beside ? names : [], hide)
  const body = [
    ...(named && title === addressCode(first.address) ? [] : [title]),
    ...(lines.length === 0 ? [] : [diffFence(lines)]),
    ...(apart ? ['', details(`What differs: ${ownNames(unit, hide).join(', ')}`, diffFence(own))] : []),
    ...(beside ? [] : ['', details(`All ${number}`, listOf(names))]),
  ]
  const complete = form === 'full' || (unit.own === undefined && lines === all)
  return partOf(body.join('\n'), { ...NOTHING_LEFT, attributes: complete ? 0 : changes.length })
}

function firstLines(lines: readonly DiffLine[]): readonly DiffLine[] {
  if (lines.length <= SHORT_LINES + 1) return lines
  return [...lines.slice(0, SHORT_LINES), { sign: '#', text: `${lines.length - SHORT_LINES} more lines` }]
}

/** What differs from one object to the next; `undefined` as soon as it is clear that it does not fit. */
function ownLines({ own, changes }: Unit, room: Budget, hide: Hide): DiffLine[] | undefined {
  if (own === undefined) return []
  const all = own()
  const kind = changes[0]?.kind ?? 'other'
  const lines: DiffLine[] = []
  const most = Math.min(room.bytes, room.characters)
  let length = 0
  for (const [index, { label, attributes }] of all.entries()) {
    const told = attributeLines(kind, attributes(), hide)
    if (told.length === 0) continue
    const [only] = told
    if (told.length === 1 && only !== undefined) told[0] = { ...only, text: `${only.text}  # ${label}` }
    else told.unshift({ sign: '#', text: label })
    for (const line of told) length += line.text.length
    lines.push(...told)
    if (length > most) return undefined
    if (index === SAMPLE && (length / SAMPLE) * all.length > most) return undefined
  }
  return lines
}

/** About how many bytes a unit takes in full, from its first objects. */
export function estimateBytes({ own, common, changes }: Unit, hide: Hide): number {
  const [first] = changes
  if (first === undefined) return 0
  const lengthOf = (attributes: readonly AttributeChange[]) =>
    attributeLines(first.kind, attributes, hide).reduce((sum, { text: line }) => sum + line.length + SIGN, 0)
  const all = own?.() ?? []
  const sample = all.slice(0, SAMPLE)
  const each = sample.reduce((sum, { attributes }) => sum + lengthOf(attributes()), 0) / (sample.length || 1)
  return first.address.length + lengthOf(common()) + each * all.length
}

function differingLines(unit: Unit, hide: Hide): DiffLine[] {
  if (unit.own === undefined) return []
  return ownNames(unit, hide, name => name).map(name => ({ sign: '#', text: `${name} differs ${unit.differs}` }))
}

/** One of them stands for the others: their attributes mostly have the same names. */
function firstOwn(own: Unit['own']): readonly AttributeChange[] {
  return (
    own?.()
      .find(({ attributes }) => attributes().length > 0)
      ?.attributes() ?? []
  )
}

function ownNames({ own }: Unit, hide: Hide, show: (name: string) => string = htmlCode): string[] {
  return [...new Set(firstOwn(own).map(attribute => show(hide(attributeName(attribute)))))]
}

/** `aws_db_instance.main` (moved from …) — why. */
function objectTitle(change: ResourceChange, hide: Hide): string {
  const beside = [
    ...(change.deposed === undefined ? [] : [`deposed ${code(change.deposed)}`]),
    ...(change.previousAddress === undefined ? [] : [`moved from ${addressCode(change.previousAddress)}`]),
    ...(change.importId === undefined ? [] : [`imported from ${code(hide(change.importId || 'its identity'))}`]),
  ]
  const why = whyText(change)
  return `${addressCode(change.address)}${beside.length === 0 ? '' : ` (${beside.join(', ')})`}${why === '' ? '' : ` — ${why}`}`
}

/** **`tags.CommitSha` on 94** objects: 40 aws_subnet, … */
function groupTitle(unit: Unit, first: ResourceChange, shown: readonly Name[], hide: Hide): string {
  const number = numeral(unit.changes.length)
  const names = first.kind === 'update' ? shapeNames(unit, hide) : ''
  const shape = names === '' ? '' : `${names} on `
  const types = text(typesText(unit.changes, 'bare'))
  const beside = shown.length === 0 ? '' : `: ${shown.map(({ address }) => address).join(', ')}`
  const why = whyText(first)
  return `**${shape}${number}** ${types}${beside}${why === '' ? '' : ` — ${why}`}`
}

/** `tags.CommitSha` and 2 more: which attributes change. */
export function shapeNames(unit: Unit, hide: Hide, show: (name: string) => string = code): string {
  const attributes = [...unit.common(), ...firstOwn(unit.own)]
  const [first, second] = attributes.map(attribute => show(hide(attributeName(attribute))))
  if (first === undefined) return ''
  if (attributes.length === 1 || second === undefined) return first
  return attributes.length === 2 ? `${first} and ${second}` : `${first} and ${attributes.length - 1} more`
}
