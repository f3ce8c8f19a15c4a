/** The REST API: finds the route, knows who asks, checks both sides against the description, runs the handler. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Fault, Violation } from '../local-github.ts'
import type { Repository } from '../model.ts'
import { authorizeRepository, authorizeRoute, hasRole, roleOf } from './access.ts'
import type { Actor, Context, Route, Routes } from './context.ts'
import type { Core } from './core.ts'
import type { Description } from './description.ts'
import { readBody } from './http-message.ts'
import { pageOf } from './paging.ts'
import { compileTemplates, type MatchedRoute } from './path-template.ts'
import { rateLimitHeaders, type RateLimiter, requestLimit } from './rate-limit.ts'
import { json, notFound, Refusal, type Reply } from './reply.ts'
import { createEmitter } from './event-payload.ts'
import { authenticate } from './tokens.ts'

export const apiVersion = '2022-11-28'
const documentationUrl = 'https://docs.github.com/rest'

export interface RestOptions {
  readonly core: Core
  readonly routes: Routes
  readonly description: Description
  readonly rateLimiter: RateLimiter
  readonly report: (violation: Omit<Violation, 'at'>) => void
}

export interface RestCall {
  /** The route's template, or the bare path where there is none. */
  readonly route: string
  /** Runs it. `fault`: its answer is going to be spoilt, so it is no subject of checks. */
  answer(fault: Fault | null): Promise<Reply>
}

export type Rest = (request: IncomingMessage, url: URL, path: string) => RestCall

export function createRest(options: RestOptions): Rest {
  const { core, routes, description } = options
  const match = compileTemplates([...Object.keys(routes), ...description.routes])

  return (request, url, path) => {
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const matched = match(method, path.length > 1 ? path.replace(/\/$/, '') : path)
    return {
      route: matched?.route ?? `${method} ${path}`,
      answer: async fault => {
        let headers: Record<string, string> = { 'x-github-api-version-selected': apiVersion }
        try {
          checkHeaders(request)
          const actor = authenticate(core.store, request.headers, core.now())
          if (actor) headers = { ...headers, ...spendRate(options.rateLimiter, actor, matched?.route) }
          if (headers['x-ratelimit-remaining'] === '-1')
            throw new Refusal(403, 'API rate limit exceeded for this token.')
          if (!matched) throw notFound()
          const reply = await run(options, { request, url, matched, actor, method, fault })
          const answer = withEtag({ ...reply, headers: { ...headers, ...reply.headers } }, request, method)
          // What the caller has already costs nothing.
          if (answer.status !== 304 || !actor) return answer
          return {
            ...answer,
            headers: { ...answer.headers, ...spendRate(options.rateLimiter, actor, matched.route, -1) },
          }
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          return refusalReply(error, headers)
        }
      },
    }
  }
}

function checkHeaders(request: IncomingMessage): void {
  if (!request.headers['user-agent']) {
    throw new Refusal(
      403,
      'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
    )
  }
  const version = request.headers['x-github-api-version']
  if (version !== undefined && version !== apiVersion) {
    throw new Refusal(
      400,
      `The version ${String(version)} in X-GitHub-Api-Version is not supported. Supported: ${apiVersion}.`,
    )
  }
}

function spendRate(
  limiter: RateLimiter,
  actor: Actor,
  route: string | undefined,
  requests = 1,
): Record<string, string> {
  const limit = requestLimit(actor.token)
  const cost = route === 'GET /rate_limit' ? 0 : requests
  const rate = limiter.spend(actor.token.id, limit, 'core', cost)
  const headers = rateLimitHeaders(rate)
  return rate.used > rate.limit ? { ...headers, 'x-ratelimit-remaining': '-1' } : headers
}

interface Call {
  readonly request: IncomingMessage
  readonly url: URL
  readonly matched: MatchedRoute
  readonly actor: Actor | null
  readonly method: string
  readonly fault: Fault | null
}

async function run(options: RestOptions, call: Call): Promise<Reply> {
  const { core, routes, description } = options
  const { matched, actor, method, fault } = call
  const report = (side: Violation['side'], problems: readonly string[]): void => {
    if (fault !== null) return
    for (const problem of problems) options.report({ route: matched.route, side, problem })
  }
  const bytes = await readBody(call.request)
  const route = routes[matched.route]
  if (!route) {
    report('request', ['the local GitHub has no such route yet'])
    throw new Refusal(501, notServed(matched.route))
  }
  const body = route.takesBytes ? null : parseBody(bytes)
  const repository = repositoryOf(core, matched, actor)
  authorizeRoute(route, method, repository, actor)
  const problems = description.checkRequest(matched.route, call.url.searchParams, body?.[''] ?? body)
  report(
    'request',
    problems.map(({ text }) => text),
  )
  const refused = problems.find(problem => problem.refused)
  if (refused) throw new Refusal(422, `Invalid request.\n\n${refused.text}`)

  const checked = (reply: Reply): Reply => {
    report('response', description.checkResponse(matched.route, reply))
    return reply
  }
  try {
    return checked(await route.handle(createContext(options, call, route, repository, body, bytes)))
  } catch (error) {
    if (error instanceof Refusal) checked(refusalReply(error, {}))
    throw error
  }
}

/** What to do instead, where there is something. */
function notServed(route: string): string {
  const words = `GitHub has ${route}, but the local GitHub does not serve it.`
  if (route.includes('/secrets/')) return `${words} Give it secrets by a file: --secrets FILE.`
  if (route.endsWith('/jobs/{job_id}/rerun')) return `${words} Run the failed jobs or the whole run again.`
  return words
}

function repositoryOf(core: Core, matched: MatchedRoute, actor: Actor | null): Repository | null {
  const { owner, repo } = matched.params
  if (owner === undefined || repo === undefined) return null
  return authorizeRepository(core.repository(`${owner}/${repo}`), actor)
}

function parseBody(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  if (bytes.length === 0) return null
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    throw new Refusal(400, 'Problems parsing JSON')
  }
  if (Array.isArray(value)) return { '': value }
  if (typeof value !== 'object' || value === null) throw new Refusal(400, 'Body should be a JSON object')
  return value as Record<string, unknown>
}

function createContext(
  options: RestOptions,
  call: Call,
  route: Route,
  repository: Repository | null,
  body: Readonly<Record<string, unknown>> | null,
  bytes: Uint8Array,
): Context {
  const { core } = options
  const { actor, matched, url } = call
  const param = (name: string): string => {
    const value = matched.params[name]
    if (value === undefined) throw new Error(`${matched.route} has no parameter ${name}`)
    return value
  }
  const requireRepository = (): Repository => {
    const current = repository && core.store.repositories.get(repository.id)
    if (!current) throw new Error(`${matched.route} has no repository`)
    return current
  }
  const role = repository === null ? 'none' : roleOf(repository, actor)
  const page = async <T>(
    items: readonly T[],
    shape: (item: T) => unknown,
  ): Promise<[unknown[], Record<string, string>]> => {
    const { items: shown, headers } = pageOf(items, url)
    return [await Promise.all(shown.map(shape)), headers]
  }
  return {
    core,
    get actor() {
      if (!actor) throw new Refusal(401, 'Requires authentication')
      return actor.account
    },
    token: actor?.token ?? null,
    viaApp: actor && actor.token.kind !== 'user' ? (actor.account.appSlug ?? null) : null,
    role,
    get repo() {
      return requireRepository()
    },
    param,
    id: name => {
      const text = param(name)
      if (!/^\d{1,15}$/.test(text)) throw notFound()
      return Number(text)
    },
    query: url.searchParams,
    body: body ?? {},
    bytes,
    headers: call.request.headers,
    list: async (items, shape) => {
      const [shown, headers] = await page(items, shape)
      return json(200, shown, headers)
    },
    listIn: async (key, items, shape) => {
      const [shown, headers] = await page(items, shape)
      return json(200, { total_count: items.length, [key]: shown }, headers)
    },
    emit: event => createEmitter(core)(requireRepository(), event, actor),
    may: needed => {
      if (route.needs === null && actor === null) return false
      return hasRole(role, needed)
    },
  }
}

export function refusalReply(refusal: Refusal, headers: Record<string, string>): Reply {
  const value = {
    message: refusal.message,
    ...(refusal.errors ? { errors: refusal.errors } : {}),
    documentation_url: documentationUrl,
    status: String(refusal.status),
  }
  return json(refusal.status, value, { ...headers, ...refusal.headers })
}

function withEtag(reply: Reply, request: IncomingMessage, method: string): Reply {
  if (method !== 'GET' || reply.status !== 200 || reply.body === null || !('json' in reply.body)) return reply
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.body.json)).digest('hex')}"`
  const headers = { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' }
  const known = request.headers['if-none-match']
    ?.split(',')
    .map(text => text.trim())
    .includes(etag)
  return known ? { status: 304, headers, body: null } : { ...reply, headers }
}
