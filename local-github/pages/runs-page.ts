import type { Repository, WorkflowRun } from '../model.ts'
import { html, type Html } from './html.ts'
import { emptyState, mark, shortSha, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { durationBetween, lookOf, timeInWords } from './words.ts'

export function runRow(page: Page, repository: Repository, run: WorkflowRun): Html {
  const look = lookOf(run.status, run.conclusion)
  return html`<li class="row" id="run-${run.id}">${mark(look)}
<span class="row-main"><a class="row-title" href="${page.link(pageOf.run(repository.fullName, run.id))}">${run.displayTitle || run.name}</a>
<span class="quiet">${run.name} #${run.runNumber}: ${run.event} on ${run.headBranch}, ${shortSha(page, repository, run.headSha)} by ${page.account(run.actorId).login}</span></span>
<span class="row-end"><span class="quiet">${look.word}${run.attempt > 1 && ` · attempt ${run.attempt}`} · ${durationBetween(run.startedAt, run.status === 'completed' ? run.updatedAt : page.site.now)}</span>
<span class="quiet">${timeInWords(run.createdAt)}</span></span></li>`
}

export function noRunYet(): Html {
  return emptyState(
    'No run yet',
    html`Commit a workflow to <code>.github/workflows/</code> and push: the push starts it.`,
  )
}

export function renderRuns(page: Page, repository: Repository): Html {
  const { store } = page.site.github
  const runs = store.runs.filter(run => run.repositoryId === repository.id).reverse()
  const workflows = store.workflows.filter(workflow => workflow.repositoryId === repository.id)
  return html`<div class="column"><h1>Actions</h1>
${runs.length === 0 ? noRunYet() : html`<ul class="rows card">${runs.map(run => runRow(page, repository, run))}</ul>`}
${
  workflows.length > 0 &&
  html`<h2>Workflows</h2><ul class="rows card">${workflows.map(
    workflow =>
      html`<li class="row" id="workflow-${workflow.id}"><span class="row-main"><span class="row-title">${workflow.name}</span><code class="quiet">${workflow.path}</code></span>
<span class="row-end quiet">${workflow.state === 'active' ? 'active' : 'disabled'}</span></li>`,
  )}</ul>`
}</div>`
}
