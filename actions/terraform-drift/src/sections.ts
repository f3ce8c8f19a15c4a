import { count } from '#kit/report/count'
import { details } from '#kit/report/details'
import { diffFence, type DiffLine } from '#kit/report/fence'
import { code, html } from '#kit/report/inline'
import { compareAttributes } from '#kit/terraform/diff'
import { diffLines } from '#kit/terraform/diff-text'
import { withoutMirrors } from '#kit/terraform/mirrors'
import type { ChangeKind, ResourceChange } from '#kit/terraform/plan'
import { changedBack, type ChangedOutside, type Drift } from './drift.ts'

export type Hide = (text: string) => string

/** What is told of an object, an output or a later step. It is what the digest of the drift is made of, too. */
export interface Told {
  /** Markdown. */
  readonly title: string
  readonly lines: readonly DiffLine[]
  /** What an apply would do, where that is more than to set it back. */
  readonly then: readonly DiffLine[]
  /** It is to be seen without opening anything. */
  readonly isDangerous: boolean
}

export interface Section {
  readonly title: string
  readonly noun: string
  /** Before the first object. Markdown; empty for none. */
  readonly note: string
  readonly told: readonly Told[]
}

/** All that is told of drift, what is gone first. A section without anything in it is left out. */
export function sectionsOf(drift: Drift, hide: Hide): readonly Section[] {
  const deleted = drift.outside.filter(({ change }) => change.kind === 'delete')
  const changed = drift.outside.filter(({ change }) => change.kind !== 'delete')
  return [
    { title: 'Deleted outside', noun: 'object', note: '', told: deleted.map(object => toldOutside(object, hide)) },
    {
      title: 'Changed outside',
      noun: 'object',
      note: WAS_AND_IS,
      told: changed.map(object => toldOutside(object, hide)),
    },
    {
      ...{ title: 'Not applied', noun: 'change', note: IS_AND_SHALL_BE },
      told: drift.pending.map(change => toldPending(change, hide)),
    },
    {
      ...{ title: 'Outputs', noun: 'output', note: IS_AND_SHALL_BE },
      told: drift.outputs.map(output => ({
        ...{ title: code(output.name), then: [], isDangerous: false },
        lines: diffLines(
          compareAttributes(output).map(one => ({ ...one, path: [output.name, ...one.path] })),
          hide,
        ),
      })),
    },
    {
      ...{ title: 'Known only later', noun: 'step', note: '' },
      told: drift.later.map(address => ({ title: code(address), lines: [], then: [], isDangerous: false })),
    },
  ].filter(({ told }) => told.length > 0)
}

/** Objects that an apply leaves as they are. */
export function unmanagedSection(drift: Drift, hide: Hide): Section {
  return {
    ...{ title: 'Changed outside, and an apply leaves it', noun: 'object', note: WAS_AND_IS },
    told: drift.unmanaged.map(({ change, attributes }) => ({
      ...{ title: `${nameOf(change)}${change.kind === 'delete' ? ' — deleted' : ''}`, then: [], isDangerous: false },
      lines: diffLines(withoutMirrors(attributes), hide),
    })),
  }
}

const WAS_AND_IS = '`-` as it was at the last apply, `+` as it is.'
const IS_AND_SHALL_BE = '`-` as it is, `+` as the configuration wants it.'

function toldOutside(object: ChangedOutside, hide: Hide): Told {
  const { change, attributes, planned } = object
  const back = changedBack(object)
  return {
    title: `${nameOf(change)} — ${back === undefined ? reactionText(object) : BACK[back]}`,
    lines: diffLines(withoutMirrors(attributes), hide),
    then: back === undefined && change.kind !== 'delete' && planned !== undefined ? linesOf(planned, hide) : [],
    isDangerous: change.kind === 'delete' || isDangerous(planned?.kind),
  }
}

const BACK = { all: 'an apply sets it back', part: 'an apply sets a part of it back' } as const

/** What an apply does to an object, by what happens to it. */
const REACTIONS: Readonly<Record<Exclude<ChangeKind, 'no-op'>, string>> = {
  create: 'creates it',
  update: 'changes it',
  replace: 'destroys and creates it',
  delete: 'destroys it',
  forget: 'stops to manage it',
  read: 'reads it',
  other: 'does something unknown to it',
}

function reactionText({ change, planned }: ChangedOutside): string {
  if (planned === undefined) return 'other changes follow from it'
  if (change.kind === 'delete' && planned.kind === 'create') return 'an apply creates it again'
  return plannedText(planned)
}

function plannedText({ kind, importId }: ResourceChange): string {
  if (kind === 'no-op') return `an apply ${importId === undefined ? 'moves' : 'imports'} it`
  return `an apply ${REACTIONS[kind]}`
}

function toldPending(change: ResourceChange, hide: Hide): Told {
  const from = change.previousAddress === undefined ? '' : ` (was ${code(change.previousAddress)})`
  return {
    title: `${nameOf(change)}${from} — ${plannedText(change)}`,
    lines: linesOf(change, hide),
    then: [],
    isDangerous: isDangerous(change.kind),
  }
}

function isDangerous(kind: ChangeKind | undefined): boolean {
  return kind === 'delete' || kind === 'replace' || kind === 'forget' || kind === 'other'
}

function nameOf({ address, deposed }: ResourceChange): string {
  return deposed === undefined ? code(address) : `${code(address)} (deposed ${code(deposed)})`
}

/** Of an object that comes or goes as a whole, the address says it all. */
function linesOf(change: ResourceChange, hide: Hide): readonly DiffLine[] {
  return change.kind === 'update' || change.kind === 'replace'
    ? diffLines(withoutMirrors(compareAttributes(change)), hide)
    : []
}

const DANGER_LINES = 8

/** What a reader must see without opening anything, a line each. */
export function dangerLines(sections: readonly Section[]): readonly string[] {
  const lines = sections.flatMap(section => section.told.filter(one => one.isDangerous).map(one => above(section, one)))
  if (lines.length <= DANGER_LINES) return lines
  return [...lines.slice(0, DANGER_LINES - 1), `- … and ${lines.length - DANGER_LINES + 1} more, below`]
}

function above({ title }: Section, one: Told): string {
  return `- **${title}** ${one.title}`
}

/**
 * A section as a fold, one line an object when `withLines` is false.
 * @param seen lines that stand above the folds: a section that says no more than they do is left out, as empty text
 */
export function fold(section: Section, withLines: boolean, seen: readonly string[]): string {
  const { title, noun, note, told } = section
  const hasLines = withLines && told.some(({ lines }) => lines.length > 0)
  if (!hasLines && told.every(one => seen.includes(above(section, one)))) return ''
  const body = told.map(one => (withLines ? toldBody(one) : `- ${one.title}`)).join(withLines ? '\n\n' : '\n')
  return details(html(`${title}: ${count(told.length, noun)}`), hasLines ? `${note}\n\n${body}` : body)
}

function toldBody({ title, lines, then }: Told): string {
  return [
    title,
    ...(lines.length === 0 ? [] : [diffFence(lines)]),
    ...(then.length === 0 ? [] : ['An apply:', diffFence(then)]),
  ].join('\n')
}
