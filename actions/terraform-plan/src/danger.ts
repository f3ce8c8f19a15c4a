import { numeral } from '#kit/report/count'
import { code, text } from '#kit/report/inline'
import { rangeAddresses, withoutIndexes } from '#kit/terraform/address-ranges'
import type { Side } from '#kit/terraform/diff'
import { attributeName, valueText } from '#kit/terraform/diff-text'
import { isEffective, type Plan, type ResourceChange } from '#kit/terraform/plan'
import { attributesOf } from './attributes.ts'
import { losesState } from '#kit/terraform/protection'
import { addressCode } from './names.ts'
import type { ProtectionLines } from './protection-report.ts'
import { whyText, type Hide } from './words.ts'

const VERBS = [
  ['delete', 'Destroys'],
  ['replace', 'Replaces'],
  ['forget', 'Forgets'],
  ['other', 'Unknown action on'],
] as const

/** Of one line; the whole address is in the fold below. UTF-16 units. */
const LONGEST_ADDRESS = 200
const ADDRESSES_A_LINE = 3
const PROBLEMS_SHOWN = 3
const LONGEST_VALUE = 40

/** What stands beside a change that is protected; empty for another. */
type NoteOf = (change: ResourceChange) => string

interface Danger {
  readonly weight: number
  readonly objects: number
  readonly line: () => string
}

/**
 * What a reviewer must see without opening anything, a line each. When there are too many for `limit` lines, what somebody
 * must acknowledge stays, and then what holds data.
 */
export function dangerLines(plan: Plan, hide: Hide, limit: number, protection?: ProtectionLines): string[] {
  const noteOf = (change: ResourceChange) => protection?.noteOf(change) ?? ''
  const blocks = VERBS.flatMap(([kind, verb]) =>
    blocksOf(plan, kind, noteOf).map(changes => dangerOf(verb, changes, hide, noteOf)),
  )
  const dangers: Danger[] = [
    ...plan.checks
      .filter(({ status }) => status === 'fail' || status === 'error')
      .map(({ address, problems }) => ({
        weight: 1,
        objects: 1,
        line: () => `**Check fails** ${code(address)}${problemsText(problems, hide)}`,
      })),
    // What somebody must acknowledge is never folded away before what nobody must.
    ...blocks.filter(({ isNoted }) => isNoted),
    ...(protection?.lines ?? []).map(line => ({ weight: 3, objects: 1, line: () => line })),
    ...blocks.filter(({ isNoted }) => !isNoted),
  ]
  if (dangers.length <= limit) return dangers.map(({ line }) => line())
  const kept = new Set(dangers.toSorted((one, other) => other.weight - one.weight).slice(0, limit - 1))
  const folded = dangers.filter(danger => !kept.has(danger)).reduce((sum, { objects }) => sum + objects, 0)
  return [
    ...dangers.filter(danger => kept.has(danger)).map(({ line }) => line()),
    `… and ${numeral(folded)} more, folded below`,
  ]
}

function problemsText(problems: readonly string[], hide: Hide): string {
  return problems.length === 0 ? '' : ` — ${text(hide(problems.slice(0, PROBLEMS_SHOWN).join('; ')))}`
}

/** Objects of one block of the configuration to which the same happens for the same reason; what holds data first. */
function blocksOf(plan: Plan, kind: ResourceChange['kind'], noteOf: NoteOf): ResourceChange[][] {
  const changes = plan.changes.filter(change => change.kind === kind && isEffective(change))
  const blocks = Map.groupBy(changes, change =>
    JSON.stringify([
      withoutIndexes(change.address),
      ...[change.type, change.reason, change.replaceOrder, change.actions, change.replacePaths],
      ...[change.deposed, noteOf(change)],
    ]),
  )
  const ordered = [...blocks.values()]
  const holdsData = ([first]: readonly ResourceChange[]) => first !== undefined && losesState(first)
  return [...ordered.filter(holdsData), ...ordered.filter(block => !holdsData(block))]
}

function dangerOf(
  verb: string,
  changes: readonly ResourceChange[],
  hide: Hide,
  noteOf: NoteOf,
): Danger & { readonly isNoted: boolean } {
  const [first] = changes
  const note = first === undefined ? '' : noteOf(first)
  const stateful = first !== undefined && losesState(first)
  return {
    weight: note !== '' ? 4 : stateful ? 2 : 0,
    objects: changes.length,
    isNoted: note !== '',
    line: () => dangerLine(verb, changes, hide, note),
  }
}

function dangerLine(verb: string, changes: readonly ResourceChange[], hide: Hide, note: string): string {
  const [first] = changes
  if (first === undefined) return ''
  const ranges = rangeAddresses(changes.map(({ address }) => address))
  const shown = ranges.slice(0, ADDRESSES_A_LINE)
  const told = shown.reduce((sum, { count }) => sum + count, 0)
  const addresses = shown.map(range => addressCode(range.text, LONGEST_ADDRESS)).join(', ')
  const more = told < changes.length ? ` and ${numeral(changes.length - told)} more` : ''
  const deposed = first.deposed === undefined ? '' : ` (deposed ${code(first.deposed)})`
  const standing = joined([losesState(first) ? 'stateful' : '', note], ', ')
  const why = joined([standing, whyText(first, forcingText(changes, hide))], '; ')
  const number = changes.length === 1 ? '' : ` ${numeral(changes.length)}`
  return `**${verb}${number}** ${addresses}${more}${deposed}${why === '' ? '' : ` — ${why}`}`
}

function joined(parts: readonly string[], between: string): string {
  return parts.filter(part => part !== '').join(between)
}

/** `ami` forces it: `"ami-1"` → `"ami-2"`. Of several objects the attribute only: their values may differ. */
function forcingText(changes: readonly ResourceChange[], hide: Hide): string {
  const [first] = changes
  if (first === undefined || first.kind !== 'replace') return ''
  const forcing = attributesOf(first).filter(({ forcesReplace }) => forcesReplace)
  const [attribute] = forcing
  if (attribute === undefined) return ''
  const forces = forcing.length === 1 ? 'forces' : `and ${forcing.length - 1} more force`
  const name = code(hide(attributeName(attribute)))
  if (changes.length > 1) return `${name} ${forces} it`
  return `${name} ${forces} it: ${sideText(attribute.before, hide)} → ${sideText(attribute.after, hide)}`
}

function sideText(side: Side, hide: Hide): string {
  if (side.state === 'absent') return 'none'
  if (side.state !== 'known') return side.state === 'unknown' ? 'known after apply' : 'sensitive'
  return code(valueText(side.value, hide, LONGEST_VALUE))
}
