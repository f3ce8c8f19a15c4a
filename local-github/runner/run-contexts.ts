/** The contexts that jobs start with. */
import type { data } from '@actions/expressions'
import type { LocalGitHub } from '../local-github.ts'
import type { WorkflowRun } from '../model.ts'
import { matchesPatterns } from './event-filters.ts'
import { toExpressionData } from './evaluate.ts'
import type { Trigger } from './trigger.ts'
import { shortRef } from './trigger.ts'
import type { WorkflowTree } from './workflow-tree.ts'

const retentionDays = 90

/** `github`, but for what belongs to one job or step. */
export function githubContext(github: LocalGitHub, run: WorkflowRun, trigger: Trigger): Record<string, unknown> {
  const repository = github.store.repositories.get(run.repositoryId)
  const owner = repository && github.store.accounts.get(repository.ownerId)
  const actor = github.store.accounts.get(run.actorId)
  const triggering = github.store.accounts.get(run.triggeringActorId)
  return {
    event_name: trigger.event,
    event: trigger.payload,
    ref: trigger.ref,
    ref_name: shortRef(trigger.ref),
    ref_type: trigger.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: isProtected(github, run.repositoryId, trigger.ref),
    sha: trigger.sha,
    head_ref: trigger.headRef,
    base_ref: trigger.baseRef,
    repository: repository?.fullName ?? '',
    repository_id: String(run.repositoryId),
    repository_owner: owner?.login ?? '',
    repository_owner_id: String(owner?.id ?? ''),
    repository_visibility: repository?.private ? 'private' : 'public',
    repositoryUrl: `${github.url.replace(/^http/, 'git')}/${repository?.fullName ?? ''}.git`,
    actor: actor?.login ?? '',
    actor_id: String(run.actorId),
    triggering_actor: triggering?.login ?? '',
    workflow: run.name,
    workflow_ref: `${repository?.fullName ?? ''}/${run.path}@${trigger.ref}`,
    workflow_sha: trigger.sha,
    run_id: String(run.id),
    run_number: String(run.runNumber),
    run_attempt: String(run.attempt),
    server_url: github.url,
    api_url: github.apiUrl,
    graphql_url: github.graphqlUrl,
    retention_days: String(retentionDays),
    artifact_cache_size_limit: '10',
    secret_source: trigger.restricted ? 'None' : 'Actions',
  }
}

/** `job.workflow_*`: the file that defines the job, which for a called workflow is not the caller's. */
export function jobContext(tree: WorkflowTree): Record<string, string> {
  return {
    workflow_ref: `${tree.repository}/${tree.source.path}@${tree.source.ref}`,
    workflow_sha: tree.source.sha,
    workflow_repository: tree.repository,
    workflow_file_path: tree.source.path,
  }
}

function isProtected(github: LocalGitHub, repositoryId: number, ref: string): boolean {
  if (!ref.startsWith('refs/heads/')) return false
  const rules = github.store.branchRules.filter(rule => rule.repositoryId === repositoryId)
  return rules.some(rule => matchesPatterns([rule.pattern], shortRef(ref)))
}

/** Of the repository, an environment's own winning; names in upper case. */
export function readSecrets(
  github: LocalGitHub,
  repositoryId: number,
  environment: string | null,
): Record<string, string> {
  const all = github.store.secrets.filter(secret => secret.repositoryId === repositoryId)
  const of = (name: string): [string, string][] =>
    all
      .filter(secret => secret.environment.toLowerCase() === name.toLowerCase())
      .map(secret => [secret.name.toUpperCase(), secret.value])
  return Object.fromEntries([...of(''), ...(environment === null ? [] : of(environment))])
}

export function readVariables(
  github: LocalGitHub,
  repositoryId: number,
  environment: string | null,
): data.ExpressionData {
  const all = github.store.variables.filter(variable => variable.repositoryId === repositoryId)
  const of = (name: string): [string, string][] =>
    all
      .filter(variable => variable.environment.toLowerCase() === name.toLowerCase())
      .map(variable => [variable.name.toUpperCase(), variable.value])
  return toExpressionData(Object.fromEntries([...of(''), ...(environment === null ? [] : of(environment))]))
}
