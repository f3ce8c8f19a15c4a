import { adviceOf, CommandError, type ActionError } from '#kit/errors'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { details } from '#kit/report/details'
import { fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { code, link, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import { differenceText } from '#kit/terraform/contract-differences'
import { diagnosticText, TerraformError } from '#kit/terraform/terraform'
import type { ResourceChange } from '#kit/terraform/plan'
import { ContractMismatch } from './contract-mismatch.ts'
import { left, type DoneStep, type Progress } from './progress.ts'

export interface ReportPlace {
  readonly subject: string
  readonly root: string
  readonly sha: string
  readonly runNumber: number
}

export interface ReportFacts extends ReportPlace {
  readonly tool: string
  readonly contract: string
  readonly pullRequest: { readonly number: number; readonly url: string }
  readonly planRun: { readonly url: string }
  /** How the plan that was applied came to be, as one sentence. */
  readonly source: string
  /** Markdown, what must not be overlooked besides. */
  readonly remarks: readonly string[]
}

const VERBS: readonly (readonly [string, string, string])[] = [
  ['create', 'added', 'add'],
  ['update', 'changed', 'change'],
  ['delete', 'destroyed', 'destroy'],
]

/** What a whole apply did, in words. */
export function doneText(progress: Progress): string {
  const parts = [...stepTexts(progress), ...stateTexts(progress.planned, 'past')]
  return parts.length === 0 ? 'nothing to do' : parts.join(', ')
}

/** How many objects were added, changed and destroyed. */
function stepTexts({ done }: Progress): readonly string[] {
  return VERBS.map(([action, past]) => [done.filter(step => step.action === action).length, past] as const)
    .filter(([number]) => number > 0)
    .map(([number, past]) => `${past} ${number}`)
}

/** What changes the state besides; Terraform reports no step of it. */
function stateTexts(planned: readonly ResourceChange[], tense: 'present' | 'past'): readonly string[] {
  const numbers = [
    [
      { present: 'forget', past: 'forgot' },
      planned.filter(({ kind, replaceOrder }) => kind === 'forget' || replaceOrder === 'forget-first').length,
    ],
    [{ present: 'move', past: 'moved' }, planned.filter(({ previousAddress }) => previousAddress !== undefined).length],
    [{ present: 'import', past: 'imported' }, planned.filter(({ importId }) => importId !== undefined).length],
  ] as const
  return numbers.filter(([, number]) => number > 0).map(([words, number]) => `${words[tense]} ${number}`)
}

/** What became of an apply, in one line. */
export function answerOf(progress: Progress, failure: ActionError | undefined): string {
  if (failure === undefined) return `applied, ${doneText(progress)}`
  const what = failure instanceof CommandError && failure.cancelled ? 'apply cancelled' : 'apply failed'
  const done = progress.done.length === 0 ? 'nothing done' : stepTexts(progress).join(', ')
  return `${what}: ${done}, ${count(left(progress).length, 'object')} left`
}

/** The step's summary: planned against done, and after a failure what is left and why. */
export function applyReport(
  progress: Progress,
  failure: ActionError | undefined,
  facts: ReportFacts,
  bytes: number,
): string {
  const remaining = left(progress)
  const first = headline({
    glyph: failure === undefined ? '✅' : '❌',
    subject: facts.subject,
    answer: text(answerOf(progress, failure)),
    place: facts.root,
  })
  const last = footer(facts, [facts.tool, `contract ${facts.contract.slice(0, 16)}`])
  const { pullRequest, planRun } = facts
  const links = `From ${link(`pull request ${pullRequest.number}`, pullRequest.url)}, planned by ${link('this run', planRun.url)}.`
  const origin = `${text(facts.source)} ${links}`
  const write = (folds: readonly string[]) =>
    [
      ...[
        first,
        ...facts.remarks,
        ...causes(failure),
        goOnText(progress, failure),
        taintedText(progress, failure),
        origin,
      ],
      ...[plannedTable(progress, failure), ...folds, last],
    ]
      .filter(part => part !== '')
      .join('\n\n')
  return fit(
    [
      () => write([leftFold(remaining, failure), stepsFold(progress.done)]),
      () => write([leftFold(remaining, failure)]),
      () => write([]),
    ],
    { bytes, characters: Infinity },
    last,
  )
}

const LISTED_AT_LEAST = 50

/** The step's summary when nothing was applied, and why. */
export function refusalReport(failure: ActionError, place: ReportPlace, bytes: number): string {
  const [what = ''] = failure.message.split('\n')
  const first = headline({
    glyph: '❌',
    subject: place.subject,
    answer: text(`nothing was applied: ${what}`),
    place: place.root,
  })
  const last = footer(place, [])
  const hint = text(adviceOf(failure) ?? '')
  const told = failure instanceof TerraformError ? causes(failure) : [hint]
  const found = failure instanceof ContractMismatch ? failure.differences.map(differenceText) : []
  const listed = (most: number) =>
    found.length === 0
      ? []
      : [
          fence(found.slice(0, most).join('\n')),
          found.length > most ? text(`and ${count(found.length - most, 'more difference')}`) : '',
        ]
  return fit(
    [
      [first, ...told, ...listed(Infinity), last],
      [first, ...told, ...listed(LISTED_AT_LEAST), last],
      [first, hint, last],
    ].map(parts => () => parts.filter(part => part !== '').join('\n\n')),
    { bytes, characters: Infinity },
    last,
  )
}

const WHAT_TO_DO =
  'Open a pull request with the fix: it is planned against what is there now, and what is left comes with it.'

function causes(failure: ActionError | undefined): string[] {
  if (failure === undefined) return []
  const errors = failure instanceof TerraformError ? failure.diagnostics : []
  const [cause, ...others] = errors.filter(({ severity }) => severity === 'error')
  const hint = text(adviceOf(failure) ?? WHAT_TO_DO)
  if (cause === undefined) return [fence(failure.message), hint]
  return [
    `**First cause**: ${text(cause.summary)}`,
    fence(diagnosticText(cause)),
    others.length === 0
      ? ''
      : details(count(others.length, 'more error'), fence(others.map(diagnosticText).join('\n\n'))),
    hint,
  ]
}

/** A hint says how the cause is removed, and not how the rest is done once a part is. */
function goOnText({ done }: Progress, failure: ActionError | undefined): string {
  return done.length > 0 && failure instanceof TerraformError && failure.hint !== undefined ? WHAT_TO_DO : ''
}

function plannedTable({ planned, done }: Progress, failure: ActionError | undefined): string {
  const number = (kinds: readonly ResourceChange['kind'][]) =>
    String(planned.filter(({ kind }) => kinds.includes(kind)).length)
  const destroyed = String(
    planned.filter(
      ({ kind, replaceOrder }) => kind === 'delete' || (kind === 'replace' && replaceOrder !== 'forget-first'),
    ).length,
  )
  const finished = VERBS.map(([action]) => String(done.filter(step => step.action === action).length))
  if (planned.length === 0) return ''
  const state = (tense: 'present' | 'past') => stateTexts(planned, tense).join(', ') || '0'
  const stateDone = failure === undefined || state('past') === '0' ? state('past') : 'unknown'
  return table(
    [{ title: '' }, ...[...VERBS.map(([, , verb]) => verb), 'state only'].map(right)],
    [
      ['planned', number(['create', 'replace']), number(['update']), destroyed, state('present')],
      ['done', ...finished, stateDone],
    ],
  )
}

const right = (title: string) => ({ title, align: 'right' as const })

const TAINTED_SHOWN = 10

/** What was begun and is there, but not whole. */
function taintedText({ planned }: Progress, failure: ActionError | undefined): string {
  if (!(failure instanceof TerraformError)) return ''
  const tainted = failure.tainted.filter(address => planned.some(change => change.address === address))
  if (tainted.length === 0) return ''
  const more = tainted.length > TAINTED_SHOWN ? ` and ${tainted.length - TAINTED_SHOWN} more` : ''
  const shown = tainted.slice(0, TAINTED_SHOWN).map(code).join(', ')
  return `**Tainted**: ${shown}${more}: there, but not whole. The next plan replaces ${tainted.length === 1 ? 'it' : 'them'}.`
}

function leftFold(remaining: readonly ResourceChange[], failure: ActionError | undefined): string {
  if (failure === undefined || remaining.length === 0) return ''
  return details(
    `Left ${remaining.length}`,
    remaining.map(({ address, actions }) => `- ${code(address)} — ${text(actions.join(', then '))}`).join('\n'),
  )
}

function stepsFold(done: readonly DoneStep[]): string {
  if (done.length === 0) return ''
  const slowest = [...done].sort((a, b) => b.elapsedSeconds - a.elapsedSeconds || (a.address < b.address ? -1 : 1))
  return details(
    `Done ${done.length}, the slowest first`,
    table(
      [{ title: 'object' }, { title: 'what' }, { title: 'seconds', align: 'right' }],
      slowest.map(({ address, action, elapsedSeconds }) => [code(address), text(action), String(elapsedSeconds)]),
    ),
  )
}
