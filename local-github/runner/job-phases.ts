import { arch, release, type } from 'node:os'
import { hasPre, prepareAction, type ActionInstance } from './action-instance.ts'
import { runPre } from './action-phases.ts'
import { evaluateString, evaluateStringMap } from './evaluate.ts'
import { scopeOf, type Frame, type PostStep, type StepResult, type StepScope } from './frame.ts'
import type { JobResult, StepDefinition } from './job-plan.ts'
import type { JobSession } from './job-session.ts'
import { limitStep } from './step-limit.ts'
import { initialName, nameAction } from './step-names.ts'
import { StepOutput } from './step-output.ts'
import { runStep } from './steps.ts'

type Instances = ReadonlyMap<StepDefinition, ActionInstance>

/** A job from "Set up job" to "Complete job". */
export async function runPhases(session: JobSession): Promise<JobResult> {
  const { source } = session.parts.plan
  const frame: Frame = {
    session,
    action: null,
    inputs: null,
    origin: { repositoryId: source.repositoryId, sha: source.sha },
    depth: 0,
    env: {},
    outcomes: new Map(),
    status: 'success',
    posts: [],
    names: new Map(),
  }
  const instances = await setUp(frame)
  if (instances) await runSteps(frame, instances)
  await runPosts(frame)
  return await complete(frame)
}

/** Looks up every action that is not in the workspace. Null when one cannot be had: then the job has no other steps. */
async function setUp(frame: Frame): Promise<Instances | null> {
  const { session } = frame
  const { plan } = session.parts
  const output = startStep(session, 'Set up job')
  output.write(`Runner of the local GitHub: '${plan.job.runnerName}' on ${type()} ${release()} (${arch()})`)
  output.write('##[group]GITHUB_TOKEN Permissions')
  for (const [scope, level] of Object.entries(plan.permissions)) output.write(`${scope}: ${level}`)
  output.write('##[endgroup]')
  output.write('Prepare all required actions')
  const instances = new Map<StepDefinition, ActionInstance>()
  try {
    for (const step of plan.steps) {
      if (step.uses === null || step.uses.startsWith('./')) continue
      const instance = await prepareAction(frame, step)
      instances.set(step, instance)
      const { action } = instance
      output.write(
        action.kind === 'stand-in'
          ? `'${step.uses}' is done by a stand-in for ${action.name} ${action.version}`
          : `'${step.uses}' is ${action.repository} at ${action.origin.sha}`,
      )
    }
    output.write(`Complete job name: ${plan.job.name}`)
    endStep(session, output, 'success')
    return instances
  } catch (error) {
    output.error(explain(error))
    endStep(session, output, 'failure')
    return null
  }
}

async function runSteps(frame: Frame, instances: Instances): Promise<void> {
  const { session } = frame
  const { steps } = session.parts.plan
  const withPre = steps.filter(step => hasPre(instances.get(step)))
  const preNumbers = withPre.map(step => session.addStep(`Pre ${initialName(step)}`))
  const numbers = steps.map(step => session.addStep(initialName(step)))
  for (const [index, step] of withPre.entries()) await runPreStep(frame, step, instances, preNumbers[index] ?? 0)
  for (const [index, step] of steps.entries()) {
    const number = numbers[index] ?? 0
    if (session.stop.reason === 'force') {
      session.endStep(number, 'cancelled', 'cancelled')
      continue
    }
    const { outcome, conclusion } = await runStep(frame, step, instances.get(step) ?? null, {
      output: new StepOutput(session, number),
      begin: name => session.startStep(number, name),
    })
    session.endStep(number, outcome, conclusion)
    if (conclusion === 'failure' && session.status === 'success') session.status = 'failure'
  }
}

async function runPreStep(frame: Frame, step: StepDefinition, instances: Instances, number: number): Promise<void> {
  const { session } = frame
  const instance = instances.get(step)
  if (!instance) return
  const output = startStep(session, null, number)
  const limit = limitStep(session, undefined, () => false)
  let result: StepResult = 'failure'
  try {
    const actionName = nameAction(frame, step)
    const stepEnv = evaluateStringMap(step.env, scopeOf(frame, {}, actionName))
    const scope: StepScope = {
      ...scopeOf(frame, stepEnv, actionName),
      frame,
      output,
      stepEnv,
      stop: limit.signal,
      actionName,
      displayName: initialName(step),
    }
    const ok = await runPre(scope, step, instance)
    result = limit.signal.aborted ? 'cancelled' : ok ? 'success' : 'failure'
  } catch (error) {
    output.error(explain(error))
  } finally {
    limit.release()
  }
  endStep(session, output, result)
}

async function runPosts(frame: Frame): Promise<void> {
  const { session } = frame
  const posts = frame.posts.toReversed().map(post => ({ post, number: session.addStep(post.name) }))
  for (const { post, number } of posts) await runPost(session, post, number)
}

async function runPost(session: JobSession, post: PostStep, number: number): Promise<void> {
  if (session.stop.reason === 'force') {
    session.endStep(number, 'cancelled', 'cancelled')
    return
  }
  const limit = limitStep(session, undefined, () => post.holds())
  let output: StepOutput | null = null
  let result: StepResult = 'failure'
  try {
    if (!post.holds()) {
      session.endStep(number, 'skipped', 'skipped')
      return
    }
    output = startStep(session, null, number)
    result = await post.run(output, limit.signal)
    if (limit.signal.aborted) result = 'cancelled'
  } catch (error) {
    output ??= startStep(session, null, number)
    output.error(explain(error))
  } finally {
    limit.release()
  }
  endStep(session, output, result)
}

const outputLimitBytes = 1024 * 1024

async function complete(frame: Frame): Promise<JobResult> {
  const { session } = frame
  const { plan, masks, processes } = session.parts
  const output = startStep(session, 'Complete job')
  const before = session.status
  let outputs: Record<string, string> = {}
  let environmentUrl: string | null = null
  try {
    const scope = scopeOf(frame, {}, '')
    outputs = visible(evaluateStringMap(plan.outputs, scope), session, output)
    const bytes = Object.values(outputs).reduce((sum, value) => sum + value.length * 2, 0)
    if (bytes > outputLimitBytes) throw new Error(`The job's outputs are larger than 1 MB: ${bytes} bytes`)
    if (plan.environment?.url) {
      const url = evaluateString(plan.environment.url, scope)
      if (masks.hides(url)) output.warning('Skip setting environment url as it may contain secret.')
      else environmentUrl = url
    }
  } catch (error) {
    outputs = {}
    output.error(explain(error))
    if (session.status === 'success') session.status = 'failure'
  }
  output.write('Cleaning up orphan processes')
  for (const { pid, name } of await processes.killLeftovers())
    output.write(`Terminate orphan process: pid (${pid}) (${name})`)
  endStep(session, output, session.status === before ? 'success' : 'failure')
  return { conclusion: session.status, outputs, environmentUrl }
}

function visible(
  outputs: Readonly<Record<string, string>>,
  session: JobSession,
  output: StepOutput,
): Record<string, string> {
  const kept = Object.entries(outputs).filter(([name, value]) => {
    const hidden = session.parts.masks.hides(value)
    if (hidden) output.warning(`Skip output '${name}' since it may contain secret.`)
    return !hidden
  })
  return Object.fromEntries(kept)
}

function startStep(session: JobSession, name: string | null, known?: number): StepOutput {
  const number = known ?? session.addStep(name ?? '')
  session.startStep(number)
  return new StepOutput(session, number)
}

function endStep(session: JobSession, output: StepOutput, result: StepResult): void {
  session.endStep(output.number, result, result)
  if (result === 'failure' && session.status === 'success') session.status = 'failure'
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
