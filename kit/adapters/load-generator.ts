import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { performance } from 'node:perf_hooks'
import { Admission, evenSchedule, type Start } from '../load/schedule.ts'
import type { Load, LoadGenerator, LoadRequest, LoadResult, LoadSample } from '../ports.ts'

type Answer = Pick<LoadSample, 'status' | 'failure'>

const CUT_OFF: Answer = { status: undefined, failure: 'the answer was cut off' }

/** What became of one try. */
interface Attempt {
  readonly answer: Answer
  /** Whether the server may have been closing the connection before it saw the request. */
  readonly isStale: boolean
}

/** Sends one request after the other, and counts those that it had to send twice. */
interface Client {
  call(request: LoadRequest): Promise<Answer>
  readonly retried: number
  close(): void
}

/** A second try is safe for these. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** Sends a load from this process, over connections that are kept alive. */
export function systemLoadGenerator(userAgent: string): LoadGenerator {
  return {
    async run(load, onSample) {
      const client = makeClient(load, userAgent)
      try {
        return await send(load, client, onSample)
      } finally {
        client.close()
      }
    },
  }
}

function send(load: Load, client: Client, onSample: (sample: LoadSample) => void): Promise<LoadResult> {
  const schedule = evenSchedule(load.ratePerSecond, load.durationSeconds)
  const admission = new Admission(schedule, load.users)
  const endAt = load.durationSeconds * 1_000
  const began = performance.now()
  const idle = performance.eventLoopUtilization()
  const now = () => performance.now() - began
  return new Promise((resolve, reject) => {
    let inFlight = 0
    let isOver = false
    let timer: NodeJS.Timeout | undefined

    const start = ({ index, intended, ownDelay }: Start) => {
      const request = index % load.requests.length
      inFlight += 1
      client
        .call(load.requests[request]!)
        .then(answer => {
          const at = now()
          inFlight -= 1
          admission.end(at)
          onSample({ request, latency: at - intended, ownDelay, sent: true, ...answer })
          pump()
        })
        .catch(reject)
    }

    const pump = () => {
      clearTimeout(timer)
      const at = now()
      // What was due before the end and finds a place is sent even if this process only wakes up now.
      if (!isOver) for (let next = admission.start(at); next !== undefined; next = admission.start(at)) start(next)
      if (at >= endAt || admission.nextAt() === undefined) isOver = true
      if (isOver) {
        if (inFlight === 0) finish()
        return
      }
      const due = admission.isFull ? endAt : Math.min(endAt, admission.nextAt() ?? endAt)
      timer = setTimeout(pump, Math.max(0, due - at))
    }

    const finish = () => {
      const { started, waited } = admission
      for (let index = started; index < schedule.total; index += 1)
        onSample({
          request: index % load.requests.length,
          latency: Math.max(0, endAt - schedule.intendedAt(index)),
          ownDelay: 0,
          sent: false,
          status: undefined,
          failure: `not sent: all ${load.users} users were busy to the end`,
        })
      resolve({
        scheduled: schedule.total,
        started,
        waited: waited + (schedule.total - started),
        busyShare: performance.eventLoopUtilization(idle).utilization,
        retried: client.retried,
      })
    }
    pump()
  })
}

function makeClient(load: Load, userAgent: string): Client {
  const options = { keepAlive: true, maxSockets: load.users, maxFreeSockets: load.users }
  const pools = { http: new HttpAgent(options), https: new HttpsAgent(options) }
  let retried = 0
  /** Over a connection of the pools, or with `false` over one of its own that nothing was sent over before. */
  const attempt = (request: LoadRequest, deadline: number, from: typeof pools | false): Promise<Attempt> =>
    new Promise(resolve => {
      const { method, url, body } = request
      const settings: RequestOptions = { method, headers: headersOf(request, userAgent) }
      let sent: ClientRequest
      try {
        sent = url.startsWith('https:')
          ? httpsRequest(url, { ...settings, agent: from && from.https })
          : httpRequest(url, { ...settings, agent: from && from.http })
      } catch (thrown) {
        resolve({ answer: { status: undefined, failure: causeOf(thrown) }, isStale: false })
        return
      }
      const patience = Math.max(1, deadline - performance.now())
      const timer = setTimeout(
        () => settle({ status: undefined, failure: `no whole answer within ${load.timeoutMilliseconds} ms` }),
        patience,
      )
      let isSettled = false
      const settle = (answer: Answer, isStale = false) => {
        if (isSettled) return
        isSettled = true
        clearTimeout(timer)
        if (answer.status === undefined) sent.destroy()
        resolve({ answer, isStale })
      }
      let readBefore = 0
      sent.on('socket', socket => (readBefore = socket.bytesRead))
      sent.on('error', error => {
        const failure = causeOf(error)
        const isUnanswered = (sent.socket?.bytesRead ?? 0) === readBefore
        settle({ status: undefined, failure }, sent.reusedSocket && isUnanswered && failure === 'ECONNRESET')
      })
      let received: IncomingMessage | undefined
      sent.on('response', response => {
        received = response
        response.on('error', () => settle(CUT_OFF))
        response.on('end', () => settle({ status: response.statusCode, failure: undefined }))
        response.resume()
      })
      // An answer that ends with its connection is complete by now, and its end is still to be heard.
      sent.on('close', () => received?.complete !== true && settle(CUT_OFF))
      sent.end(body)
    })
  return {
    async call(request) {
      const deadline = performance.now() + load.timeoutMilliseconds
      const { answer, isStale } = await attempt(request, deadline, pools)
      // A server may close an idle connection just when it is used again, and a client may then ask once more (RFC 9112,
      // 9.3.1 and 9.5). A server that dies at work looks the same from here, so this is counted, for the gate to judge. Once,
      // and not from the pool: other connections may have been idle for as long, and a reset of a new one has no excuse.
      if (!isStale || !IDEMPOTENT.has(request.method) || performance.now() >= deadline) return answer
      retried += 1
      return (await attempt(request, deadline, false)).answer
    },
    get retried() {
      return retried
    },
    close() {
      pools.http.destroy()
      pools.https.destroy()
    },
  }
}

function headersOf({ headers, body }: LoadRequest, userAgent: string): Record<string, string | number> {
  const named = { 'user-agent': userAgent, ...headers }
  return body === undefined ? named : { ...named, 'content-length': Buffer.byteLength(body) }
}

/** `ECONNREFUSED` and the like, without addresses and ports: the same for every request, so that failures fold. */
function causeOf(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code ?? message
}
