import type { Token } from './hcl-tokens.ts'
import { isMark, literalOf, type HclAttribute, type HclBlock, type HclBody } from './hcl.ts'

/** Where a state is kept, as far as the configuration says so in literals. */
export interface StatePlace {
  /** `s3`, `local`, …; a `cloud` block is of the type `remote`, as Terraform reads it. */
  readonly type: string
  /** As they are written; those within others by names such as `workspaces.name`. `undefined`: put together when Terraform runs. */
  readonly settings: ReadonlyMap<string, string | undefined>
  /** The setting `path`, with what it is relative to. */
  readonly path: PlacePath | undefined
}

export interface PlacePath {
  readonly base: 'module' | 'root'
  /** `undefined` when it is put together when Terraform runs. */
  readonly path: string | undefined
}

type ReadPath = (value: readonly Token[]) => PlacePath

/** The backend of the blocks named `terraform`; `undefined` without one. */
export function ownPlace(settings: readonly HclBody[], readPath: ReadPath): StatePlace | undefined {
  for (const { type, labels, body } of settings.flatMap(({ blocks }) => blocks)) {
    if (type === 'cloud') return placeOf('remote', settingsOf(body), body.attributes, readPath)
    if (type === 'backend') return placeOf(labels[0] ?? '', settingsOf(body), body.attributes, readPath)
  }
  return undefined
}

/** The states that data sources named `terraform_remote_state` read. */
export function readPlaces({ blocks }: HclBody, readPath: ReadPath): readonly StatePlace[] {
  return blocks
    .filter(({ type, labels }) => type === 'data' && labels[0] === 'terraform_remote_state')
    .flatMap(({ body }) => {
      const type = literalOf(valueOf(body.attributes, 'backend'))
      if (type === undefined) return []
      const entries = body.attributes.filter(({ name }) => name === 'config').flatMap(({ value }) => entriesOf(value))
      const inner = body.blocks.filter(block => block.type === 'config').map(block => block.body)
      const attributes = [...entries, ...inner.flatMap(block => block.attributes)]
      const settings = new Map([...nested(attributes), ...inner.flatMap(block => [...settingsOf(block)])])
      return [placeOf(type, settings, attributes, readPath)]
    })
}

type Entry = Pick<HclAttribute, 'name' | 'value'>

function placeOf(
  type: string,
  settings: ReadonlyMap<string, string | undefined>,
  attributes: readonly Entry[],
  readPath: ReadPath,
): StatePlace {
  const path = attributes.find(({ name }) => name === 'path')
  return { type, settings, path: path === undefined ? undefined : readPath(path.value) }
}

function settingsOf({ attributes, blocks }: HclBody): ReadonlyMap<string, string | undefined> {
  const within = ({ type, body }: HclBlock) =>
    [...settingsOf(body)].map(([name, value]) => [`${type}.${name}`, value] as const)
  return new Map([...nested(attributes), ...blocks.flatMap(within)])
}

function nested(entries: readonly Entry[]): readonly (readonly [string, string | undefined])[] {
  return entries.flatMap(({ name, value }) =>
    isMark(value[0], '{')
      ? nested(entriesOf(value)).map(([inner, found]) => [`${name}.${inner}`, found] as const)
      : [[name, literalOf(value)] as const],
  )
}

function valueOf(attributes: readonly Entry[], wanted: string): readonly Token[] {
  return attributes.find(({ name }) => name === wanted)?.value ?? []
}

/** The entries of a value that is an object with literal names; none of any other value. */
function entriesOf(value: readonly Token[]): readonly Entry[] {
  if (!isMark(value[0], '{') || !isMark(value.at(-1), '}')) return []
  const found: { name: string; value: Token[] }[] = []
  let depth = 0
  let current: { name: string; value: Token[] } | undefined
  for (const [index, token] of value.slice(1, -1).entries()) {
    // The token itself is at index + 1.
    const next = value[index + 2]
    if (depth === 0 && (token.kind === 'line end' || isMark(token, ','))) {
      current = undefined
      continue
    }
    if (token.kind === 'mark') depth += '([{'.includes(token.text) ? 1 : ')]}'.includes(token.text) ? -1 : 0
    if (current !== undefined) {
      if (current.value.length > 0 || !(isMark(token, '=') || isMark(token, ':'))) current.value.push(token)
      continue
    }
    const name = token.kind === 'name' ? token.text : literalOf([token])
    current = { name: name ?? '', value: [] }
    if (name !== undefined && (isMark(next, '=') || isMark(next, ':'))) found.push(current)
  }
  return found
}
