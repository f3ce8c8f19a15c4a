import type { Budget } from '#kit/ports'
import { numeral } from '#kit/report/count'
import { details } from '#kit/report/details'
import { diffFence, type DiffLine } from '#kit/report/fence'
import { code, html, htmlCode, text } from '#kit/report/inline'
import { compareAttributes, type AttributeChange } from '#kit/terraform/diff'
import { diffLines } from '#kit/terraform/diff-text'
import { isEffective, type OutputChange, type Plan, type ResourceChange } from '#kit/terraform/plan'
import { movesText } from './moves.ts'
import { addressCode, listOf, nameOf, namesOf, type Name } from './names.ts'
import { once } from './once.ts'
import { addLeft, holds, minus, NOTHING_LEFT, partOf, type Part } from './part.ts'
import { unitsOf, type Unit } from './shapes.ts'
import { losesState } from '#kit/terraform/protection'
import { estimateBytes, shapeNames, unitPart, type Form } from './unit-text.ts'
import { compareVariants, unitsAcross, type NamedVariant } from './variants.ts'
import { alsoText, isDangerousKind, typesText, type Hide } from './words.ts'

/** One fold of a report. What it says is made when it is asked for: most of a big plan never is. */
export interface Section {
  /** HTML: how much is inside and what. */
  readonly title: string
  /** Where it stands among others, 0 before 1. */
  readonly place: number
  readonly objects: number
  /** Each of its objects is named, whatever the room. */
  readonly dangerous: boolean
  /** Which section gets room for its attributes first, 0 before 1. */
  readonly rank: number
  /** A line for each object, or for each range of them. */
  readonly names: () => readonly Name[]
  /** Everything; `undefined` when it does not fit. */
  readonly full: (room: Budget) => Part | undefined
  /** As much as fits, and the names of the rest; `undefined` when that is no more than the names. */
  readonly short: (room: Budget) => Part | undefined
}

/** The same fold for several roots: what it leaves out is left out of each of them. */
export function timesRoots(section: Section, roots: number): Section {
  const each = (part: Part | undefined) =>
    part && { ...part, left: { attributes: part.left.attributes * roots, names: part.left.names * roots } }
  const { place, dangerous, rank } = section
  return {
    get title() {
      return section.title
    },
    ...{ place, dangerous, rank, objects: section.objects * roots },
    names: () => section.names().map(name => ({ ...name, objects: name.objects * roots })),
    full: room => each(section.full(room)),
    short: room => each(section.short(room)),
  }
}

const KINDS = [
  { kind: 'delete', verb: 'Destroys', rank: 5 },
  { kind: 'replace', verb: 'Replaces', rank: 0 },
  { kind: 'forget', verb: 'Forgets', rank: 6 },
  { kind: 'other', verb: 'Unknown actions on', rank: 1 },
  { kind: 'update', verb: 'Changes', rank: 2 },
  { kind: 'create', verb: 'Adds', rank: 4 },
] as const

/** What the folds are of: a plan, or what is the same in several. */
export interface SectionScope {
  /** HTML: ` in prod`; empty where there is one plan only. */
  readonly where: string
  /** Plain text: where values differ, such as `between dev and prod`. */
  readonly differs: string
  /** Where values differ by root: those of each. */
  readonly variantsOf: (<T extends ResourceChange | OutputChange>(change: T) => readonly NamedVariant<T>[]) | undefined
}

const ONE_PLAN: SectionScope = { where: '', differs: '', variantsOf: undefined }

/** Behind the kinds of real changes. */
const PLACES = { moves: 10, imports: 11, outputs: 12, later: 13, drift: 14 } as const

/** The folds, by risk; what happens to the state only and what happened outside come behind the real changes. */
export function sectionsOf(plan: Plan, hide: Hide, scope: SectionScope = ONE_PLAN): readonly Section[] {
  const byKind = Map.groupBy(plan.changes.filter(isEffective), ({ kind }) => kind)
  const resources = KINDS.flatMap(({ kind, ...facts }, place) => {
    const changes = byKind.get(kind) ?? []
    if (changes.length === 0) return []
    // What cannot be had back comes first.
    const ordered = [...changes.filter(losesState), ...changes.filter(change => !losesState(change))]
    return [resourceSection({ ...facts, place }, ordered, hide, scope)]
  })
  return [
    ...resources,
    ...stateSections(plan, hide, scope),
    ...outputSection(plan, hide, scope),
    ...laterSection(plan, scope),
    ...driftSection(plan, hide, scope),
  ]
}

function unitsWithin({ variantsOf, differs }: SectionScope, changes: readonly ResourceChange[]): readonly Unit[] {
  return variantsOf === undefined ? unitsOf(changes) : unitsAcross(changes, variantsOf, differs)
}

function resourceSection(
  { verb, rank, place }: { readonly verb: string; readonly rank: number; readonly place: number },
  changes: readonly ResourceChange[],
  hide: Hide,
  scope: SectionScope,
): Section {
  const kind = changes[0]?.kind ?? 'other'
  const units = once(() => (kind === 'forget' ? [] : unitsWithin(scope, changes)))
  const names = once(() => namesOf(changes))
  const stateOnly = kind === 'forget' ? ' (state only)' : ''
  const tell = unitTeller(hide)
  const what = () => (kind === 'update' ? shapesText(units(), hide) : whatText(changes))
  const title = once(() => `${verb} ${numeral(changes.length)}${scope.where}${stateOnly}: ${what()}`)
  return {
    get title() {
      return title()
    },
    objects: changes.length,
    dangerous: isDangerousKind(kind),
    rank,
    place,
    names,
    full: remember(room =>
      kind === 'forget' ? bodyPart(title(), listOf(names()), room) : fullPart(title(), units(), room, hide, tell),
    ),
    short: room => shortPart(title(), units(), names(), room, tell),
  }
}

type Tell = (unit: Unit, form: Form, room: Budget, named: boolean) => Part | undefined

/** Tells units; what did not fit into a comment is not told anew for the summary. */
function unitTeller(hide: Hide): Tell {
  const told = new Map<Unit, Part>()
  return (unit, form, room, named) => {
    if (form === 'short') return unitPart(unit, form, room, hide, named)
    const part = told.get(unit) ?? unitPart(unit, form, room, hide, named)
    if (part !== undefined) told.set(unit, part)
    return part
  }
}

type Make = (room: Budget) => Part | undefined

/** What was made is kept, and what did not fit is not made again for less room. */
function remember(make: Make): Make {
  let made: Part | undefined
  let refused: Budget | undefined
  return room => {
    if (made === undefined && (refused === undefined || !holds(refused, room))) made = make(room)
    if (made === undefined) refused = room
    return made !== undefined && holds(room, made.size) ? made : undefined
  }
}

/** Of an address in the title of a fold. UTF-16 units. */
const LONGEST_IN_TITLE = 200

/** `aws_x.y` when there is one; else how many of which type. */
function whatText(changes: readonly ResourceChange[]): string {
  const [only] = changes
  return changes.length === 1 && only !== undefined
    ? htmlCode(only.address.slice(0, LONGEST_IN_TITLE))
    : html(typesText(changes))
}

const SHAPES_SHOWN = 3

/** `tags.CommitSha` on 92, `aws_lb.front` 2 attributes. */
function shapesText(units: readonly Unit[], hide: Hide): string {
  const shown = units.toSorted((one, other) => other.changes.length - one.changes.length).slice(0, SHAPES_SHOWN)
  const rest = units.length - shown.length
  const told = shown.map(unit => {
    const [first] = unit.changes
    const names = shapeNames(unit, hide, htmlCode)
    if (unit.changes.length > 1)
      return names === '' ? whatText(unit.changes) : `${names} on ${numeral(unit.changes.length)}`
    return first === undefined ? '' : htmlCode(first.address.slice(0, LONGEST_IN_TITLE))
  })
  return [...told, ...(rest > 0 ? [`${numeral(rest)} more`] : [])].join(', ')
}

/** Units that are looked at to tell how long all will be. */
const SAMPLED = 12

/** How far an estimate may be wrong before a try is not worth its time. */
const LIKELY = 1.3

/** Whether it is worth a try: making what does not fit would be most of the work of a big plan. */
function mayFit(units: readonly Unit[], room: Budget, hide: Hide): boolean {
  const step = Math.max(1, Math.floor(units.length / SAMPLED))
  const sample = units.filter((_unit, index) => index % step === 0)
  const bytes = sample.reduce((sum, unit) => sum + estimateBytes(unit, hide), 0)
  return (bytes / sample.length) * units.length < LIKELY * Math.min(room.bytes, room.characters)
}

function fullPart(title: string, units: readonly Unit[], room: Budget, hide: Hide, tell: Tell): Part | undefined {
  if (!mayFit(units, room, hide)) return undefined
  const collected = collect(units, 'full', minus(room, partOf(details(title, '')).size), tell)
  if (collected.shown < units.length) return undefined
  return partOf(details(title, collected.markdown.join('\n\n')), collected.left)
}

function shortPart(
  title: string,
  units: readonly Unit[],
  names: readonly Name[],
  room: Budget,
  tell: Tell,
): Part | undefined {
  const list = (rest: readonly ResourceChange[], lines: readonly Name[]) =>
    `By address only, ${numeral(rest.length)}:\n\n${listOf(lines)}`
  const frame = partOf(details(title, '')).size
  const reserve = partOf(
    list(
      units.flatMap(({ changes }) => changes),
      names,
    ),
  ).size
  // A list of the rest can be as long as that of all: a range may break where its middle is told.
  const collected = collect(units, 'short', minus(minus(room, frame), reserve), tell)
  if (collected.shown === 0) return undefined
  const rest = units.filter((_unit, index) => !collected.told.has(index)).flatMap(({ changes }) => changes)
  const markdown = rest.length === 0 ? collected.markdown : [...collected.markdown, list(rest, namesOf(rest))]
  const part = partOf(
    details(title, markdown.join('\n\n')),
    addLeft(collected.left, { ...NOTHING_LEFT, attributes: rest.length }),
  )
  return holds(room, part.size) ? part : undefined
}

interface Collected {
  readonly markdown: readonly string[]
  readonly told: ReadonlySet<number>
  readonly shown: number
  readonly left: Part['left']
}

/** Units in order as long as they fit; `full` gives up at the first that does not, `short` goes on to smaller ones. */
function collect(units: readonly Unit[], form: Form, room: Budget, tell: Tell): Collected {
  const markdown: string[] = []
  const told = new Set<number>()
  let left = NOTHING_LEFT
  let free = room
  let misses = 0
  const named = units.length === 1 && (units[0]?.changes[0]?.address.length ?? 0) <= LONGEST_IN_TITLE
  for (const [index, unit] of units.entries()) {
    const part = tell(unit, form, free, named)
    if (part === undefined || !holds(free, part.size)) {
      misses += 1
      if (form === 'full' || misses > MOST_MISSES) break
      continue
    }
    markdown.push(part.markdown)
    told.add(index)
    left = addLeft(left, part.left)
    free = minus(free, part.size)
  }
  return { markdown, told, shown: told.size, left }
}

/** After as many that did not fit, the room is used up. */
const MOST_MISSES = 8

function stateSections(plan: Plan, hide: Hide, scope: SectionScope): Section[] {
  const moved = plan.changes.filter(({ previousAddress }) => previousAddress !== undefined)
  const imported = plan.changes.filter(({ importId }) => importId !== undefined)
  const importLines = () => imported.flatMap(change => importLinesOf(change, hide, scope)).join('\n')
  return [
    ...stateSection('Moves', PLACES.moves, moved, scope, () => movesText(moved)),
    ...stateSection('Imports', PLACES.imports, imported, scope, importLines),
  ]
}

function importLinesOf(change: ResourceChange, hide: Hide, { variantsOf }: SectionScope): string[] {
  const line = ({ importId, kind, address }: ResourceChange, of: string) =>
    `- ${addressCode(address)}${of} from ${code(hide(importId || 'its identity'))}${alsoText(kind)}`
  const variants = variantsOf?.(change) ?? []
  return variants.length < 2
    ? [line(change, '')]
    : variants.map(variant => line(variant.change, ` (${text(variant.label)})`))
}

function stateSection(
  verb: string,
  place: number,
  changes: readonly ResourceChange[],
  { where }: SectionScope,
  body: () => string,
): Section[] {
  if (changes.length === 0) return []
  const only = changes.every(({ kind }) => kind === 'no-op') ? ' (state only)' : ''
  return [
    bodySection(`${verb} ${numeral(changes.length)}${where}${only}: ${whatText(changes)}`, {
      ...{ objects: changes.length, rank: 7, place, body },
      names: () => namesOf(changes),
    }),
  ]
}

/** A fold that is told as a whole or by names. */
export function bodySection(
  title: string,
  facts: {
    readonly objects: number
    readonly rank: number
    readonly place: number
    readonly dangerous?: boolean
    /** Shown open, however long the report is. */
    readonly open?: boolean
    readonly names: () => readonly Name[]
    readonly body: () => string
  },
): Section {
  return {
    ...{ title, objects: facts.objects, dangerous: facts.dangerous ?? false, rank: facts.rank, place: facts.place },
    names: once(facts.names),
    full: remember(room => bodyPart(title, facts.body(), room, facts.open)),
    short: () => undefined,
  }
}

function bodyPart(title: string, body: string, room: Budget, open = false): Part | undefined {
  const part = partOf(details(title, body, open))
  return holds(room, part.size) ? part : undefined
}

const NAMES_SHOWN = 4

function outputSection(plan: Plan, hide: Hide, scope: SectionScope): Section[] {
  const outputs = plan.outputs.filter(({ kind }) => kind !== 'no-op')
  if (outputs.length === 0) return []
  const shown = outputs.slice(0, NAMES_SHOWN).map(({ name }) => name.slice(0, 80))
  const more = outputs.length > shown.length ? [`${numeral(outputs.length - shown.length)} more`] : []
  const title = `Outputs ${numeral(outputs.length)}${scope.where}: ${html([...shown, ...more].join(', '))}`
  const names = () => outputs.map(({ name }) => nameOf(addressCode(name)))
  return [
    bodySection(title, {
      ...{ objects: outputs.length, rank: 3, place: PLACES.outputs, names },
      body() {
        const lines = outputs.flatMap(output => outputLines(output, hide, scope))
        return lines.length === 0 ? listOf(names()) : diffFence(lines)
      },
    }),
  ]
}

function outputLines(output: OutputChange, hide: Hide, { variantsOf }: SectionScope): DiffLine[] {
  const linesOf = (attributes: readonly AttributeChange[]) =>
    diffLines(
      attributes.map(attribute => ({ ...attribute, path: [output.name, ...attribute.path] })),
      hide,
    )
  if (variantsOf === undefined) return linesOf(compareAttributes(output))
  const variants = variantsOf(output).map(({ label, change }) => ({ label, change: { ...change, replacePaths: [] } }))
  const { common, own } = compareVariants(variants)
  return [
    ...linesOf(common),
    ...own.flatMap(({ label, attributes }): DiffLine[] => {
      const lines = linesOf(attributes())
      return lines.length === 0 ? [] : [{ sign: '#', text: label }, ...lines]
    }),
  ]
}

function laterSection(plan: Plan, { where }: SectionScope): Section[] {
  const lines = [
    ...plan.deferred.map(
      ({ change, reason }) => `${addressCode(change.address)} — ${text(reason.replaceAll('_', ' '))}`,
    ),
    ...plan.invocations.map(invocation => `invokes ${addressCode(String(invocation['address'] ?? 'an action'))}`),
  ]
  if (lines.length === 0) return []
  const title = `Later, or besides${where}: ${numeral(lines.length)}`
  return [
    bodySection(title, {
      ...{ objects: lines.length, rank: 1, place: PLACES.later },
      names: () => lines.map(line => nameOf(line)),

      body: () => listOf(lines.map(line => nameOf(line))),
    }),
  ]
}

/** What changed outside of Terraform stands apart from what the plan would do. */
function driftSection(plan: Plan, hide: Hide, scope: SectionScope): Section[] {
  const drift = plan.drift.filter(({ kind }) => kind !== 'no-op')
  if (drift.length === 0) return []
  const units = once(() =>
    [...Map.groupBy(drift, ({ kind }) => kind).values()].flatMap(changes => unitsWithin(scope, changes)),
  )
  const names = once(() => namesOf(drift))
  const tell = unitTeller(hide)
  const title = `Changed outside Terraform ${numeral(drift.length)}${scope.where}: ${whatText(drift)}`
  return [
    {
      ...{ title, objects: drift.length, dangerous: false, rank: 8, place: PLACES.drift },
      names,
      full: remember(room => fullPart(title, units(), room, hide, tell)),
      short: room => shortPart(title, units(), names(), room, tell),
    },
  ]
}
