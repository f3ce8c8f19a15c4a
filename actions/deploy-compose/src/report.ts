import type { Budget } from '#kit/ports'
import { count } from '#kit/report/count'
import { fit } from '#kit/report/budget'
import { fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { code, text } from '#kit/report/inline'
import { shortenMiddle } from '#kit/report/shorten'
import { table } from '#kit/report/table'
import type { Scrub } from '#kit/scrub'
import { imagesOf, type Images } from './compose-file.ts'
import { shortLine } from './log-line.ts'
import type { FailedContainer, Outcome } from './outcome.ts'
import type { Strategy } from './replacement.ts'
import { containerText, type Ended, type Verdict } from './verdict.ts'

export interface ReportFacts {
  /** `shop/production`. */
  readonly subject: string
  readonly release: string
  readonly images: Images
  readonly strategy: Strategy
  /** Why a service cannot start first. */
  readonly reasons: ReadonlyMap<string, string>
  readonly variableCount: number
  readonly sha: string
  readonly runNumber: number
}

const SHOWN_CONTAINERS = 5
const SHOWN_LINES = 20
const SHOWN_CHARACTERS = 300

/** The step summary of a release: what runs now and ran before, the evidence when it does not, and what was destroyed. */
export function renderReport(
  verdict: Verdict,
  ended: readonly Ended[],
  facts: ReportFacts,
  scrub: Scrub,
  budget: Budget,
): string {
  const first = headline({
    glyph: verdict.invalid ? '⛔' : verdict.result === 'succeeded' ? '✅' : '❌',
    subject: facts.subject,
    answer: text(scrub(verdict.answer)),
  })
  const last = footer(facts, [facts.strategy, facts.release])
  const whole = (evidence: boolean) => () =>
    [
      first,
      imageTable(ended, facts),
      evidence ? evidenceOf(verdict, scrub) : '',
      verdict.hint === '' ? '' : `**What to do**: ${text(verdict.hint)}`,
      ...ended.map(one => receiptLine(one, facts.variableCount)),
      last,
    ]
      .filter(part => part !== '')
      .join('\n\n')
  return fit([whole(true), whole(false)], budget, last)
}

function imageTable(ended: readonly Ended[], { images, reasons }: ReportFacts): string {
  const before = imagesOf(ended.find(({ outcome }) => outcome.before.length > 0)?.outcome.before ?? [])
  // What the last host did, which is what all of them did unless somebody changed one by hand.
  const last = ended.at(-1)?.outcome
  const pinned = new Map((last?.pinned ?? []).map(line => line.split(' ') as [string, string]))
  const services = [...new Set([...images.keys(), ...before.keys()])]
  const cell = (image: string | undefined) => (image === undefined ? '' : code(imageText(image)))
  const how = services.map(service => (last?.result === 'succeeded' ? howText(service, last, reasons) : ''))
  const isTold = how.some(words => words !== '')
  return table(
    [{ title: 'service' }, { title: 'before' }, { title: 'this release' }, ...(isTold ? [{ title: 'how' }] : [])],
    services.map((service, row) => {
      const [old, now] = [before.get(service), pinned.get(service) ?? images.get(service)]
      const change = now === undefined ? 'removed' : old === now ? 'unchanged' : cell(now)
      return [code(service), old === undefined ? 'none' : cell(old), change, ...(isTold ? [text(how[row] ?? '')] : [])]
    }),
  )
}

function howText(
  service: string,
  { replaced, beside, volumes }: Outcome,
  reasons: ReadonlyMap<string, string>,
): string {
  if (beside.includes(service)) return 'started first'
  if (!replaced.includes(service)) return ''
  const reason = volumes.includes(service) ? 'its image declares a volume' : (reasons.get(service) ?? 'recreate')
  return reason === 'recreate' ? 'recreated' : `recreated: ${reason}`
}

/** Tag and the beginning of the digest; the registry goes where the name is long. */
function imageText(image: string): string {
  const [name = '', digest] = image.split('@sha256:')
  return shortenMiddle(name, 80) + (digest === undefined ? '' : ` sha256:${digest.slice(0, 12)}`)
}

function evidenceOf({ failed }: Verdict, scrub: Scrub): string {
  if (failed === undefined) return ''
  const { containers, said } = failed.outcome
  const shown = containers.slice(0, SHOWN_CONTAINERS).map(container => containerPart(container, scrub))
  const rest = containers.length - shown.length
  return [
    ...shown,
    rest > 0 ? `And ${rest} more container${rest === 1 ? '' : 's'}.` : '',
    said.trim() === '' ? '' : `Docker said:\n\n${fence(lastLines(said, scrub))}`,
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function containerPart(container: FailedContainer, scrub: Scrub): string {
  const what = `**Evidence**: ${text(containerText(container))} · ${code(imageText(container.image))}`
  const probe =
    container.probe.trim() === '' ? '' : `Its health check printed:\n\n${fence(lastLines(container.probe, scrub))}`
  const log = container.log.trim() === '' ? 'Its log is empty.' : fence(lastLines(container.log, scrub))
  return [what, probe, log].filter(part => part !== '').join('\n\n')
}

/** The end of a log, short enough to read. */
export function lastLines(log: string, scrub: Scrub): string {
  const lines = scrub(log.trimEnd())
    .split('\n')
    .slice(-SHOWN_LINES)
    .map(line => shortLine(line, SHOWN_CHARACTERS))
  // What a line of JSON held in another spelling is plain now.
  return scrub(lines.join('\n'))
}

function receiptLine({ host, outcome }: Ended, variableCount: number): string {
  const { receipt, held } = outcome
  const variables = `${variableCount} variable${variableCount === 1 ? '' : 's'}`
  if (receipt === undefined) return outcome.accepted ? `**.env** on ${code(host)}: no receipt came.` : ''
  const { path, filesystem, removed, filesSearched, filesWithValues } = receipt
  const gone = removed
    ? `${variables} lay in memory only (${code(path)}, ${text(filesystem)}) and were destroyed`
    : `⚠️ ${code(path)} could **not** be removed`
  const searched =
    filesWithValues === 0
      ? `no value was found in the ${filesSearched} files of the project's folder`
      : `⚠️ **${filesWithValues}** of the ${filesSearched} files of the project's folder hold a value`
  const [, folder = '', files = ''] = /^(.*) (\d+)$/.exec(held) ?? []
  const mounted =
    folder === '' ? '' : ` ${count(Number(files), 'secret')} of running containers lie in memory (${code(folder)}).`
  return `**.env** on ${code(host)}: ${gone}; ${searched}. Docker itself keeps the environment of containers that run.${mounted}`
}
