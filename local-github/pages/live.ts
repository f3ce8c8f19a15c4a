import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalGitHub } from '../local-github.ts'
import { pageForPath } from './links.ts'
import { renderPage, siteOf, styleSheet } from './site.ts'

const CHANGE_EVENTS_A_SECOND = 2

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src https: data:",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** Serves the pages of a running server, and tells open pages when something changed. */
export function servePages(github: LocalGitHub, options: { note?: string } = {}): { close(): void } {
  const listeners = new Set<ServerResponse>()
  let timer: NodeJS.Timeout | undefined
  const stop = github.onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      for (const listener of listeners) listener.write('event: change\ndata: \n\n')
    }, 1000 / CHANGE_EVENTS_A_SECOND)
  })
  github.serve('/_pages/changes', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...HEADERS })
    response.write(': hello\n\n')
    listeners.add(response)
    request.on('close', () => listeners.delete(response))
  })
  github.serve('/', (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', github.url).pathname).slice(1)
    answer(github, path, options.note, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8', ...HEADERS })
      response.end(`The page could not be made: ${error instanceof Error ? error.message : String(error)}\n`)
    })
  })
  return {
    close() {
      stop()
      clearTimeout(timer)
      for (const listener of listeners) listener.end()
    },
  }
}

async function answer(
  github: LocalGitHub,
  path: string,
  note: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const file = path.split('/').at(-1)
  if (file === 'style.css' || file === 'live.js') {
    const text =
      file === 'style.css'
        ? await styleSheet()
        : await readFile(join(dirname(fileURLToPath(import.meta.url)), 'live.js'), 'utf8')
    response.writeHead(200, {
      'content-type': `text/${file === 'style.css' ? 'css' : 'javascript'}; charset=utf-8`,
      ...HEADERS,
    })
    response.end(text)
    return
  }
  const page = pageForPath(path)
  if (page !== undefined && path !== page && path !== page.replace(/index\.html$/, '')) {
    response.writeHead(302, { location: `/${page.replace(/index\.html$/, '')}`, ...HEADERS })
    response.end()
    return
  }
  const document =
    page && (await renderPage(siteOf(github, { live: true, ...(note === undefined ? {} : { note }) }), page))
  response.writeHead(document ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...HEADERS })
  response.end(
    document ?? '<!doctype html><title>Not found</title><p>There is no such page. <a href="/">All repositories</a></p>',
  )
}
