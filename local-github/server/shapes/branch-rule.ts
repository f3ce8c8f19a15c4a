import type { BranchRule, Repository } from '../../model.ts'
import type { ShapeContext } from './context.ts'
import { repositoryUrl } from './repository.ts'

const checksOf = (rule: BranchRule) => rule.requiredChecks.map(context => ({ context, app_id: null }))

function protectionUrl(github: ShapeContext, repository: Repository, branch: string): string {
  return `${repositoryUrl(github, repository)}/branches/${encodeURIComponent(branch)}/protection`
}

/** What asking for a branch's protection and setting it answer alike. */
export function protectionShape(github: ShapeContext, repository: Repository, branch: string, rule: BranchRule) {
  const url = protectionUrl(github, repository, branch)
  return {
    url,
    ...(rule.requiredChecks.length > 0 || rule.requireUpToDate
      ? {
          required_status_checks: {
            url: `${url}/required_status_checks`,
            strict: rule.requireUpToDate,
            contexts: rule.requiredChecks,
            contexts_url: `${url}/required_status_checks/contexts`,
            checks: checksOf(rule),
          },
        }
      : {}),
    ...(rule.requiredApprovals > 0
      ? {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: rule.dismissStaleReviews,
            require_code_owner_reviews: false,
            require_last_push_approval: false,
            required_approving_review_count: rule.requiredApprovals,
          },
        }
      : {}),
    required_signatures: { url: `${url}/required_signatures`, enabled: false },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: rule.enforceAdmins },
    required_linear_history: { enabled: false },
    allow_force_pushes: { enabled: rule.allowForcePush },
    allow_deletions: { enabled: rule.allowDeletion },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    lock_branch: { enabled: false },
    allow_fork_syncing: { enabled: false },
  }
}

/** The same rule as a ruleset's rules, which is how newer callers ask. */
export function ruleShapes(repository: Repository, rule: BranchRule) {
  const ruleset = { ruleset_source_type: 'Repository', ruleset_source: repository.fullName, ruleset_id: rule.id }
  return [
    ...(rule.allowDeletion ? [] : [{ type: 'deletion', ...ruleset }]),
    ...(rule.allowForcePush ? [] : [{ type: 'non_fast_forward', ...ruleset }]),
    ...(rule.requiredApprovals > 0
      ? [
          {
            type: 'pull_request',
            parameters: {
              required_approving_review_count: rule.requiredApprovals,
              dismiss_stale_reviews_on_push: rule.dismissStaleReviews,
              require_code_owner_review: false,
              require_last_push_approval: false,
              required_review_thread_resolution: false,
            },
            ...ruleset,
          },
        ]
      : []),
    ...(rule.requiredChecks.length > 0
      ? [
          {
            type: 'required_status_checks',
            parameters: {
              required_status_checks: rule.requiredChecks.map(context => ({ context })),
              strict_required_status_checks_policy: rule.requireUpToDate,
            },
            ...ruleset,
          },
        ]
      : []),
  ]
}

export const rulesetShape = (repository: Repository, rule: BranchRule) => ({
  id: rule.id,
  name: rule.pattern,
  target: 'branch',
  source_type: 'Repository',
  source: repository.fullName,
  enforcement: 'active',
})
