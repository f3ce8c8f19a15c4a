import { InputError } from '#kit/errors'
import { changedRoots } from '#kit/terraform/changed-roots'
import { isKnown } from '#kit/terraform/folders'
import type { ModuleGraph } from '#kit/terraform/module-graph'
import { chooseRoots, notLeftOut, takesAny, type RootPattern } from '#kit/terraform/root-patterns'

export interface Selected {
  /** From the top of the repository. */
  readonly folder: string
  readonly kind: 'root' | 'module'
  /** Why it is checked, where only what changed is. */
  readonly reasons: readonly string[]
}

export interface Selection {
  readonly selected: readonly Selected[]
  /** Roots and modules before those that did not change were left out. */
  readonly candidates: number
  /** Modules that no root uses and that take their providers from a caller: nothing can check them by themselves. */
  readonly dependent: readonly string[]
}

export interface Asked {
  readonly roots: readonly RootPattern[]
  readonly 'working-directory': string
}

/**
 * What is checked: the roots, and by themselves the modules that no root uses, where `roots` names none.
 * @param changed names of changed files; `undefined` to check everything
 */
export function select(asked: Asked, graph: ModuleGraph, changed: readonly string[] | undefined): Selection {
  const folders = [...graph.folders.keys()]
  const roots = chooseRoots(asked.roots, asked['working-directory'], graph.roots, folders)
  const unused = takesAny(asked.roots) ? [] : unusedModules(asked, graph, folders)
  const dependent = unused.filter(module => needsProviders(graph, module))
  const modules = unused.filter(module => !dependent.includes(module))
  if (roots.length + unused.length === 0)
    throw new InputError([
      {
        input: 'working-directory',
        value: asked['working-directory'],
        problem: 'no folder in it holds Terraform configuration',
        fix: 'Name a folder above your roots, and check out the repository before this step',
      },
    ])
  const all = [
    ...roots.map(folder => ({ folder, kind: 'root' as const })),
    ...modules.map(folder => ({ folder, kind: 'module' as const })),
  ]
  const candidates = all.length
  if (changed === undefined) return { selected: all.map(one => ({ ...one, reasons: [] })), candidates, dependent }
  const reasonsOf = new Map(
    changedRoots(
      all.map(({ folder }) => folder),
      graph,
      changed,
    ).map(({ root, reasons }) => [root, reasons]),
  )
  const selected = all.flatMap(one => {
    const reasons = reasonsOf.get(one.folder)
    return reasons === undefined ? [] : [{ ...one, reasons }]
  })
  return { selected, candidates, dependent }
}

function unusedModules(asked: Asked, graph: ModuleGraph, folders: readonly string[]): readonly string[] {
  const used = new Set([...graph.roots, ...graph.roots.flatMap(graph.usedBy)])
  return notLeftOut(asked.roots, asked['working-directory'], folders).filter(folder => !used.has(folder))
}

function needsProviders(graph: ModuleGraph, module: string): boolean {
  const files = graph.folders.get(module)?.files ?? []
  return files.some(({ facts }) => isKnown(facts) && facts.needsProviders)
}
