import { createServer, request as ask, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeServer, listenOnLoopback } from '../../local-github/server/loopback.ts'

export interface SlowAws {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Hands every request on, late. What was asked is done also when the one who asked has gone.
 * @param refuse the body of an answer 400 in place of that, for what is not to be handed on
 */
export async function slowDown(
  url: string,
  delayOf: (method: string, path: string) => number,
  refuse: (asked: IncomingMessage) => string | undefined = () => undefined,
): Promise<SlowAws> {
  const to = new URL(url)
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('error', () => undefined)
    asked.on('end', () => {
      const refusal = refuse(asked)
      if (refusal !== undefined) {
        answer.writeHead(400, { 'content-type': 'text/xml' })
        answer.end(refusal)
        return
      }
      void sleep(delayOf(asked.method ?? 'GET', asked.url ?? '/')).then(() => {
        const body = Buffer.concat(chunks)
        const { 'transfer-encoding': _chunks, expect: _expect, connection: _connection, ...headers } = asked.headers
        const asking = ask(
          {
            host: to.hostname,
            port: to.port,
            method: asked.method ?? 'GET',
            path: asked.url ?? '/',
            headers: { ...headers, 'content-length': body.length },
            agent: false,
          },
          answered => {
            if (!answer.destroyed) answer.writeHead(answered.statusCode ?? 502, answered.headers)
            answered.pipe(answer)
          },
        )
        asking.on('error', () => answer.destroy())
        asking.end(body)
      })
    })
  })
  const port = await listenOnLoopback(server, 0)
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) }
}
