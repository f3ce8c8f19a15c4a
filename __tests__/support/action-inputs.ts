import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readInputs, type InputSpec, type Parsed } from '../../kit/inputs.ts'
import { ROOT, type ActionMetadata } from '../../scripts/metadata.ts'

/** What action.yml gives inputs that are left out. An expression is the runner's own business: a test that needs its value gives it. */
export function defaultsOf(action: string): Readonly<Record<string, string>> {
  const file = readFileSync(join(ROOT, 'actions', action, 'action.yml'), 'utf8')
  const { inputs } = parse(file) as Pick<ActionMetadata, 'inputs'>
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, { default: value = '' }]) =>
      String(value).includes('${{') ? [] : [[name, String(value)]],
    ),
  )
}

/** The inputs of an action as a step reads them that gives these. */
export function inputsOf<S extends InputSpec>(
  action: string,
  spec: S,
  given: Readonly<Record<string, string>>,
): Parsed<S> {
  const all = { ...defaultsOf(action), ...given }
  return readInputs(
    spec,
    name => all[name] ?? '',
    () => undefined,
  )
}
