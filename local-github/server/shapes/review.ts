import type { Issue, Repository, Review } from '../../model.ts'
import { authorAssociation, simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { issueHtmlUrl } from './issue.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrl } from './repository.ts'

export function reviewShape(github: ShapeContext, repository: Repository, issue: Issue, review: Review) {
  const html = `${issueHtmlUrl(github, repository, issue)}#pullrequestreview-${review.id}`
  const pullUrl = `${repositoryUrl(github, repository)}/pulls/${issue.number}`
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: simpleUserById(github, review.authorId),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    author_association: authorAssociation(github, repository, review.authorId),
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    ...(review.state === 'PENDING' ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitSha,
  }
}
