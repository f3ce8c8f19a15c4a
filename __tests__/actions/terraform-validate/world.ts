import { inputs as spec } from '../../../actions/terraform-validate/src/inputs.ts'
import type { Command, Completed, Ports } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeExec } from '../../support/fakes.ts'
import { makeWorld } from '../terraform-plan/fake-terraform.ts'

const VALID = { stdout: '{"valid":true,"diagnostics":[]}' }

type Answers = Readonly<Record<string, Partial<Completed>>>
export type Tree = Readonly<Record<string, string>>

/** Answers by verb, or by folder and verb: `infra/dev validate`. */
export function world(answers: Answers, tree: Tree = { 'infra/dev/main.tf': '' }, changes: Partial<Ports> = {}) {
  const exec = new FakeExec(({ args, cwd = '' }: Command) => {
    const verb = args[0] ?? ''
    return answers[`${cwd.slice('/workspace/'.length)} ${verb}`] ?? answers[verb] ?? (verb === 'validate' ? VALID : {})
  })
  const made = makeWorld({}, { exec, ...changes })
  made.files.content.clear()
  for (const [path, content] of Object.entries(tree)) made.files.content.set(`/workspace/${path}`, content)
  return { ...made, exec }
}

export function given(values: Record<string, string> = {}) {
  return inputsOf('terraform-validate', spec, values)
}

export const commands = ({ exec }: { exec: FakeExec }) =>
  exec.commands.map(({ args, cwd = '' }) => `${cwd.slice('/workspace/'.length)} ${args[0]}`)

export const failureOf = (promise: Promise<unknown>) => promise.catch((thrown: unknown) => thrown)
