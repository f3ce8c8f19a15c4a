import type { WorkflowJob } from '@actions/workflow-parser/model/workflow-template'
import type { TemplateContext } from '@actions/workflow-parser/templates/template-context'
import {
  type BasicExpressionToken,
  MappingToken,
  ScalarToken,
  SequenceToken,
  StringToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index'
import type { StepDefinition } from './job-plan.ts'

/** A job as its file says it, before anything is evaluated. */
export interface JobDefinition {
  readonly key: string
  readonly name: TemplateToken | null
  readonly needs: string[]
  /** With the status function that GitHub adds when there is none. */
  readonly condition: string
  readonly strategy: TemplateToken | null
  readonly permissions: TemplateToken | null
  readonly concurrency: TemplateToken | null
  readonly environment: TemplateToken | null
  readonly env: MappingToken | null
  readonly defaults: TemplateToken | null
  readonly outputs: MappingToken | null
  readonly runsOn: TemplateToken | null
  readonly timeoutMinutes: TemplateToken | null
  readonly continueOnError: TemplateToken | null
  readonly steps: StepDefinition[]
  readonly call: CallDefinition | null
  /** `(Line: 3, Col: 5)`. */
  readonly position: string
}

/** `jobs.<key>.uses` and what goes with it. */
export interface CallDefinition {
  readonly uses: string
  readonly with: MappingToken | null
  readonly secrets: MappingToken | 'inherit' | null
}

const unsupportedJobKeys = ['container', 'services', 'snapshot', 'cancel-timeout-minutes']
const unsupportedStepKeys = ['background', 'wait', 'wait-all', 'cancel', 'parallel']

/** Adds an error to the context for every key that this runner does not do. */
export function readJob(context: TemplateContext, job: WorkflowJob, token: MappingToken): JobDefinition {
  refuseKeys(context, token, unsupportedJobKeys)
  const section = (key: string): TemplateToken | null => token.find(key) ?? null
  const mapping = (key: string): MappingToken | null => {
    const value = section(key)
    return value instanceof MappingToken ? value : null
  }
  const runsOn = section('runs-on')
  if (runsOn) checkRunsOn(context, runsOn)
  const uses = section('uses')
  const secrets = section('secrets')
  const steps = section('steps')
  if (job.type === 'job' && (!(steps instanceof SequenceToken) || steps.count === 0)) {
    context.error(job.id, `Job '${job.id.value}' has no steps.`)
  }
  return {
    key: job.id.value,
    name: section('name'),
    needs: readNeeds(section('needs')),
    condition: job.if.expression,
    strategy: section('strategy'),
    permissions: section('permissions'),
    concurrency: section('concurrency'),
    environment: section('environment'),
    env: mapping('env'),
    defaults: section('defaults'),
    outputs: mapping('outputs'),
    runsOn,
    timeoutMinutes: section('timeout-minutes'),
    continueOnError: section('continue-on-error'),
    steps: job.type === 'job' && steps instanceof SequenceToken ? readSteps(context, job.steps, steps) : [],
    call:
      uses instanceof StringToken
        ? {
            uses: uses.value,
            with: mapping('with'),
            secrets: secrets instanceof MappingToken ? secrets : secrets ? 'inherit' : null,
          }
        : null,
    position: `(Line: ${job.id.line ?? 0}, Col: ${job.id.col ?? 0})`,
  }
}

function readNeeds(token: TemplateToken | null): string[] {
  if (token instanceof StringToken) return [token.value]
  return token instanceof SequenceToken ? [...token].map(item => item.assertString('needs').value) : []
}

function readSteps(
  context: TemplateContext,
  converted: { if?: BasicExpressionToken }[],
  steps: SequenceToken,
): StepDefinition[] {
  return [...steps].flatMap((item, index) => {
    if (!(item instanceof MappingToken)) return []
    refuseKeys(context, item, unsupportedStepKeys)
    const scalar = (key: string): ScalarToken | null => {
      const value = item.find(key)
      return value instanceof ScalarToken ? value : null
    }
    const mapping = (key: string): MappingToken | null => {
      const value = item.find(key)
      return value instanceof MappingToken ? value : null
    }
    const id = scalar('id')
    const uses = scalar('uses')
    return {
      id: id instanceof StringToken ? id.value : '',
      name: scalar('name'),
      condition: converted[index]?.if?.expression ?? 'success()',
      run: scalar('run'),
      uses: uses instanceof StringToken ? uses.value : null,
      with: mapping('with'),
      env: mapping('env'),
      shell: scalar('shell'),
      workingDirectory: scalar('working-directory'),
      continueOnError: scalar('continue-on-error'),
      timeoutMinutes: scalar('timeout-minutes'),
    }
  })
}

function refuseKeys(context: TemplateContext, token: MappingToken, keys: string[]): void {
  for (const { key } of token) {
    if (key instanceof StringToken && keys.includes(key.value)) {
      context.error(
        key,
        `The local runner does not implement \`${key.value}\`: it has no containers and runs steps one by one.`,
      )
    }
  }
}

function checkRunsOn(context: TemplateContext, token: TemplateToken): void {
  for (const label of literalLabels(token)) {
    const problem = runsOnProblem(label.value)
    if (problem !== null) context.error(label, problem)
  }
}

function literalLabels(token: TemplateToken): StringToken[] {
  if (token instanceof StringToken) return [token]
  if (token instanceof SequenceToken) return [...token].flatMap(literalLabels)
  const labels = token instanceof MappingToken ? token.find('labels') : undefined
  return labels ? literalLabels(labels) : []
}

/** Every label means this machine, but for the systems that it is not. */
export function runsOnProblem(label: string): string | null {
  return /^(windows|macos)\b/i.test(label)
    ? `The local runner is this machine and cannot be \`${label}\`: use an \`ubuntu-*\` or \`self-hosted\` label.`
    : null
}
