/** Who may do what: roles of users, scopes of tokens. Pure. */
import type { Account, Repository, RepositoryRole, Token } from '../model.ts'
import type { Actor, Route, Scope } from './context.ts'
import { forbidden, notFound, Refusal } from './reply.ts'

const ranks: readonly (RepositoryRole | 'none')[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

export const hasRole = (has: RepositoryRole | 'none', needed: RepositoryRole): boolean =>
  ranks.indexOf(has) >= ranks.indexOf(needed)

export function roleOfUser(repository: Repository, account: Account): RepositoryRole | 'none' {
  if (repository.ownerId === account.id) return 'admin'
  const login = account.login.toLowerCase()
  const given = Object.entries(repository.collaborators).find(([name]) => name.toLowerCase() === login)?.[1]
  return given ?? (repository.private ? 'none' : 'read')
}

/** A job's or an app's token acts with the highest of its scopes, on its own repository only. */
export function roleOf(repository: Repository, actor: Actor | null): RepositoryRole | 'none' {
  if (actor === null) return repository.private ? 'none' : 'read'
  if (actor.token.kind === 'user') return roleOfUser(repository, actor.account)
  if (!reaches(actor.token, repository)) return repository.private ? 'none' : 'read'
  return Object.values(actor.token.permissions ?? {}).includes('write') ? 'write' : 'read'
}

const reaches = (token: Token, repository: Repository): boolean =>
  token.repositoryId === undefined || token.repositoryId === repository.id

export function hasScope(permissions: NonNullable<Token['permissions']>, scope: Scope): boolean {
  const [name = '', level] = scope.split(':')
  if (name === 'metadata' && level === 'read') return true
  const given = Object.entries(permissions).find(([key]) => key.replaceAll('-', '_') === name)?.[1]
  return given === 'write' || given === level
}

const needsOf = (route: Pick<Route, 'needs'>): readonly Scope[] =>
  route.needs === null ? [] : typeof route.needs === 'string' ? [route.needs] : route.needs

const acceptedHeader = (needs: readonly Scope[]): Record<string, string> => ({
  'x-accepted-github-permissions': needs.map(scope => scope.replace(':', '=')).join('; '),
})

/** 404 for what the token may not even see, as GitHub does so as not to tell that it exists. */
export function authorizeRepository(repository: Repository | undefined, actor: Actor | null): Repository {
  if (!repository || roleOf(repository, actor) === 'none') throw notFound()
  const { token } = actor ?? {}
  if (token?.kind === 'user' && repository.private && !reaches(token, repository)) throw notFound()
  return repository
}

/**
 * A scope that is missing is refused on public repositories too, although GitHub serves public reads to any token: what
 * passes here must also pass in a private repository.
 */
export function authorizeRoute(
  route: Pick<Route, 'needs' | 'role'>,
  method: string,
  repository: Repository | null,
  actor: Actor | null,
): void {
  const needs = needsOf(route)
  if (needs.length === 0) return
  const writes = needs.every(scope => scope.endsWith(':write'))
  if (actor === null) {
    if (method === 'GET' && !writes && (repository === null || !repository.private)) return
    throw new Refusal(401, 'Requires authentication')
  }
  const { token } = actor
  const restricted = token.kind !== 'user' || token.permissions !== undefined
  if (restricted) {
    const subject = token.kind === 'user' ? 'personal access token' : 'integration'
    const reachable = repository === null || reaches(token, repository)
    const publicRead = repository !== null && !repository.private && !reachable && !writes
    const granted = reachable && needs.some(scope => hasScope(token.permissions ?? {}, scope))
    if (!granted && !publicRead) throw forbidden(`Resource not accessible by ${subject}`, acceptedHeader(needs))
  }
  if (token.kind === 'user' && repository !== null) {
    const needed = route.role ?? defaultRole(needs, writes)
    if (!hasRole(roleOf(repository, actor), needed)) throw forbidden(roleMessages[needed], acceptedHeader(needs))
  }
}

function defaultRole(needs: readonly Scope[], writes: boolean): RepositoryRole {
  if (!writes) return 'read'
  return needs.every(scope => scope.startsWith('administration:')) ? 'admin' : 'write'
}

const roleMessages: Record<RepositoryRole, string> = {
  read: 'Must have read access to Repository.',
  triage: 'Must have triage access to Repository.',
  write: 'Must have push access to Repository.',
  maintain: 'Must have maintain access to Repository.',
  admin: 'Must have admin rights to Repository.',
}
