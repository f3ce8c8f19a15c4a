import { afterEach, describe, expect, it } from '@jest/globals'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemLoadGenerator } from '../../../kit/adapters/load-generator.ts'
import type { Load, LoadResult, LoadSample } from '../../../kit/ports.ts'

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

  it('does not blame the server for a connection that it was closing when it was used again', async () => {
    let answers = 0
    const url = await serve((request, response) => {
      // Every second request on a kept connection meets its end.
      if (Reflect.get(request.socket, 'used') === true) return void request.socket.destroy()
      Reflect.set(request.socket, 'used', true)
      answers += 1
      response.end()
    })
    const { samples } = await run(url)
    expect([statuses(samples), answers]).toEqual([[200], 20])
  })
})
