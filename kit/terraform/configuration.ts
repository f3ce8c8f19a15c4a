import { HclError, templateParts, type TemplatePart, type Token } from './hcl-tokens.ts'
import { isMark, literalOf, parseHcl, type HclBlock, type HclBody } from './hcl.ts'
import { isList, isObject, parseJson, type Json, type JsonObject } from './json.ts'
import { ownPlace, readPlaces, type StatePlace } from './state-place.ts'

/** What one file of a configuration says about where else its folder looks. Lines from 1. */
export interface FileFacts {
  readonly moduleCalls: readonly ModuleCall[]
  readonly reads: readonly Read[]
  readonly requiredVersions: readonly { readonly constraint: string; readonly line: number }[]
  /** A `backend` or `cloud` block. */
  readonly hasBackend: boolean
  /** A `provider` block that does more than take a configuration from its caller. */
  readonly hasProvider: boolean
  /** Takes providers from its caller (`configuration_aliases`), so that it cannot stand alone. */
  readonly needsProviders: boolean
  /** Where its state is kept, where it says so. */
  readonly statePlace: StatePlace | undefined
  /** Which states its data sources read. */
  readonly readStates: readonly StatePlace[]
}

export interface ModuleCall {
  /** As it is written; `undefined` when it is put together when Terraform runs. */
  readonly source: string | undefined
  readonly line: number
}

/** A file or folder that an expression names. */
export interface Read {
  /** What the path is relative to: the folder of the file that names it, or the root, where Terraform runs. */
  readonly base: 'module' | 'root'
  /** `undefined` when it is put together when Terraform runs. */
  readonly path: string | undefined
  readonly line: number
}

/** Functions whose first argument is a path: https://developer.hashicorp.com/terraform/language/functions/file */
const READERS = new Set([
  ...['file', 'filebase64', 'fileexists', 'fileset', 'templatefile', 'filemd5', 'filesha1', 'filesha256', 'filesha512'],
  ...['filebase64sha256', 'filebase64sha512'],
])

/**
 * Reads a `.tf`, `.tofu`, test or JSON file.
 * @param name decides the syntax by its end
 * @throws HclError for a file that is not in that syntax
 */
export function readConfiguration(name: string, text: string): FileFacts {
  if (!name.endsWith('.json')) return factsOf(parseHcl(text))
  let document: Json
  try {
    document = parseJson(text)
  } catch {
    throw new HclError('it is not valid JSON', 1)
  }
  return factsOf(jsonBody(objectsOf(document)))
}

function factsOf(body: HclBody): FileFacts {
  const blocks = (type: string) => body.blocks.filter(block => block.type === type)
  const settings = blocks('terraform').map(block => block.body)
  const isProxy = ({ body: { attributes, blocks } }: HclBlock) =>
    blocks.length === 0 && attributes.length > 0 && attributes.every(({ name }) => name === 'alias')
  return {
    // A test runs modules too, in blocks of its own.
    moduleCalls: [...blocks('module'), ...blocks('run').flatMap(run => modulesOf(run.body))].flatMap(callOf),
    reads: distinct(readsOf(tokensOf(body))),
    requiredVersions: settings.flatMap(({ attributes }) =>
      attributes.flatMap(({ name, line, value }) => {
        const constraint = name === 'required_version' ? literalOf(value) : undefined
        return constraint === undefined ? [] : [{ constraint, line }]
      }),
    ),
    hasBackend: settings.some(({ blocks }) => blocks.some(({ type }) => type === 'backend' || type === 'cloud')),
    hasProvider: blocks('provider').some(block => !isProxy(block)),
    needsProviders: settings.some(({ blocks }) =>
      blocks.some(({ type, body }) => type === 'required_providers' && namesAliases(body)),
    ),
    statePlace: ownPlace(settings, pathOf),
    readStates: readPlaces(body, pathOf),
  }
}

function namesAliases({ attributes }: HclBody): boolean {
  return attributes.some(({ value }) =>
    value.some(token => token.kind === 'name' && token.text === 'configuration_aliases'),
  )
}

function modulesOf({ blocks }: HclBody): readonly HclBlock[] {
  return blocks.filter(({ type }) => type === 'module')
}

function callOf({ line, body }: HclBlock): ModuleCall[] {
  const source = body.attributes.find(({ name }) => name === 'source')
  return source === undefined ? [] : [{ source: literalOf(source.value), line }]
}

function* tokensOf({ attributes, blocks }: HclBody): Generator<readonly Token[]> {
  for (const { value } of attributes) yield value
  for (const { body } of blocks) yield* tokensOf(body)
}

function* readsOf(values: Iterable<readonly Token[]>): Generator<Read> {
  for (const tokens of values)
    for (const [index, token] of tokens.entries()) {
      if (token.kind === 'string') {
        const named = namedFolder(token.parts)
        if (named !== undefined) yield { ...named, line: token.line }
        yield* readsOf(token.parts.filter(part => typeof part !== 'string'))
      } else if (isReader(tokens, index))
        yield { ...readBy(token.text, argumentsAt(tokens, index + 2)), line: token.line }
    }
}

function isReader(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index]
  if (token?.kind !== 'name' || !READERS.has(token.text) || !isMark(tokens[index + 1], '(')) return false
  const space = tokens[index - 2]
  return !isMark(tokens[index - 1], '::') || (space?.kind === 'name' && space.text === 'core')
}

function readBy(name: string, [path = [], pattern = []]: readonly (readonly Token[])[]): Omit<Read, 'line'> {
  const read = pathOf(path)
  // A pattern may climb out of its folder.
  if (name === 'fileset' && /(?:^|\/)\.\.(?:\/|$)/.test(literalOf(pattern) ?? '..')) return { ...read, path: undefined }
  return read
}

/** The arguments of a call, each without the line ends around it. */
function argumentsAt(tokens: readonly Token[], start: number): readonly (readonly Token[])[] {
  const found: Token[][] = [[]]
  let depth = 0
  for (const token of tokens.slice(start)) {
    if (token.kind === 'line end') continue
    if (token.kind === 'mark' && '([{'.includes(token.text)) depth++
    if (token.kind === 'mark' && ')]}'.includes(token.text) && depth-- === 0) break
    if (depth === 0 && isMark(token, ',')) found.push([])
    else found.at(-1)!.push(token)
  }
  return found
}

function pathOf(value: readonly Token[]): Omit<Read, 'line'> {
  const base = folderOf(value)
  if (base !== undefined) return { base, path: '.' }
  const [only, ...more] = value
  if (only?.kind !== 'string' || more.length > 0) return { base: 'root', path: undefined }
  const literal = literalOf(value)
  return literal === undefined
    ? (namedFolder(only.parts) ?? { base: 'root', path: undefined })
    : { base: 'root', path: literal }
}

/** `"${path.module}/x"` names a path wherever it stands; a string with anything else put into it does not. */
function namedFolder([first, ...rest]: readonly TemplatePart[]): Omit<Read, 'line'> | undefined {
  const base = first === undefined || typeof first === 'string' ? undefined : folderOf(first)
  if (base === undefined) return undefined
  const below = rest.every(part => typeof part === 'string') ? rest.join('') : undefined
  return { base, path: below !== undefined && /^(?:$|\/)/.test(below) ? `.${below}` : undefined }
}

function folderOf(value: readonly Token[]): Read['base'] | undefined {
  const written = value.map(token => (token.kind === 'string' ? '"' : token.text.trim())).join('')
  if (written === 'path.module') return 'module'
  return written === 'path.root' || written === 'path.cwd' ? 'root' : undefined
}

function distinct(reads: Iterable<Read>): readonly Read[] {
  return [...new Map([...reads].map(read => [JSON.stringify(read), read])).values()]
}

/** JSON says no lines that survive parsing, so everything stands at the first. */
const JSON_LINE = 1
/** Blocks that have no label, one, or two: https://developer.hashicorp.com/terraform/language/syntax/json */
const LABELS: Readonly<Record<string, number>> = {
  ...{ module: 1, provider: 1, run: 1, terraform: 0, backend: 1, cloud: 0, data: 2 },
  // Objects within these, which JSON does not tell from blocks.
  ...{ config: 0, workspaces: 0 },
}

function jsonBody(objects: readonly JsonObject[]): HclBody {
  const members = objects.flatMap(object => Object.entries(object)).filter(([name]) => name !== '//')
  return {
    attributes: members.map(([name, value]) => ({ name, line: JSON_LINE, value: jsonTokens(value) })),
    blocks: members.flatMap(([type, value]) => jsonBlocks(type, value, LABELS[type] ?? -1, [])),
  }
}

function jsonBlocks(type: string, value: Json, labels: number, before: readonly string[]): HclBlock[] {
  if (labels < 0) return []
  const objects = objectsOf(value)
  if (labels === 0) return objects.map(object => ({ type, labels: before, line: JSON_LINE, body: jsonBody([object]) }))
  return objects.flatMap(object =>
    Object.entries(object).flatMap(([label, inner]) => jsonBlocks(type, inner, labels - 1, [...before, label])),
  )
}

function objectsOf(value: Json): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : isObject(value) ? [value] : []
}

/** Every string in a value as the template that it is. */
function jsonTokens(value: Json): readonly Token[] {
  if (typeof value === 'string') return [{ kind: 'string', parts: templateParts(value, JSON_LINE), line: JSON_LINE }]
  if (isList(value)) return value.flatMap(jsonTokens)
  return isObject(value) ? Object.values(value).flatMap(jsonTokens) : []
}
