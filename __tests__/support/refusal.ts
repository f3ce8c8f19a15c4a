import { runAction, type Action } from '../../kit/action.ts'
import type { InputSpec } from '../../kit/inputs.ts'
import type { Ports } from '../../kit/ports.ts'
import { defaultsOf } from './action-inputs.ts'
import { FakeLog, type FakeFiles } from './fakes.ts'

interface World {
  readonly files: FakeFiles
  readonly saved: ReadonlyMap<string, string>
}

export interface Refusal {
  /** What the log shows as the reason; `undefined` when the action passed. */
  readonly told: string | undefined
  readonly outputs: Readonly<Record<string, string>>
  /** Paths of files that are there after the post step and were not before the action. */
  readonly left: readonly string[]
}

/** Runs an action as its host does, main and post, with what action.yml gives where `given` does not. */
export async function refusalOf<S extends InputSpec, O extends readonly string[]>(
  action: Action<S, O>,
  given: Readonly<Record<string, string>>,
  { files, saved }: World,
  ports: Partial<Ports>,
): Promise<Refusal> {
  const all = { ...defaultsOf(action.name), ...given }
  const before = new Set(files.content.keys())
  const outputs: Record<string, string> = {}
  let told: string | undefined
  for (const phase of ['main', 'post'] as const)
    await runAction(action, {
      phase,
      log: new FakeLog(),
      input: name => all[name] ?? '',
      state: name => saved.get(name) ?? '',
      setOutput: (name, value) => void (outputs[name] = value),
      fail: text => void (told = told === undefined ? text : `${told}\n${phase}: ${text}`),
      ports: async () => ports as Ports,
      close: async () => undefined,
    })
  return { told, outputs, left: [...files.content.keys()].filter(path => !before.has(path)) }
}
