import type { BranchRule } from '../../model.ts'
import { ruleOf } from '../branch-protection.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { json, noContent, notFound, unprocessable } from '../reply.ts'
import { type Body, flagOf, isObject, listOf, numberOf, objectOf, textOf, textsOf } from '../request-body.ts'
import { protectionShape, rulesetShape, ruleShapes } from '../shapes/branch-rule.ts'

const protection = '/repos/{owner}/{repo}/branches/{branch}/protection'

export const branchRuleRoutes = defineRoutes({
  [`GET ${protection}`]: {
    needs: 'administration:read',
    role: 'admin',
    handle: async context => {
      const branch = await branchIn(context)
      const rule = ruleOf(context.core, context.repo, branch)
      if (!rule) throw notFound('Branch not protected')
      return json(200, protectionShape(context.core, context.repo, branch, rule))
    },
  },
  [`PUT ${protection}`]: {
    needs: 'administration:write',
    handle: async context => {
      const branch = await branchIn(context)
      return json(200, protectionShape(context.core, context.repo, branch, putRule(context, branch)))
    },
  },
  [`DELETE ${protection}`]: {
    needs: 'administration:write',
    handle: async context => {
      const rule = ownRule(context, await branchIn(context))
      if (!rule) throw notFound('Branch not protected')
      context.core.store.branchRules.delete(rule.id)
      return noContent()
    },
  },
  'GET /repos/{owner}/{repo}/rules/branches/{branch}': {
    needs: 'metadata:read',
    handle: context => {
      const rule = ruleOf(context.core, context.repo, context.param('branch'))
      return context.list(rule ? ruleShapes(context.repo, rule) : [], shape => shape)
    },
  },
  'GET /repos/{owner}/{repo}/rulesets': {
    needs: 'metadata:read',
    handle: context => {
      const rules = context.core.store.branchRules.filter(rule => rule.repositoryId === context.repo.id)
      return context.list(rules, rule => rulesetShape(context.repo, rule))
    },
  },
})

/** The branch of the route; 404 where there is none. */
export async function branchIn(context: Context): Promise<string> {
  const branch = context.param('branch')
  if ((await context.core.git(context.repo.id).readRef(`refs/heads/${branch}`)) === null) {
    throw notFound('Branch not found')
  }
  return branch
}

const ownRule = (context: Context, pattern: string): BranchRule | undefined =>
  context.core.store.branchRules.find(rule => rule.repositoryId === context.repo.id && rule.pattern === pattern)

/** What the local GitHub cannot enforce is refused: a rule that is accepted holds. */
const notEnforced: readonly string[] = [
  'required_linear_history',
  'block_creations',
  'required_conversation_resolution',
  'lock_branch',
]

/** Of required reviews. */
export const notEnforcedIn = (reviews: Body): string[] =>
  ['require_code_owner_reviews', 'require_last_push_approval'].filter(name => flagOf(reviews, name) === true)

function putRule(context: Context, branch: string): BranchRule {
  const { core, repo, body } = context
  const reviews = objectOf(body, 'required_pull_request_reviews')
  const checks = objectOf(body, 'required_status_checks')
  const unknown = notEnforced.filter(name => flagOf(body, name) === true)
  if (objectOf(body, 'restrictions')) unknown.push('restrictions')
  if (reviews) unknown.push(...notEnforcedIn(reviews))
  if (unknown.length > 0) throw unprocessable(`The local GitHub does not enforce ${unknown.join(', ')}.`)
  const rule = {
    requiredApprovals: reviews ? (numberOf(reviews, 'required_approving_review_count') ?? 1) : 0,
    dismissStaleReviews: reviews ? (flagOf(reviews, 'dismiss_stale_reviews') ?? false) : false,
    requiredChecks: checks ? contextsOf(checks) : [],
    requireUpToDate: checks ? (flagOf(checks, 'strict') ?? false) : false,
    allowForcePush: flagOf(body, 'allow_force_pushes') ?? false,
    allowDeletion: flagOf(body, 'allow_deletions') ?? false,
    enforceAdmins: flagOf(body, 'enforce_admins') ?? false,
  }
  const known = ownRule(context, branch)
  return known
    ? core.store.branchRules.update(known.id, rule)
    : core.store.branchRules.insert({ repositoryId: repo.id, pattern: branch, ...rule })
}

/** Names of required checks in either form. */
export function contextsOf(checks: Body): string[] {
  const named = (listOf(checks, 'checks') ?? []).flatMap(check =>
    isObject(check) ? (textOf(check, 'context') ?? []) : [],
  )
  return [...new Set([...textsOf(checks, 'contexts'), ...named])]
}
