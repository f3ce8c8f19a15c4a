import { storeArtifact } from '../artifact-storage.ts'
import type { ActionEnd, ActionInstance } from '../action-instance.ts'
import { scopeOf, type StepResult, type StepScope } from '../frame.ts'
import { writeHeader } from '../js-action.ts'
import { stepEnvironment } from '../step-process.ts'
import { contextText } from '../job-environment.ts'
import type { ResolvedAction } from '../uses.ts'
import type { StandInPorts } from './stand-in.ts'

type ResolvedStandIn = Extract<ResolvedAction, { kind: 'stand-in' }>
type Inputs = Readonly<Record<string, string>>

/** Runs the stand-in as a step, and says that it is one. */
export async function runStandIn(
  scope: StepScope,
  instance: ActionInstance,
  action: ResolvedStandIn,
  given: Inputs,
): Promise<ActionEnd> {
  const { standIn } = action
  const words = `stand-in for ${action.name} ${action.version}: ${standIn.words}`
  scope.frame.session.markStandIn(scope.output.number, words)
  const inputs = readInputs(action, given)
  writeHeader(scope, instance.uses, inputs)
  scope.output.write(`This is a ${words}.`)
  const outputs: Record<string, string> = {}
  leavePost(scope, instance, action, inputs)
  await standIn.main(portsOf(scope, instance, inputs, outputs))
  return { ok: true, outputs }
}

function readInputs(action: ResolvedStandIn, given: Inputs): Record<string, string> {
  const { inputs } = action.standIn
  const values = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, value ?? '']))
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase()
    if (!Object.hasOwn(inputs, key)) {
      if (value === '') continue
      const known = Object.keys(inputs).map(input => `"${input}"`)
      throw new Error(
        `input "${name}" of ${action.name} is not implemented by the local runner, which knows ${known.join(', ')}`,
      )
    }
    values[key] = value
  }
  return values
}

function leavePost(scope: StepScope, instance: ActionInstance, action: ResolvedStandIn, inputs: Inputs): void {
  const { post } = action.standIn
  if (!post) return
  const { frame, stepEnv, actionName, displayName } = scope
  frame.posts.push({
    name: `Post ${displayName}`,
    holds: () => true,
    run: async (output, stop): Promise<StepResult> => {
      const postScope = {
        ...scopeOf(frame, stepEnv, actionName),
        frame,
        output,
        stepEnv,
        stop,
        actionName,
        displayName,
      }
      await post(portsOf(postScope, instance, inputs, {}))
      return 'success'
    },
  })
}

function portsOf(
  scope: StepScope,
  instance: ActionInstance,
  inputs: Inputs,
  outputs: Record<string, string>,
): StandInPorts {
  const { plan, github, folders, masks, processes } = scope.frame.session.parts
  const environment = stepEnvironment(scope, {})
  return {
    plan,
    github,
    folders,
    environment,
    input: name => inputs[name]?.trim() ?? '',
    flag: name => readFlag(name, inputs[name]?.trim() ?? ''),
    context: key => contextText(scope.contexts, 'github', key),
    setOutput: (name, value) => void (outputs[name] = value),
    saveState: (name, value) => void (instance.state[name] = value),
    state: name => instance.state[name] ?? '',
    log: line => scope.output.write(line),
    notice: text => scope.output.notice(text),
    warning: text => scope.output.warning(text),
    mask: value => masks.add(value),
    run: async (file, args, options = {}) => {
      const lines: string[] = []
      const end = await processes.run({
        file,
        args,
        cwd: options.cwd ?? folders.workspace,
        env: { ...environment, ...options.env },
        stop: scope.stop,
        onLine: line => {
          lines.push(line)
          if (!options.quiet) scope.output.write(line)
        },
      })
      scope.frame.session.markPrograms(scope.output.number)
      return { exitCode: end.exitCode, output: lines.join('\n') }
    },
    storeArtifact: artifact => storeArtifact(github, plan, artifact),
  }
}

function readFlag(name: string, value: string): boolean {
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw new Error(`input "${name}" is "${value}": use "true" or "false"`)
}
