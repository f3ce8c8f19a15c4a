import { once } from 'node:events'
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer as readWhole } from 'node:stream/consumers'
import { closeServer, listenOnLoopback } from '../local-github/server/loopback.ts'

/**
 * Hands requests on to a server of this machine, the next one when the last is answered, for one that is not safe to be asked
 * twice at once: moto then answers 500 to what it has done, and a client that asks again is told of a conflict.
 * @returns the address, `http://127.0.0.1:<port>`
 */
export async function oneAtATime(port: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  let last: Promise<unknown> = Promise.resolve()
  const server = createServer((asked, answer) => {
    const turn = last
    last = readWhole(asked)
      .then(async body => {
        await turn
        await handOn(port, asked, body, answer)
      })
      .catch(() => void answer.destroy())
  })
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`
  return { url, close: () => closeServer(server) }
}

async function handOn(port: number, asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<void> {
  // The body is whole by now, and has a length.
  const { 'transfer-encoding': _chunks, expect: _expect, connection: _connection, ...headers } = asked.headers
  const asking = ask({
    host: '127.0.0.1',
    port,
    method: asked.method ?? 'GET',
    path: asked.url ?? '/',
    headers: { ...headers, 'content-length': body.length },
    agent: false,
  })
  asking.end(body)
  const [answered] = (await once(asking, 'response')) as [IncomingMessage]
  const text = await readWhole(answered)
  answer.writeHead(answered.statusCode ?? 502, answered.headers)
  answer.end(text)
}
