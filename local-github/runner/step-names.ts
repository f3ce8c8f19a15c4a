import type { Frame } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'

/** The name of a step that has none: its command or action. */
export function defaultName(definition: StepDefinition): string {
  if (definition.uses !== null) return `Run ${definition.uses}`
  const token = definition.run
  const script = token && 'value' in token ? String(token.value) : (token?.toString() ?? '')
  return `Run ${script.trimStart().split(/\r?\n/)[0] ?? ''}`
}

/** The name before anything can be evaluated. */
export function initialName(definition: StepDefinition): string {
  const { name } = definition
  if (name === null) return defaultName(definition)
  const source = 'source' in name && typeof name.source === 'string' ? name.source : ''
  return source || name.toString()
}

/** `github.action`: the step's id, or GitHub's name for a step without one, numbered when it comes again. */
export function nameAction(frame: Frame, definition: StepDefinition): string {
  if (definition.id !== '') return definition.id
  const name = `__${baseName(definition)}`
  const count = (frame.names.get(name) ?? 0) + 1
  frame.names.set(name, count)
  return count === 1 ? name : `${name}_${count}`
}

function baseName({ uses }: StepDefinition): string {
  if (uses === null) return 'run'
  if (uses.startsWith('./') || uses.startsWith('$/')) return 'self'
  const [owner = '', name = ''] = (uses.split('@')[0] ?? '').split('/')
  return `${owner}_${name}`.replace(/[^A-Za-z0-9_-]/g, '_')
}
