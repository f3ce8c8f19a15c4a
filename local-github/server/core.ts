/** The server's inside, as route files see it. */
import type { LocalGitHub, RepositoryEvent, RunnerRequest } from '../local-github.ts'
import type { Account, Repository, Token } from '../model.ts'
import type { GitRepository } from './git.ts'

/** Which form of the body limit holds: github.com counts UTF-8 bytes, a GHES-like server characters. */
export type Limits = 'github.com' | 'ghes'

export const zeroSha = '0'.repeat(40)

export interface RefUpdate {
  readonly repository: Repository
  /** `refs/heads/x`. */
  readonly ref: string
  /** `zeroSha` when the ref was created. */
  readonly before: string
  /** `zeroSha` when the ref was deleted. */
  readonly after: string
  readonly forced: boolean
  readonly actor: Account
  readonly token: Token | null
}

export interface RefChange {
  readonly ref: string
  /** Null deletes. */
  readonly to: string | null
  /** What the ref must hold now (`zeroSha`: not exist); a lost race throws `RefRace`. Unset: whatever it holds. */
  readonly from?: string
  readonly force?: boolean
  /** Passes branch rules, as a merge whose rules were checked before does. */
  readonly rulesChecked?: boolean
}

/** Somebody else moved the ref first. */
export class RefRace extends Error {
  readonly actual: string

  constructor(ref: string, actual: string) {
    super(`${ref} is at ${actual}`)
    this.actual = actual
  }
}

export type NewRepository = Parameters<LocalGitHub['createRepository']>[0] & {
  /** What is not the default. */
  readonly settings?: Partial<Omit<Repository, 'id' | 'fullName' | 'name' | 'ownerId'>>
  /** A bare repository in the state folder's `git` that becomes this one's; unset: an empty one is made. */
  readonly preparedFolder?: string
}

export interface Core extends LocalGitHub {
  readonly limits: Limits
  createRepository(repository: NewRepository): Repository
  git(repositoryId: number): GitRepository
  /** The server's clock as GitHub prints it. */
  timestamp(): string
  /**
   * The only way by which branches and tags move (pushes come through the same steps): branch rules, compare and swap,
   * `pushedAt`, listeners of `onRefUpdated` (awaited), then the push, create and delete events.
   * Throws `RefRace`, or a `Refusal` (422) where GitHub would refuse.
   */
  updateRef(
    repository: Repository,
    change: RefChange,
    by: { account: Account; token: Token | null },
  ): Promise<RefUpdate>
  /** As `updateRef`, for several at once: all of them move, or none. */
  updateRefs(
    repository: Repository,
    changes: readonly RefChange[],
    by: { account: Account; token: Token | null },
  ): Promise<RefUpdate[]>
  /** Awaited after each ref update and before its events: pull requests are brought up to date here. */
  onRefUpdated(listener: (update: RefUpdate) => Promise<void>): void
  /**
   * Asked before a branch moves, by push and by API: the text of a refusal, or null. A push is judged before its objects
   * are there, once as if it were forced and once as if it were not.
   */
  onRefRule(rule: (update: RefUpdate) => Promise<string | null>): void
  emit(event: RepositoryEvent): void
  request(request: RunnerRequest): void
  /** Account by login, ignoring case. */
  account(login: string): Account | undefined
  /** Repository by `owner/name`, ignoring case. */
  repository(fullName: string): Repository | undefined
}
