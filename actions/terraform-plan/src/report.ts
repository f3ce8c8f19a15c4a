import type { Budget, Tool } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { fence } from '#kit/report/fence'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { link, text } from '#kit/report/inline'
import { toolText } from '#kit/terraform/find-root'
import { table } from '#kit/report/table'
import type { Diagnostic } from '#kit/terraform/events'
import type { Counts, Plan } from '#kit/terraform/plan'
import type { ProtectionLines } from './protection-report.ts'
import { dangerLines, folds, type Detail, type Hide } from './sections.ts'
import { answerText, isDangerous } from './words.ts'

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
  comment(budget: Budget): string
  summary(bytes: number): string
}

const DETAILS: readonly Detail[] = ['full', 'changes', 'addresses', 'danger']

/** The plan for a reviewer. The same plan gives the same bytes. */
export function planReport(plan: Plan, counts: Counts, facts: ReportFacts, hide: Hide): Report {
  const answer = answerText(counts)
  const glyph = facts.protection?.isHeld || facts.policies?.isHeld ? '⛔' : glyphOf(plan, counts)
  const first = headline({
    ...(glyph === undefined ? {} : { glyph }),
    subject: facts.subject,
    answer,
    place: facts.root,
  })
  const last = footerOf(facts)
  const write = (detail: Detail, note: string): string =>
    [
      first,
      ...(plan.errored ? ['**Terraform could not finish this plan**: it does not show all that would happen.'] : []),
      facts.delta === undefined ? '' : text(facts.delta),
      paragraph(facts.policies?.lines ?? []),
      paragraph(dangerLines(plan, hide, facts.protection)),
      ...(facts.policies?.notes ?? []),
      ...(facts.protection?.notes ?? []),
      countsTable(counts),
      ...folds(plan, detail, hide),
      note,
      last,
    ]
      .filter(part => part !== '')
      .join('\n\n')
  const written = new Map<Detail, string>()
  const tier = (detail: Detail, note: string) => () => {
    const known = written.get(detail) ?? write(detail, note)
    written.set(detail, known)
    return known
  }
  const note = shortenedNote(facts)
  return {
    title: `${facts.subject}: ${answer}`,
    comment: budget =>
      fit(
        DETAILS.map(detail => tier(detail, detail === 'full' ? '' : note)),
        budget,
        `${note}\n\n${last}`,
      ),
    summary: bytes =>
      fit(
        DETAILS.map(detail => () => write(detail, detail === 'full' ? '' : TOO_LONG)),
        { bytes, characters: Infinity },
        last,
      ),
  }
}

const TOO_LONG = 'Shortened: the plan is longer than GitHub shows here.'

function shortenedNote(facts: ReportFacts): string {
  const where = facts.runUrl === '' ? 'the summary of the run' : link('the summary of the run', facts.runUrl)
  return `Shortened to what a comment holds; more is in ${where}.`
}

function glyphOf(plan: Plan, counts: Counts): Glyph | undefined {
  if (plan.errored) return '❌'
  if (isDangerous(counts) || plan.checks.some(({ status }) => status === 'fail' || status === 'error')) return '⚠️'
  return answerText(counts) === 'no change' ? '✅' : undefined
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
    .map(([word, number]) => `${number} ${word}`)
  const numbers = [counts.create, counts.update, counts.delete, counts.replace]
  if (numbers.every(number => number === 0) && state.length === 0) return ''
  return table(
    ['add', 'change', 'destroy', 'replace', 'state only'].map(title => ({ title, align: 'right' as const })),
    [[...numbers.map(number => number.toLocaleString('en-US')), state.join(', ') || '0']],
  )
}

function footerOf(
  facts: Omit<ReportFacts, 'contract' | 'warnings'> & Partial<Pick<ReportFacts, 'contract' | 'warnings'>>,
): string {
  return footer(facts, [
    facts.binaryVersion === undefined ? undefined : toolText({ name: facts.binary, version: facts.binaryVersion }),
    facts.contract === undefined ? undefined : `contract ${facts.contract.slice(0, 16)}`,
    facts.warnings ? `${count(facts.warnings, 'warning')} in the log` : undefined,
  ])
}

/** Why there is no plan: what failed, the first cause, where, and what to do. */
export function failureReport(
  failure: { readonly message: string; readonly hint: string | undefined; readonly diagnostics: readonly Diagnostic[] },
  facts: Omit<ReportFacts, 'contract' | 'warnings'>,
): Report {
  const [what = 'the plan failed', ...rest] = failure.message.split('\n')
  const errors = failure.diagnostics.filter(({ severity }) => severity === 'error')
  const [cause] = errors
  const answer = text(cause === undefined ? what : `${what.replace(/:.*/s, '')}: ${cause.summary}`)
  const first = headline({ glyph: '❌', subject: facts.subject, answer, place: facts.root })
  const body = [
    first,
    rest.length > 0 ? fence(rest.join('\n')) : '',
    failure.hint === undefined ? '' : text(failure.hint),
    facts.runUrl === '' ? '' : link('Log of the run', facts.runUrl),
    footerOf(facts),
  ]
    .filter(part => part !== '')
    .join('\n\n')
  return {
    title: `${facts.subject}: ${what}`,
    comment: budget => fit([() => body], budget, footerOf(facts)),
    summary: bytes => fit([() => body], { bytes, characters: Infinity }, footerOf(facts)),
  }
}
