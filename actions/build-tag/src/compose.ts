import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { ActionError } from '#kit/errors'
import { Unusable } from '#kit/inputs'
import { nearest } from '#kit/nearest'
import type { YamlFile } from '#kit/yaml/splice'
import { readBuild, type Build } from './build-settings.ts'
import { parseImageValue, type ImageValue } from './image-value.ts'

/** One service of a compose file, as far as its image is concerned. */
export interface Service {
  readonly name: string
  /** Where its image is written: also in an anchor's definition, which then moves other services as well. */
  readonly scalar: Scalar
  readonly line: number
  readonly image: ImageValue
  /** Of other services, whose image is the same scalar. */
  readonly sharedWith: readonly string[]
  /** `undefined` for a service that runs what another one builds. */
  readonly build: Build | undefined
}

/** A compose file whose services can be looked up. */
export interface Compose {
  readonly file: YamlFile
  /** All of them, in order. */
  readonly names: readonly string[]
  /** Those with `build:`. */
  readonly built: readonly string[]
  /** @throws ActionError with file and line when there is no such service, or its image cannot be edited */
  service(name: string): Service
}

/** @throws ActionError when it is no compose file that can be edited */
export function readCompose(file: YamlFile): Compose {
  const [document, ...more] = file.documents
  if (document === undefined || more.length > 0)
    throw new ActionError(`${file.name} holds ${document === undefined ? 'nothing' : 'several documents'}`, {
      hint: 'Give a compose file of one document',
    })
  const root = document.contents
  const source = { file, document }
  const services = isMap(root) ? resolve(entry(root, 'services', source), document) : undefined
  if (!isMap(root) || !isMap(services))
    throw new ActionError(`${file.name} has no "services"`, {
      hint: 'Give the path of a compose file in "compose-file"',
    })
  if (root.has('sops'))
    throw new ActionError(`${file.name} is sealed by sops, whose checksum an edit would break`, {
      hint: 'Keep images in a file that is not sealed',
    })
  const names = services.items.map(({ key }) => keyText(key))
  const mapOf = (name: string) => entry(services, name, source)
  const imageOf = (name: string) => {
    const service = resolve(mapOf(name), document)
    return isMap(service) ? resolve(entry(service, 'image', source), document) : undefined
  }
  const read = (name: string): Service => {
    if (!names.includes(name)) {
      const guess = nearest(name, names)
      throw new ActionError(`${file.name} has no service ${JSON.stringify(name)}`, {
        hint: guess === undefined ? `It has ${names.join(', ')}` : `Did you mean ${JSON.stringify(guess)}?`,
      })
    }
    const service = resolve(mapOf(name), document)
    if (!isMap(service)) throw at(file, mapOf(name), `${name} holds no settings`)
    const scalar = imageOf(name)
    if (!isScalar(scalar) || typeof scalar.value !== 'string' || scalar.value === '')
      throw at(
        file,
        scalar ?? service,
        `${name} has no image to update${entry(service, 'extends', source) ? ': it extends another service' : ''}`,
        {
          fix: `Give it "image: registry/${name}" beside "build:"`,
        },
      )
    if (scalar.tag !== undefined && scalar.tag !== 'tag:yaml.org,2002:str')
      throw at(file, scalar, `the image of ${name} has the tag ${scalar.tag}`, { fix: 'Take the tag away' })
    return {
      name,
      scalar,
      line: file.position(scalar.range?.[0] ?? 0).line,
      image: named(file, scalar, `the image of ${name}, ${JSON.stringify(scalar.value)}`, () =>
        parseImageValue(scalar.value as string),
      ),
      sharedWith: names.filter(other => other !== name && imageOf(other) === scalar),
      build: buildOf(service, name),
    }
  }
  const buildOf = (service: YAMLMap, name: string): Build | undefined => {
    const node = resolve(entry(service, 'build', source), document)
    if (node === undefined) return undefined
    return named(file, node, `the build of ${name}`, () => readBuild(plain(node, document)))
  }
  return {
    file,
    names,
    built: names.filter(name => {
      const service = resolve(mapOf(name), document)
      return isMap(service) && entry(service, 'build', source) !== undefined
    }),
    service: read,
  }
}

/** What a reader's own problem means at its place in the file. */
function named<T>(file: YamlFile, node: Node, what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw at(file, node, `${what}, cannot be used: ${error.message}`.replace(', cannot', ' cannot'), { fix: error.fix })
  }
}

function at(file: YamlFile, node: unknown, what: string, { fix = '' }: { fix?: string } = {}): ActionError {
  const range = typeof node === 'object' && node !== null ? (node as Partial<Node>).range : undefined
  const { line, column } = file.position(range?.[0] ?? 0)
  return new ActionError(`${file.name}:${line}:${column}: ${what}`, fix === '' ? {} : { hint: fix })
}

function resolve(node: unknown, document: Document.Parsed): Node | undefined {
  if (isAlias(node)) return node.resolve(document) as Node | undefined
  return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : '')

interface Source {
  readonly file: YamlFile
  readonly document: Document.Parsed
}

/** What `map` holds under `key`: its own entry, or the first of those that it merges. */
function entry(map: YAMLMap, key: string, source: Source, depth = 0): Node | undefined {
  const own = map.items.filter(item => keyText(item.key) === key)
  if (own[1] !== undefined)
    throw at(source.file, own[1].key, `"${key}" is there twice`, { fix: 'Remove one of the two' })
  if (own[0] !== undefined) return (own[0] as Pair<unknown, Node>).value ?? undefined
  // Anchors that merge themselves would go on for ever.
  if (depth > 20) return undefined
  for (const merged of mergedMaps(map, source.document)) {
    const found = entry(merged, key, source, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function mergedMaps(map: YAMLMap, document: Document.Parsed): readonly YAMLMap[] {
  return map.items
    .filter(item => keyText(item.key) === '<<')
    .flatMap(item => {
      const value = resolve(item.value, document)
      return isSeq(value) ? value.items.map(one => resolve(one, document)) : [value]
    })
    .filter(isMap)
}

/** Nodes as values, merges applied; of small maps such as `build:`. */
function plain(node: Node | undefined, document: Document.Parsed, depth = 0): unknown {
  if (depth > 20) throw new Unusable('it is nested too deeply', 'Write it out without anchors')
  if (isScalar(node)) return node.value
  if (isSeq(node)) return node.items.map(item => plain(resolve(item, document), document, depth + 1))
  if (!isMap(node)) return undefined
  const values: Record<string, unknown> = {}
  for (const merged of [...mergedMaps(node, document)].reverse())
    Object.assign(values, plain(merged, document, depth + 1))
  for (const item of node.items)
    if (isPair(item) && keyText(item.key) !== '<<')
      values[keyText(item.key)] = plain(resolve(item.value, document), document, depth + 1)
  return values
}
