import { isList, isObject, member, type Json } from './json.ts'
import type { Plan } from './plan.ts'

const KEY = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g

/**
 * Reads what a configuration says of the attributes of its resources, by address.
 * Source: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
 * @returns `undefined` for an address that the plan's configuration does not declare
 */
export function readExpressions({ document }: Plan): (address: string) => Json | undefined {
  const known = new Map<string, Json>()
  const read = (module: Json | undefined, prefix: string): void => {
    const resources = member(module, 'resources')
    for (const resource of isList(resources) ? resources : [])
      known.set(`${prefix}${String(member(resource, 'address'))}`, member(resource, 'expressions') ?? {})
    const calls = member(module, 'module_calls')
    for (const [name, call] of Object.entries(isObject(calls) ? calls : {}))
      read(member(call, 'module'), `${prefix}module.${name}.`)
  }
  read(member(document['configuration'], 'root_module'), '')
  // `module.a["x"].aws_instance.b[0]` is declared as `module.a.aws_instance.b`.
  return address => known.get(address.replace(KEY, ''))
}
