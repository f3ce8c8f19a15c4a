import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { details } from '#kit/report/details'
import { fence } from '#kit/report/fence'
import { footer, headline } from '#kit/report/headline'
import { code, html, htmlCode, text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import { table } from '#kit/report/table'
import { adviceFor } from './advice.ts'
import type { HostCounts, TaskResult } from './events.ts'
import type { Outcome } from './outcome.ts'

export interface ReportFacts {
  readonly subject: string
  /** From the top of the repository. */
  readonly playbook: string
  readonly check: boolean
  /** Empty when the run was not limited. */
  readonly limit: string
  readonly playsWithoutHosts: readonly string[]
  readonly sha: string
  readonly runNumber: number
  /** Version of ansible-core. */
  readonly ansible: string
}

/** Told without a fold; the others are inside of one. */
const CAUSES_ABOVE = 2
const HOSTS_ABOVE = 10
const STDERR_LINES = 12

/** What became of it, in one line: it is the notice in the log too. */
export function answerText(outcome: Outcome, check: boolean): string {
  const { hosts, changed, failed, unreachable, verdict, invalid } = outcome
  if (verdict === 'invalid') return `not decided: ${invalid}`
  const changes = `${changed === 0 ? 'no change' : `${count(changed, 'task')} ${check ? 'would change' : 'changed'}`} on ${count(hosts.length, 'host')}`
  if (verdict === 'pass') return changes
  const bad = [
    failed === 0 ? '' : `${count(failed, 'task')} failed`,
    unreachable === 0 ? '' : `${count(unreachable, 'host')} unreachable`,
  ].filter(part => part !== '')
  const [first] = outcome.causes
  return `${bad.join(', ')}; ${changes}${first === undefined ? '' : `. First: ${causeText(first)}`}`
}

/** Host, task and what the module said, on one line. */
export function causeText(cause: TaskResult): string {
  const item = cause.label === '' ? '' : ` (${cause.label})`
  return `${cause.host}, ${cause.task}${item}: ${shortenEnd(firstLine(messageOf(cause)), 300)}`
}

/** What the module said; what it printed where it said nothing. */
export function messageOf({ message, stderr, hidden }: TaskResult): string {
  if (hidden) return 'the task has no_log, so why is not told'
  return message.trim() || stderr.trim() || 'the module gave no reason'
}

/** The step's summary within `bytes`. */
export function playbookReport(
  outcome: Outcome,
  results: readonly TaskResult[],
  facts: ReportFacts,
  bytes: number,
): string {
  const { verdict } = outcome
  const answer = answerText({ ...outcome, causes: [] }, facts.check)
  const limited = facts.limit === '' ? '' : `, limited to ${facts.limit}`
  const first = headline({
    glyph: verdict === 'pass' ? '✅' : '❌',
    subject: facts.subject,
    answer: text(`${facts.check ? 'check: ' : ''}${answer}${limited}`),
    place: facts.playbook,
  })
  const last = footer(facts, [facts.ansible === '' ? '' : `ansible-core ${facts.ansible}`])
  const write = (parts: readonly string[]) => [first, ...parts, last].filter(part => part !== '').join('\n\n')
  const changes = changesByHost(results, facts.check)
  const tiers = [
    () => write([...causes(outcome.causes), emptyPlays(facts), recap(outcome), changes]),
    () => write([...causes(outcome.causes), emptyPlays(facts), recap(outcome)]),
    () => write([...causes(outcome.causes), emptyPlays(facts)]),
  ]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

/** The summary of a run that Ansible refused before it did anything. */
export function refusalReport(reason: string, advice: string, facts: ReportFacts, bytes: number): string {
  const last = footer(facts, [facts.ansible === '' ? '' : `ansible-core ${facts.ansible}`])
  const first = headline({
    glyph: '❌',
    subject: facts.subject,
    answer: text(`not run: ${shortenEnd(firstLine(reason), 200)}`),
    place: facts.playbook,
  })
  const whole = reason.includes('\n') ? fence(reason) : ''
  const write = (parts: readonly string[]) => parts.filter(part => part !== '').join('\n\n')
  const tiers = [() => write([first, whole, text(advice), last]), () => write([first, text(advice), last])]
  return fit(tiers, { bytes, characters: Infinity }, last)
}

function emptyPlays({ playsWithoutHosts }: ReportFacts): string {
  if (playsWithoutHosts.length === 0) return ''
  return `No host matched ${playsWithoutHosts.map(code).join(', ')}: nothing of it was done.`
}

function causes(all: readonly TaskResult[]): string[] {
  const rest = all.slice(CAUSES_ABOVE)
  return [
    ...all.slice(0, CAUSES_ABOVE).map(cause),
    rest.length === 0 ? '' : details(`${count(rest.length, 'more host')} stopped`, rest.map(cause).join('\n\n')),
  ]
}

/** What, the first cause, the line, what to do. */
function cause(result: TaskResult): string {
  const reason = messageOf(result)
  const item = result.label === '' ? '' : `, item ${code(result.label)}`
  const place = result.place === '' ? '' : ` — ${code(result.place)}`
  const what = result.outcome === 'unreachable' ? 'unreachable' : 'failed'
  const title = `**${text(result.host)}** ${what} at ${code(result.task)} (${code(result.module)}${item})${place}`
  const printed = result.message.trim() === '' || result.hidden ? '' : result.stderr.trimEnd()
  const advice = adviceFor(result)
  return [
    title,
    reason.includes('\n') ? fence(lastLines(reason)) : text(shortenEnd(reason, 1_000)),
    printed === '' ? '' : fence(lastLines(printed)),
    advice === undefined ? '' : text(advice),
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function recap({ hosts }: Outcome): string {
  if (hosts.length === 0) return ''
  const rows = [...hosts].sort((one, other) => badness(other) - badness(one) || (one.name < other.name ? -1 : 1))
  const columns = [
    { title: 'host' },
    { title: 'result' },
    { title: 'ok', align: 'right' },
    { title: 'changed', align: 'right' },
    { title: 'failed', align: 'right' },
  ] as const
  const written = table(
    columns,
    rows.map(host => [
      code(host.name),
      resultOf(host),
      ...[host.ok, host.changed, host.failed].map(number => number.toLocaleString('en-US')),
    ]),
  )
  return rows.length > HOSTS_ABOVE ? details(count(rows.length, 'host'), written) : written
}

const badness = (host: HostCounts) => (host.unreachable > 0 ? 2 : host.failed > 0 ? 1 : 0)

function resultOf(host: HostCounts): string {
  if (host.unreachable > 0) return 'unreachable'
  if (host.failed > 0) return 'failed'
  return host.changed > 0 ? 'changed' : 'as it was'
}

function changesByHost(results: readonly TaskResult[], check: boolean): string {
  const byHost = Map.groupBy(
    results.filter(({ outcome }) => outcome === 'changed'),
    ({ host }) => host,
  )
  return [...byHost]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([host, changed]) =>
      details(
        `${htmlCode(host)}: ${html(`${count(changed.length, 'task')} ${check ? 'would change' : 'changed'}`)}`,
        changed.map(({ task, module }) => `- ${text(task)} — ${code(module)}`).join('\n'),
      ),
    )
    .join('\n')
}

const firstLine = (reason: string) => reason.trim().split('\n')[0] ?? ''
const lastLines = (printed: string) => printed.split('\n').slice(-STDERR_LINES).join('\n')
