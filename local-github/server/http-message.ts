/** Reading requests and writing answers over node:http. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Refusal, type Reply } from './reply.ts'

export const bodyLimitBytes = 100 * 1024 * 1024

export async function readBody(request: IncomingMessage, limitBytes = bodyLimitBytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitBytes) throw new Refusal(413, `Request body is larger than ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Only names of this machine: a page on the web that points its own name at 127.0.0.1 gets nothing. */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host ?? '')
}

export const encodeBody = (reply: Reply): Buffer | null => {
  if (reply.body === null) return null
  return 'json' in reply.body ? Buffer.from(JSON.stringify(reply.body.json)) : Buffer.from(reply.body.bytes)
}

export function writeReply(
  response: ServerResponse,
  reply: Reply,
  headers: OutgoingHttpHeaders,
  withoutBody: boolean,
): void {
  const all: OutgoingHttpHeaders = {
    ...(reply.body && 'json' in reply.body ? { 'content-type': 'application/json; charset=utf-8' } : {}),
    ...headers,
    ...reply.headers,
  }
  const body = encodeBody(reply)
  response.writeHead(reply.status, { ...all, ...(reply.status === 204 ? {} : { 'content-length': body?.length ?? 0 }) })
  response.end(withoutBody || body === null ? undefined : body)
}
