import type { Deployment, DeploymentStatus } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { createDeployment } from '../deployment-creation.ts'
import { json, noContent, notFound, unprocessable } from '../reply.ts'
import { flagOf, textOf } from '../request-body.ts'
import { deploymentShape, deploymentStatusShape, statusesOfDeployment } from '../shapes/deployment.ts'
import { checkDescription } from '../text-limits.ts'

const all = '/repos/{owner}/{repo}/deployments'
const one = `${all}/{deployment_id}`

export const deploymentRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'deployments:read',
    handle: context =>
      context.list(listDeployments(context), deployment => deploymentShape(context.core, context.repo, deployment)),
  },
  [`POST ${all}`]: { needs: 'deployments:write', handle: createDeployment },
  [`GET ${one}`]: {
    needs: 'deployments:read',
    handle: context => json(200, deploymentShape(context.core, context.repo, deploymentIn(context))),
  },
  [`DELETE ${one}`]: {
    needs: 'deployments:write',
    handle: context => {
      const { core } = context
      const deployment = deploymentIn(context)
      const others = inEnvironment(context, deployment.environment).length > 1
      const statuses = statusesOfDeployment(core, deployment)
      if (others && statuses.at(-1)?.state !== 'inactive') {
        throw unprocessable(
          'We cannot delete an active deployment unless it is the only deployment in a given environment.',
        )
      }
      for (const status of statuses) core.store.deploymentStatuses.delete(status.id)
      core.store.deployments.delete(deployment.id)
      return noContent()
    },
  },
  [`GET ${one}/statuses`]: {
    needs: 'deployments:read',
    handle: context => {
      const deployment = deploymentIn(context)
      const statuses = statusesOfDeployment(context.core, deployment).reverse()
      return context.list(statuses, status => deploymentStatusShape(context.core, context.repo, deployment, status))
    },
  },
  [`POST ${one}/statuses`]: {
    needs: 'deployments:write',
    handle: context => {
      const { core, repo } = context
      const deployment = deploymentIn(context)
      const status = createStatus(context, deployment)
      const made = deploymentStatusShape(core, repo, deployment, status)
      context.emit({
        name: 'deployment_status',
        action: 'created',
        payload: { deployment: deploymentShape(core, repo, deployment), deployment_status: made },
        ref: deployment.ref,
        sha: deployment.sha,
      })
      return json(201, made, { location: made.url })
    },
  },
  [`GET ${one}/statuses/{status_id}`]: {
    needs: 'deployments:read',
    handle: context => {
      const deployment = deploymentIn(context)
      const status = context.core.store.deploymentStatuses.get(context.id('status_id'))
      if (status?.deploymentId !== deployment.id) throw notFound()
      return json(200, deploymentStatusShape(context.core, context.repo, deployment, status))
    },
  },
})

function deploymentIn(context: Context): Deployment {
  const deployment = context.core.store.deployments.get(context.id('deployment_id'))
  if (deployment?.repositoryId !== context.repo.id) throw notFound()
  return deployment
}

const inEnvironment = (context: Context, environment: string): Deployment[] =>
  context.core.store.deployments.filter(
    deployment => deployment.repositoryId === context.repo.id && deployment.environment === environment,
  )

/** Newest first. */
function listDeployments(context: Context): Deployment[] {
  const { core, repo, query } = context
  const matches = (name: string, value: string): boolean => {
    const wanted = query.get(name)
    return wanted === null || wanted === 'none' || wanted === value
  }
  return core.store.deployments
    .filter(deployment => deployment.repositoryId === repo.id)
    .filter(deployment => matches('sha', deployment.sha))
    .filter(deployment => matches('ref', deployment.ref))
    .filter(deployment => matches('task', deployment.task))
    .filter(deployment => matches('environment', deployment.environment))
    .reverse()
}

function createStatus(context: Context, deployment: Deployment): DeploymentStatus {
  const { core, repo, body, actor } = context
  const description = textOf(body, 'description') ?? ''
  checkDescription('DeploymentStatus', description)
  const state = textOf(body, 'state') as DeploymentStatus['state']
  const at = core.timestamp()
  const status = core.store.deploymentStatuses.insert({
    repositoryId: repo.id,
    deploymentId: deployment.id,
    state,
    description,
    environmentUrl: textOf(body, 'environment_url') ?? '',
    logUrl: textOf(body, 'log_url') ?? textOf(body, 'target_url') ?? '',
    creatorId: actor.id,
    createdAt: at,
  })
  core.store.deployments.update(deployment.id, { updatedAt: at })
  if (state === 'success' && (flagOf(body, 'auto_inactive') ?? true)) retireEarlier(context, deployment, at)
  return status
}

/** An earlier success in the same environment becomes inactive; production keeps its history. */
function retireEarlier(context: Context, deployment: Deployment, at: string): void {
  const { core, repo, actor } = context
  if (deployment.environment === 'production') return
  for (const earlier of inEnvironment(context, deployment.environment)) {
    const last = statusesOfDeployment(core, earlier).at(-1)
    if (earlier.id >= deployment.id || last?.state !== 'success') continue
    core.store.deploymentStatuses.insert({
      repositoryId: repo.id,
      deploymentId: earlier.id,
      state: 'inactive',
      description: '',
      environmentUrl: last.environmentUrl,
      logUrl: last.logUrl,
      creatorId: actor.id,
      createdAt: at,
    })
  }
}
