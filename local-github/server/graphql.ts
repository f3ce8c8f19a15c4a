/** The GraphQL API: validates against GitHub's public schema, as far as it is served, and really executes. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buildSchema, execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import type { Violation } from '../local-github.ts'
import type { Core } from './core.ts'
import { createRoot } from './graphql-root.ts'
import { readBody } from './http-message.ts'
import { rateLimitHeaders, type RateLimiter, requestLimit } from './rate-limit.ts'
import { json, Refusal, type Reply } from './reply.ts'
import { refusalReply, type RestCall } from './rest.ts'
import { authenticate } from './tokens.ts'

const route = 'POST /graphql'

interface GraphqlRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | null
}

export function createGraphql(
  core: Core,
  rateLimiter: RateLimiter,
  report: (violation: Omit<Violation, 'at'>) => void,
): (request: IncomingMessage) => RestCall {
  let schema: GraphQLSchema | null = null
  const schemaOf = (): GraphQLSchema => {
    const text = readFileSync(join(import.meta.dirname, 'description/github.graphql'), 'utf8')
    return (schema ??= buildSchema(text, { assumeValid: true, assumeValidSDL: true }))
  }
  const answer = async (request: IncomingMessage, faulted: boolean): Promise<Reply> => {
    const actor = authenticate(core.store, request.headers, core.now())
    const asked = readRequest(request.method, await readBody(request))
    if (!actor) throw new Refusal(401, 'This endpoint requires you to be authenticated.')
    const rate = rateLimiter.spend(actor.token.id, requestLimit(actor.token), 'graphql', 1)
    const headers = rateLimitHeaders(rate)
    if (rate.used > rate.limit) throw new Refusal(403, 'API rate limit exceeded for this token.', null, headers)
    const { document, errors } = check(schemaOf(), asked.query)
    if (errors.length > 0 || document === null) {
      if (!faulted) for (const error of errors) report({ route, side: 'request', problem: error.message })
      return json(200, { errors: errors.map(error => shapeError(error, 'undefinedField')) }, headers)
    }
    const result = await execute({
      schema: schemaOf(),
      document,
      rootValue: createRoot(core, actor, rate),
      variableValues: asked.variables,
      operationName: asked.operationName,
    })
    const failures = result.errors ?? []
    for (const failure of failures) {
      if (failure.originalError instanceof Refusal || failure.extensions['type'] !== undefined) continue
      if (!faulted) report({ route, side: failure.path ? 'response' : 'request', problem: failure.message })
    }
    const body = {
      ...(result.data === undefined ? {} : { data: result.data }),
      ...(failures.length > 0 ? { errors: failures.map(failure => shapeError(failure, null)) } : {}),
    }
    return json(200, body, headers)
  }

  return request => ({
    route,
    answer: async fault => {
      try {
        return await answer(request, fault !== null)
      } catch (error) {
        if (error instanceof Refusal) return refusalReply(error, {})
        throw error
      }
    },
  })
}

function readRequest(method: string | undefined, body: Buffer): GraphqlRequest {
  if (method !== 'POST') throw new Refusal(404, 'Not Found')
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw new Refusal(400, 'Problems parsing JSON')
  }
  const { query, variables, operationName } = (value ?? {}) as Record<string, unknown>
  if (typeof query !== 'string') throw new Refusal(400, 'A query attribute must be specified and must be a string.')
  return {
    query,
    variables: typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  }
}

function check(schema: GraphQLSchema, query: string) {
  try {
    const document = parse(query)
    return { document, errors: validate(schema, document) }
  } catch (error) {
    if (error instanceof GraphQLError) return { document: null, errors: [error] }
    throw error
  }
}

function shapeError(error: GraphQLError, code: string | null): object {
  const { type } = error.extensions
  const refusal = error.originalError instanceof Refusal ? error.originalError : null
  const typeName = type ?? (refusal ? typeOf(refusal.status) : undefined)
  return {
    ...(typeName === undefined ? {} : { type: typeName }),
    ...(error.path ? { path: error.path } : {}),
    ...(code === null ? {} : { extensions: { code } }),
    locations: error.locations ?? [],
    message: error.message,
  }
}

const typeOf = (status: number): string =>
  status === 404 ? 'NOT_FOUND' : status === 403 || status === 401 ? 'FORBIDDEN' : 'UNPROCESSABLE'
