import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format, resolveConfig } from 'prettier'
import {
  actionsTable,
  fieldsTable,
  inputsTable,
  permissionsTable,
  replaceSection,
  workflowSections,
} from './docs-tables.ts'
import { listActions, listWorkflows, readAction, ROOT, type Permissions } from './metadata.ts'

/** Writes what Markdown files repeat of action.yml and of the workflows; `--check` only compares. */

const check = process.argv.includes('--check')
const complaints: string[] = []

async function save(path: string, before: string, after: string): Promise<void> {
  if (after === before) return
  if (check) complaints.push(`${path} does not say what action.yml and the workflows say`)
  else await writeFile(join(ROOT, path), after)
  console.log(`${path}: ${check ? 'differs' : 'written'}`)
}

async function update(path: string, sections: Readonly<Record<string, string>>): Promise<void> {
  const before = await readFile(join(ROOT, path), 'utf8').catch(() => undefined)
  if (before === undefined) {
    complaints.push(`${path} does not exist`)
    return
  }
  let after = before
  for (const [section, content] of Object.entries(sections)) {
    const replaced = replaceSection(after, section, content)
    if (replaced === undefined)
      complaints.push(`${path} lacks "<!-- begin ${section} (npm run docs) -->" or "<!-- end ${section} -->"`)
    else after = replaced
  }
  await save(path, before, after)
}

async function permissionsOf(action: string): Promise<Permissions> {
  const url = pathToFileURL(join(ROOT, 'actions', action, 'src', 'inputs.ts')).href
  const { permissions } = (await import(url)) as { permissions?: Permissions }
  if (permissions === undefined) complaints.push(`actions/${action}/src/inputs.ts exports no "permissions"`)
  return permissions ?? {}
}

/** The terminal's table of actions, all in one bundle. */
async function actionsOfTerminal(names: readonly string[]): Promise<string> {
  const variable = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const imports = names.flatMap(name => [
    `import * as ${variable(name)}Inputs from '../actions/${name}/src/inputs.ts'`,
    `import * as ${variable(name)} from '../actions/${name}/src/main.ts'`,
  ])
  const entries = names.map(name => `'${name}': { name: '${name}', ...${variable(name)}Inputs, ...${variable(name)} },`)
  const path = join(ROOT, 'cli', 'actions.ts')
  const source = `${imports.join('\n')}
import type { Action } from '../kit/action.ts'

/** Every action. Written by \`npm run docs\`. */
export const ACTIONS: Readonly<Record<string, Action>> = {${entries.join('')}}
`
  return format(source, { ...(await resolveConfig(path)), filepath: path })
}

const names = await listActions()
const actions = await Promise.all(names.map(async name => [name, await readAction(name)] as const))
for (const [name, metadata] of actions)
  await update(`actions/${name}/README.md`, {
    inputs: inputsTable(metadata.inputs),
    outputs: fieldsTable('Output', metadata.outputs),
    permissions: permissionsTable(await permissionsOf(name)),
  })
await update('README.md', { actions: actionsTable(actions) })
await update('docs/workflows.md', { workflows: workflowSections(await listWorkflows()) })

await save('cli/actions.ts', await readFile(join(ROOT, 'cli/actions.ts'), 'utf8'), await actionsOfTerminal(names))

if (complaints.length > 0) {
  console.error(complaints.join('\n'))
  if (check) console.error('Run "npm run docs" and commit the result.')
  process.exitCode = 1
}
