import { isCollection, parse, YAMLMap, YAMLParseError, YAMLSeq, type CollectionTag, type ScalarTag } from 'yaml'
import { yamlProblem } from '#kit/yaml/problem'

export type Settings = Readonly<Record<string, unknown>>

/** A compose file as it lies in the repository. */
export interface ComposeText {
  readonly path: string
  readonly text: string
}

/** A file that is no YAML. */
export class UnreadableCompose extends Error {
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.name = 'UnreadableCompose'
    this.path = path
  }
}

/**
 * What the files say together, merged in their order as compose does it: mappings by key, lists one behind the other, anything
 * else by the last one; `!reset` takes away and `!override` replaces. Variables are left as they stand.
 * Format: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 * @throws UnreadableCompose
 */
export function mergeCompose(files: readonly ComposeText[]): unknown {
  return settle(files.map(readCompose).reduce((below, above) => merged('', below, above), undefined))
}

/** A value that takes the place of the one below it; without a value, it takes that away. */
class Replacement {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

type Context = Parameters<YAMLSeq['toJSON']>[1]
class OverridingMap extends YAMLMap {
  override toJSON(_: unknown, context: Context): never {
    return new Replacement(super.toJSON(_, context)) as never
  }
}
class OverridingList extends YAMLSeq {
  override toJSON(_: unknown, context: Context): never {
    return new Replacement(super.toJSON(_, context)) as never
  }
}

const taken = () => new Replacement(undefined)
function overriding(node: unknown): unknown {
  if (!isCollection(node)) return node
  const made = node instanceof YAMLMap ? new OverridingMap() : new OverridingList()
  made.items = node.items as never
  return made
}
const TAGS: (CollectionTag | ScalarTag)[] = [
  { tag: '!override', collection: 'map', resolve: overriding },
  { tag: '!override', collection: 'seq', resolve: overriding },
  { tag: '!override', resolve: text => new Replacement(text) },
  { tag: '!reset', collection: 'map', resolve: taken },
  { tag: '!reset', collection: 'seq', resolve: taken },
  { tag: '!reset', resolve: taken },
]

function readCompose({ path, text }: ComposeText): unknown {
  try {
    return parse(text, { merge: true, maxAliasCount: 1000, customTags: TAGS })
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error
    throw new UnreadableCompose(path, `it is not YAML: ${yamlProblem(error)}`)
  }
}

/** Lists that say one thing as a whole. */
const WHOLE_LISTS: readonly string[] = ['command', 'entrypoint', 'test']
/** What may be written as one item or a list of names, and is merged as a list or by name. */
const ITEMS: readonly string[] = ['env_file', 'include']
const NAMED: readonly string[] = ['depends_on']

function merged(key: string, below: unknown, above: unknown): unknown {
  if (above === undefined || above instanceof Replacement || below === undefined || below === null)
    return above ?? below
  if (ITEMS.includes(key)) return [...listOf(below), ...listOf(above)]
  const [lower, upper] = NAMED.includes(key) ? [byName(below), byName(above)] : [below, above]
  if (isSettings(lower) && isSettings(upper))
    return {
      ...lower,
      ...Object.fromEntries(Object.entries(upper).map(([name, value]) => [name, merged(name, lower[name], value)])),
    }
  if (Array.isArray(lower) && Array.isArray(upper) && !WHOLE_LISTS.includes(key)) return [...lower, ...upper]
  return upper ?? lower
}

/** Without the marks of what was replaced. */
function settle(value: unknown): unknown {
  if (value instanceof Replacement) return settle(value.value)
  if (Array.isArray(value)) return value.map(settle).filter(item => item !== undefined)
  if (!isSettings(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]) => [name, settle(item)] as const)
      .filter(([, item]) => item !== undefined),
  )
}

const byName = (value: unknown) => (Array.isArray(value) ? Object.fromEntries(value.map(name => [name, {}])) : value)

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

export const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Replacement)

/** The settings of each service, in the file's order; those that hold none are left out. */
export function servicesOf(document: unknown): ReadonlyMap<string, Settings> {
  const services = isSettings(document) ? document['services'] : undefined
  if (!isSettings(services)) return new Map()
  return new Map(Object.entries(services).flatMap(([name, service]) => (isSettings(service) ? [[name, service]] : [])))
}

/** What is mounted: source and target in both notations, a later one at the same target in the place of the one before. */
export interface Mount {
  /** `bind`, `volume`, `tmpfs`; an anonymous volume has no source. */
  readonly type: string
  readonly source: string
  readonly readOnly: boolean
}
export function mountsOf(service: Settings): readonly Mount[] {
  const mounts = new Map<string, Mount>()
  for (const volume of listOf(service['volumes'])) {
    if (typeof volume === 'string') {
      // A colon inside of a variable's default is no separator.
      const [first = '', target, mode = ''] = volume.split(/:(?![-?+])/)
      const isPath = /^[./~]/.test(first)
      const source = target === undefined ? '' : first
      mounts.set(target ?? first, {
        type: isPath && source !== '' ? 'bind' : 'volume',
        source,
        readOnly: mode.split(',').includes('ro'),
      })
    } else if (isSettings(volume)) {
      const [type, source, target] = ['type', 'source', 'target'].map(key => String(volume[key] ?? ''))
      mounts.set(target ?? '', { type: type ?? '', source: source ?? '', readOnly: volume['read_only'] === true })
    }
  }
  return [...mounts.values()]
}
