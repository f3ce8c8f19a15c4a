import { isList, isObject, member, type Json, type JsonObject } from './json.ts'
import type { Plan } from './plan.ts'
import { normalRoot } from './root.ts'

/** What a configuration says beside the values of its objects: it names what a plan runs or leaves open. */
export interface Configuration {
  /** `module.a.aws_instance.b`: an address without keys. */
  resource(address: string): ConfiguredResource | undefined
  output(name: string): Json | undefined
  readonly providers: Json
  readonly externals: readonly ConfiguredResource[]
}

export interface ConfiguredResource {
  readonly address: string
  /** Of the module that declares it, relative to the root; `undefined` when it is not part of the repository. */
  readonly folder: string | undefined
  readonly expressions: Json
  /** `undefined` when it has none. */
  readonly provisioners: Json | undefined
  /** A data source that runs a program while the plan is made. */
  readonly isExternal: boolean
}

/** A module as the configuration of a plan's JSON holds it: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation */
export interface ConfiguredModule {
  /** By address in the module, without keys: `aws_instance.a`, `data.external.b`. */
  readonly resources: ReadonlyMap<string, JsonObject>
  readonly calls: ReadonlyMap<string, ModuleCall>
  readonly outputs: Json | undefined
  readonly variables: Json | undefined
}

interface ModuleCall {
  readonly source: string
  readonly expressions: Json | undefined
  readonly module: ConfiguredModule
}

/** @param module such as `root_module` of the configuration */
export function readModule(module: Json | undefined): ConfiguredModule {
  const resources = member(module, 'resources')
  const calls = member(module, 'module_calls')
  return {
    resources: new Map(
      (isList(resources) ? resources : []).filter(isObject).map(entry => [textOf(member(entry, 'address')), entry]),
    ),
    calls: new Map(
      Object.entries(isObject(calls) ? calls : {}).map(([name, call]) => [
        name,
        {
          source: textOf(member(call, 'source')),
          expressions: member(call, 'expressions'),
          module: readModule(member(call, 'module')),
        },
      ]),
    ),
    outputs: member(module, 'outputs'),
    variables: member(module, 'variables'),
  }
}

/** What the configuration of a plan says of all its modules. */
export function readConfiguration(plan: Plan): Configuration {
  const configuration = plan.document['configuration']
  const root = readModule(member(configuration, 'root_module'))
  const resources = new Map<string, ConfiguredResource>()
  const collect = (module: ConfiguredModule, prefix: string, folder: string | undefined): void => {
    for (const [name, entry] of module.resources) {
      const address = `${prefix}${name}`
      resources.set(address, {
        ...{ address, folder, expressions: member(entry, 'expressions') ?? {} },
        provisioners: member(entry, 'provisioners'),
        isExternal: member(entry, 'mode') === 'data' && member(entry, 'type') === 'external',
      })
    }
    for (const [name, { source, module: called }] of module.calls)
      collect(called, `${prefix}module.${name}.`, folderOf(folder, source))
  }
  collect(root, '', '.')
  return {
    resource: address => resources.get(withoutKeys(address)),
    output: name => member(root.outputs, name),
    providers: member(configuration, 'provider_config') ?? {},
    externals: [...resources.values()].filter(({ isExternal }) => isExternal),
  }
}

const KEYS = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g

/** An address without its instance keys: `module.a["x"].aws_instance.b[0]` is `module.a.aws_instance.b`. */
export function withoutKeys(address: string): string {
  return address.replace(KEYS, '')
}

/** A module of another source is no folder of this repository, and neither is what lies in it. */
function folderOf(parent: string | undefined, source: string): string | undefined {
  return parent === undefined || !/^\.\.?\//.test(source) ? undefined : normalRoot(`${parent}/${source}`)
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
