import { readFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

export interface InputMetadata {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

export interface ActionMetadata {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, InputMetadata>>
}

/** Reads an action.yml, which is the one source of names, texts and defaults. */
export function readMetadata(action: string, from: string): ActionMetadata {
  const path = join(actionsFolder(from), action, 'action.yml')
  const metadata = parse(readFileSync(path, 'utf8')) as Partial<ActionMetadata>
  return { description: '', ...metadata, name: action, inputs: metadata.inputs ?? {} }
}

/** The folder `actions` beside the folder of this program, whether it runs from its source or from its bundle. */
function actionsFolder(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'actions', 'terraform-plan', 'action.yml'))) return join(folder, 'actions')
  throw new Error(`no folder "actions" was found beside ${from}`)
}

/** What an input is when it is not given: its default, with the one expression that a terminal can resolve. */
export function defaultOf(input: InputMetadata, variables: Readonly<Record<string, string | undefined>>): string {
  const text = String(input.default ?? '')
  if (/^\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}$/.test(text)) return variables['GITHUB_TOKEN'] ?? ''
  return text.includes('${{') ? '' : text
}
