/**
 * Makes local-github/server/description/github.json: the operations named in operations.txt out of GitHub's OpenAPI
 * description, without its prose and examples, as JSON Schema. Usage: node scripts/describe-api.ts <folder of the unpacked
 * npm package @octokit/openapi>, which is too large to be a dependency.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Tree = { [key: string]: Json }

const folder = process.argv[2]
if (folder === undefined) throw new Error('say where the unpacked package @octokit/openapi is')
const target = join(import.meta.dirname, '../local-github/server/description')
const api = JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8')) as Tree
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }

const isTree = (value: Json | undefined): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const tree = (value: Json | undefined): Tree => (isTree(value) ? value : {})
const trees = (value: Json | undefined): Tree[] => (Array.isArray(value) ? value.filter(isTree) : [])
const resolve = (value: Json | undefined): Tree => {
  const reference = tree(value)['$ref']
  if (typeof reference !== 'string') return tree(value)
  return reference
    .split('/')
    .slice(1)
    .reduce<Tree>((at, key) => tree(at[key]), api)
}

const schemas: Tree = {}
const kept = ['enum', 'required', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems']
const formats = ['date-time', 'uri', 'uri-template', 'email']

/** `open`: part of a composition, which is closed as a whole. */
function convert(schema: Tree, open = false): Tree {
  const reference = schema['$ref']
  if (typeof reference === 'string') return { $ref: `github.json#/schemas/${keepSchema(reference, open)}` }
  const made: Tree = {}
  for (const key of kept) if (schema[key] !== undefined) made[key] = schema[key]
  if (typeof schema['format'] === 'string' && formats.includes(schema['format'])) made['format'] = schema['format']
  if (schema['type'] !== undefined) made['type'] = schema['type']
  if (isTree(schema['items'])) made['items'] = convert(schema['items'])
  const composed = ['allOf', 'anyOf', 'oneOf'].filter(key => Array.isArray(schema[key]))
  const partsOpen =
    open || made['properties'] !== undefined || schema['properties'] !== undefined || composed.includes('allOf')
  // GitHub's alternatives overlap, so that its `oneOf` can only mean "one at least".
  for (const key of composed)
    made[key === 'oneOf' ? 'anyOf' : key] = trees(schema[key]).map(part => convert(part, partsOpen))
  if (isTree(schema['properties'])) {
    const named = Object.entries(schema['properties']).map(([name, part]) => [name, convert(tree(part))])
    made['properties'] = Object.fromEntries(named) as Tree
  }
  const extra = schema['additionalProperties']
  if (isTree(extra)) made['additionalProperties'] = convert(extra)
  else if (extra !== true && !open && (made['properties'] || composed.includes('allOf'))) {
    made[composed.length > 0 ? 'unevaluatedProperties' : 'additionalProperties'] = false
  }
  return schema['nullable'] === true ? { anyOf: [made, { type: 'null' }] } : made
}

function keepSchema(reference: string, open: boolean): string {
  const name = `${reference.split('/').at(-1)}${open ? '.open' : ''}`
  if (schemas[name] === undefined) {
    schemas[name] = {}
    schemas[name] = convert(resolve({ $ref: reference }), open)
  }
  return name
}

function describe(operation: Tree, shared: Tree[]): Tree {
  const parameters = [...shared, ...trees(operation['parameters'])].map(resolve)
  const query = parameters.filter(parameter => parameter['in'] === 'query')
  const content = tree(tree(resolve(operation['requestBody'])['content'])['application/json'])['schema']
  const responses = Object.entries(tree(operation['responses'])).map(([status, response]) => {
    const shape = tree(tree(resolve(response)['content'])['application/json'])['schema']
    return [status, isTree(shape) ? convert(shape) : null]
  })
  return {
    query: Object.fromEntries(query.map(one => [String(one['name']), convert(tree(one['schema']))])) as Tree,
    body: isTree(content) ? convert(content) : null,
    bodyRequired: resolve(operation['requestBody'])['required'] === true,
    responses: Object.fromEntries(responses) as Tree,
  }
}

const names = readFileSync(join(target, 'operations.txt'), 'utf8').trim().split('\n')
const operations: Tree = {}
for (const name of names) {
  const [method = '', path = ''] = name.split(' ')
  const item = tree(tree(api['paths'])[path])
  if (!isTree(item[method.toLowerCase()])) throw new Error(`GitHub's description has no ${name}`)
  operations[name] = describe(tree(item[method.toLowerCase()]), trees(item['parameters']))
}
writeFileSync(
  join(target, 'github.json'),
  `${JSON.stringify({ source: `@octokit/openapi ${version}`, operations, schemas })}\n`,
)
