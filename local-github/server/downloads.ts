/** What GitHub answers by a redirect to its storage: fetched without a token, from a URL that soon ends. */
import { randomBytes } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Core } from './core.ts'

export interface Download {
  readonly contentType: string
  readonly fileName: string
  /** A path on disk, or what to send. */
  readonly content: { readonly file: string } | { readonly bytes: Uint8Array }
}

export interface Downloads {
  /** The URL works for ten minutes. */
  link(download: Download): string
}

const prefix = '/_downloads/'
const lifetimeMilliseconds = 600_000

export function serveDownloads(core: Core): Downloads {
  const offered = new Map<string, Download & { readonly until: number }>()

  const forgetOld = (): void => {
    for (const [key, { until }] of offered) if (until <= core.now()) offered.delete(key)
  }

  core.serve(prefix, (request, response) => {
    forgetOld()
    const key = new URL(request.url ?? '/', core.url).pathname.slice(prefix.length)
    const download = offered.get(key)
    if (!download || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(download ? 405 : 404, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('This download does not exist, or its time is over.\n')
      return
    }
    send(download, response, request.method === 'HEAD')
  })

  return {
    link: download => {
      forgetOld()
      const key = randomBytes(24).toString('base64url')
      offered.set(key, { ...download, until: core.now() + lifetimeMilliseconds })
      return `${core.url}${prefix}${key}`
    },
  }
}

function send({ content, contentType, fileName }: Download, response: ServerResponse, headOnly: boolean): void {
  const headers = {
    'content-type': contentType,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
  }
  if ('bytes' in content) {
    response.writeHead(200, { ...headers, 'content-length': content.bytes.byteLength })
    response.end(headOnly ? undefined : content.bytes)
    return
  }
  const size = statSync(content.file, { throwIfNoEntry: false })?.size
  if (size === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('The file is gone.\n')
    return
  }
  response.writeHead(200, { ...headers, 'content-length': size })
  if (headOnly) {
    response.end()
    return
  }
  const stream = createReadStream(content.file)
  stream.on('error', () => response.destroy())
  response.on('close', () => stream.destroy())
  stream.pipe(response)
}
