import { afterEach, describe, expect, it } from '@jest/globals'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemLoadGenerator } from '../../../kit/adapters/load-generator.ts'
import type { LoadResult, Load, LoadSample } from '../../../kit/ports.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function run(url: string, changes: Partial<Load> = {}): Promise<LoadResult & { samples: LoadSample[] }> {
  const samples: LoadSample[] = []
  const request = { method: 'GET', url, headers: {}, body: undefined }
  const load = { requests: [request], ratePerSecond: 40, durationSeconds: 0.5, users: 20, timeoutMilliseconds: 1_500 }
  const result = await systemLoadGenerator('test').run({ ...load, ...changes }, sample => samples.push(sample))
  return { ...result, samples }
}

const statuses = (samples: readonly LoadSample[]) => [...new Set(samples.map(({ status }) => status))]
const failures = (samples: readonly LoadSample[]) => [...new Set(samples.map(({ failure }) => failure))]

describe('the load generator', () => {
  it('sends what the schedule holds, spread over its time, with method, body and headers', async () => {
    const seen: { at: number; what: string }[] = []
    const url = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { 'content-type': type, 'user-agent': agent } = request.headers
        seen.push({
          at: performance.now(),
          what: [request.method, request.url, type, agent, Buffer.concat(chunks)].join(' '),
        })
        response.writeHead(201).end('made')
      })
    })
    const post = { method: 'POST', url: `${url}/items`, headers: { 'content-type': 'text/plain' }, body: 'é' }
    const get = { method: 'GET', url: `${url}/`, headers: {}, body: undefined }
    const { samples, ...result } = await run(url, { requests: [post, get] })
    expect(result).toMatchObject({ scheduled: 20, started: 20, waited: 0 })
    expect(samples.map(({ request }) => request).sort()).toEqual([...Array(10).fill(0), ...Array(10).fill(1)])
    expect(statuses(samples)).toEqual([201])
    expect(new Set(seen.map(({ what }) => what))).toEqual(new Set(['POST /items text/plain test é', 'GET /  test ']))
    expect(seen.at(-1)!.at - seen[0]!.at).toBeGreaterThan(250)
  })

  it('counts latency from when a request was meant to start: a stalled target shows in all that waited for it', async () => {
    let isFirst = true
    const url = await serve((_, response) => {
      setTimeout(() => response.end(), isFirst ? 400 : 0)
      isFirst = false
    })
    const { samples, waited } = await run(url, { users: 1 })
    const latencies = samples.map(({ latency }) => latency).sort((one, other) => other - one)
    // One user: those due at 25, 50, … 375 ms waited for the first. A closed loop would report one slow answer of 20.
    expect(latencies.filter(latency => latency > 100).length).toBeGreaterThanOrEqual(10)
    expect(waited).toBeGreaterThanOrEqual(10)
    expect(samples).toHaveLength(20)
  })

  it('says of requests that never found a place how long they had waited at least', async () => {
    const url = await serve((_, response) => {
      setTimeout(() => response.end(), 800)
    })
    const { samples, scheduled, started } = await run(url, { users: 2 })
    expect([scheduled, started, samples.length]).toEqual([20, 2, 20])
    const unsent = samples.filter(({ sent }) => !sent)
    expect(failures(unsent)).toEqual(['not sent: all 2 users were busy to the end'])
    expect(unsent.map(({ latency }) => Math.round(latency))).toEqual(
      Array.from({ length: 18 }, (_, index) => 500 - (index + 2) * 25),
    )
  })

  it('says when it was too busy itself to measure anything', async () => {
    const request = { method: 'GET', url: await serve((_, response) => response.end()), headers: {}, body: undefined }
    const load = { requests: [request], ratePerSecond: 40, durationSeconds: 0.5, users: 20, timeoutMilliseconds: 1_500 }
    const { busyShare } = await systemLoadGenerator('test').run(load, () => {
      for (const until = performance.now() + 40; performance.now() < until;);
    })
    expect(busyShare).toBeGreaterThan(0.9)
  })

  it('R38: follows no redirect, wherever it leads', async () => {
    let visits = 0
    const elsewhere = await serve((_, response) => {
      visits += 1
      response.end()
    })
    const url = await serve((_, response) => response.writeHead(302, { location: elsewhere }).end())
    const { samples } = await run(url)
    expect([statuses(samples), visits]).toEqual([[302], 0])
  })

  it('folds what goes wrong into the same few words', async () => {
    const gone = await serve(() => undefined)
    await new Promise(resolve => servers.pop()!.close(resolve))
    expect(failures((await run(gone)).samples)).toEqual(['ECONNREFUSED'])
    const rude = await serve(request => request.socket.destroy())
    expect(failures((await run(rude)).samples)).toEqual(['ECONNRESET'])
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half')
      setImmediate(() => response.destroy())
    })
    const { samples } = await run(cut)
    expect([statuses(samples), failures(samples)]).toEqual([[undefined], ['the answer was cut off']])
    const noHttp = await serve(request => request.socket.end('this is no HTTP\r\n\r\n'))
    expect(failures((await run(noHttp)).samples)[0]).toMatch(/^HPE_/)
  })

  it('takes an answer without a length, which ends with its connection', async () => {
    const url = await serve(request => {
      request.socket.end(`HTTP/1.0 200 OK\r\n\r\n${'x'.repeat(100_000)}`)
    })
    expect(statuses((await run(url)).samples)).toEqual([200])
  })

  it('waits no longer than the time-out, also for an answer that never ends', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    const began = performance.now()
    const { samples } = await run(url, { timeoutMilliseconds: 200 })
    expect(failures(samples)).toEqual(['no whole answer within 200 ms'])
    expect(performance.now() - began).toBeLessThan(2_500)
  })
})

describe('a request that is reset on a kept connection', () => {
  /** How many requests came, over how many connections, and which one of its connection a request is. */
  function counter() {
    const requests = new WeakMap<object, number>()
    let [connections, visits] = [0, 0]
    return {
      countOf({ socket }: { readonly socket: object }): number {
        const before = requests.get(socket) ?? 0
        visits += 1
        if (before === 0) connections += 1
        requests.set(socket, before + 1)
        return before + 1
      },
      get connections() {
        return connections
      },
      get visits() {
        return visits
      },
    }
  }

  it('is sent once more over a new connection and counted, as the server may have been closing that one', async () => {
    const seen = counter()
    const waiting: ServerResponse[] = []
    const url = await serve((request, response) => {
      if (seen.countOf(request) > 1) return void request.socket.destroy()
      waiting.push(response)
      // Five connections are idle when the first is used again: a second try over one of those would meet the same end.
      if (seen.connections >= 5) for (const held of waiting.splice(0)) held.end()
    })
    const { samples, retried } = await run(url)
    expect([samples.length, statuses(samples), failures(samples)]).toEqual([20, [200], [undefined]])
    expect([seen.connections, seen.visits]).toEqual([20, 20 + retried])
    expect(retried).toBeGreaterThanOrEqual(5)
  })

  it('is counted as no retry where nothing was reset', async () => {
    expect(await run(await serve((_, response) => response.end()))).toMatchObject({ retried: 0 })
  })

  it('is an error when the second try is reset too', async () => {
    const seen = counter()
    let answers = 0
    const url = await serve((request, response) => {
      seen.countOf(request)
      if (answers === 10) return void request.socket.destroy()
      answers += 1
      response.end()
    })
    const { samples, retried } = await run(url)
    const failed = samples.filter(({ status }) => status === undefined)
    expect([failed.length, failures(failed)]).toEqual([10, ['ECONNRESET']])
    // Each connection of the answered ones had one more request, which was sent twice; the rest met their reset on new ones.
    expect([answers, seen.visits]).toEqual([10, 20 + retried])
    expect(retried).toBeGreaterThanOrEqual(1)
  })

  it('is an error on a new connection, with no second try', async () => {
    let visits = 0
    const url = await serve((request, response) => {
      visits += 1
      if (visits === 1) request.socket.destroy()
      else response.end()
    })
    const { samples, retried } = await run(url)
    const failed = samples.filter(({ status }) => status === undefined)
    expect([failed.length, failures(failed), retried, visits]).toEqual([1, ['ECONNRESET'], 0, 20])
  })

  it('is an error when the answer had begun, or when its method is not one to repeat', async () => {
    const seen = counter()
    const begun = await serve((request, response) => {
      if (seen.countOf(request) === 1) return void response.end()
      request.socket.write('HTTP/1.1 200 OK\r\nContent-Le')
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    })
    const half = await run(begun)
    expect([half.retried, new Set(failures(half.samples))]).toEqual([0, new Set([undefined, 'ECONNRESET'])])
    const url = await serve((request, response) => {
      if (seen.countOf(request) === 1) response.end()
      else request.socket.destroy()
    })
    const post = await run(url, { requests: [{ method: 'POST', url, headers: {}, body: 'x' }] })
    expect([post.retried, new Set(failures(post.samples))]).toEqual([0, new Set([undefined, 'ECONNRESET'])])
  })

  it('has the first try in its latency', async () => {
    const seen = counter()
    const url = await serve((request, response) => {
      if (seen.countOf(request) === 1) return void response.end()
      setTimeout(() => request.socket.destroy(), 120)
    })
    const { samples, retried } = await run(url)
    expect(retried).toBeGreaterThanOrEqual(1)
    expect(samples.filter(({ latency }) => latency >= 119).length).toBeGreaterThanOrEqual(retried)
    expect(statuses(samples)).toEqual([200])
  })
})
