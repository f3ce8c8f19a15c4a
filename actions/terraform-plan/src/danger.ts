import { numeral } from '#kit/report/count'
import { code, text } from '#kit/report/inline'
import { rangeAddresses, withoutIndexes } from '#kit/terraform/address-ranges'
import type { Side } from '#kit/terraform/diff'
import { attributeName, valueText } from '#kit/terraform/diff-text'
import { isEffective, type Plan, type ResourceChange } from '#kit/terraform/plan'
import { attributesOf } from './attributes.ts'
import { losesState } from '#kit/terraform/protection'
import { addressCode } from './names.ts'
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

/** A plan, or what is the same in several, whose danger is told. */
export interface DangerScope {
  readonly plan: Pick<Plan, 'changes'>
  /** Markdown: ` in prod`; empty where there is one plan only. */
  readonly where: string
  readonly noteOf: NoteOf
  /** Values are those of one root, and others have their own. */
  readonly hasOwnValues?: boolean
  /** In how many plans each object is; one when left out. */
  readonly times?: number
}

export interface FailedCheck {
  readonly address: string
  readonly problems: readonly string[]
  readonly where: string
}

/** What needs a line though no object goes; Markdown. */
export interface OwnLine {
  /** `**Exposes** aws_lb.front — 443 from 0.0.0.0/0`. */
  readonly what: string
  readonly where: string
  readonly note: string
}

/** All that a reviewer must see without opening anything. */
export interface Dangers {
  readonly scopes: readonly DangerScope[]
  readonly checks: readonly FailedCheck[]
  readonly own: readonly OwnLine[]
}

interface Danger {
  readonly weight: number
  readonly objects: number
  readonly line: () => string
}

export function failedChecks({ checks }: Pick<Plan, 'checks'>): readonly Omit<FailedCheck, 'where'>[] {
  return checks.filter(({ status }) => status === 'fail' || status === 'error')
}

/**
 * What a reviewer must see, a line each. When there are too many for `limit` lines, what somebody must acknowledge stays, and
 * then what holds data.
 */
export function dangerLines({ scopes, checks, own }: Dangers, hide: Hide, limit: number): string[] {
  const blocks = VERBS.flatMap(([kind, verb]) => {
    const found = scopes.flatMap(scope => blocksOf(scope, kind).map(changes => dangerOf(verb, changes, scope, hide)))
    return [...found.filter(({ holdsData }) => holdsData), ...found.filter(({ holdsData }) => !holdsData)]
  })
  const dangers: Danger[] = [
    ...checks.map(({ address, problems, where }) => ({
      weight: 1,
      objects: 1,
      line: () => `**Check fails** ${code(address)}${where}${problemsText(problems, hide)}`,
    })),
    // What somebody must acknowledge is never folded away before what nobody must.
    ...blocks.filter(({ isNoted }) => isNoted),
    ...own.map(({ what, where, note }) => ({
      weight: 3,
      objects: 1,
      line: () => joined([`${what}${where}`, note], '; '),
    })),
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

/** Objects of one block of the configuration to which the same happens for the same reason. */
function blocksOf({ plan, noteOf }: DangerScope, kind: ResourceChange['kind']): ResourceChange[][] {
  const changes = plan.changes.filter(change => change.kind === kind && isEffective(change))
  const blocks = Map.groupBy(changes, change =>
    JSON.stringify([
      withoutIndexes(change.address),
      ...[change.type, change.reason, change.replaceOrder, change.actions, change.replacePaths],
      ...[change.deposed, noteOf(change)],
    ]),
  )
  return [...blocks.values()]
}

function dangerOf(
  verb: string,
  changes: readonly ResourceChange[],
  scope: DangerScope,
  hide: Hide,
): Danger & { readonly isNoted: boolean; readonly holdsData: boolean } {
  const [first] = changes
  const note = first === undefined ? '' : scope.noteOf(first)
  const holdsData = first !== undefined && losesState(first)
  return {
    weight: note !== '' ? 4 : holdsData ? 2 : 0,
    objects: changes.length * (scope.times ?? 1),
    isNoted: note !== '',
    holdsData,
    line: () => dangerLine(verb, changes, scope, hide, note),
  }
}

function dangerLine(
  verb: string,
  changes: readonly ResourceChange[],
  scope: DangerScope,
  hide: Hide,
  note: string,
): string {
  const [first] = changes
  if (first === undefined) return ''
  const ranges = rangeAddresses(changes.map(({ address }) => address))
  const shown = ranges.slice(0, ADDRESSES_A_LINE)
  const told = shown.reduce((sum, { count }) => sum + count, 0)
  const addresses = shown.map(range => addressCode(range.text, LONGEST_ADDRESS)).join(', ')
  const more = told < changes.length ? ` and ${numeral(changes.length - told)} more` : ''
  const deposed = first.deposed === undefined ? '' : ` (deposed ${code(first.deposed)})`
  const standing = joined([losesState(first) ? 'stateful' : '', note], ', ')
  const why = joined([standing, whyText(first, forcingText(changes, scope, hide))], '; ')
  const number = changes.length === 1 ? '' : ` ${numeral(changes.length)}`
  return `**${verb}${number}** ${addresses}${more}${deposed}${scope.where}${why === '' ? '' : ` — ${why}`}`
}

function joined(parts: readonly string[], between: string): string {
  return parts.filter(part => part !== '').join(between)
}

/** `ami` forces it: `"ami-1"` → `"ami-2"`. Of several objects the attribute only: their values may differ. */
function forcingText(changes: readonly ResourceChange[], { hasOwnValues }: DangerScope, hide: Hide): string {
  const [first] = changes
  if (first === undefined || first.kind !== 'replace') return ''
  const forcing = attributesOf(first).filter(({ forcesReplace }) => forcesReplace)
  const [attribute] = forcing
  if (attribute === undefined) return ''
  const forces = forcing.length === 1 ? 'forces' : `and ${forcing.length - 1} more force`
  const name = code(hide(attributeName(attribute)))
  if (changes.length > 1 || hasOwnValues === true) return `${name} ${forces} it`
  return `${name} ${forces} it: ${sideText(attribute.before, hide)} → ${sideText(attribute.after, hide)}`
}

function sideText(side: Side, hide: Hide): string {
  if (side.state === 'absent') return 'none'
  if (side.state !== 'known') return side.state === 'unknown' ? 'known after apply' : 'sensitive'
  return code(valueText(side.value, hide, LONGEST_VALUE))
}
