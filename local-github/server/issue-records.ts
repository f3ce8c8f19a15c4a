/** Issues and pull requests as records: numbers, look-ups, what the conversation shows between its comments. */
import type { Account, Issue, Label, PullRequestPart, Repository, TimelineEntry, Token } from '../model.ts'
import type { Context } from './context.ts'
import type { Core } from './core.ts'
import { notFound } from './reply.ts'

/** Who did something, and by which token. */
export interface By {
  readonly account: Account
  readonly token: Token | null
}

export const byOf = (context: Context): By => ({ account: context.actor, token: context.token })

export type PullIssue = Issue & { pullRequest: PullRequestPart }

export function nextNumber(core: Core, repository: Repository): number {
  const numbers = core.store.issues.filter(issue => issue.repositoryId === repository.id).map(issue => issue.number)
  return Math.max(0, ...numbers) + 1
}

export function findIssue(core: Core, repository: Repository, number: number): Issue {
  const found = core.store.issues.find(issue => issue.repositoryId === repository.id && issue.number === number)
  if (!found) throw notFound()
  return found
}

export const isPull = (issue: Issue): issue is PullIssue => issue.pullRequest !== undefined

export function findPull(core: Core, repository: Repository, number: number): PullIssue {
  const found = findIssue(core, repository, number)
  if (!isPull(found)) throw notFound()
  return found
}

/** Changes what only a pull request has. */
export function updatePull(core: Core, id: number, change: Partial<PullRequestPart>): PullIssue {
  const old = core.store.issues.get(id)
  if (!old || !isPull(old)) throw new Error(`There is no pull request ${id}`)
  const made = core.store.issues.update(id, { pullRequest: { ...old.pullRequest, ...change } })
  if (!isPull(made)) throw new Error(`Issue ${id} lost its pull request`)
  return made
}

export function baseRepository(core: Core, issue: Issue): Repository {
  const repository = core.store.repositories.get(issue.repositoryId)
  if (!repository) throw new Error(`Issue ${issue.id} has no repository`)
  return repository
}

/** The fork's, or the base's where the fork is gone. */
export function headRepository(core: Core, issue: PullIssue): Repository {
  return core.store.repositories.get(issue.pullRequest.headRepositoryId) ?? baseRepository(core, issue)
}

export function addTimeline(
  core: Core,
  issue: Issue,
  kind: TimelineEntry['kind'],
  actor: Account,
  detail: string,
): void {
  core.store.timeline.insert({
    repositoryId: issue.repositoryId,
    issueNumber: issue.number,
    kind,
    actorId: actor.id,
    at: core.timestamp(),
    detail,
  })
}

export function findLabel(core: Core, repository: Repository, name: string): Label | undefined {
  const wanted = name.toLowerCase()
  return core.store.labels.find(label => label.repositoryId === repository.id && label.name.toLowerCase() === wanted)
}

/** A label that is set on an issue and does not exist yet is made, in grey, as on GitHub. */
export function ensureLabel(core: Core, repository: Repository, name: string): Label {
  return (
    findLabel(core, repository, name) ??
    core.store.labels.insert({ repositoryId: repository.id, name, color: 'ededed', description: null })
  )
}

export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
