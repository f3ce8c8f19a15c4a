import type { ActionError } from '#kit/errors'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { footer, headline } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'

/** `before`: by an earlier attempt. `waits`: a root that it depends on was not applied. */
export type Outcome = 'applied' | 'before' | 'failed' | 'cancelled' | 'waits' | 'not begun'

export interface RootOutcome {
  readonly outcome: Outcome
  readonly contract?: string
  /** The plan was not empty. */
  readonly changed?: boolean
  readonly waitsFor?: readonly string[]
  readonly error?: ActionError
}

type Row = RootOutcome & { readonly root: string }

/** What became of all roots: a line, and the summary that closes what each of them has said. */
export function overview(
  rows: readonly Row[],
  facts: { readonly subject: string; readonly sha: string; readonly runNumber: number },
  bytes: number,
): { readonly title: string; readonly markdown: string } {
  const done = rows.filter(({ outcome }) => outcome === 'applied' || outcome === 'before').length
  const answer = answerOf(rows.length, done, rows.filter(({ outcome }) => outcome === 'before').length)
  const first = headline({ glyph: done === rows.length ? '✅' : '❌', subject: facts.subject, answer: text(answer) })
  const last = footer(facts, [])
  const listed = table(
    [{ title: 'root' }, { title: 'what became of it' }, { title: 'contract' }],
    rows.map(row => [code(row.root), wordsOf(row), row.contract === undefined ? '' : code(row.contract.slice(0, 16))]),
  )
  const markdown = fit(
    [
      [first, rows.length === 0 ? '' : listed, last],
      [first, last],
    ].map(parts => () => parts.filter(part => part !== '').join('\n\n')),
    { bytes, characters: Infinity },
    last,
  )
  return { title: `${facts.subject}: ${answer}`, markdown }
}

function answerOf(all: number, done: number, before: number): string {
  if (all === 0) return 'no Terraform root is changed, nothing to apply'
  const earlier = before === 0 ? '' : `, ${before} of them before`
  return done === all ? `applied ${count(all, 'root')}${earlier}` : `applied ${done} of ${count(all, 'root')}${earlier}`
}

function wordsOf({ outcome, changed, waitsFor = [], error }: Row): string {
  const [cause = ''] = error?.message.split('\n') ?? []
  if (outcome === 'applied') return changed === true ? 'applied' : 'no change'
  if (outcome === 'before') return 'applied before'
  if (outcome === 'waits') return `not applied, it depends on ${waitsFor.map(code).join(', ')}`
  if (outcome === 'not begun') return 'not begun'
  return `${outcome}: ${text(cause)}`
}
