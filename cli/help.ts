import type { ActionMetadata } from './metadata.ts'

export function renderHelp(actions: readonly ActionMetadata[]): string {
  const width = Math.max(...actions.map(({ name }) => name.length))
  return [
    'Usage: npm run slipway -- <action> --<input> <value> …',
    '',
    'Runs an action on this machine: its report goes to standard output, its exit status is the one of the step.',
    '',
    'Actions:',
    ...actions.map(({ name, description }) => `  ${name.padEnd(width)}  ${oneLine(description)}`),
    '',
    '`npm run slipway -- <action> --help` lists the inputs of an action.',
  ].join('\n')
}

export function renderActionHelp(action: ActionMetadata): string {
  const blocks = Object.entries(action.inputs).flatMap(([name, input]) => {
    const value = String(input.default ?? '')
    const facts = [input.required ? 'required' : '', value === '' ? '' : `default: ${value.replaceAll('\n', ' ')}`]
    const aside = facts.filter(fact => fact !== '').join(', ')
    return [`  --${name}${aside === '' ? '' : `  (${aside})`}`, `      ${oneLine(input.description)}`]
  })
  return [
    `Usage: npm run slipway -- ${action.name} --<input> <value> …`,
    '',
    oneLine(action.description),
    '',
    'Inputs (given again, an input gets one more line):',
    ...blocks,
    '',
    'An input that is not given is read from the variable SLIPWAY_<INPUT> (SLIPWAY_PLAN_KEY): keep secrets there, since',
    'other users of this machine can see the words of a command.',
  ].join('\n')
}

const oneLine = (text: string) => text.trim().replace(/\s+/g, ' ')
