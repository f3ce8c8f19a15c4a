import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '..')

export interface Field {
  readonly description?: string
  readonly required?: boolean
  readonly default?: string | number | boolean
  readonly type?: string
}
export type Fields = Readonly<Record<string, Field>>

export interface ActionMetadata {
  readonly name: string
  readonly description: string
  readonly inputs: Fields
  readonly outputs: Fields
  readonly runs: { readonly using?: string; readonly main?: string; readonly post?: string }
  readonly branding?: { readonly icon?: string; readonly color?: string }
}

export interface Workflow {
  readonly file: string
  readonly name: string
  /** The comment that opens the file: what the workflow is for. */
  readonly purpose: string
  readonly call: { readonly inputs: Fields; readonly secrets: Fields; readonly outputs: Fields }
  readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> | string }>>
}

/** What a job's token must be allowed, and what for; exported by each action's inputs.ts. */
export type Permissions = Readonly<Record<string, { readonly access: 'read' | 'write'; readonly reason: string }>>

/** Folders under actions/ that hold an action with its code. */
export async function listActions(root = ROOT): Promise<readonly string[]> {
  const names = await readdir(join(root, 'actions'))
  return names
    .filter(name => ['action.yml', 'src/index.ts'].every(file => existsSync(join(root, 'actions', name, file))))
    .sort()
}

export async function readAction(name: string, root = ROOT): Promise<ActionMetadata> {
  const metadata = parse(await readFile(join(root, 'actions', name, 'action.yml'), 'utf8')) as Partial<ActionMetadata>
  const { description = '', runs = {}, inputs, outputs } = metadata
  return { name: '', ...metadata, description, runs, inputs: inputs ?? {}, outputs: outputs ?? {} }
}

/** The reusable workflows, by file. */
export async function listWorkflows(root = ROOT): Promise<readonly Workflow[]> {
  const folder = join(root, '.github', 'workflows')
  const files = (await readdir(folder)).filter(file => /\.ya?ml$/.test(file)).sort()
  const workflows = await Promise.all(
    files.map(async (file): Promise<Workflow | undefined> => {
      const text = await readFile(join(folder, file), 'utf8')
      const content = parse(text) as {
        name?: string
        on?: { workflow_call?: Partial<Workflow['call']> | null } | string
        jobs?: Workflow['jobs']
      }
      if (typeof content.on !== 'object' || !('workflow_call' in content.on)) return undefined
      const { inputs, secrets, outputs } = content.on.workflow_call ?? {}
      return {
        file,
        name: content.name ?? file,
        purpose: openingComment(text),
        call: { inputs: inputs ?? {}, secrets: secrets ?? {}, outputs: outputs ?? {} },
        jobs: content.jobs ?? {},
      }
    }),
  )
  return workflows.filter(workflow => workflow !== undefined)
}

function openingComment(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex(line => !line.startsWith('#'))
  return lines
    .slice(0, end)
    .map(line => line.replace(/^#\s?/, ''))
    .join(' ')
    .trim()
}
