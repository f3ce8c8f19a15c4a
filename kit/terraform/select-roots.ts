import { InputError, type InputProblem } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { changedRoots } from './changed-roots.ts'
import { readFolders, type Binary } from './folders.ts'
import { moduleGraph, type ModuleGraph } from './module-graph.ts'
import { inOrder, allDependencies } from './root-order.ts'
import { rootDependencies, type DeclaredDependency } from './root-dependencies.ts'
import { chooseRoots, takesAny, type RootPattern } from './root-patterns.ts'
import { artifactName, readBackendLine, rootPath } from './root.ts'

/** What decides which roots a plan and its apply are of: both must be given the same. */
export interface SelectionInputs {
  readonly roots: readonly RootPattern[]
  readonly 'changed-only': boolean
  readonly 'depends-on': readonly DeclaredDependency[]
  readonly 'var-files': readonly string[]
  readonly 'backend-config': readonly string[]
  readonly 'pre-run': string
  readonly 'working-directory': string
  readonly workspace: string
  readonly binary: Binary
}

export interface SelectedRoot {
  /** From the top of the repository. */
  readonly root: string
  /** Why, where only what changed is taken, as ends of "changed because …". Paths in them are untrusted text. */
  readonly reasons: readonly string[]
  /** Selected roots that come first, by way of others too. */
  readonly dependsOn: readonly string[]
}

export interface RootSelection {
  /** What is depended on comes first. */
  readonly roots: readonly SelectedRoot[]
  /** Roots before those that did not change were left out. */
  readonly candidates: number
  readonly isOfChanges: boolean
  /** The pull request has more files than GitHub lists. */
  readonly isUnlisted: boolean
}

/** The folder of a `roots` that names exactly one and no pattern: it is always taken, whatever changed. Relative as written. */
export function onlyRoot(patterns: readonly RootPattern[]): string | undefined {
  const [only, ...more] = patterns
  return only === undefined || more.length > 0 || !only.isLiteral || only.isLeftOut ? undefined : only.pattern
}

/**
 * Finds the roots that `roots` means, leaves out those that the pull request does not reach, and puts the others in order.
 * @param pullRequest `undefined` outside of one: then every root is taken
 * @throws InputError for a pattern that matches nothing, a circle of dependencies, roots that one artifact would hold
 */
export async function selectRoots(
  inputs: SelectionInputs,
  pullRequest: number | undefined,
  { files, log, pullRequests }: Pick<Ports, 'files' | 'log' | 'pullRequests'>,
): Promise<RootSelection> {
  const only = onlyRoot(inputs.roots)
  if (only !== undefined) {
    const root = rootPath({ roots: only, 'working-directory': inputs['working-directory'] })
    const roots = [{ root, reasons: [], dependsOn: [] }]
    return { roots, candidates: 1, isOfChanges: false, isUnlisted: false }
  }
  const graph = moduleGraph(await readFolders(files, inputs.binary))
  const candidates = chooseRoots(inputs.roots, inputs['working-directory'], graph.roots, [...graph.folders.keys()])
  refuseNone(inputs, candidates)
  refuseSameArtifact(inputs, candidates)
  const isWanted = inputs['changed-only'] && pullRequest !== undefined
  const changed = isWanted ? await pullRequests.changedFiles(pullRequest) : undefined
  const isUnlisted = isWanted && changed === undefined
  if (isUnlisted)
    log.notice('GitHub does not list all files of so large a change, so every root is taken, changed or not')
  const found =
    changed === undefined
      ? candidates.map(root => ({ root, reasons: [] }))
      : changedRoots(candidates, graph, changed, root => givenFiles(inputs, root))
  const roots = ordered(inputs, candidates, graph, found)
  return { roots, candidates: candidates.length, isOfChanges: changed !== undefined, isUnlisted }
}

function ordered(
  inputs: SelectionInputs,
  candidates: readonly string[],
  graph: ModuleGraph,
  found: readonly Omit<SelectedRoot, 'dependsOn'>[],
): readonly SelectedRoot[] {
  const known = [...new Set([...candidates, ...graph.roots])]
  const dependsOn = rootDependencies(known, graph, inputs)
  const byRoot = new Map(found.map(one => [one.root, one]))
  const names = inOrder([...byRoot.keys()], dependsOn)
  return names.map(root => ({
    root,
    reasons: byRoot.get(root)?.reasons ?? [],
    dependsOn: allDependencies(root, names, dependsOn),
  }))
}

/** Files that the inputs name: each may lie in the root or be relative to `working-directory`. */
function givenFiles(inputs: SelectionInputs, root: string): readonly string[] {
  const settings = inputs['backend-config'].map(readBackendLine).flatMap(line => ('file' in line ? [line.file] : []))
  const script = inputs['pre-run']
  const names = [...inputs['var-files'], ...settings, ...(script === '' ? [] : [script])]
  return names.flatMap(name => [
    rootPath({ roots: name, 'working-directory': root }),
    rootPath({ roots: name, 'working-directory': inputs['working-directory'] }),
  ])
}

function refuseNone(inputs: SelectionInputs, candidates: readonly string[]): void {
  if (candidates.length > 0) return
  // Lines that take something have their own words for taking nothing.
  const about: Pick<InputProblem, 'input' | 'value'> = takesAny(inputs.roots)
    ? { input: 'roots' }
    : { input: 'working-directory', value: inputs['working-directory'] }
  throw new InputError([
    {
      ...about,
      problem: 'no folder in it is a Terraform root',
      fix: 'Name a folder above your roots, and check out the repository before this step',
    },
  ])
}

/** Artifacts have few characters for their names. */
function refuseSameArtifact(inputs: SelectionInputs, roots: readonly string[]): void {
  const byName = new Map<string, string>()
  for (const root of roots) {
    const name = artifactName(root, inputs.workspace)
    const other = byName.get(name)
    if (other !== undefined)
      throw new InputError([
        {
          input: 'roots',
          value: `${other} and ${root}`,
          problem: `the plans of both would be the artifact ${name}`,
          fix: 'Rename one of the folders, or leave one out with a line that begins with "!"',
        },
      ])
    byName.set(name, root)
  }
}
