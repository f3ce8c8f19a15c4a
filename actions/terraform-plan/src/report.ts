import type { Tool } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count, numeral } from '#kit/report/count'
import { fence } from '#kit/report/fence'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { link, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { Diagnostic } from '#kit/terraform/events'
import { toolText } from '#kit/terraform/tool-text'
import { hasChanges, type Counts, type Plan } from '#kit/terraform/plan'
import { dangerLines, failedChecks, type Dangers } from './danger.ts'
import type { ProtectionLines } from './protection-report.ts'
import { joined, layOutReport, paragraph, type Frame, type Report } from './report-frame.ts'
import { sectionsOf } from './sections.ts'
import { answerText, isDangerous, NO_CHANGE, shortCause, type Hide } from './words.ts'

export interface ReportFacts {
  /** What the plan is about: `shop/prod`. */
  readonly subject: string
  readonly root: string
  readonly sha: string
  readonly runNumber: number
  readonly runUrl: string
  readonly binary: Tool['name']
  readonly binaryVersion: string | undefined
  readonly contract: string
  readonly warnings: number
  /** How many values are hidden that are too short to be looked for in other texts. */
  readonly shortValues: number
  /** Markdown, what must not be overlooked besides what is dangerous. */
  readonly remarks: readonly string[]
  /** What changed since the newest approval; plain text. */
  readonly delta?: string | undefined
  /** `undefined` outside of a pull request. */
  readonly protection?: ProtectionLines | undefined
  /** `undefined` when none are configured. */
  readonly policies?: (Pick<ProtectionLines, 'notes' | 'isHeld'> & { readonly lines: readonly string[] }) | undefined
}

/** With the first line, the table and the blank lines between: 15 above the first fold. */
const DANGER_LINES = 8
const FEWEST_DANGER_LINES = 3

/** The plan for a reviewer. The same plan gives the same bytes. */
export function planReport(plan: Plan, counts: Counts, facts: ReportFacts, hide: Hide): Report {
  const answer = answerText(counts, hasChanges(plan))
  const glyph = facts.protection?.isHeld || facts.policies?.isHeld ? '⛔' : glyphOf(plan, counts)
  const first = (said: string) =>
    headline({ ...(glyph === undefined ? {} : { glyph }), subject: facts.subject, answer: said, place: facts.root })
  const remarks = [
    ...facts.remarks,
    ...(plan.errored ? ['**Terraform could not finish this plan**: it does not show all that would happen.'] : []),
    ...(facts.delta === undefined ? [] : [text(facts.delta)]),
  ]
  const notes = [...(facts.policies?.notes ?? []), ...(facts.protection?.notes ?? [])]
  const policies = facts.policies?.lines ?? []
  const besides = 2 * (remarks.length + notes.length) + policies.length + (policies.length > 0 ? 1 : 0)
  const limit = Math.max(FEWEST_DANGER_LINES, DANGER_LINES - besides)
  const frame: Frame = {
    first,
    head: [
      first(answer),
      ...remarks,
      paragraph(policies),
      paragraph(dangerLines(dangersOf(plan, facts.protection), hide, limit)),
      ...notes,
      countsTable(counts),
    ],
    last: footerOf(facts),
  }
  return layOutReport(
    ...([`${facts.subject}: ${answer}`, frame, sectionsOf(plan, hide), facts.runUrl] as const),
    'the record in the output `plan-results`',
  )
}

function dangersOf(plan: Plan, protection: ProtectionLines | undefined): Dangers {
  const where = ''
  return {
    scopes: [{ plan, where, noteOf: change => protection?.noteOf(change) ?? '' }],
    checks: failedChecks(plan).map(check => ({ ...check, where })),
    own: (protection?.own ?? []).map(line => ({ ...line, where })),
  }
}

function glyphOf(plan: Plan, counts: Counts): Glyph | undefined {
  if (plan.errored) return '❌'
  if (isDangerous(counts) || failedChecks(plan).length > 0) return '⚠️'
  return answerText(counts, hasChanges(plan)) === NO_CHANGE ? '✅' : undefined
}

function countsTable(counts: Counts): string {
  const state = (
    [
      ['forget', counts.forget],
      ['move', counts.move],
      ['import', counts.import],
    ] as const
  )
    .filter(([, number]) => number > 0)
    .map(([word, number]) => `${numeral(number)} ${word}`)
  const numbers = [counts.create, counts.update, counts.delete, counts.replace]
  // The first line says it all where one thing happens only.
  if (numbers.filter(number => number > 0).length + state.length < 2) return ''
  return table(
    ['add', 'change', 'destroy', 'replace', 'state only'].map(title => ({ title, align: 'right' as const })),
    [[...numbers.map(numeral), state.join(', ') || '0']],
  )
}

/** What is only known of a plan that could be made. */
export type OfPlan = 'contract' | 'warnings' | 'shortValues' | 'remarks'

function footerOf(facts: Omit<ReportFacts, OfPlan> & Partial<Pick<ReportFacts, OfPlan>>): string {
  return footer(facts, [
    facts.binaryVersion === undefined ? undefined : toolText({ name: facts.binary, version: facts.binaryVersion }),
    facts.contract === undefined ? undefined : `contract ${facts.contract.slice(0, 16)}`,
    facts.warnings ? `${count(facts.warnings, 'warning')} in the log` : undefined,
    facts.shortValues ? `${count(facts.shortValues, 'short value')} hidden` : undefined,
  ])
}

/** Why there is no plan: what failed, the first cause, where, and what to do. */
export function failureReport(
  failure: { readonly message: string; readonly hint: string | undefined; readonly diagnostics: readonly Diagnostic[] },
  facts: Omit<ReportFacts, OfPlan>,
): Report {
  const [what = 'the plan failed', ...rest] = failure.message.split('\n')
  const errors = failure.diagnostics.filter(({ severity }) => severity === 'error')
  const [cause] = errors
  const answer = text(cause === undefined ? what : `${what.replace(/:.*/s, '')}: ${shortCause(cause.summary)}`)
  const first = headline({ glyph: '❌', subject: facts.subject, answer, place: facts.root })
  const body = joined([
    first,
    rest.length > 0 ? fence(rest.join('\n')) : '',
    failure.hint === undefined ? '' : text(failure.hint),
    facts.runUrl === '' ? '' : link('Log of the run', facts.runUrl),
    footerOf(facts),
  ])
  return {
    title: `${facts.subject}: ${what}`,
    comments: budget => [fit([() => body], budget, footerOf(facts))],
    summary: bytes => fit([() => body], { bytes, characters: Infinity }, footerOf(facts)),
  }
}
