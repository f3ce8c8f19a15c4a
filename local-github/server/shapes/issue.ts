import type { Comment, Issue, Label, Reaction, Repository } from '../../model.ts'
import { app, authorAssociation, simpleUserById, simpleUserByLogin } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { repositoryHtmlUrl, repositoryUrl } from './repository.ts'

export function labelShape(github: ShapeContext, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${repositoryUrl(github, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  }
}

/** The labels of an issue, in the order in which they were set. */
export function labelsOf(github: ShapeContext, issue: Issue): Label[] {
  const labels = github.store.labels.filter(label => label.repositoryId === issue.repositoryId)
  return issue.labels.flatMap(name => labels.find(label => label.name.toLowerCase() === name.toLowerCase()) ?? [])
}

export const usersByLogin = (github: ShapeContext, logins: readonly string[]) =>
  logins.flatMap(login => simpleUserByLogin(github, login) ?? [])

export function issueHtmlUrl(github: ShapeContext, repository: Repository, issue: Issue): string {
  return `${repositoryHtmlUrl(github, repository)}/${issue.pullRequest ? 'pull' : 'issues'}/${issue.number}`
}

export function commentsOf(github: ShapeContext, issue: Issue): Comment[] {
  return github.store.comments.filter(
    comment => comment.repositoryId === issue.repositoryId && comment.issueNumber === issue.number,
  )
}

/** An issue, and a pull request as the issues API shows it. */
export function issueShape(github: ShapeContext, repository: Repository, issue: Issue) {
  const url = `${repositoryUrl(github, repository)}/issues/${issue.number}`
  const html = issueHtmlUrl(github, repository, issue)
  const assignees = usersByLogin(github, issue.assignees)
  const pull = issue.pullRequest
  return {
    id: issue.id,
    node_id: nodeId(pull ? 'PullRequest' : 'Issue', issue.id),
    url,
    repository_url: repositoryUrl(github, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: simpleUserById(github, issue.authorId),
    labels: labelsOf(github, issue).map(label => labelShape(github, repository, label)),
    assignee: assignees[0] ?? null,
    assignees,
    milestone: null,
    locked: issue.locked,
    active_lock_reason: null,
    comments: commentsOf(github, issue).length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    author_association: authorAssociation(github, repository, issue.authorId),
    performed_via_github_app: null,
    timeline_url: `${url}/timeline`,
    ...(pull
      ? {
          draft: pull.draft,
          pull_request: {
            url: `${repositoryUrl(github, repository)}/pulls/${issue.number}`,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: pull.mergedAt,
          },
        }
      : {}),
  }
}

export function reactionShape(github: ShapeContext, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId('Reaction', reaction.id),
    user: simpleUserById(github, reaction.accountId),
    content: reaction.content,
    created_at: reaction.createdAt,
  }
}

export function commentShape(github: ShapeContext, repository: Repository, comment: Comment) {
  const url = repositoryUrl(github, repository)
  const issue = github.store.issues.find(
    candidate => candidate.repositoryId === repository.id && candidate.number === comment.issueNumber,
  )
  if (!issue) throw new Error(`Comment ${comment.id} has no issue`)
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${url}/issues/comments/${comment.id}`,
    html_url: `${issueHtmlUrl(github, repository, issue)}#issuecomment-${comment.id}`,
    issue_url: `${url}/issues/${comment.issueNumber}`,
    user: simpleUserById(github, comment.authorId),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: authorAssociation(github, repository, comment.authorId),
    body: comment.body,
    performed_via_github_app: comment.viaApp === null ? null : app(github, comment.viaApp),
  }
}
