import type { CommitStatus, Repository } from '../../model.ts'
import { simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { minimalRepository, repositoryUrl } from './repository.ts'

export function statusShape(github: ShapeContext, repository: Repository, status: CommitStatus) {
  const creator = simpleUserById(github, status.creatorId)
  return { ...simpleStatus(github, repository, status), creator }
}

function simpleStatus(github: ShapeContext, repository: Repository, status: CommitStatus) {
  return {
    url: `${repositoryUrl(github, repository)}/statuses/${status.sha}`,
    avatar_url: simpleUserById(github, status.creatorId).avatar_url,
    id: status.id,
    node_id: nodeId('StatusContext', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  }
}

/** The newest status of each context, in the order in which the contexts came up. */
export function newestStatuses(statuses: readonly CommitStatus[]): CommitStatus[] {
  const newest = new Map<string, CommitStatus>()
  for (const status of statuses) newest.set(status.context.toLowerCase(), status)
  return [...newest.values()]
}

export type CombinedState = 'success' | 'pending' | 'failure'

/** Failure wins over pending; a commit without any status is pending. Pure. */
export function combinedState(newest: readonly CommitStatus[]): CombinedState {
  if (newest.some(status => status.state === 'failure' || status.state === 'error')) return 'failure'
  return newest.length === 0 || newest.some(status => status.state === 'pending') ? 'pending' : 'success'
}

/** `shown` is the page of the newest ones. */
export function combinedStatus(
  github: ShapeContext,
  repository: Repository,
  sha: string,
  newest: readonly CommitStatus[],
  shown: readonly CommitStatus[],
) {
  const url = repositoryUrl(github, repository)
  return {
    state: combinedState(newest),
    statuses: shown.map(status => simpleStatus(github, repository, status)),
    sha,
    total_count: newest.length,
    repository: minimalRepository(github, repository),
    commit_url: `${url}/commits/${sha}`,
    url: `${url}/commits/${sha}/status`,
  }
}
