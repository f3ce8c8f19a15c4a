import { HclError, type TemplatePart, type Token } from './hcl-tokens.ts'
import { isMark, literalOf, parseHcl, type HclBlock, type HclBody } from './hcl.ts'
import { canonicalText, jsonOrNothing } from './json.ts'
import { withoutKeys } from './plan-configuration.ts'

/** Text of the files of each module, by its key (`''`, `network`, `network.subnets`), then by name. */
export type ModuleFiles = ReadonlyMap<string, ReadonlyMap<string, string>>

/** What an expression is made from. */
export interface Source {
  /** Of the configuration, without comments and layout: the expression, and all that it names there. */
  readonly text: string
  /** Variables of the root that it ends at. */
  readonly variables: readonly string[]
}

/**
 * The configuration behind expressions. A plan's JSON says which objects a value is made from and not how: of
 * `"arn:${x.id}/*"` it holds `x.id` alone. The text is followed through locals, arguments and outputs of modules. What a
 * function reads from a file is not followed.
 */
export interface PlanSources {
  /** Of these arguments and blocks of a resource or data source. */
  resource(address: string, names: ReadonlySet<string>): Source
  /** Of provisioners, also those in `removed` blocks of the module for an object that is configured no more. */
  provisioners(address: string): Source
  output(name: string): Source
  /** @param moduleAddress `''` for the root */
  provider(moduleAddress: string, name: string, alias: string | undefined, names: ReadonlySet<string>): Source
}

interface Module {
  readonly body: HclBody
  /** Files in JSON, and what could not be read: they count as a whole. */
  readonly whole: string
}

export function readSources(files: ModuleFiles): PlanSources {
  const modules = new Map([...files].map(([key, named]) => [key, readModule(named)]))
  const from = (key: string, bodies: readonly HclBody[]): Source => {
    const walk = new Walk(modules)
    walk.visit(key)
    for (const body of bodies) walk.body(key, body)
    return walk.source()
  }
  const blocks = (key: string, type: string) =>
    (modules.get(key)?.body.blocks ?? []).filter(block => block.type === type)
  const blocksOf = (address: string) => {
    const { key, name } = placeOf(address)
    const [type, label] = name.replace(/^data\./, '').split('.')
    const kind = name.startsWith('data.') ? 'data' : 'resource'
    const found = blocks(key, kind).filter(({ labels }) => labels[0] === type && labels[1] === label)
    return { key, found }
  }
  return {
    resource(address, names) {
      const { key, found } = blocksOf(address)
      return from(
        key,
        found.map(({ body }) => part(body, name => names.has(name))),
      )
    },
    provisioners(address) {
      const { key, found } = blocksOf(address)
      const taken = found.length > 0 ? found : blocks(key, 'removed').filter(hasProvisioner)
      return from(
        key,
        taken.map(({ body }) => part(body, name => /^(?:provisioner|connection|from)$/.test(name))),
      )
    },
    output(name) {
      return from(
        '',
        blocks('', 'output')
          .filter(({ labels }) => labels[0] === name)
          .map(({ body }) => part(body, argument => argument === 'value')),
      )
    },
    provider(moduleAddress, name, alias, names) {
      const key = keyOf(moduleAddress)
      const isWanted = ({ labels, body }: HclBlock) => labels[0] === name && textOf(body, 'alias') === alias
      return from(
        key,
        blocks(key, 'provider')
          .filter(isWanted)
          .map(({ body }) => part(body, argument => names.has(argument))),
      )
    },
  }
}

function readModule(files: ReadonlyMap<string, string>): Module {
  const bodies: HclBody[] = []
  const whole: string[] = []
  for (const [name, text] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const json = name.endsWith('.json') ? jsonOrNothing(text) : undefined
    if (json !== undefined) whole.push(canonicalText(json))
    else if (/\.(?:tf|tofu)$/.test(name)) {
      try {
        bodies.push(parseHcl(text))
      } catch (error) {
        if (!(error instanceof HclError)) throw error
        whole.push(text)
      }
    }
  }
  return {
    body: { attributes: [], blocks: bodies.flatMap(({ blocks }) => blocks) },
    whole: whole.join('\n'),
  }
}

const hasProvisioner = ({ body }: HclBlock) => body.blocks.some(({ type }) => type === 'provisioner')

function textOf({ attributes }: HclBody, name: string): string | undefined {
  const found = attributes.find(attribute => attribute.name === name)
  return found && literalOf(found.value)
}

/** The arguments and blocks that are wanted, and what repeats the whole. */
function part({ attributes, blocks }: HclBody, isWanted: (name: string) => boolean): HclBody {
  const nameOf = ({ type, labels }: HclBlock) => (type === 'dynamic' ? (labels[0] ?? '') : type)
  const kept = {
    attributes: attributes.filter(({ name }) => isWanted(name)),
    blocks: blocks.filter(block => isWanted(nameOf(block))),
  }
  const repeated = new Set([...namesIn(kept)].map(name => ({ each: 'for_each', count: 'count' })[name]))
  return { ...kept, attributes: attributes.filter(({ name }) => isWanted(name) || repeated.has(name)) }
}

function* namesIn({ attributes, blocks }: HclBody): Iterable<string> {
  for (const { value } of attributes) for (const token of flat(value)) if (token.kind === 'name') yield token.text
  for (const { body } of blocks) yield* namesIn(body)
}

/** Follows names from one expression to the next, each once. */
class Walk {
  readonly #modules: ReadonlyMap<string, Module>
  readonly #texts: string[] = []
  readonly #variables = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(modules: ReadonlyMap<string, Module>) {
    this.#modules = modules
  }

  source(): Source {
    return { text: this.#texts.join('\n'), variables: [...this.#variables].sort() }
  }

  visit(key: string): void {
    const whole = this.#modules.get(key)?.whole ?? ''
    if (whole !== '' && this.#isNew('whole', key, '')) this.#texts.push(whole)
  }

  body(key: string, body: HclBody): void {
    this.#texts.push(bodyText(body))
    this.#follow(key, body)
  }

  #follow(key: string, { attributes, blocks }: HclBody): void {
    for (const { value } of attributes) this.#names(key, value)
    for (const { body } of blocks) this.#follow(key, body)
  }

  #names(key: string, value: readonly Token[]): void {
    for (const token of value)
      if (token.kind === 'string')
        for (const piece of token.parts) if (typeof piece !== 'string') this.#names(key, piece)
    for (const [index, token] of value.entries()) {
      if (token.kind !== 'name' || isMark(value[index - 1], '.') || !isMark(value[index + 1], '.')) continue
      const name = nameAt(value, index + 2)
      if (token.text === 'local') this.#local(key, name)
      if (token.text === 'var') this.#variable(key, name)
      if (token.text === 'module') this.#output(key, name, outputAfter(value, index + 3))
    }
  }

  #local(key: string, name: string): void {
    if (!this.#isNew('local', key, name)) return
    for (const { body } of this.#blocks(key, 'locals'))
      this.#value(key, `local.${name}`, body.attributes.find(attribute => attribute.name === name)?.value)
  }

  #variable(key: string, name: string): void {
    if (!this.#isNew('variable', key, name)) return
    if (key === '') return void this.#variables.add(name)
    const steps = key.split('.')
    const parent = steps.slice(0, -1).join('.')
    this.visit(parent)
    const calls = this.#blocks(parent, 'module').filter(({ labels }) => labels[0] === steps.at(-1))
    for (const { body } of calls)
      if (body.attributes.some(attribute => attribute.name === name))
        this.body(
          parent,
          part(body, own => own === name),
        )
    for (const { body, labels } of this.#blocks(key, 'variable'))
      if (labels[0] === name)
        this.#value(key, `var.${name}`, body.attributes.find(attribute => attribute.name === 'default')?.value)
  }

  /** @param name of an output of the module; every one where it cannot be told */
  #output(key: string, module: string, name: string | undefined): void {
    const child = key === '' ? module : `${key}.${module}`
    if (!this.#isNew('output', child, name ?? '*')) return
    this.visit(child)
    for (const { body, labels } of this.#blocks(child, 'output'))
      if (name === undefined || labels[0] === name)
        this.body(
          child,
          part(body, own => own === 'value'),
        )
  }

  #value(key: string, name: string, value: readonly Token[] | undefined): void {
    if (value === undefined) return
    this.#texts.push(`${name} = ${valueText(value)}`)
    this.#names(key, value)
  }

  #blocks(key: string, type: string): readonly HclBlock[] {
    return (this.#modules.get(key)?.body.blocks ?? []).filter(block => block.type === type)
  }

  #isNew(...thing: readonly string[]): boolean {
    const id = JSON.stringify(thing)
    return !this.#seen.has(id) && this.#seen.add(id) !== undefined
  }
}

function nameAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index]
  return token?.kind === 'name' ? token.text : ''
}

/** The output in `module.a.out` and `module.a["x"].out`, from behind `a`; `undefined` for `module.a` and `module.a[*]`. */
function outputAfter(tokens: readonly Token[], index: number): string | undefined {
  let at = index
  if (isMark(tokens[at], '[')) {
    let depth = 0
    do {
      if (isMark(tokens[at], '[')) depth++
      if (isMark(tokens[at], ']')) depth--
      at++
    } while (depth > 0 && at < tokens.length)
  }
  return isMark(tokens[at], '.') ? nameAt(tokens, at + 1) || undefined : undefined
}

function flat(tokens: readonly Token[]): Token[] {
  return tokens.flatMap(token =>
    token.kind === 'string' ? token.parts.flatMap(piece => (typeof piece === 'string' ? [] : flat(piece))) : [token],
  )
}

function bodyText({ attributes, blocks }: HclBody): string {
  const lines = attributes.map(({ name, value }) => `${name} = ${valueText(value)}`).sort()
  const inner = blocks.map(({ type, labels, body }) => `${type} ${JSON.stringify(labels)} {\n${bodyText(body)}\n}`)
  return [...lines, ...inner].join('\n')
}

function valueText(tokens: readonly Token[]): string {
  return tokens
    .filter(({ kind }) => kind !== 'line end')
    .map(token => (token.kind === 'string' ? `"${token.parts.map(partText).join('')}"` : token.text))
    .join(' ')
}

const partText = (piece: TemplatePart) =>
  typeof piece === 'string' ? JSON.stringify(piece).slice(1, -1).replaceAll('$', '$$$$') : `\${${valueText(piece)}}`

function placeOf(address: string): { readonly key: string; readonly name: string } {
  const plain = withoutKeys(address)
  const [modules = ''] = /^(?:module\.[^.]+\.)*/.exec(plain) ?? []
  return { key: keyOf(modules.replace(/\.$/, '')), name: plain.slice(modules.length) }
}

/** `module.a.module.b` is the module `a.b`. */
function keyOf(moduleAddress: string): string {
  const steps = withoutKeys(moduleAddress).split('.')
  return steps.filter((_, index) => index % 2 === 1).join('.')
}
