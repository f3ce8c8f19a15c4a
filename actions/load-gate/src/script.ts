import { InputError } from '#kit/errors'
import { duration, Unusable } from '#kit/inputs'
import { parseDocument } from 'yaml'
import { yamlProblem } from '#kit/yaml/problem'

/** What is sent, and what answer it should have. */
export interface ScriptedRequest {
  /** Names the endpoint in limits and reports. */
  readonly name: string
  readonly method: string
  /** From the target's path on, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Statuses that are no error, each `200` or `2xx`. */
  readonly expect: readonly string[]
}

export interface Script {
  readonly requests: readonly ScriptedRequest[]
  readonly timeoutMilliseconds: number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const MOST_REQUESTS = 500
const MOST_TIMEOUT_SECONDS = 120
const TIMEOUT_MILLISECONDS = 10_000
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
/** The engine sets them: a wrong one would part one request into two, or send it to another site of the host. */
const OWN_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection']

/** One GET of the target itself. */
export function plainScript(): Script {
  const request = { name: 'GET /', method: 'GET', path: '', headers: {}, body: undefined, expect: ['2xx'] }
  return { requests: [request], timeoutMilliseconds: TIMEOUT_MILLISECONDS }
}

/** Whether a status is one that the request expects. */
export function isExpected(request: ScriptedRequest, status: number): boolean {
  return request.expect.some(each => each === String(status) || each === `${Math.floor(status / 100)}xx`)
}

/**
 * Reads a script, YAML or JSON: `requests`, a list of `method`, `path`, `name`, `headers`, `body`, `expect`, and `timeout`.
 * @throws InputError with everything that is wrong with it
 */
export function parseScript(source: string, path: string): Script {
  const problems: { problem: string; fix: string }[] = []
  const wrong = (problem: string, fix: string): undefined => {
    problems.push({ problem, fix })
    return undefined
  }
  const document = parseDocument(source, { uniqueKeys: true })
  const [error] = document.errors
  const content: unknown = error === undefined ? toData(document, wrong) : undefined
  if (error !== undefined) wrong(`it is not YAML: ${yamlProblem(error)}`, 'Correct the file')
  const script = problems.length === 0 ? readScript(content, wrong) : undefined
  if (script === undefined || problems.length > 0)
    throw new InputError(problems.map(problem => ({ input: 'script', value: path, ...problem })))
  return script
}

type Wrong = (problem: string, fix: string) => undefined

function toData(document: ReturnType<typeof parseDocument>, wrong: Wrong): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown
  } catch {
    return wrong('its aliases make it too large', 'Write what they stand for')
  }
}

function readScript(content: unknown, wrong: Wrong): Script | undefined {
  if (!isRecord(content) || !Array.isArray(content['requests']))
    return wrong('it holds no list "requests"', 'Write "requests:" and below it "- path: /api/items"')
  refuseUnknown(content, ['requests', 'timeout'], 'the file', wrong)
  const list: readonly unknown[] = content['requests']
  if (list.length === 0 || list.length > MOST_REQUESTS)
    return wrong(`it holds ${list.length} requests`, `Write from 1 to ${MOST_REQUESTS}`)
  const requests = list.map((entry, index) => readRequest(entry, `requests[${index}]`, wrong))
  const timeoutMilliseconds = readTimeout(content['timeout'], wrong)
  const known = requests.filter(request => request !== undefined)
  const names = new Map<string, ScriptedRequest>()
  for (const [index, { name, method, path }] of known.entries()) {
    const same = names.get(name)
    if (same !== undefined && (same.method !== method || same.path !== path))
      wrong(`requests[${index}].name "${name}" is another request's name too`, 'Give each request its own "name"')
    names.set(name, known[index]!)
  }
  return { requests: known, timeoutMilliseconds }
}

function readRequest(entry: unknown, place: string, wrong: Wrong): ScriptedRequest | undefined {
  if (!isRecord(entry)) return wrong(`${place} is not a request`, 'Write "- path: /api/items"')
  refuseUnknown(entry, ['name', 'method', 'path', 'headers', 'body', 'expect'], place, wrong)
  const { method = 'GET', path, name, body } = entry
  if (typeof method !== 'string' || !METHODS.includes(method))
    return wrong(`${place}.method is ${show(method)}`, `Use one of ${METHODS.join(', ')}`)
  // A second slash or backslash would be read as the name of another host.
  if (typeof path !== 'string' || !/^\/(?![/\\])[^\s\\]*$/.test(path))
    return wrong(`${place}.path is ${show(path)}`, 'Write a path that starts with one "/": "/api/items?page=2"')
  if (name !== undefined && (typeof name !== 'string' || !/^[^\r\n]{1,200}$/.test(name)))
    return wrong(`${place}.name is ${show(name)}`, 'Write a text of one line, up to 200 characters')
  const headers = readHeaders(entry['headers'], place, wrong)
  const expect = readExpect(entry['expect'], place, wrong)
  if (body !== undefined && (method === 'GET' || method === 'HEAD'))
    return wrong(`${place} has a body with ${method}`, 'Leave the body out, or use another method')
  if (headers === undefined || expect === undefined) return undefined
  const isJson = body !== undefined && typeof body !== 'string'
  const hasType = Object.keys(headers).some(header => header.toLowerCase() === 'content-type')
  return {
    name: name ?? `${method} ${path.split(/[?#]/)[0] ?? path}`,
    method,
    path,
    headers: isJson && !hasType ? { 'content-type': 'application/json', ...headers } : headers,
    body: isJson ? JSON.stringify(body) : body,
    expect,
  }
}

function readHeaders(value: unknown, place: string, wrong: Wrong): Record<string, string> | undefined {
  if (value === undefined) return {}
  if (!isRecord(value)) return wrong(`${place}.headers is ${show(value)}`, 'Write names and values below it')
  const entries = Object.entries(value)
  for (const [name, content] of entries) {
    if (!HEADER_NAME.test(name) || OWN_HEADERS.includes(name.toLowerCase()))
      return wrong(`${place}.headers has "${name}"`, 'Leave it out: the engine sets it, or it is not a header')
    if ((typeof content !== 'string' && typeof content !== 'number') || !/^[\x20-\x7e\t]*$/.test(String(content)))
      return wrong(`${place}.headers.${name} is no header value`, 'Write ASCII text on one line')
  }
  return Object.fromEntries(entries.map(([name, content]) => [name, String(content)]))
}

function readExpect(value: unknown, place: string, wrong: Wrong): readonly string[] | undefined {
  if (value === undefined) return ['2xx']
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const statuses = list.map(each => String(each))
  if (statuses.length > 0 && statuses.every(status => /^[1-5](?:xx|\d\d)$/.test(status))) return statuses
  return wrong(`${place}.expect is ${show(value)}`, 'Write a status, "2xx", or a list of them: [200, 404]')
}

function readTimeout(value: unknown, wrong: Wrong): number {
  if (value === undefined) return TIMEOUT_MILLISECONDS
  try {
    const seconds = duration.parse(String(value))
    if (seconds >= 1 && seconds <= MOST_TIMEOUT_SECONDS) return seconds * 1_000
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown
  }
  wrong(`timeout is ${show(value)}`, `Write a duration from "1s" to "${MOST_TIMEOUT_SECONDS}s"`)
  return TIMEOUT_MILLISECONDS
}

function refuseUnknown(content: object, known: readonly string[], place: string, wrong: Wrong): void {
  for (const key of Object.keys(content))
    if (!known.includes(key)) wrong(`${place} has the key "${key}"`, `Use only ${known.join(', ')}`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
