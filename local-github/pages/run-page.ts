import type { Job, Repository, WorkflowRun } from '../model.ts'
import { html, type Html, type Piece } from './html.ts'
import { emptyState, mark, pill, shortSha, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { count, durationBetween, jobDuration, lookOf, timeInWords } from './words.ts'

export function jobsOf(page: Page, run: WorkflowRun): Job[] {
  return page.site.github.store.jobs.filter(job => job.runId === run.id && job.attempt === run.attempt)
}

export function runHead(page: Page, repository: Repository, run: WorkflowRun): Html {
  const look = lookOf(run.status, run.conclusion)
  return html`<h1>${run.displayTitle || run.name} <span class="quiet">#${run.runNumber}</span></h1>
<p class="pull-line"><span role="status"${page.site.live && html` class="steady"`}>${pill(look)}</span> <span>${run.name} · ${run.event} on <code class="ref">${run.headBranch}</code> at ${shortSha(page, repository, run.headSha)} by ${page.account(run.actorId).login}${
    run.attempt > 1 && ` · attempt ${run.attempt}`
  }</span></p>
<p class="quiet">${timeInWords(run.startedAt)} · ${durationBetween(run.startedAt, run.status === 'completed' ? run.updatedAt : page.site.now)}${run.pullRequestNumbers.map(
    number => html` · <a href="${page.link(pageOf.pull(repository.fullName, number))}">pull request #${number}</a>`,
  )}</p>`
}

export function jobNav(page: Page, repository: Repository, run: WorkflowRun, current: number | undefined): Html {
  return html`<nav class="side jobs${current === undefined && ' of-summary'}" aria-label="Jobs"><ul class="plain">
<li><a href="${page.link(pageOf.run(repository.fullName, run.id))}"${current === undefined && html` aria-current="page"`}>Summary</a></li>
${jobsOf(page, run).map(
  job =>
    html`<li id="nav-${job.id}"><a href="${page.link(pageOf.job(repository.fullName, run.id, job.id))}"${job.id === current && html` aria-current="page"`}>${mark(lookOf(job.status, job.conclusion))} ${job.name}</a></li>`,
)}</ul></nav>`
}

export function renderRun(page: Page, repository: Repository, run: WorkflowRun): Html {
  const jobs = jobsOf(page, run)
  const artifacts = page.site.github.store.artifacts.filter(artifact => artifact.runId === run.id)
  return html`<div class="column wide">
${runHead(page, repository, run)}
<div class="beside left">
${jobNav(page, repository, run, undefined)}
<div class="thread">
${
  run.startupError !== undefined &&
  html`<section class="card problem"><h2 class="card-title">This workflow did not start</h2><pre tabindex="0">${run.startupError}</pre></section>`
}
${jobs.length > 0 && jobGraph(page, repository, run, jobs)}
${jobs.length === 0 && run.startupError === undefined && emptyState('No job yet', 'The run is queued: its jobs show here as they begin.')}
${waiting(page, run)}
${standIns(jobs)}
${annotationList(page, repository, run, jobs)}
${jobs.flatMap(job =>
  job.summaries.map(
    (summary, index) =>
      html`<section class="card" id="summary-${job.id}-${index}"><h2 class="card-title">${job.name} <span class="quiet">summary of ${summary.step}</span></h2><div class="md inset">${page.markdown(summary.markdown, { kind: 'file', scope: `summary-${job.id}-${index}`, topHeading: 3 })}</div></section>`,
  ),
)}
${
  artifacts.length > 0 &&
  html`<section class="card" id="artifacts"><h2 class="card-title">Artifacts</h2><ul class="rows">${artifacts.map(
    artifact => html`<li class="row" id="artifact-${artifact.id}"><span class="row-main"><span class="row-title">${artifact.name}</span><code class="quiet">${artifact.digest.slice(0, 23)}…</code></span>
<span class="row-end quiet">${artifact.expired ? 'expired' : bytesInWords(artifact.size)}</span></li>`,
  )}</ul></section>`
}
</div></div></div>`
}

/** Columns by how many jobs must end before: the same order as the arrows would give, and readable on a phone. */
function jobGraph(page: Page, repository: Repository, run: WorkflowRun, jobs: readonly Job[]): Html {
  const depth = new Map<string, number>()
  const depthOf = (job: Job, seen: readonly string[]): number => {
    const known = depth.get(job.name)
    if (known !== undefined) return known
    const before = jobs.filter(other => job.needs.includes(other.name) && !seen.includes(other.name))
    const own = before.length === 0 ? 0 : 1 + Math.max(...before.map(other => depthOf(other, [...seen, job.name])))
    depth.set(job.name, own)
    return own
  }
  const columns: Job[][] = []
  for (const job of jobs) (columns[depthOf(job, [])] ??= []).push(job)
  return html`<section class="graph" id="graph" aria-label="Jobs in their order">${columns.map(
    column =>
      html`<ol class="plain">${column.map(job => {
        const look = lookOf(job.status, job.conclusion)
        return html`<li class="card job" id="graph-${job.id}">${mark(look)} <a href="${page.link(pageOf.job(repository.fullName, run.id, job.id))}">${job.name}</a> <span class="quiet">${
          jobDuration(job, page.site.now) || look.word
        }</span>${environmentLine(page, job)}</li>`
      })}</ol>`,
  )}</section>`
}

function environmentLine(page: Page, job: Job): Piece {
  if (job.environment === null) return null
  const href = page.target(job.environmentUrl)
  return html`<span class="quiet line">environment ${href === undefined ? job.environment : html`<a href="${href}">${job.environment}</a>`}</span>`
}

function waiting(page: Page, run: WorkflowRun): Piece {
  const pending = page.site.github.store.pendingDeployments.filter(entry => entry.runId === run.id)
  if (pending.length === 0) return null
  const words = { waiting: 'waits for', approved: 'approved by', rejected: 'rejected by' } as const
  return html`<ul class="rows card" id="waiting">${pending.map(
    entry => html`<li class="row" id="review-${entry.id}">${mark({ mood: entry.state === 'waiting' ? 'wait' : entry.state === 'approved' ? 'good' : 'bad', word: entry.state })}<span class="row-main"><span class="row-title">Environment ${entry.environment}</span>
<span class="quiet">${words[entry.state]} ${entry.reviewedBy ?? entry.reviewers.join(', ')}${entry.comment !== undefined && entry.comment !== '' && `: ${entry.comment}`}</span></span></li>`,
  )}</ul>`
}

function standIns(jobs: readonly Job[]): Piece {
  const steps = jobs.flatMap(job => job.steps.filter(step => step.standIn !== undefined).map(step => ({ job, step })))
  if (steps.length === 0) return null
  return html`<details class="card" id="stand-ins"><summary>What stood in for the real thing: ${count(steps.length, 'step')}</summary><ul class="rows">${steps.map(
    ({ job, step }) =>
      html`<li class="row"><span class="row-main"><span class="row-title">${job.name}: ${step.name}</span><span class="quiet">${step.standIn}</span></span></li>`,
  )}</ul></details>`
}

function annotationList(page: Page, repository: Repository, run: WorkflowRun, jobs: readonly Job[]): Piece {
  const found = jobs.flatMap(job => job.annotations.map(annotation => ({ job, annotation })))
  if (found.length === 0) return null
  const mood = { failure: 'bad', warning: 'wait', notice: 'quiet' } as const
  return html`<section class="card" id="annotations"><h2 class="card-title">Annotations <span class="quiet">${found.length}</span></h2><ul class="rows">${found.map(
    ({
      job,
      annotation,
    }) => html`<li class="row">${mark({ mood: mood[annotation.annotation_level], word: annotation.annotation_level })}<span class="row-main">
<span>${annotation.title !== null && html`<span class="row-title">${annotation.title}</span> `}<a class="${annotation.title === null ? 'row-title' : 'quiet'}" href="${page.link(pageOf.job(repository.fullName, run.id, job.id))}">${job.name}</a></span>
<span class="annotation">${annotation.message}</span>${
      annotation.path !== '' &&
      annotation.path !== '.github' &&
      html`<code class="quiet">${annotation.path}:${annotation.start_line}</code>`
    }</span></li>`,
  )}</ul></section>`
}

function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
