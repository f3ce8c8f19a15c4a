import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { footer, headline } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { Change, Target, Update } from './update.ts'

export interface Result {
  /** The compose file, from the top of the repository. */
  readonly path: string
  readonly tag: string
  readonly targets: readonly Target[]
  readonly pushed: boolean
  /** `undefined` when no file was to be written. */
  readonly update?: Update
  readonly commitSha?: string | undefined
}

export interface ReportFacts {
  readonly subject: string
  readonly sha: string
  readonly runNumber: number
}

/** What was done, in one line: it is the notice in the log too. */
export function answerText({ targets, tag, pushed, update }: Result): string {
  if (update === undefined)
    return `${targets.map(({ service }) => service).join(', ')} built as ${tag}${pushed ? ' and pushed' : ', not pushed'}; no file changed`
  return update.changes.map(change => changeText(change, tag)).join(', ')
}

function changeText({ service, outcome, before }: Change, tag: string): string {
  const standing = before.tag ?? 'no tag'
  if (outcome === 'superseded') return `${service} stays at ${standing}, which is newer than ${tag}`
  if (outcome === 'unchanged') return `${service} unchanged at ${standing}`
  return standing === tag ? `${service} ${tag} with another digest` : `${service} ${standing} → ${tag}`
}

/** The step's summary within `bytes`. */
export function renderReport(result: Result, facts: ReportFacts, bytes: number): string {
  const superseded = result.update?.changes.some(({ outcome }) => outcome === 'superseded') ?? false
  const first = headline({
    glyph: superseded ? '⚠️' : '✅',
    subject: facts.subject,
    answer: text(answerText(result)),
    place: result.path,
  })
  const last = footer(facts, [result.commitSha === undefined ? '' : `commit ${result.commitSha.slice(0, 7)}`])
  const proof = proofText(result)
  const tiers = [
    () => [first, rows(result), proof, last].filter(part => part !== '').join('\n\n'),
    () => [first, proof, last].filter(part => part !== '').join('\n\n'),
  ]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

function rows({ path, tag, targets, update }: Result): string {
  const columns = ['service', 'before', 'now', 'where', 'digest'].map(title => ({ title }))
  return table(
    columns,
    targets.map(({ service, digest }) => {
      const change = update?.changes.find(one => one.service === service)
      const also =
        change === undefined || change.sharedWith.length === 0 ? '' : ` (also ${change.sharedWith.join(', ')})`
      const isOurs = change === undefined || change.outcome !== 'superseded'
      return [
        text(`${service}${also}`),
        change === undefined ? '' : change.before.tag === undefined ? 'no tag' : code(change.before.tag),
        isOurs ? code(tag) : 'newer, stays',
        change === undefined ? 'not written' : code(`${path}:${change.line}`),
        // Whole in the commit and in the output `digests`; here it would push everything else aside.
        digest === undefined ? 'unknown: not pushed' : code(digest.slice(0, 'sha256:'.length + 12)),
      ]
    }),
  )
}

function proofText({ update }: Result): string {
  if (update?.bytes === undefined) return ''
  return `${count(update.editedValues, 'value')} replaced; every other byte of the file is as it was, by a comparison after the edit.`
}
