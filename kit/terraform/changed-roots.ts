import { folderOf, inside, isKnown, ownerOf, type Folder } from './folders.ts'
import type { ModuleGraph } from './module-graph.ts'
import { normalRoot } from './root.ts'

export interface ChangedRoot {
  readonly root: string
  /** Why, as ends of "changed because …"; at least one. Paths in them are untrusted text. */
  readonly reasons: readonly string[]
}

/** Files that decide for the folders below them how Terraform is run. */
const SETTINGS = /^(?:\.(?:terraform|opentofu)-version|\.tool-versions|\.tfswitchrc|\.tflint\.hcl)$/

/**
 * Which roots a change reaches, and why. A changed file belongs to the nearest folder above it that holds configuration, so
 * that templates and sources in folders below a module count as the module. A root is changed when such a file is its own or
 * one of a local module that it uses; when it is a file or in a folder that their expressions name by a literal path, also
 * through a link; when it is one of `given`; when it is a file above the root that decides the version. A change of
 * anything else changes no root.
 *
 * Where it cannot be told (a path or source that is put together, a file that cannot be read), the root counts as changed.
 * A provider may still read a path that no expression names as one: such a change is not seen.
 * @param roots from the top of the repository, as are all paths
 * @param changed names of changed files, the old ones of renamed and removed files too
 * @param given files of a root beside the ones that Terraform reads by itself
 */
export function changedRoots(
  roots: readonly string[],
  graph: ModuleGraph,
  changed: readonly string[],
  given: (root: string) => readonly string[] = () => [],
): readonly ChangedRoot[] {
  const known = new Set([...graph.folders.keys(), ...roots.flatMap(root => graph.usedBy(root))])
  const files = changed.map(path => ({ path, owner: ownerOf(path, known) }))
  return roots.flatMap(root => {
    const parts = [root, ...graph.usedBy(root)]
    const own = new Set(parts)
    const named = [...parts.flatMap(part => namedPaths(graph.folders.get(part), root)), ...given(root).map(normalRoot)]
    const reached = files.filter(
      ({ path, owner }) =>
        (owner !== undefined && own.has(owner)) ||
        named.some(name => path === name || path.startsWith(`${name}/`)) ||
        (SETTINGS.test(path.slice(path.lastIndexOf('/') + 1)) && isAbove(folderOf(path), root)),
    )
    const reasons = [
      ...reached.map(({ path }) => `${path} changed`),
      ...parts.flatMap(part => untold(graph.folders.get(part))),
    ]
    return reasons.length === 0 ? [] : [{ root, reasons }]
  })
}

function isAbove(folder: string, root: string): boolean {
  return folder === '.' || root === folder || root.startsWith(`${folder}/`)
}

/** Paths that a folder's expressions name when `root` uses it, and the files that its links lead to. */
function namedPaths(folder: Folder | undefined, root: string): readonly string[] {
  if (folder === undefined) return []
  const reads = folder.files.flatMap(({ facts }) => (isKnown(facts) ? facts.reads : []))
  const named = reads.flatMap(({ base, path }) =>
    path === undefined ? [] : [pathFrom(base === 'module' ? folder.path : root, path)],
  )
  // A module names its own folder to hand it on; that is no more than its files.
  return [...named.filter(path => path !== '.' && path !== folder.path), ...folder.files.map(({ target }) => target)]
}

function pathFrom(folder: string, path: string): string {
  return path.startsWith('/') ? path : normalRoot(inside(folder, path))
}

/** What keeps us from knowing all that a folder reads. */
function untold(folder: Folder | undefined): readonly string[] {
  return (folder?.files ?? []).flatMap(({ path, facts }) => {
    if (!isKnown(facts)) return [`${path}:${facts.line} cannot be read: ${facts.problem}`]
    return [
      ...facts.moduleCalls
        .filter(({ source }) => source === undefined)
        .map(({ line }) => `${path}:${line} calls a module whose source is not literal`),
      ...facts.reads
        .filter(read => read.path === undefined)
        .map(({ line }) => `${path}:${line} reads a path that is not literal`),
    ]
  })
}
