import type { Deployment, DeploymentStatus, Repository } from '../../model.ts'
import { simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { repositoryHtmlUrl, repositoryUrl } from './repository.ts'

export const statusesOfDeployment = (github: ShapeContext, deployment: Deployment): DeploymentStatus[] =>
  github.store.deploymentStatuses.filter(status => status.deploymentId === deployment.id)

export function deploymentShape(github: ShapeContext, repository: Repository, deployment: Deployment) {
  const url = `${repositoryUrl(github, repository)}/deployments/${deployment.id}`
  return {
    url,
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: simpleUserById(github, deployment.creatorId),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(github, repository),
    transient_environment: false,
    production_environment: deployment.environment === 'production',
    performed_via_github_app: null,
  }
}

export function deploymentStatusShape(
  github: ShapeContext,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus,
) {
  const deploymentUrl = `${repositoryUrl(github, repository)}/deployments/${deployment.id}`
  return {
    url: `${deploymentUrl}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state === 'waiting' ? 'pending' : status.state,
    creator: simpleUserById(github, status.creatorId),
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl || `${repositoryHtmlUrl(github, repository)}/deployments`,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: deploymentUrl,
    repository_url: repositoryUrl(github, repository),
    ...(status.environmentUrl ? { environment_url: status.environmentUrl } : {}),
    ...(status.logUrl ? { log_url: status.logUrl } : {}),
    performed_via_github_app: null,
  }
}
