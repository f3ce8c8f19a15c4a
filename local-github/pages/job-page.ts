import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job, Repository, Step, WorkflowRun } from '../model.ts'
import { html, Html, escapeHtml } from './html.ts'
import { emptyState, mark, pill, type Page } from './layout.ts'
import { jobNav, runHead } from './run-page.ts'
import { count, durationBetween, jobDuration, lookOf, type Look } from './words.ts'

const MOST_LINES_A_STEP = 2000

export async function renderJob(page: Page, repository: Repository, run: WorkflowRun, job: Job): Promise<Html> {
  const steps = await Promise.all(job.steps.map(async step => stepView(page, step, await logOf(page, job, step))))
  const look = lookOf(job.status, job.conclusion)
  const permissions = Object.entries(job.permissions).filter(([, level]) => level !== 'none')
  return html`<div class="column wide">
${runHead(page, repository, run)}
<div class="beside left">
${jobNav(page, repository, run, job.id)}
<div class="thread">
<h2 class="job-title">${job.name} ${pill(look)} <span class="quiet">${jobDuration(job, page.site.now)}</span></h2>
<p class="quiet">Token: ${permissions.length === 0 ? 'no permission' : permissions.map(([scope, level]) => `${scope}: ${level}`).join(', ')}${
    job.concurrencyGroup !== null && html` · concurrency group <code>${job.concurrencyGroup}</code>`
  }</p>
${
  steps.length === 0
    ? emptyState('No step yet', 'The job waits for its turn: its steps and their logs show here as they begin.')
    : html`<div class="card steps">${steps}</div>`
}
</div></div></div>`
}

async function logOf(page: Page, job: Job, step: Step): Promise<string> {
  const file = join(page.site.github.stateFolder, 'logs', String(job.id), `${step.number}.log`)
  return readFile(file, 'utf8').catch(() => '')
}

function lookOfStep(step: Step): Look {
  if (step.status === 'queued') return { mood: 'wait', word: 'queued' }
  return lookOf(step.status, step.conclusion)
}

function stepView(page: Page, step: Step, log: string): Html {
  const look = lookOfStep(step)
  const failed = step.outcome === 'failure' || step.conclusion === 'failure'
  const lines = log.replace(/\n$/, '').split('\n')
  const shown = lines.slice(-MOST_LINES_A_STEP)
  return html`<details class="step" id="step-${step.number}"${(failed || step.status === 'in_progress') && html` open`}>
<summary>${mark(look)} <span class="step-name">${step.name}</span>${
    step.outcome === 'failure' &&
    step.conclusion === 'success' &&
    html` <span class="tag">failed, continued on error</span>`
  }<span class="quiet step-time">${durationBetween(step.startedAt, step.completedAt ?? (step.startedAt === null ? null : page.site.now)) || look.word}</span></summary>
${step.standIn !== undefined && html`<p class="stand-in">${step.standIn}</p>`}
${
  log === ''
    ? html`<p class="quiet inset">No output.</p>`
    : html`${lines.length > shown.length && html`<p class="quiet inset">${count(lines.length - shown.length, 'earlier line')} not shown here; the log file in the state folder has them.</p>`}
<div class="log scroll" tabindex="0" role="group" aria-label="Log of ${step.name}"${step.status === 'in_progress' && html` data-follow`}>${renderLog(shown, step.number, lines.length - shown.length)}</div>`
}</details>`
}

const STAMP = /^\uFEFF?(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/
const ESCAPE = String.fromCharCode(27)
const SGR = new RegExp(`${ESCAPE}\\[([\\d;]*)m`, 'g')
const OTHER_ESCAPES = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*[A-Za-z]|\\][^\\u0007]*\\u0007|[()][A-Z0-9])`, 'g')

/** Log lines with their groups folded, colours kept and times in the margin's title; `before` lines are not shown. */
export function renderLog(lines: readonly string[], step: number, before: number): Html {
  let source = ''
  let open = 0
  lines.forEach((line, index) => {
    const number = before + index + 1
    const time = STAMP.exec(line)?.[1]
    const text = line.replace(STAMP, '')
    if (text.startsWith('##[group]')) {
      source += `<details class="group" id="step-${step}-${number}"><summary>${colour(text.slice(9))}</summary>`
      open += 1
    } else if (text.startsWith('##[endgroup]')) {
      if (open > 0) source += '</details>'
      open = Math.max(0, open - 1)
    } else {
      const command = /^(?:##(?=\[)|(?=\[command\]))\[(error|warning|notice|debug|command)\]/.exec(text)
      const body = command ? text.slice(command[0].length) : text
      const word = command && command[1] !== 'command' ? `<b>${command[1]}:</b> ` : ''
      source += `<div class="log-line${command ? ` ${command[1]}` : ''}" id="step-${step}-${number}"><span class="at"${time === undefined ? '' : ` title="${time}"`}>${number}</span><span class="text">${word}${colour(body)}</span></div>`
    }
  })
  return new Html(source + '</details>'.repeat(open))
}

const COLOURS: Readonly<Record<number, string>> = {
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  90: 'grey',
}

/** ANSI colours to spans; every other escape sequence is dropped. */
function colour(text: string): string {
  let classes = new Set<string>()
  let source = ''
  let last = 0
  const put = (part: string) => {
    const clean = escapeHtml(part.replace(OTHER_ESCAPES, ''))
    if (clean !== '')
      source +=
        classes.size === 0
          ? clean
          : `<span class="${[...classes].map(name => `ansi-${name}`).join(' ')}">${clean}</span>`
  }
  for (const match of text.matchAll(SGR)) {
    put(text.slice(last, match.index))
    last = match.index + match[0].length
    for (const code of (match[1] || '0').split(';').map(Number)) {
      if (code === 0) classes = new Set()
      else if (code === 1) classes.add('bold')
      else if (code === 39) classes = new Set([...classes].filter(name => name === 'bold'))
      else if (COLOURS[code > 90 ? code - 60 : code] !== undefined)
        classes = new Set([
          ...[...classes].filter(name => name === 'bold'),
          COLOURS[code > 90 ? code - 60 : code] ?? '',
        ])
    }
  }
  put(text.slice(last))
  return source
}
