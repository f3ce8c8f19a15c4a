import { evaluateString, evaluateStringMap } from './evaluate.ts'
import { runComposite, preComposite } from './composite-action.ts'
import type { Frame, StepScope } from './frame.ts'
import { preJavaScript, runJavaScript } from './js-action.ts'
import type { StepDefinition } from './job-plan.ts'
import { runStandIn } from './stand-ins/run-stand-in.ts'
import type { ResolvedAction } from './uses.ts'

export type LoadedAction = Extract<ResolvedAction, { kind: 'action' }>

/** One use of an action in one job: its phases share state. */
export interface ActionInstance {
  readonly uses: string
  readonly action: ResolvedAction
  /** What the phases before this one saved. */
  readonly state: Record<string, string>
  /** Of a composite action: those of its steps that could be looked up before the job's first step, by position. */
  readonly children: ReadonlyMap<number, ActionInstance>
  /** Set once its post phase is on the list. */
  hasPost: boolean
}

export interface ActionEnd {
  readonly ok: boolean
  readonly outputs: Readonly<Record<string, string>>
}

const maxCompositeDepth = 9

/**
 * Looks up the action of a step and, for a composite one, the actions of its steps, but for those of the workspace: what that holds
 * is known when the step runs.
 */
export async function prepareAction(frame: Frame, definition: StepDefinition): Promise<ActionInstance> {
  return await prepare(frame, definition, frame.origin, frame.depth)
}

async function prepare(
  frame: Frame,
  definition: StepDefinition,
  origin: Frame['origin'],
  depth: number,
): Promise<ActionInstance> {
  const uses = definition.uses ?? ''
  if (depth > maxCompositeDepth) throw new Error(`Composite action depth exceeded max depth ${maxCompositeDepth}`)
  const action = await frame.session.parts.library.resolve(uses, origin)
  const children = new Map<number, ActionInstance>()
  if (action.kind === 'action' && action.file.runs.kind === 'composite') {
    for (const [index, step] of action.file.runs.steps.entries()) {
      if (step.uses === null || step.uses.startsWith('./')) continue
      children.set(index, await prepare(frame, step, action.origin, depth + 1))
    }
  }
  return { uses, action, state: {}, children, hasPost: false }
}

/** The main phase. */
export async function runAction(
  scope: StepScope,
  definition: StepDefinition,
  instance: ActionInstance,
): Promise<ActionEnd> {
  const { action } = instance
  const given = evaluateStringMap(definition.with, scope)
  if (action.kind === 'stand-in') return await runStandIn(scope, instance, action, given)
  const inputs = readInputs(scope, action, given, true)
  return action.file.runs.kind === 'javascript'
    ? await runJavaScript(scope, instance, action, action.file.runs, inputs)
    : await runComposite(scope, instance, action, action.file.runs, inputs)
}

/** Whether there is anything for a pre phase to do. */
export function hasPre(instance: ActionInstance | undefined): boolean {
  if (!instance || instance.action.kind === 'stand-in') return false
  const { runs } = instance.action.file
  return runs.kind === 'javascript' ? runs.pre !== '' : [...instance.children.values()].some(hasPre)
}

/** The pre phase: before any step of the job, so without what steps would have set. */
export async function runPre(scope: StepScope, definition: StepDefinition, instance: ActionInstance): Promise<boolean> {
  const { action } = instance
  if (action.kind === 'stand-in') return true
  const inputs = readInputs(scope, action, evaluateStringMap(definition.with, scope), false)
  return action.file.runs.kind === 'javascript'
    ? await preJavaScript(scope, instance, action, action.file.runs, inputs)
    : await preComposite(scope, instance, action, action.file.runs, inputs)
}

function readInputs(
  scope: StepScope,
  action: LoadedAction,
  given: Readonly<Record<string, string>>,
  warns: boolean,
): Record<string, string> {
  const { inputs } = action.file
  const known = new Set(inputs.map(input => input.name.toLowerCase()))
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  const unexpected = Object.keys(given).filter(name => !known.has(name.toLowerCase()))
  if (warns && unexpected.length > 0) {
    const quote = (names: readonly string[]): string => names.map(name => `'${name}'`).join(', ')
    scope.output.warning(
      `Unexpected input(s) ${quote(unexpected)}, valid inputs are [${quote(inputs.map(input => input.name))}]`,
    )
  }
  const values: Record<string, string> = {}
  for (const input of inputs) {
    const value = byName.get(input.name.toLowerCase())
    values[input.name] = value ?? (input.default ? evaluateString(input.default, scope) : '')
    if (!warns) continue
    if (value !== undefined && input.deprecation !== '')
      scope.output.warning(`Input '${input.name}' has been deprecated with message: ${input.deprecation}`)
    if (value === undefined && input.required && !input.default)
      scope.output.warning(`Input required and not supplied: ${input.name}`)
  }
  for (const name of unexpected) values[name] = given[name] ?? ''
  return values
}
