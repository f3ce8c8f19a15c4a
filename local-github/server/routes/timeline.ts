import type { Comment, Issue, Review, TimelineEntry } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { checkConversation, conversationRead } from '../issue-access.ts'
import { findIssue, findLabel } from '../issue-records.ts'
import { simpleUserById } from '../shapes/account.ts'
import { gitCommitShape } from '../shapes/commit.ts'
import { commentShape, commentsOf } from '../shapes/issue.ts'
import { nodeId } from '../shapes/node-id.ts'
import { repositoryUrl } from '../shapes/repository.ts'
import { reviewShape } from '../shapes/review.ts'

const one = '/repos/{owner}/{repo}/issues/{issue_number}'

type Item =
  | { readonly kind: 'entry'; readonly id: number; readonly entry: TimelineEntry }
  | { readonly kind: 'comment'; readonly id: number; readonly comment: Comment }
  | { readonly kind: 'review'; readonly id: number; readonly review: Review }

export const timelineRoutes = defineRoutes({
  [`GET ${one}/timeline`]: {
    needs: conversationRead,
    handle: context => {
      const issue = issueIn(context)
      const items: Item[] = [
        ...entriesOf(context, issue).map(entry => ({ kind: 'entry', id: entry.id, entry }) as const),
        ...commentsOf(context.core, issue).map(comment => ({ kind: 'comment', id: comment.id, comment }) as const),
        ...reviewsOf(context, issue).map(review => ({ kind: 'review', id: review.id, review }) as const),
      ]
      items.sort((a, b) => a.id - b.id)
      return context.list(items, item => itemShape(context, issue, item))
    },
  },
  [`GET ${one}/events`]: {
    needs: conversationRead,
    handle: context => {
      const entries = entriesOf(context, issueIn(context)).filter(entry => entry.kind !== 'committed')
      return context.list(entries, entry => entryShape(context, entry))
    },
  },
})

function issueIn(context: Context): Issue {
  const issue = findIssue(context.core, context.repo, context.id('issue_number'))
  checkConversation(context, issue, 'read')
  return issue
}

const entriesOf = (context: Context, issue: Issue): TimelineEntry[] =>
  context.core.store.timeline.filter(
    entry => entry.repositoryId === issue.repositoryId && entry.issueNumber === issue.number,
  )

const reviewsOf = (context: Context, issue: Issue): Review[] =>
  context.core.store.reviews.filter(
    review =>
      review.repositoryId === issue.repositoryId && review.issueNumber === issue.number && review.state !== 'PENDING',
  )

async function itemShape(context: Context, issue: Issue, item: Item): Promise<unknown> {
  const { core, repo } = context
  if (item.kind === 'comment') {
    const comment = commentShape(core, repo, item.comment)
    return { event: 'commented', actor: comment.user, ...comment }
  }
  if (item.kind === 'review') {
    return { event: 'reviewed', ...reviewShape(core, repo, issue, item.review), state: item.review.state.toLowerCase() }
  }
  if (item.entry.kind !== 'committed') return entryShape(context, item.entry)
  const commit = await core.git(repo.id).commit(item.entry.detail)
  return { event: 'committed', ...gitCommitShape(core, repo, commit) }
}

function entryShape(context: Context, entry: TimelineEntry) {
  const { core, repo } = context
  const merged = entry.kind === 'merged'
  const labelled = entry.kind === 'labeled' || entry.kind === 'unlabeled'
  const label = labelled ? findLabel(core, repo, entry.detail) : undefined
  return {
    id: entry.id,
    node_id: nodeId('TimelineEntry', entry.id),
    url: `${repositoryUrl(core, repo)}/issues/events/${entry.id}`,
    actor: simpleUserById(core, entry.actorId),
    event: entry.kind,
    commit_id: merged ? entry.detail : null,
    commit_url: merged ? `${repositoryUrl(core, repo)}/commits/${entry.detail}` : null,
    created_at: entry.at,
    performed_via_github_app: null,
    ...(labelled ? { label: { name: entry.detail, color: label?.color ?? 'ededed' } } : {}),
  }
}
