/** The values behind GraphQL's root: queries and mutations. */
import { GraphQLError } from 'graphql'
import type { Comment } from '../model.ts'
import { authorizeRepository, authorizeRoute } from './access.ts'
import { type CommitOnBranchInput, commitOnBranch } from './commit-on-branch.ts'
import type { Actor } from './context.ts'
import type { Core } from './core.ts'
import { accountNode, commentNode, commitNode, issueNode, pullNode, refNode, repositoryNode } from './graphql-nodes.ts'
import type { RateLimit } from './rate-limit.ts'
import { forbidden, notFound, Refusal } from './reply.ts'
import { readNodeId } from './shapes/node-id.ts'
import { updateRefs, type UpdateRefsInput } from './update-refs.ts'

export function createRoot(core: Core, actor: Actor, rate: RateLimit): object {
  return {
    id: 'Query',
    viewer: () => accountNode(core, actor.account),
    rateLimit: () => ({
      cost: 1,
      limit: rate.limit,
      remaining: rate.remaining,
      used: rate.used,
      resetAt: new Date(rate.reset * 1000).toISOString(),
    }),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      try {
        const repository = authorizeRepository(core.repository(`${owner}/${name}`), actor)
        authorizeRoute({ needs: 'metadata:read' }, 'GET', repository, actor)
        return repositoryNode(core, repository, actor)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const message = `Could not resolve to a Repository with the name '${owner}/${name}'.`
        throw new GraphQLError(message, { extensions: { type: 'NOT_FOUND' } })
      }
    },
    node: ({ id }: { id: string }) => nodeOf(core, actor, id),
    createCommitOnBranch: async ({ input }: { input: CommitOnBranchInput }) => {
      const { repository, commit, ref } = await commitOnBranch(core, actor, input)
      return {
        clientMutationId: input.clientMutationId ?? null,
        commit: () => commitNode(core, repository, actor, commit),
        ref: () => refNode(core, repository, actor, ref),
      }
    },
    updateRefs: async ({ input }: { input: UpdateRefsInput }) => {
      await updateRefs(core, actor, input)
      return { clientMutationId: input.clientMutationId ?? null }
    },
    minimizeComment: ({ input }: { input: { subjectId: string; classifier: string; clientMutationId?: string } }) => {
      const comment = writableComment(core, actor, input.subjectId)
      const reason = input.classifier.toLowerCase().replaceAll('_', '-')
      const updated = core.store.comments.update(comment.id, { minimizedReason: reason })
      return {
        clientMutationId: input.clientMutationId ?? null,
        minimizedComment: commentNode(core, actor, updated),
      }
    },
    unminimizeComment: ({ input }: { input: { subjectId: string; clientMutationId?: string } }) => {
      const comment = writableComment(core, actor, input.subjectId)
      const updated = core.store.comments.update(comment.id, { minimizedReason: null })
      return {
        clientMutationId: input.clientMutationId ?? null,
        unminimizedComment: commentNode(core, actor, updated),
      }
    },
  }
}

function recordOf(id: string): { kind: string; number: number } {
  const parsed = readNodeId(id)
  if (!parsed) throw unresolved(id)
  return { kind: parsed.kind, number: Number(parsed.id) }
}

const unresolved = (id: string): GraphQLError =>
  new GraphQLError(`Could not resolve to a node with the global id of '${id}'`, { extensions: { type: 'NOT_FOUND' } })

function nodeOf(core: Core, actor: Actor, id: string): object {
  const { kind, number } = recordOf(id)
  const { store } = core
  if (kind === 'User' || kind === 'Bot' || kind === 'Organization') {
    const account = store.accounts.get(number)
    if (account) return accountNode(core, account)
  }
  if (kind === 'Repository') {
    return repositoryNode(core, authorizeRepository(store.repositories.get(number), actor), actor)
  }
  if (kind === 'IssueComment') return commentNode(core, actor, readableComment(core, actor, id))
  const issue = kind === 'Issue' || kind === 'PullRequest' ? store.issues.get(number) : undefined
  if (!issue) throw unresolved(id)
  const repository = authorizeRepository(store.repositories.get(issue.repositoryId), actor)
  const needs = issue.pullRequest ? 'pull_requests:read' : 'issues:read'
  authorizeRoute({ needs }, 'GET', repository, actor)
  return issue.pullRequest ? pullNode(core, repository, actor, issue) : issueNode(core, repository, actor, issue)
}

function readableComment(core: Core, actor: Actor, id: string): Comment {
  const { kind, number } = recordOf(id)
  const comment = kind === 'IssueComment' ? core.store.comments.get(number) : undefined
  if (!comment) throw unresolved(id)
  const repository = authorizeRepository(core.store.repositories.get(comment.repositoryId), actor)
  authorizeRoute({ needs: ['issues:read', 'pull_requests:read'] }, 'GET', repository, actor)
  return comment
}

function writableComment(core: Core, actor: Actor, id: string): Comment {
  const comment = readableComment(core, actor, id)
  const repository = core.store.repositories.get(comment.repositoryId)
  if (!repository) throw notFound()
  try {
    authorizeRoute({ needs: ['issues:write', 'pull_requests:write'] }, 'POST', repository, actor)
  } catch {
    throw forbidden(`${actor.account.login} does not have the correct permissions to execute this mutation`)
  }
  return comment
}
