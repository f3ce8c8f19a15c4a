import { createHash } from 'node:crypto'
import type { Environment, PendingDeployment, WorkflowRun } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { sameName } from '../issue-records.ts'
import { forbidden, json, noContent, notFound, unprocessable } from '../reply.ts'
import { flagOf, isObject, listOf, numberOf, objectOf, textOf } from '../request-body.ts'
import { simpleUserByLogin } from '../shapes/account.ts'
import { deploymentShape } from '../shapes/deployment.ts'
import { environmentShape, environmentUrls, findEnvironment, reviewersShape } from '../shapes/environment.ts'
import { nodeId } from '../shapes/node-id.ts'

const all = '/repos/{owner}/{repo}/environments'
const one = `${all}/{environment_name}`
const policies = `${one}/deployment-branch-policies`
const run = '/repos/{owner}/{repo}/actions/runs/{run_id}'

export const environmentRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'actions:read',
    handle: context => {
      const { core, repo } = context
      const environments = core.store.environments.filter(environment => environment.repositoryId === repo.id)
      return context.listIn('environments', environments, environment => environmentShape(core, repo, environment))
    },
  },
  [`GET ${one}`]: {
    needs: 'actions:read',
    handle: context => json(200, environmentShape(context.core, context.repo, environmentIn(context))),
  },
  [`PUT ${one}`]: {
    needs: 'administration:write',
    handle: context => json(200, environmentShape(context.core, context.repo, putEnvironment(context))),
  },
  [`DELETE ${one}`]: {
    needs: 'administration:write',
    handle: context => {
      const { core, repo } = context
      const { id, name } = environmentIn(context)
      core.store.environments.delete(id)
      const inside = (entry: { repositoryId: number; environment: string }): boolean =>
        entry.repositoryId === repo.id && entry.environment === name
      for (const secret of core.store.secrets.filter(inside)) core.store.secrets.delete(secret.id)
      for (const variable of core.store.variables.filter(inside)) core.store.variables.delete(variable.id)
      return noContent()
    },
  },
  [`GET ${policies}`]: {
    needs: 'actions:read',
    handle: context => context.listIn('branch_policies', environmentIn(context).branchPolicies ?? [], policyShape),
  },
  [`POST ${policies}`]: {
    needs: 'administration:write',
    handle: context => {
      const environment = environmentIn(context)
      const name = textOf(context.body, 'name') ?? ''
      if (environment.branchPolicies === null) throw notFound()
      if (!environment.branchPolicies.includes(name)) {
        context.core.store.environments.update(environment.id, {
          branchPolicies: [...environment.branchPolicies, name],
          updatedAt: context.core.timestamp(),
        })
      }
      return json(200, policyShape(name))
    },
  },
  [`DELETE ${policies}/{branch_policy_id}`]: {
    needs: 'administration:write',
    handle: context => {
      const environment = environmentIn(context)
      const left = environment.branchPolicies?.filter(name => policyId(name) !== context.id('branch_policy_id'))
      if (left?.length === environment.branchPolicies?.length) throw notFound()
      context.core.store.environments.update(environment.id, { branchPolicies: left ?? null })
      return noContent()
    },
  },
  [`GET ${run}/pending_deployments`]: {
    needs: 'actions:read',
    handle: context => json(200, pendingShapes(context, runIn(context))),
  },
  [`POST ${run}/pending_deployments`]: {
    needs: 'deployments:write',
    role: 'read',
    handle: context => json(200, review(context, runIn(context))),
  },
  [`GET ${run}/approvals`]: {
    needs: 'actions:read',
    handle: context => json(200, approvalShapes(context, runIn(context))),
  },
})

function environmentIn(context: Context): Environment {
  const environment = findEnvironment(context.core, context.repo, context.param('environment_name'))
  if (!environment) throw notFound()
  return environment
}

/** The request replaces all rules; what it leaves out is gone. */
function putEnvironment(context: Context): Environment {
  const { core, repo, body } = context
  const name = context.param('environment_name')
  const known = findEnvironment(core, repo, name)
  const waitTimer = numberOf(body, 'wait_timer') ?? 0
  if (!Number.isInteger(waitTimer) || waitTimer < 0 || waitTimer > 43_200) {
    throw unprocessable('Invalid wait_timer: it must be between 0 and 43200 minutes.')
  }
  const rules = {
    reviewers: reviewersOf(context),
    preventSelfReview: flagOf(body, 'prevent_self_review') ?? false,
    waitTimer,
    branchPolicies: policiesOf(context, known),
    updatedAt: core.timestamp(),
  }
  if (known) return core.store.environments.update(known.id, rules)
  return core.store.environments.insert({ repositoryId: repo.id, name, createdAt: core.timestamp(), ...rules })
}

function reviewersOf(context: Context): string[] {
  const listed = listOf(context.body, 'reviewers') ?? []
  if (listed.length > 6) throw unprocessable('Invalid reviewers: there can be at most 6.')
  return listed.map(value => {
    const id = isObject(value) ? numberOf(value, 'id') : undefined
    const isUser = isObject(value) && value['type'] === 'User'
    const account = isUser && id !== undefined ? context.core.store.accounts.get(id) : undefined
    if (!account) throw unprocessable(`Invalid reviewers: there is no user ${id} (teams do not exist here).`)
    return account.login
  })
}

function policiesOf(context: Context, known: Environment | undefined): string[] | null {
  const policy = objectOf(context.body, 'deployment_branch_policy')
  if (!policy) return null
  const custom = flagOf(policy, 'custom_branch_policies') ?? false
  if (custom === (flagOf(policy, 'protected_branches') ?? false)) {
    throw unprocessable('protected_branches and custom_branch_policies cannot have the same value')
  }
  if (custom) return known?.branchPolicies ?? []
  return context.core.store.branchRules.filter(rule => rule.repositoryId === context.repo.id).map(rule => rule.pattern)
}

/** The same name has the same number in every environment: records do not number patterns. */
const policyId = (name: string): number => createHash('sha256').update(name).digest().readUIntBE(0, 4)

const policyShape = (name: string) => {
  const id = policyId(name)
  return { id, node_id: nodeId('Environment', `policy-${id}`), name, type: 'branch' }
}

function runIn(context: Context): WorkflowRun {
  const found = context.core.store.runs.get(context.id('run_id'))
  if (found?.repositoryId !== context.repo.id) throw notFound()
  return found
}

const pendingOf = (context: Context, of: WorkflowRun, state: PendingDeployment['state']): PendingDeployment[] =>
  context.core.store.pendingDeployments.filter(pending => pending.runId === of.id && pending.state === state)

function mayReview(context: Context, of: WorkflowRun, pending: PendingDeployment): boolean {
  const { core, repo, actor } = context
  const environment = findEnvironment(core, repo, pending.environment)
  if (environment?.preventSelfReview && of.triggeringActorId === actor.id) return false
  return pending.reviewers.some(login => sameName(login, actor.login))
}

function pendingShapes(context: Context, of: WorkflowRun): unknown[] {
  const { core, repo } = context
  const waiting = pendingOf(context, of, 'waiting')
  const names = [...new Set(waiting.map(pending => pending.environment))]
  return names.flatMap(name => {
    const environment = findEnvironment(core, repo, name)
    const mine = waiting.filter(pending => pending.environment === name)
    const [first] = mine
    if (!environment || !first) return []
    return [
      {
        environment: environmentUrls(core, repo, environment),
        wait_timer: environment.waitTimer,
        wait_timer_started_at: environment.waitTimer > 0 ? first.createdAt : null,
        current_user_can_approve: context.token !== null && mine.every(pending => mayReview(context, of, pending)),
        reviewers: reviewersShape(core, first.reviewers),
      },
    ]
  })
}

/** Nothing is changed when one of the named environments may not be reviewed by the caller. */
function review(context: Context, of: WorkflowRun): unknown[] {
  const { core, repo, body, actor } = context
  const ids = (listOf(body, 'environment_ids') ?? []).filter(id => typeof id === 'number')
  const waiting = pendingOf(context, of, 'waiting')
  const chosen = ids.flatMap(id => {
    const environment = core.store.environments.get(id)
    const found = waiting.filter(pending => pending.environment === environment?.name)
    if (environment?.repositoryId !== repo.id || found.length === 0) {
      throw unprocessable(`Environment ${id} has no deployment of this run that waits for a review.`)
    }
    return found
  })
  if (chosen.some(pending => !mayReview(context, of, pending))) {
    throw forbidden('You are not a required reviewer of this deployment, or may not review your own.')
  }
  const state = textOf(body, 'state') === 'approved' ? 'approved' : 'rejected'
  const comment = textOf(body, 'comment') ?? ''
  for (const pending of chosen) {
    core.store.pendingDeployments.update(pending.id, { state, comment, reviewedBy: actor.login })
  }
  for (const pending of chosen) core.request({ kind: 'reviewed', pendingDeploymentId: pending.id })
  const names = new Set(chosen.map(pending => pending.environment))
  return core.store.deployments
    .filter(one => one.repositoryId === repo.id && one.sha === of.headSha && names.has(one.environment))
    .map(one => deploymentShape(core, repo, one))
}

function approvalShapes(context: Context, of: WorkflowRun): unknown[] {
  const { core, repo } = context
  return [...pendingOf(context, of, 'approved'), ...pendingOf(context, of, 'rejected')].flatMap(pending => {
    const environment = findEnvironment(core, repo, pending.environment)
    const user = simpleUserByLogin(core, pending.reviewedBy ?? '')
    if (!environment || !user) return []
    const { createdAt, updatedAt } = environment
    const shown = { ...environmentUrls(core, repo, environment), created_at: createdAt, updated_at: updatedAt }
    return [{ state: pending.state, comment: pending.comment ?? '', user, environments: [shown] }]
  })
}
