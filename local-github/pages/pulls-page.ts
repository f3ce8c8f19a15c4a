import type { Issue, Repository } from '../model.ts'
import { checksOf } from './checks-of.ts'
import { html, type Html } from './html.ts'
import { emptyState, mark, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { count, timeInWords, type Look } from './words.ts'

export function lookOfPull(issue: Issue): Look {
  if (issue.pullRequest?.merged) return { mood: 'busy', word: 'merged' }
  if (issue.state === 'closed') return { mood: 'bad', word: 'closed' }
  if (issue.pullRequest?.draft) return { mood: 'quiet', word: 'draft' }
  return { mood: 'good', word: 'open' }
}

export function pullRow(page: Page, repository: Repository, issue: Issue): Html {
  const { store } = page.site.github
  const look = lookOfPull(issue)
  const comments = store.comments.filter(
    comment => comment.repositoryId === repository.id && comment.issueNumber === issue.number,
  ).length
  const checks = issue.pullRequest && checksOf(page.site.github, repository, issue.pullRequest.headSha).look
  return html`<li class="row" id="pull-${issue.number}"><span class="pill ${look.mood} fixed">${look.word}</span>
<span class="row-main"><a class="row-title" href="${page.link(pageOf.pull(repository.fullName, issue.number))}">${issue.title}</a>
<span class="quiet">#${issue.number} by ${page.account(issue.authorId).login}, ${timeInWords(issue.createdAt)}${
    issue.pullRequest && html` · ${issue.pullRequest.headRef} → ${issue.pullRequest.baseRef}`
  }</span></span>
<span class="row-end">${checks && html`<span class="quiet">${mark(checks, 'beside')} checks ${checks.word}</span>`} <span class="quiet">${count(comments, 'comment')}</span></span></li>`
}

export function renderPulls(page: Page, repository: Repository): Html {
  const pulls = page.site.github.store.issues
    .filter(issue => issue.repositoryId === repository.id && issue.pullRequest !== undefined)
    .reverse()
  return html`<div class="column"><h1>Pull requests</h1>
${
  pulls.length === 0
    ? emptyState(
        'No pull request yet',
        html`Push a branch, then open one with <code>POST /repos/${repository.fullName}/pulls</code>.`,
      )
    : html`<ul class="rows card">${pulls.map(pull => pullRow(page, repository, pull))}</ul>`
}</div>`
}
