import type { Review, ReviewComment } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { byOf, findPull, sameName, updatePull } from '../issue-records.ts'
import type { PullIssue } from '../issue-records.ts'
import { emitPull } from '../pull-events.ts'
import { forbidden, json, notFound, unprocessable } from '../reply.ts'
import { isObject, listOf, textOf } from '../request-body.ts'
import { keepComment, placeComment } from '../review-comments.ts'
import { reviewCommentShape } from '../shapes/review-comment.ts'
import { reviewShape } from '../shapes/review.ts'
import { checkBody } from '../text-limits.ts'

const all = '/repos/{owner}/{repo}/pulls/{pull_number}/reviews'
const one = `${all}/{review_id}`

export const reviewRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'pull_requests:read',
    handle: context => {
      const issue = pullIn(context)
      const reviews = context.core.store.reviews.filter(
        review =>
          review.repositoryId === issue.repositoryId &&
          review.issueNumber === issue.number &&
          (review.state !== 'PENDING' || review.authorId === context.token?.accountId),
      )
      return context.list(reviews, review => reviewShape(context.core, context.repo, issue, review))
    },
  },
  [`POST ${all}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: async context => {
      const { core, repo, body, actor } = context
      const issue = pullIn(context)
      const event = textOf(body, 'event')
      const text = textOf(body, 'body') ?? ''
      checkBody('PullRequestReview', text)
      const given = (listOf(body, 'comments') ?? []).filter(isObject)
      if (event !== undefined) checkEvent(context, issue, event, text, given.length)
      const sha = textOf(body, 'commit_id') ?? issue.pullRequest.headSha
      if ((await core.git(repo.id).commitOf(sha)) === null)
        throw unprocessable('Unprocessable Entity', ['No commit found for SHA'])
      const placed = await Promise.all(given.map(comment => placeComment(core, issue, sha, comment)))
      const review = core.store.reviews.insert({
        repositoryId: repo.id,
        issueNumber: issue.number,
        authorId: actor.id,
        body: text,
        state: event === undefined ? 'PENDING' : stateOf(event),
        commitSha: sha,
        submittedAt: core.timestamp(),
      })
      for (const comment of placed) keepComment(core, comment, review.id, actor)
      if (event !== undefined) await tellSubmitted(context, issue, review)
      return answer(context, issue, review)
    },
  },
  [`GET ${one}`]: {
    needs: 'pull_requests:read',
    handle: context => answer(context, pullIn(context), reviewIn(context)),
  },
  [`PUT ${one}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: context => {
      const review = reviewIn(context)
      checkOwn(context, review)
      const updated = context.core.store.reviews.update(review.id, { body: textOf(context.body, 'body') ?? '' })
      return answer(context, pullIn(context), updated)
    },
  },
  [`DELETE ${one}`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: context => {
      const review = reviewIn(context)
      checkOwn(context, review)
      if (review.state !== 'PENDING') throw unprocessable('Can not delete a non-pending pull request review')
      const { reviews, reviewComments } = context.core.store
      for (const { id } of commentsOfReview(context, review)) reviewComments.delete(id)
      reviews.delete(review.id)
      return answer(context, pullIn(context), review)
    },
  },
  [`POST ${one}/events`]: {
    needs: 'pull_requests:write',
    role: 'read',
    handle: async context => {
      const issue = pullIn(context)
      const review = reviewIn(context)
      checkOwn(context, review)
      if (review.state !== 'PENDING') throw unprocessable('Review has already been submitted')
      const event = textOf(context.body, 'event') ?? ''
      const body = textOf(context.body, 'body') ?? review.body
      checkEvent(context, issue, event, body, commentsOfReview(context, review).length)
      const submitted = context.core.store.reviews.update(review.id, {
        state: stateOf(event),
        body,
        submittedAt: context.core.timestamp(),
      })
      await tellSubmitted(context, issue, submitted)
      return answer(context, issue, submitted)
    },
  },
  [`PUT ${one}/dismissals`]: {
    needs: 'pull_requests:write',
    handle: async context => {
      const { core, repo } = context
      const issue = pullIn(context)
      const review = reviewIn(context)
      if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
        throw unprocessable('Can not dismiss a review that neither approves nor requests changes')
      }
      const dismissed = core.store.reviews.update(review.id, { state: 'DISMISSED' })
      const extra = { review: reviewShape(core, repo, issue, dismissed) }
      await emitPull(core, issue, 'dismissed', byOf(context), extra, 'pull_request_review')
      return answer(context, issue, dismissed)
    },
  },
})

const pullIn = (context: Context): PullIssue => findPull(context.core, context.repo, context.id('pull_number'))

const answer = (context: Context, issue: PullIssue, review: Review) =>
  json(200, reviewShape(context.core, context.repo, issue, review))

function reviewIn(context: Context): Review {
  const review = context.core.store.reviews.get(context.id('review_id'))
  const issue = pullIn(context)
  if (review?.repositoryId !== issue.repositoryId || review.issueNumber !== issue.number) throw notFound()
  return review
}

function checkOwn(context: Context, review: Review): void {
  if (review.authorId !== context.actor.id) throw forbidden('Must be the author of the review.')
}

const stateOf = (event: string): Review['state'] =>
  event === 'APPROVE' ? 'APPROVED' : event === 'REQUEST_CHANGES' ? 'CHANGES_REQUESTED' : 'COMMENTED'

const commentsOfReview = (context: Context, review: Review): ReviewComment[] =>
  context.core.store.reviewComments.filter(({ reviewId }) => reviewId === review.id)

/** Comments on lines can stand for the body. */
function checkEvent(context: Context, issue: PullIssue, event: string, body: string, comments: number): void {
  const own = issue.authorId === context.actor.id
  if (own && event === 'APPROVE') throw refused('Can not approve your own pull request')
  if (own && event === 'REQUEST_CHANGES') throw refused('Can not request changes on your own pull request')
  if (event !== 'APPROVE' && body.trim() === '' && comments === 0) throw refused('Body is required for this event')
}

const refused = (reason: string) => unprocessable('Unprocessable Entity', [reason])

async function tellSubmitted(context: Context, issue: PullIssue, review: Review): Promise<void> {
  const { core, repo, actor } = context
  const left = issue.pullRequest.requestedReviewers.filter(login => !sameName(login, actor.login))
  const updated = updatePull(core, issue.id, { requestedReviewers: left })
  const extra = { review: reviewShape(core, repo, updated, review) }
  await emitPull(core, updated, 'submitted', byOf(context), extra, 'pull_request_review')
  for (const comment of commentsOfReview(context, review)) {
    const said = { comment: reviewCommentShape(core, repo, updated, comment) }
    await emitPull(core, updated, 'created', byOf(context), said, 'pull_request_review_comment')
  }
}
