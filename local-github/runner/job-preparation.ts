/** Turns what is known of a job into the plan that is executed. */
import { data } from '@actions/expressions'
import { MappingToken, type TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import type { Job } from '../model.ts'
import { evaluateString, evaluateStringMap, evaluateToken, toExpressionData, type Scope } from './evaluate.ts'
import type { EnvironmentReference } from './job-environment-reference.ts'
import type { JobPlan } from './job-plan.ts'
import { jobContext, readVariables } from './run-contexts.ts'
import type { InstancePart } from './run-state.ts'

const defaultTimeoutMinutes = 360
/** GitHub's tokens live for the longest job. */
const tokenSeconds = 24 * 60 * 60

export function preparePlan(part: InstancePart, record: Job, environment: EnvironmentReference | null): JobPlan {
  const { state, level, job, instance } = part
  const { github } = state.engine
  const environmentName = environment?.name ?? null
  const token = github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: state.run.repositoryId,
    permissions: record.permissions,
    runId: state.run.id,
    jobId: record.id,
    expiresInSeconds: tokenSeconds,
  })
  const secrets = { ...level.secretsFor(environmentName), GITHUB_TOKEN: token }
  const replaced: Record<string, data.ExpressionData> = {
    github: toExpressionData({ ...state.github, token, job: job.key }),
    vars: readVariables(github, state.run.repositoryId, environmentName),
    secrets: toExpressionData(secrets),
    job: toExpressionData(jobContext(level.tree)),
  }
  const contexts = new data.Dictionary(
    ...instance.contexts.pairs().filter(({ key }) => !(key in replaced)),
    ...Object.entries(replaced).map(([key, value]) => ({ key, value })),
  )
  const scope = { contexts }
  const env = {
    ...evaluateStringMap(level.tree.definition.env, scope),
    ...evaluateStringMap(job.env, scope),
  }
  return {
    run: state.run,
    job: record,
    key: job.key,
    steps: job.steps,
    contexts,
    env,
    defaults: readDefaults([level.tree.definition.defaults, job.defaults], contexts, env),
    outputs: job.outputs,
    environment: environment && { name: environment.name, url: environment.url },
    source: level.tree.source,
    callerSha: state.trigger.sha,
    token,
    permissions: record.permissions,
    timeoutMinutes: readTimeout(job.timeoutMinutes, scope),
    secrets,
  }
}

function readDefaults(
  tokens: (TemplateToken | null)[],
  contexts: data.Dictionary,
  env: Record<string, string>,
): JobPlan['defaults'] {
  const scope = { contexts: new data.Dictionary(...contexts.pairs(), { key: 'env', value: toExpressionData(env) }) }
  const defaults: { shell?: string; workingDirectory?: string } = {}
  for (const token of tokens) {
    const run = token instanceof MappingToken ? token.find('run') : undefined
    if (!(run instanceof MappingToken)) continue
    const shell = run.find('shell')
    const workingDirectory = run.find('working-directory')
    if (shell) defaults.shell = evaluateString(shell, scope)
    if (workingDirectory) defaults.workingDirectory = evaluateString(workingDirectory, scope)
  }
  return defaults
}

function readTimeout(token: TemplateToken | null, scope: Scope): number {
  if (!token) return defaultTimeoutMinutes
  const minutes = evaluateToken(token, scope).number()
  if (!(minutes > 0)) throw new Error(`\`timeout-minutes\` is ${String(minutes)}; it must be above zero.`)
  return minutes
}
