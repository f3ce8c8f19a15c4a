import { fit } from '#kit/report/budget'
import { details } from '#kit/report/details'
import { footer, headline, type Glyph } from '#kit/report/headline'
import { code, html, link, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { Budget } from '#kit/ports'
import { changedRows, currentRows, explainChange, explainCost, SHOWN_CHARGES, type Row } from './arithmetic.ts'
import type { Comparison, ComparedProject } from './compare.ts'
import type { Judgement } from './gate.ts'
import { money, percentText, signedMoney, toCents, ZERO } from './money.ts'
import { listUnpriced, listUsage } from './unpriced.ts'

export interface ReportFacts {
  /** What it is about, such as `shop/prod`. */
  readonly subject: string
  readonly commitSha: string
  /** Page of the run, for what does not fit; `''` for none. */
  readonly runUrl: string
  /** Whether a limit that is crossed fails the step. */
  readonly onExceeded: 'fail' | 'warn'
}

const ROWS_ABOVE = 5
const ROWS_SHORT = 200
const ITEMS_ABOVE = 4

/** The report as Markdown within `budget`; what does not fit goes in this order: the bill, the long list of changes, the lists. */
export function renderReport(comparison: Comparison, judgement: Judgement, facts: ReportFacts, budget: Budget): string {
  const changes = comparison.projects.map(({ resources }) => changedRows(resources))
  const shortened =
    facts.runUrl === ''
      ? ''
      : `Shortened to what a comment holds; more is in ${link('the summary of the run', facts.runUrl)}.`
  const tier = (parts: { bill: boolean; rows: number; lists: boolean }) => () =>
    [
      firstLine(comparison, judgement, facts),
      reasons(judgement),
      ...summaryTables(comparison, changes),
      ...remarks(comparison),
      ...(parts.rows > 0 ? changeFolds(comparison, changes, parts.rows) : []),
      ...(parts.lists ? unpricedFold(comparison) : []),
      ...(parts.bill ? billFolds(comparison) : [shortened]),
      lastLine(comparison, facts),
    ]
      .filter(part => part !== '')
      .join('\n\n')
  return fit(
    [
      tier({ bill: true, rows: Infinity, lists: true }),
      tier({ bill: false, rows: Infinity, lists: true }),
      tier({ bill: false, rows: ROWS_SHORT, lists: false }),
      tier({ bill: false, rows: 0, lists: false }),
    ],
    budget,
    [shortened, lastLine(comparison, facts)].filter(part => part !== '').join('\n\n'),
  )
}

/** The answer in one line of plain text, for the log. */
export function answerText(comparison: Comparison, judgement: Judgement): string {
  return [answer(comparison, judgement).replaceAll('**', ''), ...tail(comparison, judgement)].join(' · ')
}

function firstLine(comparison: Comparison, judgement: Judgement, facts: ReportFacts): string {
  const glyph = glyphOf(judgement, facts)
  return headline({
    ...(glyph === undefined ? {} : { glyph }),
    subject: facts.subject,
    answer: [answer(comparison, judgement), ...tail(comparison, judgement)].join(' · '),
  })
}

function glyphOf(judgement: Judgement, facts: ReportFacts): Glyph | undefined {
  if (judgement.verdict === 'invalid') return '⛔'
  if (judgement.verdict === 'fail') return facts.onExceeded === 'fail' ? '❌' : '⚠️'
  return judgement.limits.length > 0 ? '✅' : undefined
}

function answer(comparison: Comparison, judgement: Judgement): string {
  const { currency, current, past, delta, hasPast } = comparison
  if (comparison.projects.every(project => project.current === null)) return 'the cost is **not known**'
  const cannot = judgement.verdict === 'invalid' ? 'the cost cannot be judged; what is known of it is ' : 'costs '
  const percent = percentText(delta, past)
  const change = !hasPast
    ? 'nothing known of before'
    : delta.eq(0)
      ? 'no change'
      : `${signedMoney(delta, currency)}${percent === undefined ? '' : ` (${percent})`}`
  return `${cannot}**${money(current, currency)} a month, ${change}**`
}

function tail(comparison: Comparison, judgement: Judgement): readonly string[] {
  return [
    ...(judgement.limits.length === 0 ? [] : [`limit ${judgement.limits.join(', ')}`]),
    `unknown: ${comparison.unknownCount}`,
  ]
}

function reasons(judgement: Judgement): string {
  if (judgement.reasons.length === 0) return ''
  const what = judgement.verdict === 'invalid' ? 'No verdict' : 'Over the limit'
  const said = judgement.reasons.join('; ')
  return `**${what}**: ${judgement.verdict === 'invalid' ? text(said) : said}.`
}

type Changes = readonly (readonly Row[])[]

function summaryTables(comparison: Comparison, changes: Changes): readonly string[] {
  const { projects } = comparison
  if (projects.length > 1) return [projectTable(comparison)]
  const rows = changes.flat()
  if (rows.length === 0) return [sentenceWithoutRows(comparison)]
  const above = rows.length <= ROWS_ABOVE + 1 ? rows : rows.slice(0, ROWS_ABOVE)
  return [changeTable(comparison, above, rows.length - above.length)]
}

function sentenceWithoutRows({ projects, unknownCount, hasPast, current, currency }: Comparison): string {
  if (projects.length === 0) return 'There is no project in the file.'
  if (projects.some(project => project.current === null)) return ''
  const before = hasPast ? `Before and after: ${money(current, currency)} a month.` : ''
  return unknownCount > 0 && current.eq(0) ? `${before} Nothing in the plan could be priced.`.trim() : before
}

function changeTable(comparison: Comparison, rows: readonly Row[], hidden: number): string {
  const { currency, past, current, delta } = comparison
  const shown = rows.map(row => rowCells(row, currency))
  if (hidden > 0) {
    const rest = rows.reduce((left, row) => left.minus(toCents(row.delta)), delta)
    shown.push([`${hidden} more below`, signedMoney(rest, currency), ''])
  }
  const before = comparison.hasPast ? money(past, currency) : 'unknown'
  shown.push(['**total**', `**${changeText(delta, currency)}**`, `${before} before, ${money(current, currency)} after`])
  return table([{ title: 'what' }, { title: 'a month', align: 'right' }, { title: 'how' }], shown)
}

function rowCells(row: Row, currency: string): readonly string[] {
  return [
    row.count === 1 ? code(row.name) : `${code(row.name)} × ${row.count}`,
    row.unknown ? 'unknown' : changeText(row.delta, currency),
    explainChange(row, currency),
  ]
}

function changeText(delta: Comparison['delta'], currency: string): string {
  return delta.eq(0) ? 'no change' : signedMoney(delta, currency)
}

/** In whole cents, so that it is the difference of the figures that are shown. */
function deltaOf({ past, current, delta }: ComparedProject): Comparison['delta'] {
  return current === null ? delta : toCents(current).minus(toCents(past ?? ZERO))
}

function projectTable({ projects, currency, past, current, delta, hasPast }: Comparison): string {
  const cells = (project: ComparedProject): readonly string[] =>
    project.current === null
      ? [code(project.name), '', '', 'not known', '']
      : [
          code(project.name),
          project.past === null ? 'unknown' : money(project.past, currency),
          money(project.current, currency),
          project.past === null ? 'new' : changeText(deltaOf(project), currency),
          (project.past === null ? undefined : percentText(deltaOf(project), project.past)) ?? '',
        ]
  return table(
    [
      { title: 'project' },
      { title: 'before', align: 'right' },
      { title: 'after', align: 'right' },
      { title: 'change', align: 'right' },
      { title: '', align: 'right' },
    ],
    [
      ...projects.slice(0, ROWS_SHORT).map(cells),
      ...(projects.length > ROWS_SHORT ? [[`${projects.length - ROWS_SHORT} more projects`]] : []),
      [
        '**total**',
        hasPast ? money(past, currency) : 'unknown',
        money(current, currency),
        `**${changeText(delta, currency)}**`,
        percentText(delta, past) ?? '',
      ],
    ],
  )
}

function remarks(comparison: Comparison): readonly string[] {
  const { currency, estimate, projects } = comparison
  const unread = projects.flatMap(({ name, errors }) =>
    errors.slice(0, 1).map(error => `${code(name)}: ${text(error)}`),
  )
  const absent = [...listUnpriced(comparison), ...listUsage(comparison)]
  const steps = estimate.steps.map(({ date, address, what, monthly }) => {
    const amount = monthly === null ? 'by an amount that is not known' : `${signedMoney(monthly, currency)} a month`
    return `from ${date} ${code(address)}: ${text(what)}, ${amount}`
  })
  const assumed = estimate.assumptions.map(({ object, what }) => `${code(object)} ${text(what)}`)
  return [
    remark('Could not be priced', unread),
    remark('Not in these figures', absent),
    remark('Will step', steps),
    remark('Assumed', assumed),
  ]
}

function remark(title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  const rest = items.length > ITEMS_ABOVE ? `; and ${items.length - ITEMS_ABOVE} more` : ''
  return `**${title}**: ${items.slice(0, ITEMS_ABOVE).join('; ')}${rest}.`
}

function changeFolds({ projects, currency }: Comparison, changes: Changes, limit: number): readonly string[] {
  return projects.flatMap((project, index) => {
    const rows = changes[index] ?? []
    const isAbove = projects.length === 1 && rows.length <= ROWS_ABOVE + 1
    if (isAbove || rows.length === 0) return []
    const shown = rows.slice(0, limit).map(row => rowCells(row, currency))
    if (rows.length > limit) shown.push([`${rows.length - limit} more`, '', 'not shown here'])
    const title = `${projects.length === 1 ? '' : `${html(project.name)}: `}${rows.length} changes, ${html(changeText(deltaOf(project), currency))}`
    return [details(title, table([{ title: 'what' }, { title: 'a month', align: 'right' }, { title: 'how' }], shown))]
  })
}

function unpricedFold(comparison: Comparison): readonly string[] {
  const items = [...listUnpriced(comparison), ...listUsage(comparison)]
  if (items.length <= ITEMS_ABOVE) return []
  return [details(`Not in these figures: ${items.length}`, items.map(item => `- ${item}`).join('\n'))]
}

function billFolds({ projects, currency }: Comparison): readonly string[] {
  return projects.flatMap(project => {
    const rows = currentRows(project.resources)
    // Where everything is new, the changes are the bill.
    const isSaid = rows.every(row => row.change === 'added' && row.resource.lines.length <= SHOWN_CHARGES)
    if (rows.length === 0 || project.current === null || isSaid) return []
    const title = `${projects.length === 1 ? 'The whole bill' : html(project.name)}: ${html(money(project.current, currency))} a month`
    const cells = rows.map(row => [
      row.count === 1 ? code(row.name) : `${code(row.name)} × ${row.count}`,
      money(row.current, currency),
      explainCost(row, currency),
    ])
    return [details(title, table([{ title: 'what' }, { title: 'a month', align: 'right' }, { title: 'how' }], cells))]
  })
}

function lastLine({ estimate }: Comparison, facts: ReportFacts): string {
  const { prices } = estimate
  const days =
    prices === undefined ? '' : prices.oldest === prices.newest ? prices.oldest : `${prices.oldest} to ${prices.newest}`
  return footer({ sha: facts.commitSha }, [
    prices === undefined
      ? 'figures read from Infracost JSON'
      : days === ''
        ? 'no price was needed'
        : `prices of ${days} (on-demand${prices.regions.map(region => `, ${region}`).join('')})`,
    prices !== undefined && prices.ownRates > 0 ? `own rates: ${prices.ownRates}` : undefined,
    '730 h a month',
  ])
}
