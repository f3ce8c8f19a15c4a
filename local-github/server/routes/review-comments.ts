import type { Review, ReviewComment } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { byOf, findPull } from '../issue-records.ts'
import type { PullIssue } from '../issue-records.ts'
import { emitPull } from '../pull-events.ts'
import { forbidden, json, noContent, notFound, type Reply } from '../reply.ts'
import { numberOf, textOf } from '../request-body.ts'
import { commentsOn, keepComment, placeComment, type PlacedComment, submittedComments } from '../review-comments.ts'
import { reviewCommentShape } from '../shapes/review-comment.ts'
import { checkBody } from '../text-limits.ts'

const all = '/repos/{owner}/{repo}/pulls/comments'
const one = `${all}/{comment_id}`
const ofPull = '/repos/{owner}/{repo}/pulls/{pull_number}/comments'

export const reviewCommentRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'pull_requests:read',
    handle: context => {
      const { core, repo } = context
      const comments = core.store.reviewComments.filter(
        ({ repositoryId, reviewId }) =>
          repositoryId === repo.id && core.store.reviews.get(reviewId)?.state !== 'PENDING',
      )
      return list(context, comments)
    },
  },
  [`GET ${one}`]: { needs: 'pull_requests:read', handle: context => json(200, shape(context, commentIn(context))) },
  [`PATCH ${one}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: async context => {
      const { core } = context
      const old = commentIn(context)
      checkMayChange(context, old)
      const body = textOf(context.body, 'body') ?? ''
      checkBody('PullRequestReviewComment', body)
      const comment = core.store.reviewComments.update(old.id, { body, updatedAt: core.timestamp() })
      if (body !== old.body) await tell(context, 'edited', comment, { changes: { body: { from: old.body } } })
      return json(200, shape(context, comment))
    },
  },
  [`DELETE ${one}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: async context => {
      const comment = commentIn(context)
      checkMayChange(context, comment)
      context.core.store.reviewComments.delete(comment.id)
      await tell(context, 'deleted', comment)
      return noContent()
    },
  },
  [`GET ${ofPull}`]: {
    needs: 'pull_requests:read',
    handle: context => list(context, submittedComments(context.core, pullIn(context))),
  },
  [`POST ${ofPull}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: async context => {
      const issue = pullIn(context)
      const replyTo = numberOf(context.body, 'in_reply_to')
      if (replyTo !== undefined) return reply(context, issue, replyTo)
      const sha = textOf(context.body, 'commit_id') ?? ''
      return add(context, issue, await placeComment(context.core, issue, sha, context.body))
    },
  },
  [`POST ${ofPull}/{comment_id}/replies`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: context => reply(context, pullIn(context), context.id('comment_id')),
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments': {
    needs: 'pull_requests:read',
    handle: context => {
      const { core } = context
      const issue = pullIn(context)
      const review = core.store.reviews.get(context.id('review_id'))
      const hidden = review?.state === 'PENDING' && review.authorId !== context.token?.accountId
      if (review?.repositoryId !== issue.repositoryId || review.issueNumber !== issue.number || hidden) throw notFound()
      const comments = commentsOn(core, issue).filter(({ reviewId }) => reviewId === review.id)
      // The older of the two shapes, which always has both positions and no kind.
      return context.list(comments, comment => ({
        ...shape(context, comment),
        position: comment.position,
        original_position: comment.position ?? 1,
      }))
    },
  },
})

const pullIn = (context: Context): PullIssue => findPull(context.core, context.repo, context.id('pull_number'))

const shape = (context: Context, comment: ReviewComment) =>
  reviewCommentShape(context.core, context.repo, findPull(context.core, context.repo, comment.issueNumber), comment)

function commentIn(context: Context): ReviewComment {
  const { core, repo, token } = context
  const comment = core.store.reviewComments.get(context.id('comment_id'))
  if (comment?.repositoryId !== repo.id) throw notFound()
  const pending = core.store.reviews.get(comment.reviewId)?.state === 'PENDING'
  if (pending && comment.authorId !== token?.accountId) throw notFound()
  return comment
}

function checkMayChange(context: Context, comment: ReviewComment): void {
  if (comment.authorId !== context.actor.id && !context.may('write')) {
    throw forbidden('Must have write access to Repository.')
  }
}

function list(context: Context, comments: ReviewComment[]): Promise<Reply> {
  const { query } = context
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt'
  const since = Date.parse(query.get('since') ?? '')
  const found = comments.filter(comment => Number.isNaN(since) || Date.parse(comment.updatedAt) >= since)
  found.sort((a, b) => a[key].localeCompare(b[key]) || a.id - b.id)
  if (query.get('direction') === 'desc') found.reverse()
  return context.list(found, comment => shape(context, comment))
}

/** A comment by itself is a review of one comment, as on GitHub. */
async function add(context: Context, issue: PullIssue, placed: PlacedComment): Promise<Reply> {
  const { core, repo, actor } = context
  if (issue.locked && !context.may('write')) throw forbidden('Unable to create comment because issue is locked.')
  const review: Review = core.store.reviews.insert({
    repositoryId: repo.id,
    issueNumber: issue.number,
    authorId: actor.id,
    body: '',
    state: 'COMMENTED',
    commitSha: placed.commitSha,
    submittedAt: core.timestamp(),
  })
  const comment = keepComment(core, placed, review.id, actor)
  await tell(context, 'created', comment)
  const made = shape(context, comment)
  return json(201, made, { location: made.url })
}

/** Threads are flat: an answer to an answer belongs to the first comment. */
function reply(context: Context, issue: PullIssue, id: number): Promise<Reply> {
  const parent = submittedComments(context.core, issue).find(comment => comment.id === id)
  if (!parent) throw notFound()
  const body = textOf(context.body, 'body') ?? ''
  checkBody('PullRequestReviewComment', body)
  const { id: _id, reviewId: _review, authorId: _author, createdAt: _created, updatedAt: _updated, ...place } = parent
  return add(context, issue, { ...place, body, inReplyToId: parent.inReplyToId ?? parent.id })
}

async function tell(
  context: Context,
  action: 'created' | 'edited' | 'deleted',
  comment: ReviewComment,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { core, repo } = context
  const issue = findPull(core, repo, comment.issueNumber)
  const payload = { comment: reviewCommentShape(core, repo, issue, comment), ...extra }
  await emitPull(core, issue, action, byOf(context), payload, 'pull_request_review_comment')
}
