import type { ModuleCall } from './configuration.ts'
import { isKnown, type Folder } from './folders.ts'
import { normalRoot } from './root.ts'

/** Which folders are roots, and which folders each of them is made of. Paths are from the top of the repository. */
export interface ModuleGraph {
  /** In order. */
  readonly roots: readonly string[]
  readonly folders: ReadonlyMap<string, Folder>
  /** Local modules that a folder uses, at any depth, itself not counted; also ones that are not there. In order. */
  usedBy(folder: string): readonly string[]
}

/**
 * What is a root: the folder that somebody runs `plan` in. Terraform does not say, so this reads the signs.
 *
 * 1. A folder with a backend or a `cloud` block, with a lock file, or with values that Terraform reads by itself
 *    (`terraform.tfvars`, `*.auto.tfvars`) is one: only what is run has a state, chosen providers and values.
 * 2. A folder that another one calls as a local module is none: planning it alone would make its objects twice. That holds
 *    also when it configures a provider, as modules were once written.
 * 3. A folder that nobody calls is one when it configures a provider, or does not lie in a folder named `modules`, where
 *    the standard structure keeps modules (https://developer.hashicorp.com/terraform/language/modules/develop/structure).
 */
export function moduleGraph(folders: readonly Folder[]): ModuleGraph {
  const byPath = new Map(folders.map(folder => [folder.path, folder]))
  const calls = new Map(folders.map(folder => [folder.path, localModules(folder)]))
  const called = new Set([...calls].flatMap(([path, modules]) => modules.filter(module => module !== path)))
  const usedBy = (path: string) => {
    const used = new Set<string>()
    const visit = (from: string) => {
      for (const module of calls.get(from) ?? [])
        if (module !== path && !used.has(module)) {
          used.add(module)
          visit(module)
        }
    }
    visit(path)
    return [...used].sort()
  }
  return {
    roots: folders.filter(folder => isRoot(folder, called.has(folder.path))).map(({ path }) => path),
    folders: byPath,
    usedBy,
  }
}

function isRoot(folder: Folder, isCalled: boolean): boolean {
  const facts = folder.files.map(file => file.facts).filter(isKnown)
  if (folder.isLocked || folder.hasValues || facts.some(({ hasBackend }) => hasBackend)) return true
  if (isCalled) return false
  return facts.some(({ hasProvider }) => hasProvider) || !folder.path.split('/').slice(0, -1).includes('modules')
}

function localModules(folder: Folder): readonly string[] {
  const calls = folder.files.flatMap(({ facts }) => (isKnown(facts) ? facts.moduleCalls : []))
  return [...new Set(calls.flatMap(call => localModule(folder.path, call) ?? []))]
}

/** The folder of a call from the top of the repository; `undefined` when it is not a local one. */
function localModule(folder: string, { source }: ModuleCall): string | undefined {
  return source !== undefined && /^\.\.?(?:\/|$)/.test(source) ? normalRoot(`${folder}/${source}`) : undefined
}
