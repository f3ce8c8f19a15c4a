import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { newActionFiles } from './new-action-files.ts'

/** `npm run new-action <name>`: an action that passes all checks, as a place to start. */

const ROOT = join(import.meta.dirname, '..')
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

async function write(path: string, content: string): Promise<void> {
  const full = join(ROOT, path)
  await mkdir(dirname(full), { recursive: true })
  const options = await resolveConfig(full)
  await writeFile(full, /\.ts$/.test(path) ? await format(content, { ...options, filepath: full }) : content)
  console.log(`  ${path}`)
}

const [name = ''] = process.argv.slice(2)
if (!NAME.test(name)) throw new Error(`"${name}" is no name for an action. Use lower-case words with dashes: load-gate`)
if (existsSync(join(ROOT, 'actions', name))) throw new Error(`actions/${name} is already there`)

console.log(`Write the action ${name}:`)
for (const [path, content] of Object.entries(newActionFiles(name))) await write(path, content)
for (const [script, ...words] of [['docs.ts'], ['build.ts', name, 'cli']] as const) {
  const done = spawnSync(process.execPath, [join(ROOT, 'scripts', script), ...words], { stdio: 'inherit' })
  if (done.status !== 0) process.exitCode = 1
}
