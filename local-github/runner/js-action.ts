import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { JavaScriptRuns } from './action-file.ts'
import type { ActionEnd, ActionInstance, LoadedAction } from './action-instance.ts'
import { evaluateCondition } from './evaluate.ts'
import { scopeOf, type StepResult, type StepScope } from './frame.ts'
import { writeEnv } from './script.ts'
import { runStepProcess } from './step-process.ts'

type Inputs = Readonly<Record<string, string>>

export async function runJavaScript(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  runs: JavaScriptRuns,
  inputs: Inputs,
): Promise<ActionEnd> {
  writeHeader(scope, instance.uses, inputs)
  if (runs.using === 'node20')
    scope.output.warning(`'${instance.uses}' asks for Node 20, which is gone; it runs on Node 24. Use "using: node24".`)
  leavePost(scope, instance, action, runs, inputs)
  return await runPhase(scope, instance, action, runs.main, inputs)
}

/** Runs the pre phase if its condition holds. */
export async function preJavaScript(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  runs: JavaScriptRuns,
  inputs: Inputs,
): Promise<boolean> {
  if (runs.pre === '' || !evaluateCondition(runs.preIf, scope)) return true
  leavePost(scope, instance, action, runs, inputs)
  return (await runPhase(scope, instance, action, runs.pre, inputs)).ok
}

async function runPhase(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  script: string,
  inputs: Inputs,
): Promise<ActionEnd> {
  const file = join(action.folder, script)
  if (!file.startsWith(action.folder + sep) || !existsSync(file)) throw new Error(`File not found: '${file}'`)
  const { parts } = scope.frame.session
  const end = await runStepProcess(scope, {
    file: parts.node,
    args: [file],
    cwd: parts.folders.workspace,
    reportsExitCode: false,
    variables: {
      ...prefixed('INPUT_', inputs, name => name.replaceAll(' ', '_').toUpperCase()),
      ...prefixed('STATE_', instance.state, name => name),
      ...(action.repository === ''
        ? {}
        : { GITHUB_ACTION_REPOSITORY: action.repository, GITHUB_ACTION_REF: action.ref }),
    },
  })
  Object.assign(instance.state, end.state)
  return { ok: end.ok, outputs: end.outputs }
}

function leavePost(
  scope: StepScope,
  instance: ActionInstance,
  action: LoadedAction,
  runs: JavaScriptRuns,
  inputs: Inputs,
): void {
  if (runs.post === '' || instance.hasPost) return
  instance.hasPost = true
  const { frame, stepEnv, actionName, displayName } = scope
  const scopeNow = () => scopeOf(frame, stepEnv, actionName)
  frame.posts.push({
    name: `Post ${displayName}`,
    holds: () => evaluateCondition(runs.postIf, scopeNow()),
    run: async (output, stop): Promise<StepResult> => {
      const postScope = { ...scopeNow(), frame, output, stepEnv, stop, actionName, displayName }
      writeHeader(postScope, instance.uses, inputs)
      const end = await runPhase(postScope, instance, action, runs.post, inputs)
      return end.ok ? 'success' : 'failure'
    },
  })
}

/** The lines at the top of an action's log, as GitHub prints them. */
export function writeHeader(scope: StepScope, uses: string, inputs: Inputs): void {
  scope.output.write(`##[group]Run ${uses}`)
  const given = Object.entries(inputs).filter(([, value]) => value !== '')
  if (given.length > 0) scope.output.write('with:')
  for (const [name, value] of given) scope.output.write(`  ${name}: ${value}`)
  writeEnv(scope)
  scope.output.write('##[endgroup]')
}

function prefixed(prefix: string, values: Inputs, spell: (name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${spell(name)}`, value]))
}
