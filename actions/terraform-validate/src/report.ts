import { code, text } from '#kit/report/inline'
import { details } from '#kit/report/details'
import { fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import type { Diagnostic } from '#kit/terraform/events'
import { repositoryPath } from './diagnostics.ts'

export interface ReportFacts {
  readonly subject: string
  /** Root from the top of the repository. */
  readonly root: string
  readonly sha: string
  readonly runNumber: number
  readonly tool: string
}

/** What is wrong, in one line: it is the notice in the log too. */
export function answerText(diagnostics: readonly Diagnostic[], root: string): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const warnings = diagnostics.length - errors.length
  const besides = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`
  const [first] = errors
  if (first === undefined) return `valid${besides}`
  const file = first.range && (repositoryPath(root, first.range.file) ?? first.range.file)
  const place = first.range === undefined ? '' : ` (${file}:${first.range.line})`
  return `${count(errors.length, 'problem')}${besides}: ${first.summary}${place}`
}

/** The step's summary within `bytes`. */
export function validationReport(diagnostics: readonly Diagnostic[], facts: ReportFacts, bytes: number): string {
  const failed = diagnostics.some(({ severity }) => severity === 'error')
  const first = headline({
    glyph: failed ? '❌' : '✅',
    subject: facts.subject,
    answer: text(answerText(diagnostics, facts.root)),
    place: facts.root,
  })
  const last = footer([facts.sha.slice(0, 7), facts.runNumber > 0 ? `run ${facts.runNumber}` : undefined, facts.tool])
  const write = (told: readonly string[]) => [first, ...told, last].join('\n\n')
  const tiers = [
    () => write(diagnostics.map(diagnostic => problem(diagnostic, facts.root))),
    () => write([diagnostics.map(diagnostic => `- ${problemTitle(diagnostic, facts.root)}`).join('\n')]),
  ]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

function problemTitle({ severity, summary, range, address }: Diagnostic, root: string): string {
  const place = range === undefined ? address : `${repositoryPath(root, range.file) ?? range.file}:${range.line}`
  return `**${severity === 'error' ? 'Error' : 'Warning'}** ${text(summary)}${place === undefined ? '' : ` — ${code(place)}`}`
}

function problem(diagnostic: Diagnostic, root: string): string {
  const title = problemTitle(diagnostic, root)
  const body = [diagnostic.code ?? '', diagnostic.detail].filter(part => part !== '').join('\n\n')
  if (body === '') return title
  const lines = body.split('\n').length
  return `${title}\n\n${lines > 12 ? details(count(lines, 'line'), fence(body)) : fence(body)}`
}
