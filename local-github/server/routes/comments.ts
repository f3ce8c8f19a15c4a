import type { Comment, Issue } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { checkConversation, conversationRead, conversationWrite } from '../issue-access.ts'
import { findIssue } from '../issue-records.ts'
import { forbidden, json, noContent, notFound } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { commentShape, commentsOf, issueShape, reactionShape } from '../shapes/issue.ts'
import { checkCommentBody } from '../text-limits.ts'

const ofIssue = '/repos/{owner}/{repo}/issues/{issue_number}/comments'
const all = '/repos/{owner}/{repo}/issues/comments'
const one = `${all}/{comment_id}`

export const commentRoutes = defineRoutes({
  [`GET ${ofIssue}`]: {
    needs: conversationRead,
    handle: context => {
      const issue = issueIn(context, 'read')
      return context.list(since(context, commentsOf(context.core, issue)), comment => shape(context, comment))
    },
  },
  [`POST ${ofIssue}`]: {
    needs: conversationWrite,
    role: 'read',
    handle: context => {
      const { core, repo, body } = context
      const issue = issueIn(context, 'write')
      const text = textOf(body, 'body') ?? ''
      checkCommentBody(core.limits, text)
      if (issue.locked && !context.may('write')) {
        throw forbidden('Unable to create comment because issue is locked.')
      }
      const at = core.timestamp()
      const comment = core.store.comments.insert({
        repositoryId: repo.id,
        issueNumber: issue.number,
        authorId: context.actor.id,
        viaApp: context.viaApp,
        body: text,
        createdAt: at,
        updatedAt: at,
      })
      core.store.issues.update(issue.id, { updatedAt: at })
      return tell(context, 'created', comment).then(() => {
        const made = shape(context, comment)
        return json(201, made, { location: made.url })
      })
    },
  },
  [`GET ${all}`]: {
    needs: conversationRead,
    handle: context => {
      const { core, repo, query } = context
      const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt'
      const comments = since(
        context,
        core.store.comments.filter(comment => comment.repositoryId === repo.id),
      )
      comments.sort((a, b) => a[key].localeCompare(b[key]) || a.id - b.id)
      if (query.get('direction') === 'desc') comments.reverse()
      return context.list(comments, comment => shape(context, comment))
    },
  },
  [`GET ${one}`]: {
    needs: conversationRead,
    handle: context => json(200, shape(context, commentIn(context, 'read'))),
  },
  [`PATCH ${one}`]: {
    needs: conversationWrite,
    role: 'read',
    handle: async context => {
      const old = commentIn(context, 'write')
      checkMayChange(context, old)
      const body = textOf(context.body, 'body') ?? ''
      checkCommentBody(context.core.limits, body)
      const comment = context.core.store.comments.update(old.id, { body, updatedAt: context.core.timestamp() })
      if (body !== old.body) await tell(context, 'edited', comment, { changes: { body: { from: old.body } } })
      return json(200, shape(context, comment))
    },
  },
  [`DELETE ${one}`]: {
    needs: conversationWrite,
    role: 'read',
    handle: async context => {
      const comment = commentIn(context, 'write')
      checkMayChange(context, comment)
      const { comments, reactions } = context.core.store
      for (const { id } of reactions.filter(reaction => reaction.commentId === comment.id)) reactions.delete(id)
      comments.delete(comment.id)
      await tell(context, 'deleted', comment)
      return noContent()
    },
  },
  [`GET ${one}/reactions`]: {
    needs: conversationRead,
    handle: context => {
      const comment = commentIn(context, 'read')
      const content = context.query.get('content')
      const found = context.core.store.reactions.filter(
        reaction => reaction.commentId === comment.id && (content === null || reaction.content === content),
      )
      return context.list(found, reaction => reactionShape(context.core, reaction))
    },
  },
  [`POST ${one}/reactions`]: {
    needs: conversationWrite,
    role: 'read',
    handle: context => {
      const { core, actor, body } = context
      const { reactions } = core.store
      const wanted = {
        commentId: commentIn(context, 'write').id,
        accountId: actor.id,
        content: textOf(body, 'content') ?? '',
      }
      const known = reactions.find(
        ({ commentId, accountId, content }) =>
          commentId === wanted.commentId && accountId === wanted.accountId && content === wanted.content,
      )
      const reaction = known ?? reactions.insert({ ...wanted, createdAt: core.timestamp() })
      return json(known ? 200 : 201, reactionShape(core, reaction))
    },
  },
})

const shape = (context: Context, comment: Comment) => commentShape(context.core, context.repo, comment)

function issueIn(context: Context, level: 'read' | 'write'): Issue {
  const issue = findIssue(context.core, context.repo, context.id('issue_number'))
  checkConversation(context, issue, level)
  return issue
}

function commentIn(context: Context, level: 'read' | 'write'): Comment {
  const comment = context.core.store.comments.get(context.id('comment_id'))
  if (comment?.repositoryId !== context.repo.id) throw notFound()
  checkConversation(context, findIssue(context.core, context.repo, comment.issueNumber), level)
  return comment
}

function checkMayChange(context: Context, comment: Comment): void {
  if (comment.authorId !== context.actor.id && !context.may('write')) {
    throw forbidden('Must have write access to Repository.')
  }
}

function since(context: Context, comments: Comment[]): Comment[] {
  const from = Date.parse(context.query.get('since') ?? '')
  return Number.isNaN(from) ? comments : comments.filter(comment => Date.parse(comment.updatedAt) >= from)
}

/** Comments start workflows on the default branch. */
async function tell(
  context: Context,
  action: 'created' | 'edited' | 'deleted',
  comment: Comment,
  extra: Record<string, unknown> = {},
): Promise<void> {
  const { core, repo } = context
  const ref = `refs/heads/${repo.defaultBranch}`
  const sha = await core.git(repo.id).readRef(ref)
  if (sha === null) return
  const issue = findIssue(core, repo, comment.issueNumber)
  context.emit({
    name: 'issue_comment',
    action,
    payload: { issue: issueShape(core, repo, issue), comment: shape(context, comment), ...extra },
    ref,
    sha,
  })
}
