import { count } from '#kit/report/count'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { code, htmlCode, text } from '#kit/report/inline'
import { extentRemarks } from '#kit/terraform/extent'
import { toolText } from '#kit/terraform/tool-text'
import type { Verdict } from '#kit/errors'
import { sumCounts } from '#kit/terraform/plan'
import { dangerLines, failedChecks } from './danger.ts'
import { nameOf } from './names.ts'
import { policyNotes } from './policy.ts'
import { layOutReport, paragraph, type Report } from './report-frame.ts'
import { someText } from './root-names.ts'
import { dangersOfRoots, policiesOfRoots, scopeOf } from './roots-danger.ts'
import { problemLines, problemsAnswer, problemSections } from './roots-problems.ts'
import { rootsTable } from './roots-table.ts'
import type { PlannedRoot, RootsView } from './roots-view.ts'
import { sayingLines } from './sayings.ts'
import { bodySection, sectionsOf, timesRoots, type Section } from './sections.ts'
import { sharingLines } from './sharing.ts'
import { answerText, capital, isDangerous, NO_CHANGE, remarkOfDetail, type Hide } from './words.ts'

export interface RootsFacts {
  readonly subject: string
  readonly sha: string
  readonly runNumber: number
  readonly runUrl: string
}

/** Above the first fold. */
const LINES_ABOVE = 15
const DANGER_LINES = 8
const FEWEST_DANGER_LINES = 3
const REMARKS_ABOVE = 3
const ROWS_ABOVE = 4
const NAMES_IN_LINE = 24
const TOOLS_SHOWN = 3

/** Behind the problems, before the changes. */
const REMARKS_PLACE = -1
const TABLE_PLACE = -1

/** The plans of several roots for a reviewer. The same records give the same bytes, whatever their order was. */
export function rootsReport(view: RootsView, facts: RootsFacts, hide: Hide): Report {
  const { planned, clusters } = view
  const names = planned.map(({ name }) => name)
  const answer = answerOf(view)
  const glyph = glyphOf(view)
  const first = (said: string) =>
    headline({ ...(glyph === undefined ? {} : { glyph }), subject: facts.subject, answer: said })
  const remarks = remarksOf(view, names)
  const listed = planned.filter(root => root.changesAnything || standingOf(root) !== '')
  const rows = rootsTable(listed.map(root => ({ ...root, standing: standingOf(root) })))
  const isTold = planned.length > 1 && listed.length > 0
  const warned = [
    paragraph(problemLines(view, hide)),
    ...remarks.slice(0, REMARKS_ABOVE),
    paragraph(policiesOfRoots(planned, hide)),
  ]
  const sharing = paragraph(sharingLines(clusters, names))
  const quiet = quietText(planned.filter(root => !listed.includes(root)))
  const dangers = dangersOfRoots(view)
  const needed = dangerLines(dangers, hide, FEWEST_DANGER_LINES).length
  const isAbove = isTold && rows.count <= ROWS_ABOVE && linesLeft([...warned, sharing, quiet, rows.markdown]) >= needed
  const overview = [sharing, isAbove ? rows.markdown : '', quiet]
  const room = Math.min(DANGER_LINES, linesLeft([...warned, ...overview]))
  const danger = paragraph(dangerLines(dangers, hide, Math.max(FEWEST_DANGER_LINES, room)))
  const frame = { first, head: [first(answer), ...warned, danger, ...overview], last: footerOf(view, facts) }
  const sections = [
    ...problemSections(view, hide),
    ...remarksSection(remarks.slice(REMARKS_ABOVE)),
    ...(isTold && !isAbove ? [tableSection(rows.markdown, listed, planned.length)] : []),
    ...clusters.flatMap(cluster =>
      sectionsOf(cluster.plan, hide, scopeOf(cluster, names, htmlCode)).map(section =>
        timesRoots(section, cluster.roots.length),
      ),
    ),
  ]
  return layOutReport(
    `${facts.subject}: ${answer}`,
    frame,
    sections.toSorted((one, other) => one.place - other.place),
    facts.runUrl,
    'the records, artifacts of this run',
  )
}

/** How many lines are left above the first fold beside the first line, those paragraphs and the blank before one more. */
function linesLeft(paragraphs: readonly string[]): number {
  const taken = paragraphs.reduce((sum, part) => sum + (part === '' ? 0 : part.split('\n').length + 1), 0)
  return LINES_ABOVE - 2 - taken
}

function answerOf(view: RootsView): string {
  const { planned } = view
  const problems = problemsAnswer(view)
  if (planned.length === 0) return problems || 'no Terraform root is changed'
  const changing = planned.filter(({ changesAnything }) => changesAnything)
  const told = answerText(sumCounts(planned.map(({ counts }) => counts)), changing.length > 0)
  const of = planned.length === 1 || changing.length === planned.length ? '' : `${changing.length} of `
  const where =
    changing.length === 0
      ? `${told} in ${count(planned.length, 'root')}`
      : `${told} in ${of}${count(planned.length, 'root')}`
  return problems === '' ? where : `${problems}; ${where}`
}

function glyphOf(view: RootsView): Glyph | undefined {
  const { planned } = view
  if (verdictOfRoots(view) === 'invalid') return '❌'
  if (planned.some(({ outcome }) => outcome.verdict === 'fail')) return '⛔'
  const isRisky = planned.some(({ counts, outcome }) => isDangerous(counts) || failedChecks(outcome.plan).length > 0)
  if (isRisky) return '⚠️'
  return planned.some(({ changesAnything }) => changesAnything) ? undefined : '✅'
}

/** The worst of all; a root that nobody knows anything of is as bad as one that could not be planned. */
export function verdictOfRoots({ planned, failed, missing, refused }: Omit<RootsView, 'clusters'>): Verdict {
  const verdicts = new Set(planned.map(({ outcome }) => outcome.verdict))
  if (failed.length + missing.length + refused.length > 0 || verdicts.has('invalid')) return 'invalid'
  return verdicts.has('fail') ? 'fail' : 'pass'
}

function standingOf({ outcome, protection }: PlannedRoot): string {
  return [
    ...(outcome.plan.errored ? ['not finished'] : []),
    ...(outcome.policies !== undefined && outcome.policies.failures.length > 0 ? ['policy fails'] : []),
    ...(protection?.isHeld === true ? ['held'] : []),
  ].join(', ')
}

/** What must not be overlooked besides what is dangerous; Markdown. */
function remarksOf({ planned, unexpected }: RootsView, names: readonly string[]): string[] {
  return [
    ...sayingLines(planned, names, ({ outcome }) =>
      outcome.plan.errored ? ['**Terraform could not finish this plan**: it does not show all that would happen.'] : [],
    ),
    ...sayingLines(planned, names, ({ record }) => extentRemarks(record.extent)),
    ...sayingLines(planned, names, ({ outcome, protection }) => [
      ...(outcome.policies === undefined ? [] : policyNotes(outcome.policies)),
      ...(protection?.notes ?? []),
    ]),
    ...sayingLines(planned, names, ({ outcome }) => (outcome.delta === undefined ? [] : [text(outcome.delta)])),
    ...sayingLines(planned, names, ({ outcome }) => [
      ...remarkOfDetail(outcome.plan),
      ...remarkOfRoom(outcome.withoutAttributes),
    ]),
    ...(unexpected.length === 0
      ? []
      : [`Left out, since ${code('roots')} does not name them: ${someText(unexpected, NAMES_IN_LINE, code)}.`]),
  ]
}

/** What a record could not hold is not left out without a word. */
export function remarkOfRoom(objects: number): string[] {
  return objects === 0 ? [] : [`Its record had no room for the attributes of ${count(objects, 'object')}.`]
}

function remarksSection(remarks: readonly string[]): Section[] {
  if (remarks.length === 0) return []
  const lines = remarks.map(remark => `- ${remark}`)
  return [
    bodySection(count(remarks.length, 'more remark'), {
      ...{ objects: 0, rank: 0, place: REMARKS_PLACE },
      names: () => remarks.map(remark => nameOf(remark)),
      body: () => lines.join('\n'),
    }),
  ]
}

function tableSection(markdown: string, listed: readonly PlannedRoot[], all: number): Section {
  const changing = listed.length
  const quiet = all === changing ? '' : `, ${all - changing} ${all - changing === 1 ? 'does' : 'do'} not`
  return bodySection(`${all} roots: ${changing} ${changing === 1 ? 'changes' : 'change'}${quiet}`, {
    ...{ objects: 0, rank: 0, place: TABLE_PLACE, open: true },
    names: () => listed.map(({ name }) => nameOf(code(name))),
    body: () => markdown,
  })
}

/** The roots in which nothing happens. */
function quietText(quiet: readonly PlannedRoot[]): string {
  if (quiet.length === 0) return ''
  const names = quiet.map(({ name }) => name)
  return `${capital(NO_CHANGE)} in ${someText(names, NAMES_IN_LINE, code)}.`
}

function footerOf({ planned }: RootsView, facts: RootsFacts): string {
  const tools = [...new Set(planned.flatMap(toolOf))].sort()
  const sum = (of: (root: PlannedRoot) => number) => planned.reduce((total, root) => total + of(root), 0)
  const warnings = sum(({ outcome }) => outcome.warnings)
  const shortValues = sum(({ outcome }) => outcome.shortValues)
  return footer(facts, [
    ...tools.slice(0, TOOLS_SHOWN),
    tools.length > TOOLS_SHOWN ? `${tools.length - TOOLS_SHOWN} more versions` : undefined,
    warnings > 0 ? `${count(warnings, 'warning')} in the logs` : undefined,
    shortValues > 0 ? `${count(shortValues, 'short value')} hidden` : undefined,
  ])
}

function toolOf({ outcome: { binary, plan } }: PlannedRoot): string[] {
  const { terraformVersion: version } = plan
  return version === undefined ? [] : [toolText({ name: binary, version })]
}
