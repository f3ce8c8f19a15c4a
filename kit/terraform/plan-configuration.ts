import { isList, isObject, member, type Json } from './json.ts'
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

/** Reads `configuration` of a plan's JSON: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation */
export function readConfiguration(plan: Plan): Configuration {
  const configuration = plan.document['configuration']
  const root = member(configuration, 'root_module')
  const resources = new Map<string, ConfiguredResource>()
  const readModule = (module: Json | undefined, prefix: string, folder: string | undefined): void => {
    for (const entry of listOf(member(module, 'resources'))) {
      const address = `${prefix}${textOf(member(entry, 'address'))}`
      const resource = {
        ...{ address, folder, expressions: member(entry, 'expressions') ?? {} },
        provisioners: member(entry, 'provisioners'),
        isExternal: member(entry, 'mode') === 'data' && member(entry, 'type') === 'external',
      }
      resources.set(address, resource)
    }
    for (const [name, call] of entriesOf(member(module, 'module_calls')))
      readModule(member(call, 'module'), `${prefix}module.${name}.`, folderOf(folder, textOf(member(call, 'source'))))
  }
  readModule(root, '', '.')
  return {
    resource: address => resources.get(withoutKeys(address)),
    output: name => member(member(root, 'outputs'), name),
    providers: member(configuration, 'provider_config') ?? {},
    externals: [...resources.values()].filter(({ isExternal }) => isExternal),
  }
}

const KEY = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g

/** `module.a["x"].aws_instance.b[0]` is declared as `module.a.aws_instance.b`. */
function withoutKeys(address: string): string {
  return address.replace(KEY, '')
}

/** A module of another source is no folder of this repository, and neither is what lies in it. */
function folderOf(parent: string | undefined, source: string): string | undefined {
  return parent === undefined || !/^\.\.?\//.test(source) ? undefined : normalRoot(`${parent}/${source}`)
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : []
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
