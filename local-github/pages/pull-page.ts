import type { Comment, Issue, Repository, Review, TimelineEntry } from '../model.ts'
import { checksOf } from './checks-of.ts'
import { checkRows, commitRow, renderChecks } from './commit-page.ts'
import { renderDiff } from './diff-view.ts'
import { commitsOf, diffOf, mergeBaseOf, type CommitInfo } from './git-history.ts'
import { html, type Html, type Piece } from './html.ts'
import { avatar, emptyState, login, mark, shortSha, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { lookOfPull } from './pulls-page.ts'
import { count, timeAfter, timeInWords, type Look } from './words.ts'

export type PullTab = 'conversation' | 'commits' | 'checks' | 'files'

/** How many of a pull request get a row and a page. */
export const COMMITS_A_PULL = 250

/** A pull request, or an issue: then only its conversation. */
export async function renderPull(page: Page, repository: Repository, issue: Issue, tab: PullTab): Promise<Html> {
  const folder = page.site.github.gitFolder(repository.id)
  const part = issue.pullRequest
  const base = part && ((await mergeBaseOf(folder, part.baseSha, part.headSha)) ?? part.baseSha)
  const commits = part && base ? (await commitsOf(folder, `${base}..${part.headSha}`, COMMITS_A_PULL)).reverse() : []
  const files = part && base ? await diffOf(folder, base, part.headSha) : []
  const look = lookOfPull(issue)
  const checks = part && checksOf(page.site.github, repository, part.headSha)
  const tabs: readonly (readonly [PullTab, string, string, number | undefined])[] = [
    [
      'conversation',
      'Conversation',
      pageOf.pull(repository.fullName, issue.number),
      commentsOf(page, repository, issue).length,
    ],
    ['commits', 'Commits', pageOf.pullCommits(repository.fullName, issue.number), commits.length],
    [
      'checks',
      'Checks',
      pageOf.pullChecks(repository.fullName, issue.number),
      (checks?.runs.length ?? 0) + (checks?.statuses.length ?? 0),
    ],
    ['files', 'Files changed', pageOf.pullFiles(repository.fullName, issue.number), files.length],
  ]
  return html`<div class="column wide">
<h1 class="pull-title">${issue.title} <span class="quiet">#${issue.number}</span></h1>
<p class="pull-line"><span class="pill ${look.mood}">${look.word}</span> <span>${part ? intent(page, repository, issue, commits.length) : html`opened by ${login(page.account(issue.authorId))}`}</span></p>
${
  part &&
  html`<nav class="tabs inner" aria-label="Pull request">${tabs.map(
    ([name, label, path, number]) =>
      html`<a href="${page.link(path)}"${name === tab && html` aria-current="page"`}>${label} <span class="number">${number}</span></a>`,
  )}</nav>`
}
${
  tab === 'conversation'
    ? renderConversation(page, repository, issue, commits)
    : tab === 'commits'
      ? commits.length === 0
        ? emptyState('No commit', 'The branch holds nothing that its base does not: push a commit to it.')
        : html`<ul class="rows card">${commits.map(commit => commitRow(page, repository, commit))}</ul>`
      : tab === 'checks'
        ? renderChecks(page, repository, part?.headSha ?? '', 2)
        : renderDiff(files)
}</div>`
}

function intent(page: Page, repository: Repository, issue: Issue, commits: number): Piece {
  const part = issue.pullRequest
  if (!part) return null
  const who = part.merged && part.mergedById !== null ? page.account(part.mergedById) : page.account(issue.authorId)
  const head =
    part.headRepositoryId === repository.id
      ? part.headRef
      : `${page.site.github.store.repositories.get(part.headRepositoryId)?.fullName ?? 'unknown repository'}:${part.headRef}`
  return html`${login(who)} ${part.merged ? 'merged' : 'wants to merge'} ${count(commits, 'commit')} into <code class="ref">${part.baseRef}</code> from <code class="ref">${head}</code>`
}

function commentsOf(page: Page, repository: Repository, issue: Issue): Comment[] {
  return page.site.github.store.comments.filter(
    comment => comment.repositoryId === repository.id && comment.issueNumber === issue.number,
  )
}

function renderConversation(page: Page, repository: Repository, issue: Issue, commits: readonly CommitInfo[]): Html {
  const { store } = page.site.github
  const mine = (entry: { repositoryId: number; issueNumber: number }) =>
    entry.repositoryId === repository.id && entry.issueNumber === issue.number
  const happenings: { at: string; id: number; piece: Html }[] = [
    ...commentsOf(page, repository, issue).map(comment => ({
      at: comment.createdAt,
      id: comment.id,
      piece: commentCard(page, comment),
    })),
    ...store.reviews
      .filter(mine)
      .map(review => ({ at: review.submittedAt, id: review.id, piece: reviewCard(page, repository, review) })),
    ...store.timeline
      .filter(mine)
      // A merge closes: said once.
      .filter(entry => entry.kind !== 'closed' || issue.pullRequest?.merged !== true)
      .map(entry => ({ at: entry.at, id: entry.id, piece: timelineLine(page, repository, entry, commits) })),
  ].sort((a, b) => a.at.localeCompare(b.at) || a.id - b.id)
  return html`<div class="beside">
<div class="thread">
${bodyCard(page, `issue-${issue.number}`, issue.authorId, issue.createdAt, issue.createdAt, issue.body ?? '', html`${login(page.account(issue.authorId))} wrote`)}
${happenings.map(happening => happening.piece)}
${issue.pullRequest && mergeBox(page, repository, issue)}
</div>
${sidebar(page, repository, issue)}
</div>`
}

function commentCard(page: Page, comment: Comment): Html {
  return bodyCard(
    page,
    `issuecomment-${comment.id}`,
    comment.authorId,
    comment.createdAt,
    comment.updatedAt,
    comment.body,
    html`${login(page.account(comment.authorId))} commented`,
  )
}

function bodyCard(
  page: Page,
  id: string,
  authorId: number,
  createdAt: string,
  updatedAt: string,
  body: string,
  said: Piece,
): Html {
  const author = page.account(authorId)
  return html`<article class="comment" id="${id}">${avatar(author)}
<div class="card"><header class="comment-head">${said} on ${timeInWords(createdAt)}${
    updatedAt !== createdAt && html` <span class="quiet">· updated ${timeAfter(createdAt, updatedAt)}</span>`
  }</header>
<div class="md">${body === '' ? html`<p class="quiet">No description.</p>` : page.markdown(body, { kind: 'comment', scope: id })}</div></div></article>`
}

const REVIEWS: Readonly<Record<Review['state'], Look>> = {
  APPROVED: { mood: 'good', word: 'approved' },
  CHANGES_REQUESTED: { mood: 'bad', word: 'requested changes' },
  COMMENTED: { mood: 'quiet', word: 'reviewed' },
  DISMISSED: { mood: 'quiet', word: 'reviewed, since dismissed' },
  PENDING: { mood: 'wait', word: 'began a review' },
}

function reviewWords(page: Page, review: Review): Html {
  const look = REVIEWS[review.state]
  return html`${mark(look, 'beside')}${login(page.account(review.authorId))} ${look.word}`
}

function reviewCard(page: Page, repository: Repository, review: Review): Html {
  if (review.body !== '')
    return bodyCard(
      page,
      `review-${review.id}`,
      review.authorId,
      review.submittedAt,
      review.submittedAt,
      review.body,
      reviewWords(page, review),
    )
  return html`<p class="happening" id="review-${review.id}">${reviewWords(page, review)} at ${shortSha(page, repository, review.commitSha)} <span class="quiet">${timeInWords(review.submittedAt)}</span></p>`
}

function timelineLine(page: Page, repository: Repository, entry: TimelineEntry, commits: readonly CommitInfo[]): Html {
  const commit = commits.find(({ sha }) => sha === entry.detail)
  // Who pushed a commit need not have made it: an action commits, too.
  const who =
    entry.kind === 'committed' && commit
      ? html`<strong>${commit.authorName}</strong>`
      : login(page.account(entry.actorId))
  const sha = /^[0-9a-f]{40}$/.test(entry.detail)
    ? shortSha(page, repository, entry.detail)
    : html`<code>${entry.detail}</code>`
  const what: Readonly<Record<TimelineEntry['kind'], Piece>> = {
    committed: commit ? html`committed ${sha} ${commit.subject}` : html`pushed ${sha}`,
    head_ref_force_pushed: html`force-pushed ${sha}`,
    labeled: html`added the label ${sha}`,
    unlabeled: html`removed the label ${sha}`,
    merged: html`merged it as ${sha}`,
    closed: 'closed it',
    reopened: 'reopened it',
  }
  return html`<p class="happening" id="happening-${entry.id}">${who} ${what[entry.kind]} <span class="quiet">${timeInWords(entry.at)}</span></p>`
}

function mergeBox(page: Page, repository: Repository, issue: Issue): Html {
  const part = issue.pullRequest
  if (!part) return html``
  const checks = checksOf(page.site.github, repository, part.headSha)
  const lines: { look: Look; words: Piece }[] = []
  if (part.merged && part.mergeCommitSha !== null)
    lines.push({
      look: { mood: 'busy', word: 'merged' },
      words: html`Merged as ${shortSha(page, repository, part.mergeCommitSha)}`,
    })
  else if (issue.state === 'open')
    lines.push(
      part.mergeable === false
        ? {
            look: { mood: 'bad', word: 'conflict' },
            words: html`Conflicts with <code class="ref">${part.baseRef}</code>`,
          }
        : {
            look: { mood: 'good', word: 'mergeable' },
            words: html`No conflict with <code class="ref">${part.baseRef}</code>`,
          },
    )
  if (lines.length === 0 && checks.look === undefined) return html``
  return html`<ul class="rows card merge-box" id="merge">${checkRows(page, repository, checks)}${lines.map(line => html`<li class="row">${mark(line.look)}<span class="row-main"><span>${line.words}</span></span></li>`)}</ul>`
}

function sidebar(page: Page, repository: Repository, issue: Issue): Html {
  const { store } = page.site.github
  const newest = new Map<number, Review>()
  for (const review of store.reviews.filter(
    review => review.repositoryId === repository.id && review.issueNumber === issue.number,
  ))
    newest.set(review.authorId, review)
  const runs = store.runs.filter(
    run => run.repositoryId === repository.id && run.pullRequestNumbers.includes(issue.number),
  )
  const block = (title: string, pieces: readonly Html[], none: string) =>
    html`<section><h2>${title}</h2>${pieces.length === 0 ? html`<p class="quiet">${none}</p>` : html`<ul class="plain">${pieces.map(piece => html`<li>${piece}</li>`)}</ul>`}</section>`
  return html`<aside class="side" aria-label="Details">
${block(
  'Reviews',
  [...newest.values()].map(review => reviewWords(page, review)),
  'None yet',
)}
${block(
  'Labels',
  issue.labels.map(label => html`<span class="tag">${label}</span>`),
  'None',
)}
${
  issue.pullRequest &&
  block(
    'Runs',
    runs.map(
      run => html`<a href="${page.link(pageOf.run(repository.fullName, run.id))}">${run.name} #${run.runNumber}</a>`,
    ),
    'None',
  )
}
</aside>`
}
