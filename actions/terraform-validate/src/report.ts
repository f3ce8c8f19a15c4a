import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { details } from '#kit/report/details'
import { diffFence, fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { Checked } from './check.ts'
import type { Finding } from './diagnostics.ts'
import { NOT_CANONICAL } from './format.ts'
import type { Selection } from './selection.ts'

/** What all that was checked came to. */
export interface Outcome extends Selection {
  readonly checked: readonly Checked[]
  readonly findings: readonly Finding[]
  /** What did not change was left out. */
  readonly onlyChanged: boolean
}

export interface ReportFacts {
  readonly subject: string
  readonly sha: string
  readonly runNumber: number
  readonly tools: readonly string[]
}

/** Told without a fold; the others are inside of one. */
const PROBLEMS_ABOVE = 3
const PROBLEMS_BELOW_TABLE = 1
const ROWS_ABOVE = 5
const FAILURES_ABOVE = 2
const LINES_ABOVE = 12

/** What is wrong, in one line: it is the notice in the log too. */
export function answerText(outcome: Outcome): string {
  const { checked, findings, candidates, onlyChanged } = outcome
  if (checked.length === 0) return `no root changed, of ${candidates}`
  const errors = findings.filter(({ severity }) => severity === 'error')
  const unchecked = checked.filter(({ failure }) => failure !== undefined)
  const warnings = findings.length - errors.length
  const besides = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`
  const isOne = checked.length === 1
  const all = `${checked.length} ${onlyChanged ? 'changed ' : ''}${kindsOf(checked)}`
  const [first] = errors
  if (first !== undefined) {
    const failing = checked.filter(one => isFailing(one, findings)).length
    const where = isOne ? '' : ` in ${failing} of ${all}`
    const undecided = unchecked.length === 0 ? '' : `, ${unchecked.length} could not be checked`
    const place = first.range === undefined ? '' : ` (${first.range.file}:${first.range.line})`
    const which = errors.length > 1 ? ', the first' : ''
    return `${count(errors.length, 'problem')}${where}${undecided}${besides}${which}: ${first.summary}${place}`
  }
  if (unchecked.length > 0)
    return `${isOne ? '' : `${unchecked.length} of ${all} `}could not be checked: ${unchecked[0]?.folder}${besides}`
  if (onlyChanged) return `${amounts(checked)} changed and valid, of ${candidates}${besides}`
  return `${isOne ? '' : `${amounts(checked)} `}valid${besides}`
}

function kindsOf(checked: readonly Checked[]): string {
  return checked.some(({ kind }) => kind === 'module') ? 'roots and modules' : 'roots'
}

function amounts(checked: readonly Checked[]): string {
  const roots = checked.filter(({ kind }) => kind === 'root').length
  const modules = checked.length - roots
  if (modules === 0) return count(roots, 'root')
  return roots === 0 ? count(modules, 'module') : `${count(roots, 'root')} and ${count(modules, 'module')}`
}

/** The step's summary within `bytes`. */
export function validationReport(outcome: Outcome, facts: ReportFacts, bytes: number): string {
  const { checked, findings } = outcome
  const failed =
    findings.some(({ severity }) => severity === 'error') || checked.some(({ failure }) => failure !== undefined)
  const answer = answerText(outcome)
  const [only] = checked.length === 1 ? checked : []
  const first = headline({
    glyph: failed ? '❌' : '✅',
    subject: facts.subject,
    answer: text(answer),
    // The first problem's file says it already.
    place: only === undefined || answer.includes(only.folder) ? '' : only.folder,
  })
  const last = footer(facts, facts.tools)
  const write = (told: readonly string[]) => [first, ...told, last].filter(part => part !== '').join('\n\n')
  const rows = checked.length > 1 ? overview(outcome) : []
  const tiers = [
    () => write([...failures(checked), ...rows, ...problems(outcome), ...asides(outcome)]),
    () => write([...failures(checked), ...rows, findings.map(finding => `- ${problemTitle(finding)}`).join('\n')]),
  ]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

/** A row for each, those with trouble first; only the first rows are outside of a fold. */
function overview({ checked, findings }: Outcome): string[] {
  const hasTests = checked.some(({ tests }) => tests.length > 0)
  const columns = [
    { title: '' },
    { title: 'verdict' },
    { title: 'problems', align: 'right' as const },
    { title: 'warnings', align: 'right' as const },
    ...(hasTests ? [{ title: 'tests' }] : []),
  ]
  const trouble = (one: Checked) => (one.failure !== undefined ? 2 : isFailing(one, findings) ? 1 : 0)
  const rows = [...checked]
    .sort((one, other) => trouble(other) - trouble(one))
    .map(one => {
      const own = findings.filter(({ roots }) => roots.includes(one.folder))
      const errors = own.filter(({ severity }) => severity === 'error').length
      const verdict = one.failure !== undefined ? 'invalid' : errors > 0 ? 'fail' : 'pass'
      return [
        `${code(one.folder)}${one.kind === 'module' ? ' (module)' : ''}`,
        verdict,
        String(errors),
        String(own.length - errors),
        ...(hasTests ? [testCounts(one)] : []),
      ]
    })
  const rest = rows.slice(ROWS_ABOVE)
  return [
    table(columns, rows.slice(0, ROWS_ABOVE)),
    rest.length === 0 ? '' : details(`${rest.length} more ${kindsOf(checked)}`, table(columns, rest)),
  ]
}

function isFailing({ folder }: Checked, findings: readonly Finding[]): boolean {
  return findings.some(({ severity, roots }) => severity === 'error' && roots.includes(folder))
}

function testCounts({ tests }: Checked): string {
  const counts = new Map<string, number>()
  for (const { status } of tests) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].map(([status, number]) => `${number} ${text(status)}`).join(', ')
}

/** What was not checked, why, and what to do. */
function failures(checked: readonly Checked[]): string[] {
  const told = checked.flatMap(({ folder, failure }) => {
    if (failure === undefined) return []
    const [what = '', cause = '', ...more] = failure.message.split('\n')
    const parts = [
      `**Not checked** ${code(folder)}: ${text([what, cause].filter(part => part !== '').join(': '))}`,
      more.length === 0 ? '' : folded(more.length, fence(more.join('\n'))),
      failure.hint === undefined ? '' : text(failure.hint),
    ]
    return [parts.filter(part => part !== '').join('\n\n')]
  })
  const rest = told.slice(FAILURES_ABOVE)
  return [
    ...told.slice(0, FAILURES_ABOVE),
    rest.length === 0 ? '' : details(`${rest.length} more not checked`, rest.join('\n\n')),
  ]
}

function problems({ findings, checked }: Outcome): string[] {
  const above = checked.length > 1 ? PROBLEMS_BELOW_TABLE : PROBLEMS_ABOVE
  const told = findings.map(finding => problem(finding, checked.length > 1))
  const rest = told.slice(above)
  return [
    ...told.slice(0, above),
    rest.length === 0 ? '' : details(count(rest.length, 'more problem'), rest.join('\n\n')),
  ]
}

function problemTitle({ severity, summary, range, address }: Finding): string {
  const place = range === undefined ? address : `${range.file}:${range.line}`
  return `**${severity === 'error' ? 'Error' : 'Warning'}** ${text(summary)}${place === undefined ? '' : ` — ${code(place)}`}`
}

/** What, where, why, and the line. */
function problem(finding: Finding, namesRoots: boolean): string {
  const { summary, detail, code: line, roots } = finding
  const shown = namesRoots && roots.length > 1 ? `Shown by ${listed(roots.map(code))}.` : ''
  const title = problemTitle(finding)
  if (summary === NOT_CANONICAL) {
    const [why = '', ...changed] = detail.split('\n')
    return `${title}\n\n${text(why)}\n\n${folded(
      changed.length,
      diffFence(changed.map(change => ({ sign: change.startsWith('-') ? '-' : '+', text: change.slice(1) }))),
    )}`
  }
  const why = detail.includes('\n') ? folded(detail.split('\n').length, fence(detail)) : text(detail)
  const parts = [title, why, line === undefined ? '' : fence(dedented(line), 'hcl'), shown]
  return parts.filter(part => part !== '').join('\n\n')
}

/** What nobody has to act on: what the tests did, what was left out, and why each root was checked. */
function asides({ checked, dependent, onlyChanged }: Outcome): string[] {
  const runs = checked.flatMap(({ folder, tests }) => tests.map(test => ({ folder, ...test })))
  const reasons = checked.map(
    ({ folder, reasons }) => `- ${code(folder)}: ${listed(reasons.map(reason => text(reason)))}`,
  )
  return [
    runs.length === 0
      ? ''
      : details(
          count(runs.length, 'test'),
          table(
            [{ title: 'test' }, { title: 'file' }, { title: 'result' }],
            runs.map(({ folder, file, name, status }) => [text(name), code(`${folder}/${file}`), text(status)]),
          ),
        ),
    dependent.length === 0
      ? ''
      : details(
          `${count(dependent.length, 'module')} not checked: used by no root, providers come from the caller`,
          dependent.map(module => `- ${code(module)}`).join('\n'),
        ),
    onlyChanged && reasons.length > 0 ? details(`Why: ${amounts(checked)}`, reasons.join('\n')) : '',
  ]
}

const LISTED = 10

function listed(parts: readonly string[]): string {
  const rest = parts.length - LISTED
  return [...parts.slice(0, LISTED), ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}

function folded(lines: number, block: string): string {
  return lines > LINES_ABOVE ? details(count(lines, 'line'), block) : block
}

function dedented(line: string): string {
  return line.includes('\n') ? line : line.trim()
}
