import type { Environment, Repository } from '../../model.ts'
import { simpleUserByLogin } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { repositoryHtmlUrl, repositoryUrl } from './repository.ts'

export function findEnvironment(github: ShapeContext, repository: Repository, name: string): Environment | undefined {
  const wanted = name.toLowerCase()
  return github.store.environments.find(
    environment => environment.repositoryId === repository.id && environment.name.toLowerCase() === wanted,
  )
}

export const environmentUrls = (github: ShapeContext, repository: Repository, environment: Environment) => ({
  id: environment.id,
  node_id: nodeId('Environment', environment.id),
  name: environment.name,
  url: `${repositoryUrl(github, repository)}/environments/${encodeURIComponent(environment.name)}`,
  html_url: `${repositoryHtmlUrl(github, repository)}/deployments/${encodeURIComponent(environment.name)}`,
})

export const reviewersShape = (github: ShapeContext, logins: readonly string[]) =>
  logins.flatMap(login => {
    const reviewer = simpleUserByLogin(github, login)
    return reviewer ? [{ type: 'User', reviewer }] : []
  })

export function environmentShape(github: ShapeContext, repository: Repository, environment: Environment) {
  const rule = (offset: number, type: string) => {
    const id = environment.id * 10 + offset
    return { id, node_id: nodeId('Environment', `rule-${id}`), type }
  }
  return {
    ...environmentUrls(github, repository, environment),
    created_at: environment.createdAt,
    updated_at: environment.updatedAt,
    protection_rules: [
      ...(environment.waitTimer > 0 ? [{ ...rule(1, 'wait_timer'), wait_timer: environment.waitTimer }] : []),
      ...(environment.reviewers.length > 0
        ? [
            {
              ...rule(2, 'required_reviewers'),
              prevent_self_review: environment.preventSelfReview,
              reviewers: reviewersShape(github, environment.reviewers),
            },
          ]
        : []),
      ...(environment.branchPolicies === null ? [] : [rule(3, 'branch_policy')]),
    ],
    deployment_branch_policy:
      environment.branchPolicies === null ? null : { protected_branches: false, custom_branch_policies: true },
  }
}
