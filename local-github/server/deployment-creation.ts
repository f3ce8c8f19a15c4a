/** A new deployment: the ref it takes, the default branch that it may merge first, and the checks that it waits for. */
import type { Deployment, Repository } from '../model.ts'
import { checkState } from './branch-protection.ts'
import type { Context } from './context.ts'
import { identityOf } from './git-identity.ts'
import { byOf } from './issue-records.ts'
import { mergeCommit } from './merge.ts'
import { invalidField, json, Refusal, unprocessable } from './reply.ts'
import type { Reply } from './reply.ts'
import { flagOf, listOf, objectOf, textOf, textsOf } from './request-body.ts'
import { deploymentShape } from './shapes/deployment.ts'

export async function createDeployment(context: Context): Promise<Reply> {
  const { core, repo, body } = context
  const ref = textOf(body, 'ref') ?? ''
  const sha = await core.git(repo.id).commitOf(ref)
  if (sha === null) throw unprocessable(`No ref found for: ${ref}`)
  const description = textOf(body, 'description') ?? null
  if ([...(description ?? '')].length > 140) throw invalidField('Deployment', 'description')
  if (flagOf(body, 'auto_merge') ?? true) {
    const merged = await mergeDefaultBranch(context, ref, sha)
    if (merged) return merged
  }
  checkContexts(context, ref, sha)
  const environment = textOf(body, 'environment') ?? 'production'
  const at = core.timestamp()
  ensureEnvironment(context, repo, environment)
  const deployment = core.store.deployments.insert({
    repositoryId: repo.id,
    sha,
    ref,
    task: textOf(body, 'task') ?? 'deploy',
    environment,
    description,
    payload: textOf(body, 'payload') ?? objectOf(body, 'payload') ?? {},
    creatorId: context.actor.id,
    createdAt: at,
    updatedAt: at,
  })
  await tell(context, deployment)
  const made = deploymentShape(core, repo, deployment)
  return json(201, made, { location: made.url })
}

/** GitHub makes an environment that a deployment names, without any rules. */
function ensureEnvironment(context: Context, repository: Repository, name: string): void {
  const { core } = context
  const known = core.store.environments.find(one => one.repositoryId === repository.id && one.name === name)
  if (known) return
  const at = core.timestamp()
  core.store.environments.insert({
    repositoryId: repository.id,
    name,
    reviewers: [],
    preventSelfReview: false,
    waitTimer: 0,
    branchPolicies: null,
    createdAt: at,
    updatedAt: at,
  })
}

/** A branch that is behind the default branch is brought up to date instead of deployed. */
async function mergeDefaultBranch(context: Context, ref: string, sha: string): Promise<Reply | null> {
  const { core, repo, actor } = context
  const git = core.git(repo.id)
  const branch = ref.replace(/^refs\/heads\//, '')
  const tip = await git.readRef(`refs/heads/${repo.defaultBranch}`)
  const isBranch = (await git.readRef(`refs/heads/${branch}`)) === sha
  if (tip === null || !isBranch || branch === repo.defaultBranch || (await git.isAncestor(tip, sha))) return null
  const merged = await mergeCommit(git, {
    base: sha,
    head: tip,
    message: `Merge branch '${repo.defaultBranch}' into ${branch}`,
    author: identityOf(actor),
    date: core.timestamp(),
  })
  if (merged === null) throw new Refusal(409, `Conflict merging ${repo.defaultBranch} into ${branch}`)
  await core.updateRef(repo, { ref: `refs/heads/${branch}`, to: merged, from: sha }, byOf(context))
  return json(202, { message: `Auto-merged ${repo.defaultBranch} into ${branch} on deployment.` })
}

/** Unless the caller names the contexts (none at all is a choice too), every status and check of the commit must be green. */
function checkContexts(context: Context, ref: string, sha: string): void {
  const { core, repo, body } = context
  const wanted =
    listOf(body, 'required_contexts') === undefined ? allContexts(context, sha) : textsOf(body, 'required_contexts')
  const states = wanted.map(name => ({ context: name, state: checkState(core, repo, sha, name) }))
  if (states.every(({ state }) => state === 'success')) return
  throw new Refusal(409, `Conflict: Commit status checks failed for ${ref}.`, [
    {
      resource: 'Deployment',
      field: 'required_contexts',
      code: 'invalid',
      message: states.map(one => `${one.context}: ${one.state}`).join(', '),
    },
  ])
}

function allContexts(context: Context, sha: string): string[] {
  const { store } = context.core
  const { id } = context.repo
  const statuses = store.statuses.filter(one => one.repositoryId === id && one.sha === sha).map(one => one.context)
  const runs = store.checkRuns.filter(one => one.repositoryId === id && one.headSha === sha).map(one => one.name)
  return [...new Set([...statuses, ...runs])]
}

async function tell(context: Context, deployment: Deployment): Promise<void> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const short = deployment.ref.replace(/^refs\/(heads|tags)\//, '')
  const candidates = [`refs/heads/${short}`, `refs/tags/${short}`]
  let ref = ''
  for (const candidate of candidates) {
    if (ref === '' && (await git.readRef(candidate)) !== null) ref = candidate
  }
  context.emit({
    name: 'deployment',
    action: 'created',
    payload: { deployment: deploymentShape(core, repo, deployment) },
    ref,
    sha: deployment.sha,
  })
}
