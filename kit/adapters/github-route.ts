import type { Scrub } from '../scrub.ts'

export interface FilledRoute {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly body: string | undefined
}

/** Placeholders that may hold slashes. */
const WITH_SLASHES = new Set(['path', 'ref', 'basehead'])

/**
 * Puts parameters into a route template; what has no placeholder goes into the query (GET, DELETE) or, scrubbed, into the
 * body.
 * @throws TypeError when a placeholder has no value
 */
export function fillRoute(route: string, parameters: Readonly<Record<string, unknown>>, scrub: Scrub): FilledRoute {
  const [method = '', template = ''] = route.split(' ')
  const rest = new Map(Object.entries(parameters).filter(([, value]) => value !== undefined))
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name)
    if (typeof value !== 'string' && typeof value !== 'number') throw new TypeError(`${route} needs ${name}`)
    rest.delete(name)
    const text = String(value)
    return WITH_SLASHES.has(name) ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text)
  })
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(
      [...rest].map(([name, value]): [string, string] => [name, String(value)]),
    ).toString()
    return { method, path: query === '' ? path : `${path}?${query}`, body: undefined }
  }
  return { method, path, body: JSON.stringify(scrubStrings(Object.fromEntries(rest), scrub)) }
}

function scrubStrings(value: unknown, scrub: Scrub): unknown {
  if (typeof value === 'string') return scrub(value)
  if (Array.isArray(value)) return value.map(item => scrubStrings(item, scrub))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, FIXED.has(name) ? item : scrubStrings(item, scrub)]),
  )
}

/** Words and ids of the API, not text: a secret that happens to be `success` must not break a call. */
const FIXED = new Set(['state', 'state_reason', 'status', 'conclusion', 'annotation_level', 'head_sha', 'ref', 'task'])

/** What the header `Link` says about the next page, as parameters. The host in it is not used: the token goes to ours only. */
export function nextPage(link: string | undefined): Readonly<Record<string, string>> | undefined {
  for (const part of (link ?? '').split(',')) {
    const match = /^\s*<([^>]*)>\s*;.*\brel="next"/.exec(part)
    if (match?.[1] === undefined) continue
    const query = match[1].indexOf('?')
    return query === -1 ? undefined : Object.fromEntries(new URLSearchParams(match[1].slice(query + 1)))
  }
  return undefined
}
