/** The contract between the router and the route files. */
import type { RepositoryEvent } from '../local-github.ts'
import type { Account, Repository, RepositoryRole, Token } from '../model.ts'
import type { Core } from './core.ts'
import type { Reply } from './reply.ts'

/** A fine-grained permission as in `x-accepted-github-permissions`: `issues:write`, `pull_requests:read`. */
export type Scope = `${string}:${'read' | 'write'}`

export interface Route {
  /** Any one of these suffices. `null`: no token needed. `metadata:read` for what every token with access may see. */
  readonly needs: Scope | readonly Scope[] | null
  /** What a user's own token must have in the repository. Unset: read for reads, write for writes, admin for `administration:write`. */
  readonly role?: RepositoryRole
  /** The body is a file, not JSON. */
  readonly takesBytes?: boolean
  readonly handle: (context: Context) => Reply | Promise<Reply>
}

/** Keys are `METHOD /path/{template}` exactly as in GitHub's OpenAPI description. */
export type Routes = Readonly<Record<string, Route>>

export const defineRoutes = (routes: Routes): Routes => routes

export interface Actor {
  readonly account: Account
  readonly token: Token
}

export interface Context {
  readonly core: Core
  /** Who asks; throws GitHub's 401 for an anonymous request. */
  readonly actor: Account
  /** Null for an anonymous request. */
  readonly token: Token | null
  /** Slug of the app behind the token (`github-actions` for job tokens), else null. */
  readonly viaApp: string | null
  /** What the token's owner may do in `repo`: for job and app tokens write, if any of its scopes is. */
  readonly role: RepositoryRole | 'none'
  /** Of `{owner}/{repo}`, visible to the token; throws on routes without these parameters. */
  readonly repo: Repository
  /** Decoded path parameters. Throws for a name that the route does not have. */
  param(name: string): string
  /** As `param`, a whole number; throws 404 otherwise. */
  id(name: string): number
  readonly query: URLSearchParams
  /** The parsed JSON body, valid against the description; `{}` without one. A body that is an array is under the key ''. */
  readonly body: Readonly<Record<string, unknown>>
  /** The body of a route that takes a file. */
  readonly bytes: Uint8Array
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** One page of the items as a JSON array, with Link headers. */
  list<T>(items: readonly T[], shape: (item: T) => unknown): Promise<Reply>
  /** As `list`, inside `{ total_count, [key]: [...] }`. */
  listIn<T>(key: string, items: readonly T[], shape: (item: T) => unknown): Promise<Reply>
  /**
   * Says that something happened in `repo` by the actor. `action`, `repository` and `sender` are added to the payload.
   * To be called after the records are written.
   */
  emit(event: Pick<RepositoryEvent, 'name' | 'action' | 'payload' | 'ref' | 'sha'>): void
  /** Whether the token's owner has at least this role in `repo`. */
  may(role: RepositoryRole): boolean
}
