/** Branch rules: what a push and a merge must satisfy. */
import type { BranchRule, Repository } from '../model.ts'
import { roleOfUser, hasRole } from './access.ts'
import { zeroSha } from './core.ts'
import type { Core, RefUpdate } from './core.ts'
import { headRepository } from './issue-records.ts'
import type { PullIssue } from './issue-records.ts'

/** `*` stays within a path segment, `**` does not, as in Ruby's fnmatch that GitHub uses. Pure. */
export function matchesPattern(pattern: string, branch: string): boolean {
  const source = pattern.replace(/\*\*\/?|\*|\?|[.+^${}()|\\]/g, token =>
    token.startsWith('**') ? '.*' : token === '*' ? '[^/]*' : token === '?' ? '[^/]' : `\\${token}`,
  )
  try {
    return new RegExp(`^${source}$`).test(branch)
  } catch {
    return pattern === branch
  }
}

/** The rule of this exact name, else the first whose pattern matches. */
export function ruleOf(core: Core, repository: Repository, branch: string): BranchRule | undefined {
  const rules = core.store.branchRules.filter(rule => rule.repositoryId === repository.id)
  return rules.find(rule => rule.pattern === branch) ?? rules.find(rule => matchesPattern(rule.pattern, branch))
}

export type CheckState = 'success' | 'pending' | 'failure' | 'expected'

/** What the newest status or check run of this name says about a commit. */
export function checkState(core: Core, repository: Repository, sha: string, name: string): CheckState {
  const status = core.store.statuses
    .filter(one => one.repositoryId === repository.id && one.sha === sha && one.context === name)
    .at(-1)
  const run = core.store.checkRuns
    .filter(one => one.repositoryId === repository.id && one.headSha === sha && one.name === name)
    .at(-1)
  const states = [
    ...(status ? [status.state === 'error' ? 'failure' : status.state] : []),
    ...(run ? [runState(run.status, run.conclusion)] : []),
  ] as const
  if (states.length === 0) return 'expected'
  return states.find(state => state === 'failure') ?? states.find(state => state === 'pending') ?? 'success'
}

function runState(status: string, conclusion: string | null): Exclude<CheckState, 'expected'> {
  if (status !== 'completed') return 'pending'
  return conclusion === 'success' || conclusion === 'neutral' || conclusion === 'skipped' ? 'success' : 'failure'
}

const checkWords: Record<Exclude<CheckState, 'success'>, string> = {
  expected: 'expected',
  pending: 'pending',
  failure: 'failing',
}

/** Null when all required checks of the commit are green. */
export function missingChecks(core: Core, repository: Repository, rule: BranchRule, sha: string): string | null {
  const open = rule.requiredChecks.flatMap(name => {
    const state = checkState(core, repository, sha, name)
    return state === 'success' ? [] : [{ name, word: checkWords[state] }]
  })
  const [first] = open
  if (!first) return null
  if (open.length === 1) return `Required status check "${first.name}" is ${first.word}.`
  const counted = Object.values(checkWords).flatMap(word => {
    const count = open.filter(one => one.word === word).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  const all = `${open.length} of ${rule.requiredChecks.length} required status checks`
  return counted.length === 1 ? `${all} are ${open[0]?.word}.` : `${all} have not succeeded: ${counted.join(', ')}.`
}

/** The last word of each reviewer who may write; comments do not take an approval back. */
export function reviewVerdicts(core: Core, issue: PullIssue): { approvals: number; changesRequested: boolean } {
  const repository = core.store.repositories.get(issue.repositoryId)
  const last = new Map<number, string>()
  const reviews = core.store.reviews.filter(
    review => review.repositoryId === issue.repositoryId && review.issueNumber === issue.number,
  )
  for (const review of reviews) {
    if (review.state === 'COMMENTED' || review.state === 'PENDING') continue
    const account = core.store.accounts.get(review.authorId)
    if (repository && account && hasRole(roleOfUser(repository, account), 'write')) {
      last.set(review.authorId, review.state)
    }
  }
  const states = [...last.values()]
  return {
    approvals: states.filter(state => state === 'APPROVED').length,
    changesRequested: states.includes('CHANGES_REQUESTED'),
  }
}

/** Why the base's rule forbids the merge, in GitHub's words; null when it does not. */
export async function mergeBlock(core: Core, issue: PullIssue): Promise<string | null> {
  const repository = core.store.repositories.get(issue.repositoryId)
  const { baseRef, headSha } = issue.pullRequest
  const rule = repository && ruleOf(core, repository, baseRef)
  if (!rule) return null
  const { approvals, changesRequested } = reviewVerdicts(core, issue)
  if (rule.requiredApprovals > 0 && changesRequested) return 'Changes have been requested by a reviewer.'
  if (approvals < rule.requiredApprovals) {
    const reviews = rule.requiredApprovals === 1 ? 'approving review is' : 'approving reviews are'
    return `At least ${rule.requiredApprovals} ${reviews} required by reviewers with write access.`
  }
  const checks = missingChecks(core, repository, rule, headSha)
  if (checks) return checks
  if (rule.requireUpToDate && (await isBehind(core, issue))) {
    return 'Head branch is out of date. Review and try the merge again.'
  }
  return null
}

async function isBehind(core: Core, issue: PullIssue): Promise<boolean> {
  const git = core.git(issue.repositoryId)
  const tip = await git.readRef(`refs/heads/${issue.pullRequest.baseRef}`)
  return tip !== null && !(await git.isAncestor(tip, issue.pullRequest.headSha))
}

/** GitHub's `mergeable_state`. */
export async function mergeableState(core: Core, issue: PullIssue): Promise<string> {
  const pull = issue.pullRequest
  if (issue.state === 'closed') return 'unknown'
  if (pull.mergeable === null) return 'unknown'
  if (!pull.mergeable) return 'dirty'
  if (pull.draft) return 'draft'
  const block = await mergeBlock(core, issue)
  if (block) return block.startsWith('Head branch is out of date') ? 'behind' : 'blocked'
  const repository = headRepository(core, issue)
  return hasFailedCheck(core, issue.repositoryId, pull.headSha) || hasFailedCheck(core, repository.id, pull.headSha)
    ? 'unstable'
    : 'clean'
}

function hasFailedCheck(core: Core, repositoryId: number, sha: string): boolean {
  const contexts = new Map<string, string>()
  for (const status of core.store.statuses.filter(one => one.repositoryId === repositoryId && one.sha === sha)) {
    contexts.set(status.context, status.state)
  }
  for (const run of core.store.checkRuns.filter(one => one.repositoryId === repositoryId && one.headSha === sha)) {
    contexts.set(run.name, runState(run.status, run.conclusion))
  }
  return [...contexts.values()].some(state => state !== 'success')
}

/** Whether the account may pass the rule of a branch. */
export function mayBypass(
  repository: Repository,
  rule: BranchRule,
  update: Pick<RefUpdate, 'actor' | 'token'>,
): boolean {
  return !rule.enforceAdmins && update.token?.kind !== 'job' && roleOfUser(repository, update.actor) === 'admin'
}

/** A push to a protected branch, as git's client gets to read it. */
function pushBlock(core: Core, update: RefUpdate): string | null {
  const { repository, ref } = update
  if (!ref.startsWith('refs/heads/') || update.before === zeroSha) return null
  const rule = ruleOf(core, repository, ref.slice('refs/heads/'.length))
  if (!rule) return null
  if (update.after === zeroSha) return rule.allowDeletion ? null : 'Cannot delete a protected branch'
  if (update.forced && !rule.allowForcePush) return 'Cannot force-push to this branch'
  if (mayBypass(repository, rule, update)) return null
  if (rule.requiredApprovals > 0) return 'Changes must be made through a pull request.'
  return missingChecks(core, repository, rule, update.after)
}

export function enforceBranchRules(core: Core): void {
  core.onRefRule(update => Promise.resolve(pushBlock(core, update)))
}
