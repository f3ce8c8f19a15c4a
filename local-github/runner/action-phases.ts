import type { ActionEnd, ActionInstance, LoadedAction } from './action-instance.ts'
import { preComposite, runComposite, type RunStep } from './composite-action.ts'
import { evaluateString, evaluateStringMap } from './evaluate.ts'
import type { StepScope } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'
import { preJavaScript, runJavaScript } from './js-action.ts'
import { runStandIn } from './stand-ins/run-stand-in.ts'

/** The main phase. A composite action runs its own steps by `runStep`. */
export async function runAction(
  scope: StepScope,
  definition: StepDefinition,
  instance: ActionInstance,
  runStep: RunStep,
): Promise<ActionEnd> {
  const { action } = instance
  const given = evaluateStringMap(definition.with, scope)
  if (action.kind === 'stand-in') return await runStandIn(scope, instance, action, given)
  const inputs = readInputs(scope, action, given, true)
  return action.file.runs.kind === 'javascript'
    ? await runJavaScript(scope, instance, action, action.file.runs, inputs)
    : await runComposite(scope, instance, action, action.file.runs, inputs, runStep)
}

/** The pre phase: before any step of the job, so without what steps would have set. */
export async function runPre(scope: StepScope, definition: StepDefinition, instance: ActionInstance): Promise<boolean> {
  const { action } = instance
  if (action.kind === 'stand-in') return true
  const inputs = readInputs(scope, action, evaluateStringMap(definition.with, scope), false)
  return action.file.runs.kind === 'javascript'
    ? await preJavaScript(scope, instance, action, action.file.runs, inputs)
    : await preComposite(scope, instance, action, action.file.runs, inputs, runPre)
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
