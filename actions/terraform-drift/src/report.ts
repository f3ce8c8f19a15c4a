import type { Budget, RunContext, Tool } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { footer, headline } from '#kit/report/headline'
import { link, text } from '#kit/report/inline'
import { makeVisible } from '#kit/report/visible'
import { toolText } from '#kit/terraform/tool-text'
import { canonicalText } from '#kit/terraform/json'
import { sha256 } from '#kit/terraform/seal'
import { countDrift, type Drift, type DriftCounts } from './drift.ts'
import { dangerLines, fold, sectionsOf, unmanagedSection, type Hide, type Section } from './sections.ts'

export interface ReportFacts {
  /** What it is about, for the first line: `shop/prod`. */
  readonly subject: string
  /** What it is about, for the title of the issue: root, workspace, key. */
  readonly place: string
  readonly root: string
  /** Commit whose configuration was compared. */
  readonly sha: string
  readonly run: Pick<RunContext, 'runNumber' | 'runUrl'>
  readonly tool: Pick<Tool, 'name' | 'version'>
  /** Drift that an apply would leave counts, too. */
  readonly reportUnmanaged: boolean
}

export interface DriftReport {
  readonly isDrifted: boolean
  /** Objects, outputs and later steps. */
  readonly count: number
  /** One line of plain text. */
  readonly answer: string
  /** Of the issue; plain text. */
  readonly title: string
  /** SHA-256 (hex) of all that is told of the drift, secrets hidden. Neither run nor commit enters it. */
  readonly digest: string
  issue(budget: Budget): string
  summary(bytes: number): string
  /** Comment for an issue that closes. */
  readonly goneComment: string
}

const HOW_TO_CLOSE =
  '<sub>It closes by itself when the drift is gone. Closed as not planned, it rests until the drift changes; closed as completed, it opens again while there is drift.</sub>'

/** What differs, for a reader who was not there. The same drift gives the same digest. */
export function driftReport(drift: Drift, facts: ReportFacts, hide: Hide): DriftReport {
  const counted = sectionsOf(drift, hide)
  const unmanaged = drift.unmanaged.length === 0 ? [] : [unmanagedSection(drift, hide)]
  const judged = facts.reportUnmanaged ? [...counted, ...unmanaged] : counted
  const isDrifted = judged.length > 0
  const counts = countDrift(drift, facts.reportUnmanaged)
  const answer = answerText(drift, facts.reportUnmanaged)
  const first = headline({
    glyph: isDrifted ? '⚠️' : '✅',
    subject: facts.subject,
    answer: text(answer),
    place: facts.root,
  })
  const last = footer({ sha: facts.sha, runNumber: facts.run.runNumber }, [toolText(facts.tool)])
  const seen = dangerLines(judged)
  const write = (withLines: boolean, parts: readonly string[]) =>
    [
      first,
      seen.join('\n'),
      toDoText(drift, isDrifted),
      ...[...counted, ...unmanaged].map(section => fold(section, withLines && judged.includes(section), seen)),
      ...parts,
      last,
    ]
      .filter(part => part !== '')
      .join('\n\n')
  const parts = [`First seen like this by ${runLink(facts)}.`, HOW_TO_CLOSE]
  const ending = [`Shortened; more is in the summary of ${runLink(facts)}.`, HOW_TO_CLOSE, last].join('\n\n')
  return {
    isDrifted,
    count: counts.all,
    answer,
    title: `Drift in ${makeVisible(facts.place).replace(/\s+/g, ' ')}: ${countText(counts)}`,
    digest: digestOf(judged),
    issue: budget => fit([() => write(true, parts), () => write(false, parts)], budget, ending),
    summary: bytes => fit([() => write(true, []), () => write(false, [])], { bytes, characters: Infinity }, last),
    goneComment: `✅ The drift is gone: ${runLink(facts)} found none at ${text(facts.sha.slice(0, 7))}.`,
  }
}

function runLink({ run }: ReportFacts): string {
  return run.runUrl === '' ? 'this run' : link(`run ${run.runNumber}`, run.runUrl)
}

function digestOf(sections: readonly Section[]): string {
  const lines = sections.map(({ title, told }) => [
    title,
    ...told.map(one => [one.title, ...[...one.lines, ...one.then].map(line => `${line.sign} ${line.text}`)]),
  ])
  return sha256(canonicalText(lines))
}

function toDoText({ outside, pending }: Drift, isDrifted: boolean): string {
  if (outside.length > 0)
    return 'An apply undoes what was changed outside. What is to stay goes into the configuration first.'
  if (pending.length > 0) return 'Nobody changed anything outside: the configuration is not applied.'
  return isDrifted ? 'An apply would change none of these objects.' : ''
}

/** `3 objects, 1 output`. */
function countText({ objects, outputs, later }: DriftCounts): string {
  return told([
    [objects, number => count(number, 'object')],
    [outputs, number => count(number, 'output')],
    [later, number => count(number, 'later step')],
  ])
}

/** `1 object deleted outside, 2 changed outside, 1 not applied`. */
function answerText(drift: Drift, withUnmanaged: boolean): string {
  const deleted = drift.outside.filter(({ change }) => change.kind === 'delete').length
  return told([
    [deleted, number => `${count(number, 'object')} deleted outside`],
    [drift.outside.length - deleted, number => `${count(number, 'object')} changed outside`],
    [drift.pending.length, number => `${count(number, 'change')} not applied`],
    [drift.outputs.length, number => `${count(number, 'output')} to change`],
    [drift.later.length, number => `${count(number, 'step')} known only later`],
    [
      withUnmanaged ? drift.unmanaged.length : 0,
      number => `${count(number, 'object')} changed outside that an apply leaves`,
    ],
  ])
}

function told(parts: readonly (readonly [number, (number: number) => string])[]): string {
  const shown = parts.filter(([number]) => number > 0).map(([number, words]) => words(number))
  return shown.length === 0 ? 'no drift' : shown.join(', ')
}
