/** Events of pull requests, with the payload that workflows read. */
import { mergeableState } from './branch-protection.ts'
import type { Core } from './core.ts'
import { baseRepository } from './issue-records.ts'
import type { By, PullIssue } from './issue-records.ts'
import { simpleUser } from './shapes/account.ts'
import { pullShape } from './shapes/pull.ts'
import { repositoryShape } from './shapes/repository.ts'

type PullEventName = 'pull_request' | 'pull_request_review' | 'pull_request_review_comment'

/**
 * Emits the event on the test merge commit, or on the base branch when the pull request is merged. While there is a
 * conflict no workflow could start, as on GitHub, so nothing is emitted.
 */
export async function emitPull(
  core: Core,
  issue: PullIssue,
  action: string,
  by: By,
  extra: Readonly<Record<string, unknown>> = {},
  name: PullEventName = 'pull_request',
): Promise<void> {
  const pull = issue.pullRequest
  const sha = pull.merged ? pull.mergeCommitSha : pull.testMergeSha
  if (sha === null) return
  const repository = baseRepository(core, issue)
  core.emit({
    repositoryId: repository.id,
    name,
    action,
    payload: {
      action,
      number: issue.number,
      pull_request: await pullShape(core, issue, await mergeableState(core, issue)),
      repository: repositoryShape(core, repository),
      sender: simpleUser(core, by.account),
      ...extra,
    },
    ref: pull.merged ? `refs/heads/${pull.baseRef}` : `refs/pull/${issue.number}/merge`,
    sha,
    actorId: by.account.id,
    byJobToken: by.token?.kind === 'job',
  })
}
