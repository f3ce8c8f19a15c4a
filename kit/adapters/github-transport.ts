import { HttpClient } from '@actions/http-client'
import type { HttpAnswer } from '../github-answer.ts'

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly timeoutMilliseconds: number
}

/** One attempt, one answer. Rejects with BrokenConnection when there is none. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>

/** No whole answer came. Its text names no URL (rule R13). */
export class BrokenConnection extends Error {
  override name = 'BrokenConnection'
}

/**
 * HTTP as the toolkit does it: the runner's proxies, redirects without the token to other hosts, and never a second
 * attempt, which is ours to decide.
 */
export function httpTransport(): Transport {
  return async ({ method, url, headers, body, timeoutMilliseconds }) => {
    const client = new HttpClient(undefined, [], { allowRetries: false, socketTimeout: timeoutMilliseconds })
    let late = false
    let destroy = () => {}
    const timer = setTimeout(() => {
      late = true
      destroy()
    }, timeoutMilliseconds)
    try {
      const { message } = await client.request(method, url, body ?? null, { ...headers })
      destroy = () => message.destroy()
      if (late) destroy()
      const chunks: Buffer[] = []
      for await (const chunk of message) chunks.push(chunk as Buffer)
      // A message that was destroyed while it came ends without an error: half an answer must not pass for a whole one.
      if (late || !message.complete) throw new Error('the answer was cut off')
      return {
        status: message.statusCode ?? 0,
        headers: Object.fromEntries(
          Object.entries(message.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : value,
          ]),
        ),
        body: Buffer.concat(chunks).toString(),
      }
    } catch (error) {
      throw new BrokenConnection(late ? `no answer within ${timeoutMilliseconds / 1000} s` : describe(error))
    } finally {
      clearTimeout(timer)
      client.dispose()
    }
  }
}

function describe(error: unknown): string {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  if (typeof message === 'string' && message.startsWith('Request timeout')) return 'silence'
  if (code === 'ECONNREFUSED') return 'a refused connection'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'a host name that is not found'
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'a connection that was reset'
  return typeof code === 'string' ? `a connection that broke (${code})` : 'a connection that broke'
}
