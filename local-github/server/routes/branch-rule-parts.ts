/** The parts of a branch's protection, each read, changed and taken away by itself. */
import type { BranchRule } from '../../model.ts'
import { ruleOf } from '../branch-protection.ts'
import { type Context, defineRoutes, type Route } from '../context.ts'
import { json, noContent, notFound, unprocessable } from '../reply.ts'
import { flagOf, numberOf, textsOf } from '../request-body.ts'
import { protectionShape } from '../shapes/branch-rule.ts'
import { branchIn, contextsOf, notEnforcedIn } from './branch-rules.ts'

const protection = '/repos/{owner}/{repo}/branches/{branch}/protection'
const admins = `${protection}/enforce_admins`
const reviews = `${protection}/required_pull_request_reviews`
const checks = `${protection}/required_status_checks`
const contexts = `${checks}/contexts`

type Shape = ReturnType<typeof protectionShape>
type Part = 'enforce_admins' | 'required_pull_request_reviews' | 'required_status_checks'

const off = {
  enforce_admins: { enforceAdmins: false },
  required_pull_request_reviews: { requiredApprovals: 0, dismissStaleReviews: false },
  required_status_checks: { requiredChecks: [], requireUpToDate: false },
} as const satisfies Record<Part, Partial<BranchRule>>

async function ruleIn(context: Context): Promise<{ rule: BranchRule; branch: string }> {
  const branch = await branchIn(context)
  const rule = ruleOf(context.core, context.repo, branch)
  if (!rule) throw notFound('Branch not protected')
  return { rule, branch }
}

function partOf<P extends Part>(context: Context, branch: string, rule: BranchRule, part: P): NonNullable<Shape[P]> {
  const found = protectionShape(context.core, context.repo, branch, rule)[part]
  if (!found) throw notFound(part === 'required_status_checks' ? 'Required status checks not enabled' : 'Not Found')
  return found
}

const read = (part: Part): Route => ({
  needs: 'administration:read',
  role: 'admin',
  handle: async context => {
    const { rule, branch } = await ruleIn(context)
    return json(200, partOf(context, branch, rule, part))
  },
})

const change = (part: Part, changes: (context: Context, rule: BranchRule) => Partial<BranchRule>): Route => ({
  needs: 'administration:write',
  handle: async context => {
    const { rule, branch } = await ruleIn(context)
    const updated = context.core.store.branchRules.update(rule.id, changes(context, rule))
    return json(200, partOf(context, branch, updated, part))
  },
})

const remove = (part: Part): Route => ({
  needs: 'administration:write',
  handle: async context => {
    const { rule, branch } = await ruleIn(context)
    partOf(context, branch, rule, part)
    context.core.store.branchRules.update(rule.id, off[part])
    return noContent()
  },
})

/** The names come as an array, or as `contexts` of an object. */
const changeContexts = (change: (had: readonly string[], named: readonly string[]) => string[]): Route => ({
  needs: 'administration:write',
  handle: async context => {
    const { rule, branch } = await ruleIn(context)
    partOf(context, branch, rule, 'required_status_checks')
    const named = textsOf(context.body, '' in context.body ? '' : 'contexts')
    const requiredChecks = change(rule.requiredChecks, named)
    context.core.store.branchRules.update(rule.id, { requiredChecks })
    return json(200, requiredChecks)
  },
})

export const branchRulePartRoutes = defineRoutes({
  [`GET ${admins}`]: read('enforce_admins'),
  [`POST ${admins}`]: change('enforce_admins', () => ({ enforceAdmins: true })),
  [`DELETE ${admins}`]: remove('enforce_admins'),
  [`GET ${reviews}`]: read('required_pull_request_reviews'),
  [`PATCH ${reviews}`]: change('required_pull_request_reviews', ({ body }, rule) => {
    const unknown = notEnforcedIn(body)
    if (unknown.length > 0) throw unprocessable(`The local GitHub does not enforce ${unknown.join(', ')}.`)
    return {
      requiredApprovals: numberOf(body, 'required_approving_review_count') ?? Math.max(1, rule.requiredApprovals),
      dismissStaleReviews: flagOf(body, 'dismiss_stale_reviews') ?? rule.dismissStaleReviews,
    }
  }),
  [`DELETE ${reviews}`]: remove('required_pull_request_reviews'),
  [`GET ${checks}`]: read('required_status_checks'),
  [`PATCH ${checks}`]: change('required_status_checks', ({ body }, rule) => ({
    requireUpToDate: flagOf(body, 'strict') ?? rule.requireUpToDate,
    requiredChecks: 'contexts' in body || 'checks' in body ? contextsOf(body) : rule.requiredChecks,
  })),
  [`DELETE ${checks}`]: remove('required_status_checks'),
  [`GET ${contexts}`]: {
    needs: 'administration:read',
    role: 'admin',
    handle: async context => {
      const { rule, branch } = await ruleIn(context)
      return json(200, partOf(context, branch, rule, 'required_status_checks').contexts)
    },
  },
  [`POST ${contexts}`]: changeContexts((had, named) => [...new Set([...had, ...named])]),
  [`PUT ${contexts}`]: changeContexts((_had, named) => [...new Set(named)]),
  [`DELETE ${contexts}`]: changeContexts((had, named) => had.filter(name => !named.includes(name))),
})
