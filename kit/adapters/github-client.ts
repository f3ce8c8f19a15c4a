import type { Endpoints } from '@octokit/types'
import { exhausted, readAnswer, type HttpAnswer, type Reading } from '../github-answer.ts'
import { readGraphql } from '../graphql-answer.ts'
import type { Clock, Random } from '../ports.ts'
import { createPatience, type Patience, type Trouble } from '../retry.ts'
import type { Scrub } from '../scrub.ts'
import { nextPage, fillRoute } from './github-route.ts'
import { BrokenConnection, httpTransport, type Transport } from './github-transport.ts'

type Route = keyof Endpoints
/** Repeating these does no harm. */
export type SafeRoute = Exclude<Route, `POST ${string}`>
export type CreatingRoute = Extract<Route, `POST ${string}`>
export type Parameters<R extends Route> = Endpoints[R]['parameters']
export type Data<R extends Route> = Endpoints[R]['response']['data']

export interface ClientSettings {
  readonly token: string
  /** `https://api.github.com`, or `https://<host>/api/v3` for GHES. */
  readonly apiUrl: string
  readonly graphqlUrl: string
  /** `slipway/<version> (<action>)`. */
  readonly userAgent: string
  readonly clock: Clock
  readonly random: Random
  readonly scrub: Scrub
  /** It reads in order to write, so that a refused read names the permission that the write needs. */
  readonly writes?: boolean
  readonly transport?: Transport
  /** Of one attempt, its body included. */
  readonly timeoutMilliseconds?: number
}

/**
 * GitHub's API under one policy. Reads and writes that may be repeated are repeated on limits, 5xx, broken connections and
 * cut answers, within 60 s a call; what creates is repeated only after `find` has looked for it. Text that leaves is
 * scrubbed. Throws ApiError only.
 */
export interface GitHubClient {
  readonly scrub: Scrub
  request<R extends SafeRoute>(route: R, parameters: Parameters<R>): Promise<Data<R>>
  /** Every page, in GitHub's order. */
  pages<R extends SafeRoute>(route: R, parameters: Parameters<R>): AsyncIterable<Data<R>>
  /** @param find looks, after an attempt with an unclear end, for what that attempt may have made */
  createOnce<R extends CreatingRoute, T>(
    route: R,
    parameters: Parameters<R>,
    find: (client: GitHubClient) => Promise<T | undefined>,
  ): Promise<Data<R> | T>
  /** As createOnce, for an update: one that adds, or one that is worth a look before it is called failed. */
  updateOnce<R extends Extract<Route, `PATCH ${string}`>, T>(
    route: R,
    parameters: Parameters<R>,
    find: (client: GitHubClient) => Promise<T | undefined>,
  ): Promise<Data<R> | T>
  query<T>(name: string, document: string, variables: Readonly<Record<string, unknown>>): Promise<T>
  mutateOnce<D, T>(
    name: string,
    document: string,
    variables: Readonly<Record<string, unknown>>,
    find: (client: GitHubClient) => Promise<T | undefined>,
  ): Promise<D | T>
}

const API_VERSION = '2022-11-28'
const ATTEMPT_MILLISECONDS = 30_000

export function createGitHubClient(settings: ClientSettings): GitHubClient {
  return clientWith({ ...settings, transport: settings.transport ?? httpTransport() })
}

type Ready = ClientSettings & { readonly transport: Transport }

/** With `shared`, every call draws on the patience of the call that it belongs to. */
function clientWith(settings: Ready, shared?: Patience): GitHubClient {
  const patienceOf = () => shared ?? createPatience(settings.clock, settings.random)

  const read = (answer: HttpAnswer | string, route: string): Reading =>
    typeof answer === 'string'
      ? unclear(answer)
      : readAnswer(answer, { route, writes: settings.writes ?? false }, settings.clock.now())
  const send = async (route: string, parameters: Readonly<Record<string, unknown>>) => {
    const { method, path, body } = fillRoute(route, parameters, settings.scrub)
    const answer = await attempt(settings, method, `${settings.apiUrl}${path}`, body)
    return { answer, reading: read(answer, route) }
  }
  const sendGraphql = async (route: string, query: string, variables: Readonly<Record<string, unknown>>) => {
    const answer = await attempt(settings, 'POST', settings.graphqlUrl, JSON.stringify({ query, variables }))
    const reading = read(answer, route)
    return reading.kind === 'data' ? readGraphql(reading.data, route) : reading
  }
  const persist = async <A extends { readonly reading: Reading }>(route: string, once: () => Promise<A>) => {
    const patience = patienceOf()
    for (;;) {
      const result = await once()
      const { reading } = result
      if (reading.kind === 'data') return { ...result, data: reading.data }
      if (reading.kind === 'error') throw reading.error
      if (!(await patience.next(reading.trouble))) throw exhausted(route, reading.trouble, patience.attempts)
    }
  }
  const create = async <D, T>(
    route: string,
    once: () => Promise<Reading>,
    find: (client: GitHubClient) => Promise<T | undefined>,
  ): Promise<D | T> => {
    const patience = patienceOf()
    const reader = clientWith(settings, patience)
    for (;;) {
      const reading = await once()
      if (reading.kind === 'data') return reading.data as D
      if (reading.kind === 'error') throw reading.error
      const waited = await patience.next(reading.trouble)
      const found = await look(reader, find, reading.trouble, waited)
      if (found !== undefined) return found
      if (!waited) throw exhausted(route, reading.trouble, patience.attempts)
    }
  }

  return {
    scrub: settings.scrub,
    async request(route, parameters) {
      const { data } = await persist(route, () => send(route, parameters as Record<string, unknown>))
      return data as never
    },
    async *pages(route, parameters) {
      let more: Readonly<Record<string, unknown>> | undefined = {}
      while (more !== undefined) {
        const wanted: Record<string, unknown> = { ...(parameters as Record<string, unknown>), ...more }
        const { answer, data } = await persist(route, () => send(route, wanted))
        yield data as never
        more = typeof answer === 'string' ? undefined : nextPage(answer.headers['link'])
      }
    },
    createOnce: (route, parameters, find) =>
      create(route, async () => (await send(route, parameters as Record<string, unknown>)).reading, find),
    updateOnce: (route, parameters, find) =>
      create(route, async () => (await send(route, parameters as Record<string, unknown>)).reading, find),
    async query(name, document, variables) {
      const route = `query ${name}`
      const { data } = await persist(route, async () => ({ reading: await sendGraphql(route, document, variables) }))
      return data as never
    },
    mutateOnce: (name, document, variables, find) =>
      create(`mutation ${name}`, () => sendGraphql(`mutation ${name}`, document, variables), find),
  }
}

/** After the last attempt a look is still worth it; when that fails too, the attempt's own trouble is what to tell. */
async function look<T>(
  reader: GitHubClient,
  find: (client: GitHubClient) => Promise<T | undefined>,
  trouble: Trouble,
  waited: boolean,
): Promise<T | undefined> {
  if (waited) return find(reader)
  if (trouble.kind === 'limited') return undefined
  return find(reader).catch(() => undefined)
}

function unclear(why: string): Reading {
  return { kind: 'trouble', trouble: { kind: 'unclear', why } }
}

/** The answer, or why there is none. */
async function attempt(
  settings: Ready,
  method: string,
  url: string,
  body: string | undefined,
): Promise<HttpAnswer | string> {
  try {
    return await settings.transport({
      method,
      url,
      headers: {
        accept: 'application/vnd.github+json',
        'user-agent': settings.userAgent,
        'x-github-api-version': API_VERSION,
        ...(settings.token === '' ? {} : { authorization: `Bearer ${settings.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      },
      body,
      timeoutMilliseconds: settings.timeoutMilliseconds ?? ATTEMPT_MILLISECONDS,
    })
  } catch (error) {
    if (error instanceof BrokenConnection) return error.message
    throw error
  }
}
