import { InputError } from '../errors.ts'
import { lines, Unusable, type Parser } from '../inputs.ts'
import { folderOf, inside, isKnown, type Folder } from './folders.ts'
import type { ModuleGraph } from './module-graph.ts'
import { normalRoot, readBackendLine, rootPath } from './root.ts'
import type { PlacePath, StatePlace } from './state-place.ts'

/** A line of `depends-on`: what must be applied before a root. Relative to `working-directory`. */
export interface DeclaredDependency {
  readonly written: string
  readonly root: string
  readonly on: readonly string[]
}

/** `infra/app: infra/network`, one root a line; several that it depends on are parted by commas. */
export const dependencies: Parser<readonly DeclaredDependency[]> = {
  parse: raw =>
    lines.parse(raw).map(written => {
      const [, root = '', rest = ''] = /^([^:]*):(.*)$/.exec(written) ?? []
      const on = rest.split(',').map(name => name.trim())
      if (root.trim() === '' || on.includes(''))
        throw new Unusable(
          `the line ${JSON.stringify(written)} does not say which root depends on which`,
          'Write one as "infra/app: infra/network"',
        )
      return { written, root: normalRoot(root.trim()), on: on.map(normalRoot) }
    }),
}

export interface DependencyInputs {
  readonly 'depends-on': readonly DeclaredDependency[]
  readonly 'backend-config': readonly string[]
  readonly 'working-directory': string
}

/**
 * Which roots each root depends on, directly: the ones whose state it reads by a data source `terraform_remote_state`, itself
 * or by a local module, and the ones that `depends-on` says. A state is known by literals alone: what names it within its
 * backend must be the same, and so must be what both say of where the backend is.
 * @param roots from the top of the repository, as is what is returned
 * @throws InputError for a line of `depends-on` that names no root
 */
export function rootDependencies(
  roots: readonly string[],
  graph: ModuleGraph,
  inputs: DependencyInputs,
): ReadonlyMap<string, readonly string[]> {
  const declared = declaredOf(roots, inputs)
  const kept = new Map(roots.map(root => [root, keptAt(root, graph.folders.get(root), inputs['backend-config'])]))
  return new Map(
    roots.map(root => {
      const read = [root, ...graph.usedBy(root)].flatMap(part => readAt(root, graph.folders.get(part)))
      const found = roots.filter(other => {
        const place = kept.get(other)
        return other !== root && place !== undefined && read.some(one => isSame(one, place))
      })
      return [root, [...new Set([...found, ...(declared.get(root) ?? [])])].sort()]
    }),
  )
}

function declaredOf(roots: readonly string[], inputs: DependencyInputs): ReadonlyMap<string, readonly string[]> {
  const declared = new Map<string, readonly string[]>()
  const problems = inputs['depends-on'].flatMap(({ written, root, on }) => {
    const [from = '', ...to] = [root, ...on].map(name =>
      rootPath({ roots: name, 'working-directory': inputs['working-directory'] }),
    )
    declared.set(from, [...(declared.get(from) ?? []), ...to])
    const unknown = [from, ...to].filter(path => !roots.includes(path))
    if (unknown.length === 0) return []
    return [
      {
        input: 'depends-on',
        value: written,
        problem: `${unknown.join(' and ')} ${unknown.length === 1 ? 'is no Terraform root' : 'are no Terraform roots'}`,
        fix: 'Name folders of roots relative to "working-directory"',
      },
    ]
  })
  if (problems.length > 0) throw new InputError(problems)
  return declared
}

/** A state where it was looked up, with the path of a local one from the top of the repository. */
interface KnownPlace extends Pick<StatePlace, 'type' | 'settings'> {
  readonly file: string | undefined
}

const DEFAULT_FILE = 'terraform.tfstate'

function keptAt(root: string, folder: Folder | undefined, backendConfig: readonly string[]): KnownPlace | undefined {
  const facts = (folder?.files ?? []).map(file => file.facts).filter(isKnown)
  const place = facts.find(({ statePlace }) => statePlace !== undefined)?.statePlace
  if (place === undefined) return { type: 'local', settings: new Map(), file: inside(root, DEFAULT_FILE) }
  const given = backendConfig.map(readBackendLine).flatMap(line => ('name' in line ? [line] : []))
  const settings = new Map([...place.settings, ...given.map(({ name, value }) => [name, value] as const)])
  if (place.type !== 'local') return { type: place.type, settings, file: undefined }
  const path = given.findLast(({ name }) => name === 'path')?.value
  return { type: 'local', settings, file: fileAt(root, root, path === undefined ? place.path : { base: 'root', path }) }
}

function readAt(root: string, folder: Folder | undefined): readonly KnownPlace[] {
  return (folder?.files ?? []).flatMap(({ path, facts }) =>
    isKnown(facts) ? facts.readStates.map(place => ({ ...place, file: fileAt(root, folderOf(path), place.path) })) : [],
  )
}

function fileAt(root: string, module: string, place: PlacePath | undefined): string | undefined {
  const path = place === undefined ? DEFAULT_FILE : place.path
  if (path === undefined) return undefined
  return path.startsWith('/') ? normalRoot(path) : normalRoot(inside(place?.base === 'module' ? module : root, path))
}

/** What names a state within its backend: https://developer.hashicorp.com/terraform/language/backend */
const NAMED_BY: Readonly<Record<string, string>> = {
  ...{ s3: 'key', azurerm: 'key', gcs: 'prefix', oss: 'key', cos: 'key', consul: 'path', http: 'address' },
  ...{ remote: 'workspaces.name', kubernetes: 'secret_suffix', pg: 'schema_name' },
}

/** What says where a backend is. */
const WHERE = ['bucket', 'prefix', 'storage_account_name', 'container_name', 'organization', 'hostname', 'namespace']

function isSame(read: KnownPlace, kept: KnownPlace): boolean {
  if (read.type !== kept.type) return false
  if (read.type === 'local') return read.file !== undefined && read.file === kept.file
  const name = NAMED_BY[read.type]
  const named = name === undefined ? undefined : read.settings.get(name)
  if (name === undefined || named === undefined || named !== kept.settings.get(name)) return false
  return WHERE.every(setting => {
    const [one, other] = [read.settings.get(setting), kept.settings.get(setting)]
    return one === undefined || other === undefined || one === other
  })
}
