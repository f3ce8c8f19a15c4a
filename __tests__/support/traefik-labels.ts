import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What Traefik 3 makes of the labels of containers, and what is wrong with them. Labels: all of Traefik's own reference, in
 * `traefik-labels.txt`. Rules: https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
 */

interface Router {
  readonly rule: Rule
  readonly entrypoints: readonly string[]
  readonly middlewares: readonly string[]
  readonly service: string
}

interface Service {
  readonly port: string
  readonly healthcheck: string | undefined
}

export interface Routing {
  readonly routers: ReadonlyMap<string, Router>
  readonly services: ReadonlyMap<string, Service>
  /** The options of each, by name. */
  readonly middlewares: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly problems: readonly string[]
}

type Check = (value: string) => boolean
type Part = 'routers' | 'services' | 'middlewares'

const port: Check = value => /^[1-9]\d{0,4}$/.test(value) && Number(value) < 65536
const path: Check = value => /^\/\S*$/.test(value)
const names: Check = value => value.split(',').every(name => /^[\w-]+(@[a-z]+)?$/.test(name.trim()))
const reference: Check = value => /^[\w-]+(@[a-z]+)?$/.test(value)
const oneOf =
  (...values: string[]): Check =>
  value =>
    values.includes(value)

const KINDS: ReadonlyMap<string, Check> = new Map([
  ['bool', oneOf('true', 'false')],
  ['duration', value => /^(\d+|(\d+(\.\d+)?(ns|us|ms|s|m|h))+)$/.test(value)],
  ['integer', value => /^-?\d{1,18}$/.test(value)],
  ['list', value => value.split(',').every(item => item.trim() !== '')],
  ['text', value => value !== ''],
])

/** Where the reference shows any text, or a number, and not every one of them works. */
const STRICTER: ReadonlyMap<string, Check> = new Map([
  ['traefik.http.routers.*.entrypoints', names],
  ['traefik.http.routers.*.middlewares', names],
  ['traefik.http.routers.*.service', reference],
  ['traefik.http.routers.*.tls.certresolver', reference],
  ['traefik.http.routers.*.tls.options', reference],
  ['traefik.http.services.*.loadbalancer.healthcheck.path', path],
  ['traefik.http.services.*.loadbalancer.healthcheck.port', port],
  ['traefik.http.services.*.loadbalancer.server.port', port],
  ['traefik.http.services.*.loadbalancer.server.scheme', oneOf('http', 'https', 'h2c')],
])

const LIST = readFileSync(join(import.meta.dirname, 'traefik-labels.txt'), 'utf8')

/** Of the Traefik whose labels these are. */
export const TRAEFIK_VERSION = / Traefik v(\S+) /.exec(LIST)?.[1] ?? ''

const PIECES: ReadonlyMap<string, string> = new Map([
  ['.', '\\.'],
  ['*', '[\\w-]+'],
  ['[*]', '\\[\\d+\\]'],
])

const LABELS = LIST.split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => {
    const [label = '', kind = ''] = line.split(' ')
    const check = STRICTER.get(label) ?? KINDS.get(kind)
    if (check === undefined) throw new Error(`traefik-labels.txt: the kind of ${JSON.stringify(line)} is not known`)
    const pieces = label.split(/(\.|\*|\[\*\])/).map(piece => PIECES.get(piece) ?? piece)
    // Traefik does not look at the case of what follows its name.
    return { pattern: new RegExp(`^${pieces.join('')}$`, 'i'), check }
  })

/**
 * Reads the labels of all containers together, as Traefik does.
 *
 * @param containers the labels by container
 * @param entrypoints the names that the static configuration gives to addresses
 */
export function readLabels(
  containers: Readonly<Record<string, Readonly<Record<string, string>>>>,
  entrypoints: readonly string[],
): Routing {
  const problems: string[] = []
  const parts = { routers: new Map(), services: new Map(), middlewares: new Map() } as Record<
    Part,
    Map<string, Map<string, string>>
  >
  for (const [container, labels] of Object.entries(containers)) {
    const ours = Object.entries(labels).filter(([label]) => /^traefik\./i.test(label))
    if (ours.length > 0 && labels['traefik.enable'] !== 'true')
      problems.push(`${container}: traefik.enable is not "true"`)
    for (const [label, value] of ours) {
      if (typeof value !== 'string') problems.push(`${container}: ${label} is not a text`)
      if (label === 'traefik.enable') continue
      const known = LABELS.find(({ pattern }) => label.startsWith('traefik.') && pattern.test(label))
      const [, part, name, option = ''] =
        /^traefik\.http\.(routers|services|middlewares)\.([\w-]+)\.(.+)$/i.exec(label) ?? []
      if (known === undefined) problems.push(`${container}: ${label} is not a label of Traefik`)
      else if (!known.check(String(value))) problems.push(`${container}: ${label} cannot be ${JSON.stringify(value)}`)
      else if (part === undefined) {
        // What is said of the container itself leads nowhere.
        if (!/^traefik\.docker\./i.test(label))
          problems.push(`${container}: ${label} is not of HTTP, and not read here`)
      } else {
        const options = parts[part.toLowerCase() as Part]
        if (!options.has(name!)) options.set(name!, new Map())
        const before = options.get(name!)!.get(option.toLowerCase())
        if (before !== undefined && before !== value) problems.push(`${label} is both "${before}" and "${value}"`)
        options.get(name!)!.set(option.toLowerCase(), value)
      }
    }
  }
  const routers = new Map([...parts.routers].flatMap(([name, options]) => readRouter(name, options, problems)))
  const services = new Map([...parts.services].flatMap(([name, options]) => readService(name, options, problems)))
  const { middlewares } = parts
  for (const [name, router] of routers) {
    for (const entrypoint of router.entrypoints)
      if (!entrypoints.includes(entrypoint)) problems.push(`router ${name}: there is no entrypoint "${entrypoint}"`)
    for (const middleware of router.middlewares)
      if (!middlewares.has(middleware)) problems.push(`router ${name}: there is no middleware "${middleware}"`)
    if (!services.has(router.service)) problems.push(`router ${name}: there is no service "${router.service}"`)
  }
  const used = [...routers.values()]
  for (const name of services.keys())
    if (!used.some(({ service }) => service === name)) problems.push(`service ${name}: no router leads to it`)
  for (const name of middlewares.keys())
    if (!used.some(router => router.middlewares.includes(name))) problems.push(`middleware ${name}: no router uses it`)
  const rules = used.map(({ rule }) => JSON.stringify(rule))
  if (new Set(rules).size < rules.length) problems.push('two routers have the same rule')
  return { routers, services, middlewares, problems }
}

const local = (name: string) => name.trim().replace(/@docker$/, '')

function readRouter(
  name: string,
  options: ReadonlyMap<string, string>,
  problems: string[],
): readonly [string, Router][] {
  const list = (option: string) => (options.get(option) ?? '').split(',').map(local).filter(Boolean)
  try {
    const rule = parseRule(options.get('rule') ?? '')
    const [entrypoints, middlewares] = [list('entrypoints'), list('middlewares')]
    // Without them Traefik takes every entrypoint, and guesses a service.
    if (entrypoints.length === 0) problems.push(`router ${name}: it names no entrypoint`)
    return [[name, { rule, entrypoints, middlewares, service: local(options.get('service') ?? '') }]]
  } catch (error) {
    problems.push(`router ${name}: ${(error as Error).message}`)
    return []
  }
}

function readService(
  name: string,
  options: ReadonlyMap<string, string>,
  problems: string[],
): readonly [string, Service][] {
  const port = options.get('loadbalancer.server.port')
  if (port === undefined) problems.push(`service ${name}: it names no port`)
  return [[name, { port: port ?? '', healthcheck: options.get('loadbalancer.healthcheck.path') }]]
}

export type Rule =
  | { readonly matcher: string; readonly values: readonly string[] }
  | { readonly not: Rule }
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }

/** How many values a matcher takes: at least, at most. */
const MATCHERS: Readonly<Record<string, readonly [number, number]>> = {
  ClientIP: [1, 1],
  Header: [2, 2],
  HeaderRegexp: [2, 2],
  Host: [1, 1],
  HostRegexp: [1, 1],
  Method: [1, 1],
  Path: [1, 1],
  PathPrefix: [1, 1],
  PathRegexp: [1, 1],
  Query: [1, 2],
  QueryRegexp: [1, 2],
}

/**
 * Parses a rule of Traefik 3: matchers with values in backticks or double quotes, `!`, `&&` (binds first), `||`, brackets.
 *
 * @throws Error that says what is wrong, and where
 */
export function parseRule(rule: string): Rule {
  const tokens = [...rule.matchAll(/\s*(?:(`[^`]*`|"(?:[^"\\]|\\.)*"|\w+|&&|\|\||[!(),])|(\S))/g)]
  let next = 0
  const peek = () => tokens[next]?.[1]
  const wrong = (wanted: string) =>
    new Error(`rule ${JSON.stringify(rule)}: ${wanted} is missing at ${tokens[next]?.index ?? rule.length}`)
  const take = (wanted: string) => {
    if (peek() !== wanted) throw wrong(`"${wanted}"`)
    next++
  }
  const chain = (operator: string, operand: () => Rule): readonly Rule[] => {
    const operands = [operand()]
    while (peek() === operator) {
      next++
      operands.push(operand())
    }
    return operands
  }
  const any = (): Rule => {
    const rules = chain('||', all)
    return rules.length === 1 ? rules[0]! : { any: rules }
  }
  const all = (): Rule => {
    const rules = chain('&&', one)
    return rules.length === 1 ? rules[0]! : { all: rules }
  }
  const one = (): Rule => {
    if (peek() === '!') {
      next++
      return { not: one() }
    }
    if (peek() === '(') {
      next++
      const inner = any()
      take(')')
      return inner
    }
    return matcher()
  }
  const matcher = (): Rule => {
    const name = peek() ?? ''
    const [least, most] = Object.hasOwn(MATCHERS, name) ? MATCHERS[name]! : [0, -1]
    if (most < 0) throw wrong('a matcher')
    next++
    take('(')
    const values = peek() === ')' ? [] : [value()]
    while (peek() === ',') {
      next++
      values.push(value())
    }
    take(')')
    if (values.length < least || values.length > most)
      throw new Error(`rule ${JSON.stringify(rule)}: ${name} takes ${least} to ${most} values, not ${values.length}`)
    if (/^Path(Prefix)?$/.test(name) && !values[0]!.startsWith('/'))
      throw new Error(`rule ${JSON.stringify(rule)}: a path begins with "/"`)
    return { matcher: name, values }
  }
  const value = (): string => {
    const token = peek() ?? ''
    if (!/^[`"]/.test(token)) throw wrong('a value in backticks or double quotes')
    next++
    return token.startsWith('"') ? (JSON.parse(token) as string) : token.slice(1, -1)
  }
  const parsed = any()
  if (next < tokens.length) throw wrong('"&&", "||" or the end')
  return parsed
}
