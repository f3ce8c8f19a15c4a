/**
 * GitHub's description of its API, as far as the local GitHub speaks it. `scripts/describe-api.ts` made it; in it every
 * object that names its properties is closed, so that a property that GitHub does not know is an error.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import type { ErrorObject, ValidateFunction } from 'ajv'
import ajvFormats from 'ajv-formats'
import type { Reply } from './reply.ts'

export interface RequestProblem {
  readonly text: string
  /** GitHub itself refuses it by 422; otherwise it would let it pass. */
  readonly refused: boolean
}

export interface Description {
  /** `METHOD /path/{template}` of every operation. */
  readonly routes: readonly string[]
  /** `body`: the parsed JSON; null without one. */
  checkRequest(route: string, query: URLSearchParams, body: unknown): RequestProblem[]
  checkResponse(route: string, reply: Reply): string[]
}

type Schema = Record<string, unknown>

interface Operation {
  readonly query: Record<string, Schema>
  readonly body: Schema | null
  readonly bodyRequired: boolean
  readonly responses: Record<string, Schema | null>
}

interface Document {
  readonly operations: Record<string, Operation>
  readonly schemas: Record<string, Schema>
}

const folder = join(import.meta.dirname, 'description')

/** Answers that any operation may give, though the description names them for some only. */
const anywhere = new Set([304, 400, 401, 403, 404, 409, 410, 413, 415, 421, 422, 429, 500, 501, 503])
/** What such an answer holds; the description often names the status and no body. */
const anyError: Schema = {
  type: 'object',
  required: ['message'],
  properties: { message: { type: 'string' }, documentation_url: { type: 'string' }, errors: { type: 'array' } },
  additionalProperties: false,
}

let loaded: Loaded | null = null
/** All servers of a process share what was compiled. */
const load = (): Loaded => (loaded ??= loadDocument())

/** Reads the description at the first request and compiles a schema when it is first needed: starting stays fast. */
export function openDescription(): Description {
  const routes = readFileSync(join(folder, 'operations.txt'), 'utf8').trim().split('\n')
  return {
    routes,
    checkRequest: (route, query, body) => {
      const { operations, validator } = load()
      const operation = operations[route]
      if (!operation) return [{ text: 'GitHub has no such operation', refused: false }]
      return [
        ...checkQuery(validator(`${route} query`, querySchema(operation), true), query),
        ...checkBody(operation, asDescribed(route, body), schema => validator(`${route} body`, schema)),
      ]
    },
    checkResponse: (route, reply) => {
      const { operations, validator } = load()
      const operation = operations[route]
      if (!operation) return ['GitHub has no such operation']
      const documented = operation.responses[reply.status]
      if (documented === undefined && !anywhere.has(reply.status)) return [`status ${reply.status} is not documented`]
      if (reply.body === null) {
        return documented && reply.status !== 302 ? [`status ${reply.status} should have a JSON body`] : []
      }
      // Bytes answer a media type that the caller asked for, or a download.
      if (!('json' in reply.body)) return []
      if (documented === null && reply.status < 400) return [`status ${reply.status} should have no body`]
      const validate = validator(`${route} ${reply.status}`, documented ?? anyError)
      return validate(asAnswered(reply.status, reply.body.json))
        ? []
        : (validate.errors ?? []).slice(0, mostErrors).map(textOf)
    },
  }
}

const mostErrors = 8

interface Loaded {
  readonly operations: Record<string, Operation>
  validator(key: string, schema: Schema, coerce?: boolean): ValidateFunction
}

function loadDocument(): Loaded {
  const document = JSON.parse(readFileSync(join(folder, 'github.json'), 'utf8')) as Document
  const engine = (coerceTypes: boolean): Ajv2019 => {
    const ajv = new Ajv2019({ strict: false, allErrors: true, coerceTypes, validateSchema: false })
    ajvFormats.default(ajv)
    return ajv.addSchema({ schemas: document.schemas }, 'github.json')
  }
  const strict = engine(false)
  const coercing = engine(true)
  const compiled = new Map<string, ValidateFunction>()
  return {
    operations: document.operations,
    validator: (key, schema, coerce = false) => {
      const known = compiled.get(key) ?? (coerce ? coercing : strict).compile(schema)
      compiled.set(key, known)
      return known
    },
  }
}

const querySchema = (operation: Operation): Schema => ({
  type: 'object',
  properties: operation.query,
  additionalProperties: false,
})

function checkQuery(validate: ValidateFunction, query: URLSearchParams): RequestProblem[] {
  if (query.size === 0 || validate(Object.fromEntries(query))) return []
  return (validate.errors ?? []).map(error => ({
    text: error.keyword === 'additionalProperties' ? `unknown query name ${nameOf(error)}` : `query ${textOf(error)}`,
    refused: error.keyword !== 'additionalProperties',
  }))
}

function checkBody(
  operation: Operation,
  body: unknown,
  validatorOf: (schema: Schema) => ValidateFunction,
): RequestProblem[] {
  if (operation.body === null) return body === null ? [] : [{ text: 'this operation takes no body', refused: false }]
  if (body === null && !operation.bodyRequired) return []
  const validate = validatorOf(operation.body)
  if (validate(body ?? {})) return []
  return (validate.errors ?? [])
    .slice(0, mostErrors)
    .map(error => ({ text: textOf(error), refused: !isUnknown(error) }))
}

/** GitHub takes the bare array that its own Octokit sends, though the description knows the object only. */
const asDescribed = (route: string, body: unknown): unknown =>
  Array.isArray(body) && route.endsWith('/required_status_checks/contexts') ? { contexts: body } : body

const isUnknown = (error: ErrorObject): boolean => /^(additional|unevaluated)Properties$/.test(error.keyword)

const nameOf = (error: ErrorObject): string => {
  const { additionalProperty, unevaluatedProperty } = error.params as Record<string, unknown>
  return String(additionalProperty ?? unevaluatedProperty)
}

function textOf(error: ErrorObject): string {
  const at = error.instancePath === '' ? 'the body' : error.instancePath
  if (isUnknown(error)) return `${at}: unknown property ${nameOf(error)}`
  const allowed =
    error.keyword === 'enum' ? `: ${JSON.stringify((error.params as Record<string, unknown>)['allowedValues'])}` : ''
  return `${at} ${error.message ?? 'is wrong'}${allowed}`
}

/** GitHub repeats the status in its errors, which the description of some of them forgets. */
function asAnswered(status: number, value: unknown): unknown {
  if (status < 400 || typeof value !== 'object' || value === null) return JSON.parse(JSON.stringify(value)) as unknown
  const { status: _status, ...rest } = value as Record<string, unknown>
  return rest
}
