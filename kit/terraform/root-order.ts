import { InputError } from '../errors.ts'

/**
 * `roots` in an order in which what is depended on comes first, and otherwise as they are given.
 * @param dependsOn of every root there is, directly; of `roots` alone an order would miss what leads through others
 * @throws InputError that names the roots of a circle
 */
export function inOrder(
  roots: readonly string[],
  dependsOn: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const ordered = new Set<string>()
  const path: string[] = []
  const visit = (root: string): void => {
    if (ordered.has(root)) return
    const begun = path.indexOf(root)
    if (begun >= 0) throw circle([...path.slice(begun), root])
    path.push(root)
    for (const other of dependsOn.get(root) ?? []) visit(other)
    path.pop()
    ordered.add(root)
  }
  for (const root of roots) visit(root)
  return [...ordered].filter(root => roots.includes(root))
}

/** Those of `roots` that `root` depends on, also by way of others; itself not counted. */
export function allDependencies(
  root: string,
  roots: readonly string[],
  dependsOn: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const found = new Set<string>()
  const visit = (from: string): void => {
    for (const other of dependsOn.get(from) ?? [])
      if (!found.has(other)) {
        found.add(other)
        visit(other)
      }
  }
  visit(root)
  return roots.filter(other => other !== root && found.has(other))
}

function circle(roots: readonly string[]): InputError {
  return new InputError([
    {
      input: 'roots',
      value: roots.join(' → '),
      problem: 'these roots depend on each other in a circle, so none of them can be applied first',
      fix: 'Take out a line of "depends-on", or let one root no longer read the state of the other',
    },
  ])
}
