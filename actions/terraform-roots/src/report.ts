import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { footer, headline } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { RootSelection, SelectedRoot } from '#kit/terraform/select-roots'

export interface ReportFacts {
  readonly subject: string
  readonly sha: string
  readonly runNumber: number
}

const NONE = 'no Terraform root is changed'

/** How many roots, in one line. */
export function answerText({ roots, candidates, isOfChanges, isUnlisted }: RootSelection): string {
  if (isOfChanges && roots.length === 0) return NONE
  if (isOfChanges)
    return `${roots.length} of ${count(candidates, 'Terraform root')} ${roots.length === 1 ? 'is' : 'are'} changed`
  const why = isUnlisted ? ', since GitHub does not list all files of so large a change' : ''
  return `${count(candidates, 'Terraform root')}${why}`
}

/** The plan's comment when there is nothing to plan. */
export function emptyComment(facts: ReportFacts): string {
  return [
    headline({ glyph: '✅', subject: facts.subject, answer: NONE }),
    'A merge of this pull request applies nothing here.',
    footer(facts, []),
  ].join('\n\n')
}

/** The step's summary: which roots, why, and what they wait for. */
export function rootsReport(selection: RootSelection, facts: ReportFacts, bytes: number): string {
  const first = headline({ subject: facts.subject, answer: text(answerText(selection)) })
  const last = footer(facts, [])
  const { roots } = selection
  return fit(
    [3, 1, 0].map(most => () => [first, rootTable(roots, most), last].filter(part => part !== '').join('\n\n')),
    { bytes, characters: Infinity },
    last,
  )
}

function rootTable(roots: readonly SelectedRoot[], mostReasons: number): string {
  if (roots.length === 0) return ''
  const withWhy = mostReasons > 0 && roots.some(({ reasons }) => reasons.length > 0)
  const withAfter = roots.some(({ dependsOn }) => dependsOn.length > 0)
  return table(
    [{ title: 'root' }, ...(withWhy ? [{ title: 'why' }] : []), ...(withAfter ? [{ title: 'after' }] : [])],
    roots.map(({ root, reasons, dependsOn }) => [
      code(root),
      ...(withWhy ? [someOf(reasons.map(text), mostReasons)] : []),
      ...(withAfter ? [someOf(dependsOn.map(code), 5)] : []),
    ]),
  )
}

function someOf(parts: readonly string[], most: number): string {
  const shown = parts.slice(0, most).join(', ')
  return parts.length > most ? `${shown} and ${parts.length - most} more` : shown
}
