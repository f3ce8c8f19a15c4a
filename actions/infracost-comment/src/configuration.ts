import { isList, isObject, member, type Json, type JsonObject } from '#kit/terraform/json'
import { readModule, withoutKeys, type ConfiguredModule } from '#kit/terraform/plan-configuration'

/** What the plan's `configuration` says: expressions of resources, providers, and which resources an expression leads to. */
export interface Configuration {
  /** Expressions of a resource's block; `undefined` for what is no longer in the configuration. */
  expressions(moduleAddress: string, resource: string): Json | undefined
  providerKey(moduleAddress: string, resource: string): string | undefined
  /** A provider's region: a constant, or a root variable's value. */
  providerRegion(key: string): string | undefined
  /** The region that every AWS provider of the plan has; for objects that are no longer in the configuration. */
  readonly onlyRegion: string | undefined
  /** Every `type.name` that an expression can refer to, with the module it is in, through variables and outputs. */
  referenced(moduleAddress: string, expression: Json | undefined): readonly Reference[]
}

export interface Reference {
  /** Without the keys of `count` and `for_each`. */
  readonly modulePath: string
  readonly resource: string
}

const DEPTH_LIMIT = 16

export function readConfiguration(document: JsonObject): Configuration {
  const configuration = document['configuration']
  const root = readModule(member(configuration, 'root_module'))
  const providers = member(configuration, 'provider_config')
  const find = (moduleAddress: string): ConfiguredModule | undefined => findModule(root, modulesOf(moduleAddress))
  const providerRegion = (key: string): string | undefined => {
    const own = member(providers, key)
    const provider = own ?? member(providers, key.slice(key.lastIndexOf(':') + 1))
    const region = member(member(provider, 'expressions'), 'region')
    const constant = member(region, 'constant_value')
    if (typeof constant === 'string') return constant
    if (typeof member(provider, 'module_address') === 'string') return undefined
    const [first] = referencesOf(region)
    const variable = first?.startsWith('var.') ? first.slice(4) : undefined
    if (variable === undefined) return undefined
    const value =
      member(member(document['variables'], variable), 'value') ?? member(member(root.variables, variable), 'default')
    return typeof value === 'string' ? value : undefined
  }
  const regions = Object.keys(isObject(providers) ? providers : {})
    .filter(key => /^(?:.*:)?aws(?:\.|$)/.test(key))
    .map(providerRegion)
  return {
    onlyRegion: new Set(regions).size === 1 ? regions[0] : undefined,
    providerRegion,
    expressions: (moduleAddress, resource) => member(find(moduleAddress)?.resources.get(resource), 'expressions'),
    providerKey(moduleAddress, resource) {
      const key = member(find(moduleAddress)?.resources.get(resource), 'provider_config_key')
      return typeof key === 'string' ? key : undefined
    },
    referenced: (moduleAddress, expression) => [...follow(root, modulesOf(moduleAddress), expression, 0)],
  }
}

/** `module.a["x"].module.b` → `['a', 'b']`. */
function modulesOf(moduleAddress: string): readonly string[] {
  const path = withoutKeys(moduleAddress)
  return path === '' ? [] : path.replace(/^module\./, '').split('.module.')
}

function findModule(root: ConfiguredModule, path: readonly string[]): ConfiguredModule | undefined {
  return path.reduce<ConfiguredModule | undefined>((module, name) => module?.calls.get(name)?.module, root)
}

function referencesOf(expression: Json | undefined): readonly string[] {
  const listed = member(expression, 'references')
  return isList(listed) ? listed.filter(item => typeof item === 'string') : []
}

function* follow(
  root: ConfiguredModule,
  path: readonly string[],
  expression: Json | undefined,
  depth: number,
): Generator<Reference> {
  const module = findModule(root, path)
  if (module === undefined || depth > DEPTH_LIMIT) return
  const seen = new Set<string>()
  for (const reference of referencesOf(expression)) {
    const parts = withoutKeys(reference).split('.')
    const [head = '', name = '', attribute = ''] = parts
    const key = `${head}.${name}${head === 'module' ? `.${attribute}` : ''}`
    if (seen.has(key)) continue
    seen.add(key)
    if (head === 'var') {
      const call = path.at(-1)
      const caller = path.slice(0, -1)
      if (call === undefined) continue
      const given = findModule(root, caller)?.calls.get(call)?.expressions
      yield* follow(root, caller, member(given, name), depth + 1)
    } else if (head === 'module') {
      const output = member(module.calls.get(name)?.module.outputs, attribute)
      yield* follow(root, [...path, name], member(output, 'expression'), depth + 1)
    } else if (module.resources.has(`${head}.${name}`)) {
      yield { modulePath: path.map(step => `module.${step}`).join('.'), resource: `${head}.${name}` }
    }
  }
}
