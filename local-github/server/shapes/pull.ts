import { countCommits, diffTotals, mergeBase } from '../commit-facts.ts'
import type { Core } from '../core.ts'
import { baseRepository, headRepository } from '../issue-records.ts'
import type { PullIssue } from '../issue-records.ts'
import { authorAssociation, simpleUserById } from './account.ts'
import { commentsOf, issueHtmlUrl, labelShape, labelsOf, usersByLogin } from './issue.ts'
import { nodeId } from './node-id.ts'
import { repositoryShape, repositoryUrl } from './repository.ts'
import { submittedComments } from '../review-comments.ts'

/** As in lists. */
export function pullSimpleShape(core: Core, issue: PullIssue) {
  const repository = baseRepository(core, issue)
  const head = headRepository(core, issue)
  const pull = issue.pullRequest
  const api = repositoryUrl(core, repository)
  const url = `${api}/pulls/${issue.number}`
  const html = issueHtmlUrl(core, repository, issue)
  const issueUrl = `${api}/issues/${issue.number}`
  const statusesUrl = `${api}/statuses/${pull.headSha}`
  const assignees = usersByLogin(core, issue.assignees)
  const side = (of: typeof repository, ref: string, sha: string) => {
    const user = simpleUserById(core, of.ownerId)
    return { label: `${user.login}:${ref}`, ref, sha, user, repo: repositoryShape(core, of) }
  }
  return {
    url,
    id: issue.id,
    node_id: nodeId('PullRequest', issue.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issueUrl,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statusesUrl,
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: simpleUserById(core, issue.authorId),
    body: issue.body,
    labels: labelsOf(core, issue).map(label => ({
      ...labelShape(core, repository, label),
      description: label.description ?? '',
    })),
    milestone: null,
    active_lock_reason: null,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha ?? pull.testMergeSha,
    assignee: assignees[0] ?? null,
    assignees,
    requested_reviewers: usersByLogin(core, pull.requestedReviewers),
    requested_teams: [],
    head: side(head, pull.headRef, pull.headSha),
    base: side(repository, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statusesUrl },
    },
    author_association: authorAssociation(core, repository, issue.authorId),
    auto_merge: null,
    draft: pull.draft,
  }
}

/** The commit from which the head's changes are counted: where it left the base. */
export async function forkPoint(core: Core, issue: PullIssue): Promise<string> {
  const git = core.git(issue.repositoryId)
  const { headSha, baseRef, baseSha } = issue.pullRequest
  const tip = issue.state === 'open' ? await git.readRef(`refs/heads/${baseRef}`) : null
  return (await mergeBase(git, tip ?? baseSha, headSha)) ?? baseSha
}

/** As answered for one pull request and carried by its events. `mergeableState` is GitHub's word. */
export async function pullShape(core: Core, issue: PullIssue, mergeableState: string) {
  const git = core.git(issue.repositoryId)
  const pull = issue.pullRequest
  const start = await forkPoint(core, issue)
  const [totals, commits] = await Promise.all([
    diffTotals(git, start, pull.headSha),
    countCommits(git, start, pull.headSha),
  ])
  return {
    ...pullSimpleShape(core, issue),
    merged: pull.merged,
    mergeable: issue.state === 'open' ? pull.mergeable : null,
    rebaseable: issue.state === 'open' ? pull.mergeable : null,
    mergeable_state: mergeableState,
    merged_by: pull.mergedById === null ? null : simpleUserById(core, pull.mergedById),
    comments: commentsOf(core, issue).length,
    review_comments: submittedComments(core, issue).length,
    maintainer_can_modify: false,
    commits,
    additions: totals.additions,
    deletions: totals.deletions,
    changed_files: totals.changedFiles,
  }
}

/** As in the lists of workflow runs and check runs. */
export function pullMinimal(core: Core, issue: PullIssue) {
  const side = (of: ReturnType<typeof baseRepository>, ref: string, sha: string) => ({
    ref,
    sha,
    repo: { id: of.id, url: repositoryUrl(core, of), name: of.name },
  })
  const repository = baseRepository(core, issue)
  const pull = issue.pullRequest
  return {
    id: issue.id,
    number: issue.number,
    url: `${repositoryUrl(core, repository)}/pulls/${issue.number}`,
    head: side(headRepository(core, issue), pull.headRef, pull.headSha),
    base: side(repository, pull.baseRef, pull.baseSha),
  }
}
