import type { Budget, Tool } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count, numeral } from '#kit/report/count'
import { fence } from '#kit/report/fence'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { link, text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import { table } from '#kit/report/table'
import type { Diagnostic } from '#kit/terraform/events'
import { toolText } from '#kit/terraform/tool-text'
import type { Counts, Plan } from '#kit/terraform/plan'
import { dangerLines } from './danger.ts'
import { layOut, layOutNames, openIfShort } from './layout.ts'
import { minus, partOf, type Left } from './part.ts'
import type { ProtectionLines } from './protection-report.ts'
import { sectionsOf, type Section } from './sections.ts'
import { answerText, isDangerous, type Hide } from './words.ts'

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
  readonly policies?: Pick<ProtectionLines, 'lines' | 'notes' | 'isHeld'> | undefined
}

export interface Report {
  /** One line of plain text. */
  readonly title: string
  /** The bodies of as many comments as it takes to name all that is dangerous: mostly one. */
  comments(budget: Budget): readonly string[]
  summary(bytes: number): string
}

/** With the first line, the table and the blank lines between: 15 above the first fold. */
const DANGER_LINES = 8
const FEWEST_DANGER_LINES = 3

/** Numbers as wide as they can get, to keep room for what is said about what was left out. */
const MOST_LEFT: Left = { attributes: 99_999_999, names: 99_999_999 }
const MOST_PAGES = 9_999

/** The plan for a reviewer. The same plan gives the same bytes. */
export function planReport(plan: Plan, counts: Counts, facts: ReportFacts, hide: Hide): Report {
  const answer = answerText(plan, counts)
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
      paragraph(dangerLines(plan, hide, limit, facts.protection)),
      ...notes,
      countsTable(counts),
    ],
    last: footerOf(facts),
  }
  const sections = sectionsOf(plan, hide)
  const whole = (budget: Budget, note: (left: Left) => string): string | undefined => {
    const layout = layOut(sections, minus(budget, partOf(joined([...frame.head, note(MOST_LEFT), frame.last])).size))
    return layout && joined([...frame.head, ...openIfShort(layout), note(layout.left), frame.last])
  }
  const within = (budget: Budget) => (body: string) => fit([() => body], budget, frame.last)
  return {
    title: `${facts.subject}: ${answer}`,
    comments: budget => {
      const note = (left: Left) => leftText(left, 'a comment', link('the summary of the run', facts.runUrl))
      const body = whole(budget, note)
      return (body === undefined ? continued(sections, budget, frame, continuedText) : [body]).map(within(budget))
    },
    summary: bytes => {
      const budget = { bytes, characters: Infinity }
      const note = (left: Left) => leftText(left, 'a summary', 'the record in the output `plan-results`')
      const body = whole(budget, note) ?? continued(sections, budget, frame, summaryText)[0]
      return within(budget)(body ?? '')
    },
  }
}

/** What stands around the folds on every page. */
interface Frame {
  readonly first: (answer: string) => string
  /** What stands above the folds of the first page. */
  readonly head: readonly string[]
  readonly last: string
}

/** Pages that name all that is dangerous and only count the rest, for when one cannot hold the names. */
function continued(
  sections: readonly Section[],
  budget: Budget,
  frame: Frame,
  noteOf: (named: number, pages: number) => string,
): string[] {
  const harmless = sections.filter(({ dangerous }) => !dangerous).map(section => section.title)
  const page = (index: number, pages: number, folds: readonly string[], named: number): string =>
    index > 0
      ? joined([frame.first(`continued ${index + 1} of ${pages}`), ...folds, frame.last])
      : joined([...frame.head, ...folds, ...harmless, noteOf(named, pages), frame.last])
  const room = (index: number) => minus(budget, partOf(page(index, MOST_PAGES, [], MOST_LEFT.names)).size)
  const pages = layOutNames(sections, room(0), room(MOST_PAGES - 1))
  return pages.map(({ folds, objects }, index) => page(index, pages.length, folds, objects))
}

/** Where the names are that one comment does not hold. */
function continuedText(named: number, pages: number): string {
  if (pages === 1) return 'Too much for one comment: no attributes are shown.'
  const where = `in ${count(pages - 1, 'comment')} more, “continued 2 of ${pages}” and so on`
  return `Too much for one comment: ${count(named, 'object')} named here, the others ${where}. No attributes are shown.`
}

function summaryText(named: number): string {
  return `Too much for a summary: ${count(named, 'object')} named here, the others in the comments of the pull request.`
}

function joined(parts: readonly string[]): string {
  return parts.filter(part => part !== '').join('\n\n')
}

/** Nothing is left out without a word. */
function leftText({ attributes, names }: Left, what: string, where: string): string {
  if (attributes === 0) return ''
  const unnamed = names === 0 ? '' : `, ${numeral(names)} of them are only counted`
  return `Shortened to what ${what} holds: attributes of ${count(attributes, 'object')} are left out${unnamed}. More is in ${where}.`
}

function glyphOf(plan: Plan, counts: Counts): Glyph | undefined {
  if (plan.errored) return '❌'
  if (isDangerous(counts) || plan.checks.some(({ status }) => status === 'fail' || status === 'error')) return '⚠️'
  return answerText(plan, counts) === 'no change' ? '✅' : undefined
}

/** Lines of one paragraph; two spaces at a line's end make GitHub break it there. */
function paragraph(lines: readonly string[]): string {
  return lines.join('  \n')
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

const CAUSE_CHARACTERS = 120

/** For the first line. Clients of AWS tell the whole way to the cause before it, which stands below. */
function shortCause(summary: string): string {
  const cause = summary.length > CAUSE_CHARACTERS ? /\bapi error (.+)$/s.exec(summary)?.[1] : undefined
  return shortenEnd(cause ?? summary, CAUSE_CHARACTERS)
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
