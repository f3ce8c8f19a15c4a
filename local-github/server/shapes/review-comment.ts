import type { Issue, Repository, ReviewComment } from '../../model.ts'
import { authorAssociation, simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { issueHtmlUrl } from './issue.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrl } from './repository.ts'

export function reviewCommentShape(github: ShapeContext, repository: Repository, issue: Issue, comment: ReviewComment) {
  const api = repositoryUrl(github, repository)
  const url = `${api}/pulls/comments/${comment.id}`
  const html = `${issueHtmlUrl(github, repository, issue)}#discussion_r${comment.id}`
  const pullUrl = `${api}/pulls/${issue.number}`
  const { line, position } = comment
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PullRequestReviewComment', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    ...(position === null ? {} : { position, original_position: position }),
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    ...(comment.inReplyToId === null ? {} : { in_reply_to_id: comment.inReplyToId }),
    user: simpleUserById(github, comment.authorId),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: authorAssociation(github, repository, comment.authorId),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullUrl } },
    start_line: comment.startLine,
    original_start_line: comment.startLine,
    start_side: comment.startSide,
    ...(line === null ? {} : { line, original_line: line }),
    side: comment.side,
    subject_type: line === null ? 'file' : 'line',
  }
}
