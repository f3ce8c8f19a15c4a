import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { explain } from '../../kit/action.ts'
import { systemFiles } from '../../kit/adapters/files.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What lies at a path: text, bytes, or a link. */
export type Entry = string | Uint8Array | { readonly linkTo: string }

/** A workspace and a job's temporary folder on disk, as a step on GitHub has them. */
export function realFolders(entries: Readonly<Record<string, Entry>>) {
  const folder = temporaryFolder()
  const [workspace, temporary] = [join(folder, 'workspace'), join(folder, 'temporary')]
  mkdirSync(workspace)
  mkdirSync(temporary)
  for (const [path, entry] of Object.entries(entries)) {
    const full = join(workspace, path)
    mkdirSync(dirname(full), { recursive: true })
    if (typeof entry === 'object' && 'linkTo' in entry) symlinkSync(entry.linkTo, full)
    else writeFileSync(full, entry)
  }
  return {
    workspace,
    files: systemFiles({ workspace, temporary, confined: true }),
    /** Every path with all that it holds; equal only when nothing was touched. */
    state: () => stateOf(folder),
    workspaceState: () => stateOf(workspace),
    /** What the user sees of a failure, with the folders named as they are here. */
    async said(work: () => Promise<unknown>): Promise<string> {
      try {
        await work()
      } catch (thrown) {
        return explain(thrown).replaceAll(workspace, '<workspace>')
      }
      return 'nothing was refused'
    },
  }
}

function stateOf(path: string): unknown {
  const entry = lstatSync(path)
  if (entry.isSymbolicLink()) return { link: readlinkSync(path) }
  if (!entry.isDirectory()) return { mode: entry.mode, content: readFileSync(path).toString('latin1') }
  return Object.fromEntries(readdirSync(path).map(name => [name, stateOf(join(path, name))]))
}
