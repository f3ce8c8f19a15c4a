/** What an event says about the run that it starts: commits, refs, names. Pure. */
import type { RepositoryEvent } from '../local-github.ts'
import type { Account, Repository } from '../model.ts'

/** Kept with the run, so that it can be run again. */
export interface Trigger {
  readonly repositoryId: number
  readonly event: string
  readonly payload: Record<string, unknown>
  /** `github.ref` */
  readonly ref: string
  /** `github.sha`: where the workflow file is read, and what checkout gets. */
  readonly sha: string
  readonly actorId: number
  /** `github.base_ref` and `github.head_ref`: of pull requests, else empty. */
  readonly baseRef: string
  readonly headRef: string
  readonly headBranch: string
  /** The commit that shows the checks. */
  readonly headSha: string
  readonly headRepositoryId: number
  readonly pullRequestNumbers: number[]
  /** Somebody who may not write here made the change: read-only token, no secrets. */
  readonly restricted: boolean
  /** What the list of runs shows; empty: the workflow's name. */
  readonly title: string
}

const pullRequestEvents = new Set([
  'pull_request',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
])

export function readTrigger(event: RepositoryEvent, repository: Repository, actor: Account | undefined): Trigger {
  const base = {
    repositoryId: event.repositoryId,
    event: event.name,
    payload: event.payload,
    ref: event.ref,
    sha: event.sha,
    actorId: event.actorId,
  }
  const byDependabot = actor?.login === 'dependabot[bot]'
  const pull = pullRequestEvents.has(event.name) ? child(event.payload, 'pull_request') : null
  if (!pull) {
    return {
      ...base,
      baseRef: '',
      headRef: '',
      headBranch: shortRef(event.ref),
      headSha: event.sha,
      headRepositoryId: repository.id,
      pullRequestNumbers: [],
      restricted: byDependabot && event.name === 'push',
      title: titleOf(event),
    }
  }
  const head = child(pull, 'head')
  const headRepositoryId = Number(child(head, 'repo')['id'] ?? repository.id)
  const fromFork = headRepositoryId !== repository.id
  return {
    ...base,
    baseRef: text(child(pull, 'base'), 'ref'),
    headRef: text(head, 'ref'),
    headBranch: text(head, 'ref'),
    headSha: event.name === 'pull_request_target' ? event.sha : text(head, 'sha'),
    headRepositoryId,
    pullRequestNumbers: [Number(pull['number'])],
    restricted: (fromFork || byDependabot) && event.name !== 'pull_request_target',
    title: text(pull, 'title'),
  }
}

function titleOf(event: RepositoryEvent): string {
  if (event.name === 'push') return headMessage(event).split('\n', 1)[0] ?? ''
  if (event.name === 'issues' || event.name === 'issue_comment') return text(child(event.payload, 'issue'), 'title')
  return event.name === 'release' ? text(child(event.payload, 'release'), 'name') : ''
}

export function headMessage(event: Pick<RepositoryEvent, 'payload'>): string {
  return text(child(event.payload, 'head_commit'), 'message')
}

/** What branch filters look at: the pushed ref, or the base of a pull request, or the branch of another run. */
export function filteredRef(trigger: Trigger): string {
  if (trigger.baseRef !== '') return `refs/heads/${trigger.baseRef}`
  if (trigger.event === 'workflow_run')
    return `refs/heads/${text(child(trigger.payload, 'workflow_run'), 'head_branch')}`
  return trigger.ref
}

export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
}

export function child(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = value[key]
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {}
}

export function text(value: Record<string, unknown>, key: string): string {
  const found = value[key]
  return typeof found === 'string' ? found : ''
}
