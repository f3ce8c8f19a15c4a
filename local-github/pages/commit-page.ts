import type { Repository } from '../model.ts'
import { checksOf, workflowOf, type CommitChecks } from './checks-of.ts'
import { renderDiff } from './diff-view.ts'
import { branchesOf, commitsOf, diffOf, type CommitInfo } from './git-history.ts'
import { html, type Html } from './html.ts'
import { emptyState, mark, shortSha, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { count, durationBetween, lookOf, lookOfState, timeInWords } from './words.ts'

export function commitRow(page: Page, repository: Repository, commit: CommitInfo): Html {
  const look = checksOf(page.site.github, repository, commit.sha).look
  return html`<li class="row" data-key="${commit.sha}">${look ? mark(look) : html`<span class="dot none" aria-hidden="true"></span>`}
<span class="row-main"><a class="row-title" href="${page.link(pageOf.commit(repository.fullName, commit.sha))}">${commit.subject}</a>
<span class="quiet">${commit.authorName}, ${timeInWords(commit.at)}</span></span>
<span class="row-end">${shortSha(page, repository, commit.sha)}</span></li>`
}

export async function renderCommits(page: Page, repository: Repository): Promise<Html> {
  const folder = page.site.github.gitFolder(repository.id)
  const branches = await branchesOf(folder)
  const sections = await Promise.all(
    branches.map(async branch => ({ branch, commits: await commitsOf(folder, branch.sha, COMMITS_A_BRANCH) })),
  )
  return html`<div class="column"><h1>Commits</h1>
${branches.length === 0 && emptyState('No commit yet', 'Push a branch to this repository.')}
${sections.map(
  ({ branch, commits }) => html`<section id="branch-${branch.name}"><h2>${branch.name}</h2>
<ul class="rows card">${commits.map(commit => commitRow(page, repository, commit))}</ul></section>`,
)}</div>`
}

/** How many of each branch get a row and a page. */
export const COMMITS_A_BRANCH = 30

/** A row for each check and status of a commit. */
export function checkRows(page: Page, repository: Repository, checks: CommitChecks): Html {
  const { store } = page.site.github
  return html`${checks.runs.map(run => {
    const look = lookOf(run.status, run.conclusion)
    const job = run.jobId === undefined ? undefined : store.jobs.get(run.jobId)
    const href = job ? page.link(pageOf.job(repository.fullName, job.runId, job.id)) : page.target(run.detailsUrl)
    const workflow = workflowOf(page.site.github, run)
    const name = workflow === '' ? run.name : `${workflow} / ${run.name}`
    return html`<li class="row" data-key="check-${run.id}">${mark(look)}<span class="row-main">${
      href === undefined
        ? html`<span class="row-title">${name}</span>`
        : html`<a class="row-title" href="${href}">${name}</a>`
    }<span class="quiet">${run.title ?? look.word}</span></span>
<span class="row-end quiet">${durationBetween(run.startedAt, run.completedAt)}</span></li>`
  })}${checks.statuses.map(status => {
    const look = lookOfState(status.state)
    const href = page.target(status.targetUrl)
    return html`<li class="row" data-key="status-${status.id}">${mark(look)}<span class="row-main">${
      href === undefined
        ? html`<span class="row-title">${status.context}</span>`
        : html`<a class="row-title" href="${href}">${status.context}</a>`
    }<span class="quiet">${status.description ?? look.word}</span></span><span class="row-end quiet">status</span></li>`
  })}`
}

/** `headings`: the level that the page's outline has for the summaries of checks. */
export function renderChecks(page: Page, repository: Repository, sha: string, headings: 2 | 3): Html {
  const checks = checksOf(page.site.github, repository, sha)
  if (checks.runs.length + checks.statuses.length === 0)
    return emptyState('No check yet', 'A workflow that runs on this commit shows its jobs here.')
  return html`<ul class="rows card">${checkRows(page, repository, checks)}</ul>
${checks.runs
  .filter(run => run.summary !== null && run.summary !== '')
  .map(
    run =>
      html`<section class="card" id="check-${run.id}">${heading(headings, html`${run.name}${run.title !== null && `: ${run.title}`}`)}<div class="md inset">${page.markdown(run.summary ?? '', { kind: 'file', scope: `check-${run.id}`, topHeading: headings + 1 })}</div></section>`,
  )}`
}

function heading(level: 2 | 3, words: Html): Html {
  return level === 2 ? html`<h2 class="card-title">${words}</h2>` : html`<h3 class="card-title">${words}</h3>`
}

export async function renderCommit(page: Page, repository: Repository, sha: string): Promise<Html | undefined> {
  const folder = page.site.github.gitFolder(repository.id)
  const [commit] = await commitsOf(folder, sha, 1)
  if (!commit || commit.sha !== sha) return undefined
  const files = await diffOf(folder, commit.parents[0] ?? null, sha)
  return html`<div class="column"><h1>${commit.subject}</h1>
<p class="quiet">${commit.authorName} committed on ${timeInWords(commit.at)} · <code>${sha}</code>${
    commit.parents.length > 0 &&
    html` · ${count(commit.parents.length, 'parent')} ${commit.parents.map((parent, index) => [index > 0 && ' + ', shortSha(page, repository, parent)])}`
  }</p>
${commit.body !== '' && html`<pre class="message card">${commit.body}</pre>`}
<h2>Checks</h2>
${renderChecks(page, repository, sha, 3)}
<h2>Changes</h2>
${renderDiff(files)}</div>`
}
