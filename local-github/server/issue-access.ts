/** Which of the two permissions a token needs: a pull request's conversation is reached with either. */
import type { Issue } from '../model.ts'
import { hasScope } from './access.ts'
import type { Context, Scope } from './context.ts'
import { forbidden } from './reply.ts'

export const conversationRead: readonly Scope[] = ['issues:read', 'pull_requests:read']
export const conversationWrite: readonly Scope[] = ['issues:write', 'pull_requests:write']

/** A token with `pull_requests` alone does not reach plain issues. */
export function checkConversation(context: Context, issue: Issue, level: 'read' | 'write'): void {
  const { token } = context
  const restricted = token !== null && (token.kind !== 'user' || token.permissions !== undefined)
  if (issue.pullRequest || !restricted || hasScope(token.permissions ?? {}, `issues:${level}`)) return
  const subject = token.kind === 'user' ? 'personal access token' : 'integration'
  throw forbidden(`Resource not accessible by ${subject}`, { 'x-accepted-github-permissions': `issues=${level}` })
}
