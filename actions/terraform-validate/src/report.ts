import { code, text } from '#kit/report/inline'
import { details } from '#kit/report/details'
import { diffFence, fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import type { Diagnostic } from '#kit/terraform/events'
import { repositoryPath } from './diagnostics.ts'
import { NOT_CANONICAL } from './format.ts'

export interface ReportFacts {
  readonly subject: string
  /** Root from the top of the repository. */
  readonly root: string
  readonly sha: string
  readonly runNumber: number
  readonly tool: string
}

/** Told without a fold; the others are inside of one. */
const PROBLEMS_ABOVE = 3
const LINES_ABOVE = 12

/** What is wrong, in one line: it is the notice in the log too. */
export function answerText(diagnostics: readonly Diagnostic[], root: string): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const warnings = diagnostics.length - errors.length
  const besides = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`
  const [first] = errors
  if (first === undefined) return `valid${besides}`
  const file = first.range && (repositoryPath(root, first.range.file) ?? first.range.file)
  const place = first.range === undefined ? '' : ` (${file}:${first.range.line})`
  return `${count(errors.length, 'problem')}${besides}${errors.length > 1 ? ', the first' : ''}: ${first.summary}${place}`
}

/** The step's summary within `bytes`. */
export function validationReport(diagnostics: readonly Diagnostic[], facts: ReportFacts, bytes: number): string {
  const failed = diagnostics.some(({ severity }) => severity === 'error')
  const answer = answerText(diagnostics, facts.root)
  const first = headline({
    glyph: failed ? '❌' : '✅',
    subject: facts.subject,
    answer: text(answer),
    // The first problem's file says it already.
    place: answer.includes(facts.root) ? '' : facts.root,
  })
  const last = footer(facts, [facts.tool])
  const write = (told: readonly string[]) => [first, ...told, last].filter(part => part !== '').join('\n\n')
  const tiers = [
    () => write(problems(diagnostics, facts.root)),
    () => write([diagnostics.map(diagnostic => `- ${problemTitle(diagnostic, facts.root)}`).join('\n')]),
  ]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

function problemTitle({ severity, summary, range, address }: Diagnostic, root: string): string {
  const place = range === undefined ? address : `${repositoryPath(root, range.file) ?? range.file}:${range.line}`
  return `**${severity === 'error' ? 'Error' : 'Warning'}** ${text(summary)}${place === undefined ? '' : ` — ${code(place)}`}`
}

function problems(diagnostics: readonly Diagnostic[], root: string): string[] {
  const told = diagnostics.map(diagnostic => problem(diagnostic, root))
  const rest = told.slice(PROBLEMS_ABOVE)
  return [
    ...told.slice(0, PROBLEMS_ABOVE),
    rest.length === 0 ? '' : details(count(rest.length, 'more', 'more'), rest.join('\n\n')),
  ]
}

/** What, where, why, and the line. */
function problem(diagnostic: Diagnostic, root: string): string {
  const { summary, detail, code: line } = diagnostic
  const title = problemTitle(diagnostic, root)
  if (summary === NOT_CANONICAL) {
    const [why = '', ...changed] = detail.split('\n')
    return `${title}\n\n${text(why)}\n\n${folded(
      changed.length,
      diffFence(changed.map(change => ({ sign: change.startsWith('-') ? '-' : '+', text: change.slice(1) }))),
    )}`
  }
  const why = detail.includes('\n') ? folded(detail.split('\n').length, fence(detail)) : text(detail)
  return [title, why, line === undefined ? '' : fence(dedented(line), 'hcl')].filter(part => part !== '').join('\n\n')
}

function folded(lines: number, block: string): string {
  return lines > LINES_ABOVE ? details(count(lines, 'line'), block) : block
}

function dedented(line: string): string {
  return line.includes('\n') ? line : line.trim()
}
