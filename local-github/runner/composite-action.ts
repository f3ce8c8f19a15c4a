import type { CompositeRuns } from './action-file.ts'
import { hasPre, type ActionEnd, type ActionInstance, type LoadedAction } from './action-instance.ts'
import { evaluateString, evaluateStringMap } from './evaluate.ts'
import { scopeOf, type Frame, type StepOutcome, type StepPlace, type StepResult, type StepScope } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'
import { writeHeader } from './js-action.ts'
import { nameAction } from './step-names.ts'

type Inputs = Readonly<Record<string, string>>

/** How the steps of the action are run; handed in, because they may be composite actions again. */
export type RunStep = (
  frame: Frame,
  definition: StepDefinition,
  instance: ActionInstance | null,
  place: StepPlace,
) => Promise<StepOutcome>
/** The same for their pre phases. */
type RunPre = (scope: StepScope, definition: StepDefinition, instance: ActionInstance) => Promise<boolean>

export async function runComposite(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  runs: CompositeRuns,
  inputs: Inputs,
  runStep: RunStep,
): Promise<ActionEnd> {
  writeHeader(scope, instance.uses, inputs)
  const frame = openFrame(scope, action, inputs)
  for (const [index, step] of runs.steps.entries()) {
    if (scope.stop.aborted) break
    await runStep(frame, step, instance.children.get(index) ?? null, {
      output: scope.output,
      outer: scope.stop,
      begin: () => undefined,
    })
  }
  leavePosts(scope, frame)
  const outer = scopeOf(frame, frame.env, scope.actionName)
  const outputs = runs.outputs.map(({ name, value }) => [name, evaluateString(value, outer)])
  return { ok: frame.status === 'success', outputs: Object.fromEntries(outputs) }
}

/** The pre phases of the actions in it. */
export async function preComposite(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  runs: CompositeRuns,
  inputs: Inputs,
  runPre: RunPre,
): Promise<boolean> {
  const frame = openFrame(scope, action, inputs)
  let ok = true
  for (const [index, step] of runs.steps.entries()) {
    const child = instance.children.get(index)
    if (!child || !hasPre(child)) continue
    const actionName = nameAction(frame, step)
    const stepEnv = { ...frame.env, ...evaluateStringMap(step.env, scopeOf(frame, frame.env, actionName)) }
    const { output, stop, displayName } = scope
    const childScope: StepScope = {
      ...scopeOf(frame, stepEnv, actionName),
      frame,
      output,
      stepEnv,
      stop,
      actionName,
      displayName,
    }
    ok = (await runPre(childScope, step, child)) && ok
  }
  leavePosts(scope, frame)
  return ok
}

function openFrame(scope: StepScope, action: LoadedAction, inputs: Inputs): Frame {
  return {
    session: scope.frame.session,
    action: { folder: action.folder, repository: action.repository, ref: action.ref },
    inputs,
    origin: action.origin,
    depth: scope.frame.depth + 1,
    env: scope.stepEnv,
    outcomes: new Map(),
    status: 'success',
    posts: [],
    names: new Map(),
  }
}

/** The post phases of the actions in it are one post step of the job. */
function leavePosts(scope: StepScope, frame: Frame): void {
  if (frame.posts.length === 0) return
  scope.frame.posts.push({
    name: `Post ${scope.displayName}`,
    holds: () => true,
    run: async (output, stop): Promise<StepResult> => {
      let result: StepResult = 'success'
      for (const post of frame.posts.toReversed()) {
        if (post.holds() && (await post.run(output, stop)) !== 'success') result = 'failure'
      }
      return result
    },
  })
}
