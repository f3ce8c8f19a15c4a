/** Which part of the site a request is for, and the faults that strike it on its way. */
import { setTimeout as wait } from 'node:timers/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import type { Fault } from '../local-github.ts'
import type { Internals } from './assembly.ts'
import type { Core } from './core.ts'
import { openDescription } from './description.ts'
import { badGateway, replyInstead } from './faults.ts'
import { HeldAnswer } from './git-answer.ts'
import { type GitCall, matchGit } from './git-http.ts'
import { createGraphql } from './graphql.ts'
import { encodeBody, isLocalHost, readBody, writeReply } from './http-message.ts'
import { createRateLimiter } from './rate-limit.ts'
import { json, Refusal, type Reply } from './reply.ts'
import { createRest, refusalReply, type RestCall } from './rest.ts'
import { createRoutes } from './routes/index.ts'

export type Site = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const restPrefix = '/api/v3'

export function createSite(core: Core, internals: Internals): Site {
  const rateLimiter = createRateLimiter(core.now)
  const rest = createRest({
    core,
    routes: createRoutes(core, rateLimiter),
    description: openDescription(),
    rateLimiter,
    report: internals.report,
  })
  const graphql = createGraphql(core, rateLimiter, internals.report)

  const answerCall = async (call: RestCall, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = internals.faults.next(call.route)
    const headers = commonHeaders(core, fault)
    const strike = async (reply: Reply): Promise<void> => {
      writeReply(response, reply, headers, request.method === 'HEAD')
    }
    const instead = fault && replyInstead(fault, core.now())
    if (fault?.kind === 'reset-before') {
      response.destroy()
      return
    }
    if (instead) {
      await readBody(request)
      await strike(instead)
      return
    }
    const reply = await call.answer(fault)
    if (fault?.kind === 'reset-after') response.destroy()
    else if (fault?.kind === 'bad-gateway-after') await strike(badGateway(fault))
    else if (fault?.kind === 'truncated-json') await strike(truncated(reply))
    else if (fault?.kind === 'slow-body') await stall(response, reply, headers, fault)
    else await strike(reply)
  }

  const answerGit = async (call: GitCall, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fault = internals.faults.next(call.service)
    if (fault === null) {
      await internals.gitHttp.serve(call, request, response)
      return
    }
    const headers = commonHeaders(core, fault)
    const instead = replyInstead(fault, core.now())
    if (fault.kind === 'reset-before') {
      response.destroy()
      return
    }
    if (instead) {
      request.resume()
      writeReply(response, instead, headers, false)
      return
    }
    const held = new HeldAnswer()
    await internals.gitHttp.serve(call, request, held)
    const reply: Reply = { status: held.status, headers: held.headers, body: { bytes: held.body() } }
    if (fault.kind === 'reset-after') response.destroy()
    else if (fault.kind === 'bad-gateway-after') writeReply(response, badGateway(fault), headers, false)
    else if (fault.kind === 'slow-body') await stall(response, reply, headers, fault)
    else writeReply(response, reply, headers, false)
  }

  const dispatch = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<string> => {
    if (url.pathname === '/api/graphql') {
      const call = graphql(request)
      await answerCall(call, request, response)
      return call.route
    }
    if (url.pathname === restPrefix || url.pathname.startsWith(`${restPrefix}/`)) {
      const call = rest(request, url, url.pathname.slice(restPrefix.length) || '/')
      await answerCall(call, request, response)
      return call.route
    }
    const gitCall = matchGit(url.pathname, url)
    if (gitCall) {
      await answerGit(gitCall, request, response)
      return gitCall.service
    }
    const mount = internals.mountFor(url.pathname)
    if (!mount) throw new Refusal(404, 'Not Found')
    mount(request, response)
    return ''
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', core.url)
    try {
      if (!isLocalHost(request.headers.host))
        throw new Refusal(421, 'This server answers to 127.0.0.1 and localhost only')
      const route = await dispatch(request, response, url)
      if (route !== '') internals.record({ route, path: url.pathname + url.search, status: response.statusCode })
    } catch (error) {
      await answerError(error, request, response, url, internals)
    }
  }

  return (request, response) => {
    const work = handle(request, response)
    internals.track(work)
    return work
  }
}

async function answerError(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  internals: Internals,
): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (error instanceof Refusal) {
    writeReply(response, refusalReply(error, {}), { connection: 'close' }, request.method === 'HEAD')
    return
  }
  const problem = error instanceof Error ? (error.stack ?? error.message) : String(error)
  internals.report({
    route: `${request.method} ${url.pathname}`,
    side: 'response',
    problem: `the server failed: ${problem}`,
  })
  writeReply(response, json(500, { message: 'Server Error' }), { connection: 'close' }, false)
}

function commonHeaders(core: Core, fault: Fault | null): Record<string, string> {
  const skew = fault?.kind === 'clock-skew' ? (fault.seconds ?? 300) * 1000 : 0
  return {
    date: new Date(core.now() + skew).toUTCString(),
    server: 'github.com',
    'x-github-request-id': randomBytes(12).toString('hex').toUpperCase(),
    'x-github-media-type': 'github.v3; format=json',
  }
}

function truncated(reply: Reply): Reply {
  const whole = encodeBody(reply)
  const half = whole?.subarray(0, Math.max(1, Math.floor(whole.length / 2))) ?? Buffer.from('{')
  const headers = { ...reply.headers, 'content-type': 'application/json; charset=utf-8' }
  return { ...reply, headers, body: { bytes: half } }
}

async function stall(
  response: ServerResponse,
  reply: Reply,
  headers: Record<string, string>,
  fault: Fault,
): Promise<void> {
  const whole = encodeBody(reply) ?? Buffer.alloc(0)
  const half = Math.floor(whole.length / 2)
  const type = reply.body && 'json' in reply.body ? { 'content-type': 'application/json; charset=utf-8' } : {}
  response.writeHead(reply.status, { ...headers, ...type, ...reply.headers, 'content-length': whole.length })
  response.write(whole.subarray(0, half))
  const left = new AbortController()
  response.once('close', () => left.abort())
  try {
    await wait((fault.seconds ?? 60) * 1000, undefined, { signal: left.signal })
  } catch {
    return
  }
  response.end(whole.subarray(half))
}
