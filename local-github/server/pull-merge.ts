/** `Merge pull request`, `Squash and merge`, `Rebase and merge`, and what forbids them. */
import type { PullRequestPart, Repository } from '../model.ts'
import { mayBypass, mergeBlock, ruleOf } from './branch-protection.ts'
import { RefRace } from './core.ts'
import type { Core } from './core.ts'
import type { CommitInfo } from './git.ts'
import { identityOf } from './git-identity.ts'
import { baseRepository, headRepository } from './issue-records.ts'
import type { By, PullIssue } from './issue-records.ts'
import { mergeCommit, rebaseCommits, squashCommit } from './merge.ts'
import { emitPull } from './pull-events.ts'
import type { PullRequests } from './pull-requests.ts'
import { conflict, Refusal } from './reply.ts'

export type MergeMethod = NonNullable<PullRequestPart['mergeMethod']>

export interface MergeRequest {
  readonly method: MergeMethod
  readonly title: string | undefined
  readonly message: string | undefined
  /** What the head must be. */
  readonly sha: string | undefined
}

const notAllowed = (message: string): Refusal => new Refusal(405, message)

const methodFlags = {
  merge: { flag: 'allowMergeCommit', refusal: 'Merge commits are not allowed on this repository.' },
  squash: { flag: 'allowSquashMerge', refusal: 'Squash merges are not allowed on this repository.' },
  rebase: { flag: 'allowRebaseMerge', refusal: 'Rebase merges are not allowed on this repository.' },
} as const

/** Returns the SHA that the base branch then has. Throws GitHub's 405 and 409. */
export const mergePull = (
  core: Core,
  pulls: PullRequests,
  id: number,
  by: By,
  request: MergeRequest,
): Promise<string> => pulls.mergeAlone(id, () => merge(core, pulls, id, by, request))

async function merge(core: Core, pulls: PullRequests, id: number, by: By, request: MergeRequest): Promise<string> {
  const issue = await pulls.refresh(id)
  const repository = baseRepository(core, issue)
  const { headSha, baseRef } = issue.pullRequest
  if (issue.state === 'closed') throw notAllowed('Pull Request is not mergeable')
  if (issue.pullRequest.draft) throw notAllowed('Pull Request is still a draft')
  if (request.sha !== undefined && request.sha !== headSha) {
    throw conflict('Head branch was modified. Review and try the merge again.')
  }
  if (!repository[methodFlags[request.method].flag]) throw notAllowed(methodFlags[request.method].refusal)
  await checkRules(core, repository, issue, by)
  if (!issue.pullRequest.mergeable) throw notAllowed('Pull Request is not mergeable')

  const base = await core.git(repository.id).readRef(`refs/heads/${baseRef}`)
  if (base === null) throw notAllowed('Pull Request is not mergeable')
  const sha = await writeMerge(core, issue, base, by, request)
  pulls.expectMerge(id, { sha, by: by.account, method: request.method })
  try {
    await core.updateRef(repository, { ref: `refs/heads/${baseRef}`, to: sha, from: base, rulesChecked: true }, by)
  } catch (error) {
    if (error instanceof RefRace) throw notAllowed('Base branch was modified. Review and try the merge again.')
    throw error
  } finally {
    pulls.forgetMerge(id)
  }
  const merged = core.store.issues.get(id)
  if (merged?.pullRequest) await emitPull(core, { ...merged, pullRequest: merged.pullRequest }, 'closed', by)
  if (repository.deleteBranchOnMerge) await deleteHead(core, issue, by)
  return sha
}

async function checkRules(core: Core, repository: Repository, issue: PullIssue, by: By): Promise<void> {
  const rule = ruleOf(core, repository, issue.pullRequest.baseRef)
  if (!rule || mayBypass(repository, rule, { actor: by.account, token: by.token })) return
  const block = await mergeBlock(core, issue)
  if (block !== null) throw notAllowed(block)
}

async function writeMerge(core: Core, issue: PullIssue, base: string, by: By, request: MergeRequest): Promise<string> {
  const git = core.git(issue.repositoryId)
  const head = issue.pullRequest.headSha
  const date = core.timestamp()
  if (request.method === 'rebase') {
    const sha = await rebaseCommits(git, { base, head, date, committer: identityOf(by.account) })
    if (sha === null) throw notAllowed("This branch can't be rebased")
    return sha
  }
  const commits = await git.log(['--reverse', '--topo-order', '--no-merges', `${base}..${head}`, '--'])
  const squash = request.method === 'squash'
  const given = squash ? squashWords(issue, commits) : mergeWords(core, issue)
  const message = [request.title ?? given.title, request.message ?? given.message].filter(Boolean).join('\n\n')
  const author = squash ? (core.store.accounts.get(issue.authorId) ?? by.account) : by.account
  const input = { base, head, message, date, author: identityOf(author) }
  const sha = squash ? await squashCommit(git, input) : await mergeCommit(git, input)
  if (sha === null) throw notAllowed('Pull Request is not mergeable')
  return sha
}

function mergeWords(core: Core, issue: PullIssue): { title: string; message: string } {
  const owner = core.store.accounts.get(headRepository(core, issue).ownerId)?.login ?? ''
  return {
    title: `Merge pull request #${issue.number} from ${owner}/${issue.pullRequest.headRef}`,
    message: issue.title,
  }
}

/** GitHub's default: one commit keeps its words, several are listed under the pull request's title. */
function squashWords(issue: PullIssue, commits: readonly CommitInfo[]): { title: string; message: string } {
  const [only] = commits
  if (commits.length === 1 && only) {
    const [title = '', ...rest] = only.message.split('\n')
    return { title: `${title} (#${issue.number})`, message: rest.join('\n').trim() }
  }
  return {
    title: `${issue.title} (#${issue.number})`,
    message: commits.map(commit => `* ${commit.message}`).join('\n\n'),
  }
}

/** Silent where the branch is protected, or belongs to somebody's fork: GitHub then leaves it. */
async function deleteHead(core: Core, issue: PullIssue, by: By): Promise<void> {
  const head = headRepository(core, issue)
  const { headRef } = issue.pullRequest
  if (head.id !== issue.repositoryId || headRef === head.defaultBranch) return
  try {
    await core.updateRef(head, { ref: `refs/heads/${headRef}`, to: null }, by)
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof RefRace)) throw error
  }
}
