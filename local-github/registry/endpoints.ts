import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { BlobUploads } from './blob-uploads.ts'
import { readByteRange } from './byte-range.ts'
import type { ContentStore } from './content-store.ts'
import { readManifest, type ManifestPart } from './manifest.ts'
import { compareTags, digestOf, isDigest, isRepository, isTag } from './names.ts'
import { RegistryRefusal } from './registry-refusal.ts'

/** What an endpoint answers; a body that is a file is sent from the disk. */
interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string | { readonly file: string; readonly start: number; readonly end: number }
}

interface Call {
  readonly request: IncomingMessage
  readonly repository: string
  /** What comes after the endpoint's own words: a digest, a tag, the id of an upload. */
  readonly reference: string
  readonly query: URLSearchParams
}

type Endpoint = (call: Call) => Promise<Answer>

export interface RegistryParts {
  readonly store: ContentStore
  readonly uploads: BlobUploads
  readonly manifestBytes: number
}

const tagsPerPage = 1000

/**
 * The endpoints of the distribution specification, 1.1. Of what it leaves to the registry: blobs cannot be deleted and
 * referrers are not listed, for which it has answers that clients know.
 */
export function createEndpoints({ store, uploads, manifestBytes }: RegistryParts) {
  const progress = (status: number, { repository }: Call, id: string, size: number): Answer => ({
    status,
    // Nothing and one byte look the same here; that is how clients know it.
    headers: {
      location: `/v2/${repository}/blobs/uploads/${id}`,
      range: `0-${Math.max(0, size - 1)}`,
      'docker-upload-uuid': id,
    },
  })
  const keptBlob = (repository: string, digest: string): Answer => ({
    status: 201,
    headers: { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest },
  })
  const finish = async ({ repository }: Call, id: string, digest: string): Promise<Answer> => {
    await uploads.finish(repository, id, digest, file => store.keepBlob(repository, digest, file))
    return keptBlob(repository, digest)
  }
  const resolve = async ({ repository, reference }: Call): Promise<string> => {
    const digest = isDigest(reference)
      ? reference
      : isTag(reference)
        ? await store.tagDigest(repository, reference)
        : null
    if (digest !== null) return digest
    throw await unknownManifest(store, repository, reference)
  }

  const readBlob: Endpoint = async ({ request, repository, reference }) => {
    const digest = asDigest(reference)
    const blob = await store.findBlob(repository, digest)
    if (blob === null) throw new RegistryRefusal(404, 'BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
    const headers = {
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    }
    const range = readByteRange(request.headers.range, blob.size)
    if (range === 'unsatisfiable')
      throw new RegistryRefusal(416, 'SIZE_INVALID', `the blob has ${blob.size} bytes`, {
        headers: { 'content-range': `bytes */${blob.size}` },
      })
    const { start, end } = range ?? { start: 0, end: blob.size - 1 }
    const part = range === null ? {} : { 'content-range': `bytes ${start}-${end}/${blob.size}` }
    return {
      status: range === null ? 200 : 206,
      headers: { ...headers, ...part, 'content-length': String(end - start + 1) },
      body: { file: blob.file, start, end },
    }
  }

  const beginUpload: Endpoint = async call => {
    const { request, repository, query } = call
    const mounted = query.get('mount')
    const from = query.get('from')
    if (mounted !== null && from !== null && isRepository(from)) {
      const digest = asDigest(mounted)
      if (await store.mountBlob(repository, digest, from)) return keptBlob(repository, digest)
    }
    const digest = query.get('digest')
    if (digest === null) return progress(202, call, uploads.begin(repository), 0)
    asDigest(digest)
    const id = uploads.begin(repository)
    try {
      await uploads.append(repository, id, { bytes: bytesOf(request), start: null, length: declaredLength(request) })
    } catch (error) {
      // The client was never told the id.
      await uploads.cancel(repository, id)
      throw error
    }
    return await finish(call, id, digest)
  }

  const uploadStatus: Endpoint = async call =>
    progress(204, call, call.reference, await uploads.size(call.repository, call.reference))

  const addChunk: Endpoint = async call => {
    const { request, repository, reference } = call
    const size = await uploads.append(repository, reference, readChunk(request))
    return progress(202, call, reference, size)
  }

  const finishUpload: Endpoint = async call => {
    const digest = asDigest(call.query.get('digest') ?? '')
    await uploads.append(call.repository, call.reference, readChunk(call.request))
    return await finish(call, call.reference, digest)
  }

  const cancelUpload: Endpoint = async ({ repository, reference }) => {
    await uploads.cancel(repository, reference)
    return { status: 204 }
  }

  const readTheManifest: Endpoint = async call => {
    const digest = await resolve(call)
    const manifest = await store.findManifest(call.repository, digest)
    if (manifest === null) throw await unknownManifest(store, call.repository, call.reference)
    return {
      status: 200,
      headers: {
        'content-type': manifest.mediaType,
        'content-length': String(manifest.bytes.length),
        'docker-content-digest': digest,
        etag: `"${digest}"`,
      },
      body: manifest.bytes,
    }
  }

  const requirePart = async (repository: string, part: ManifestPart): Promise<void> => {
    const found =
      part.kind === 'blob'
        ? (await store.findBlob(repository, part.digest))?.size
        : (await store.findManifest(repository, part.digest))?.bytes.length
    if (found === undefined)
      throw new RegistryRefusal(404, 'MANIFEST_BLOB_UNKNOWN', `${repository} has no ${part.kind} ${part.digest}`, {
        detail: { digest: part.digest },
      })
    if (found !== part.size)
      throw new RegistryRefusal(
        400,
        'SIZE_INVALID',
        `${part.digest} has ${found} bytes, and the manifest says ${part.size}`,
      )
  }

  const writeManifest: Endpoint = async ({ request, repository, reference }) => {
    if (!isTag(reference)) asDigest(reference)
    const bytes = await readWhole(request, manifestBytes)
    const digest = digestOf(bytes)
    if (!isTag(reference) && reference !== digest)
      throw new RegistryRefusal(400, 'DIGEST_INVALID', `the manifest has the digest ${digest}`)
    const { mediaType, parts } = readManifest(bytes, request.headers['content-type'] ?? '')
    for (const part of parts) await requirePart(repository, part)
    await store.keepManifest(repository, digest, { mediaType, bytes })
    if (isTag(reference)) await store.setTag(repository, reference, digest)
    return {
      status: 201,
      headers: { location: `/v2/${repository}/manifests/${digest}`, 'docker-content-digest': digest },
    }
  }

  const deleteManifest: Endpoint = async ({ repository, reference }) => {
    const dropped = isTag(reference)
      ? await store.dropTag(repository, reference)
      : await store.dropManifest(repository, asDigest(reference))
    if (!dropped) throw await unknownManifest(store, repository, reference)
    return { status: 202 }
  }

  const listTags: Endpoint = async ({ repository, query }) => {
    const all = await store.tags(repository)
    if (all === null) throw new RegistryRefusal(404, 'NAME_UNKNOWN', `there is no repository ${repository}`)
    const asked = query.get('n')
    if (asked !== null && !/^\d{1,9}$/.test(asked))
      throw new RegistryRefusal(400, 'UNSUPPORTED', `n is "${asked}": it must be a number of tags`)
    const last = query.get('last')
    const rest = last === null ? all : all.filter(tag => compareTags(tag, last) > 0)
    const count = Math.min(Number(asked ?? tagsPerPage), tagsPerPage)
    const tags = rest.slice(0, count)
    const end = tags.at(-1)
    const next = `/v2/${repository}/tags/list?n=${count}&last=${encodeURIComponent(end ?? '')}`
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        ...(end !== undefined && rest.length > tags.length ? { link: `<${next}>; rel="next"` } : {}),
      },
      body: JSON.stringify({ name: repository, tags }),
    }
  }

  const endpoints: readonly { path: RegExp; methods: Readonly<Record<string, Endpoint>> }[] = [
    { path: /^\/v2\/(.+)\/blobs\/uploads\/?()$/, methods: { POST: beginUpload } },
    {
      path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
      methods: { GET: uploadStatus, PATCH: addChunk, PUT: finishUpload, DELETE: cancelUpload },
    },
    { path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: readBlob } },
    {
      path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
      methods: { GET: readTheManifest, PUT: writeManifest, DELETE: deleteManifest },
    },
    { path: /^\/v2\/(.+)\/tags\/list()$/, methods: { GET: listTags } },
  ]

  /** @throws RegistryRefusal */
  return async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'http://registry')
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '')
    if (/^\/v2\/?$/.test(url.pathname)) {
      if (method !== 'GET') throw notAllowed(['GET'])
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' }
    }
    for (const { path, methods } of endpoints) {
      const [matched, repository = '', reference = ''] = path.exec(url.pathname) ?? []
      if (matched === undefined) continue
      if (!isRepository(repository))
        throw new RegistryRefusal(400, 'NAME_INVALID', `"${repository}" is no name of a repository`)
      const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined
      if (endpoint === undefined) throw notAllowed(Object.keys(methods))
      return await endpoint({ request, repository, reference: decode(reference), query: url.searchParams })
    }
    throw new RegistryRefusal(404, 'UNSUPPORTED', `${url.pathname} is no endpoint of this registry`)
  }
}

export async function sendAnswer(response: ServerResponse, answer: Answer, withoutBody: boolean): Promise<void> {
  const { status, headers = {}, body } = answer
  const length = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.byteLength(body) : 0
  response.writeHead(status, { ...(status === 204 ? {} : { 'content-length': length }), ...headers })
  const isFile = typeof body === 'object' && !Buffer.isBuffer(body)
  if (!isFile || withoutBody || body.end < body.start) response.end(withoutBody || isFile ? undefined : body)
  else await pipeline(createReadStream(body.file, { start: body.start, end: body.end }), response)
}

function notAllowed(methods: readonly string[]): RegistryRefusal {
  const allowed = methods.includes('GET') ? ['HEAD', ...methods] : methods
  return new RegistryRefusal(405, 'UNSUPPORTED', `this endpoint takes ${allowed.join(', ')}`, {
    headers: { allow: allowed.join(', ') },
  })
}

async function unknownManifest(store: ContentStore, repository: string, reference: string): Promise<RegistryRefusal> {
  if ((await store.tags(repository)) === null)
    return new RegistryRefusal(404, 'NAME_UNKNOWN', `there is no repository ${repository}`)
  return new RegistryRefusal(404, 'MANIFEST_UNKNOWN', `${repository} has no manifest "${reference}"`)
}

function asDigest(text: string): string {
  if (isDigest(text)) return text
  throw new RegistryRefusal(400, 'DIGEST_INVALID', `"${text}" is no sha256 digest`)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A refusal in the middle of a body must not take the connection on which it is told. */
function bytesOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}

function declaredLength(request: IncomingMessage): number | null {
  const text = request.headers['content-length']
  return text === undefined ? null : Number(text)
}

/** The specification's `Content-Range` is `<first>-<last>`; docker leaves it out and streams. */
function readChunk(request: IncomingMessage) {
  const text = request.headers['content-range']
  const length = declaredLength(request)
  if (text === undefined) return { bytes: bytesOf(request), start: null, length }
  const [, first, last] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? []
  if (first === undefined || last === undefined || Number(last) < Number(first))
    throw new RegistryRefusal(416, 'BLOB_UPLOAD_INVALID', `Content-Range is "${text}": it must be <first>-<last>`)
  const announced = Number(last) - Number(first) + 1
  if (length !== null && length !== announced)
    throw new RegistryRefusal(400, 'SIZE_INVALID', `Content-Range has ${announced} bytes and Content-Length ${length}`)
  return { bytes: bytesOf(request), start: Number(first), length: announced }
}

async function readWhole(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bytesOf(request)) {
    size += chunk.length
    if (size > limitBytes)
      throw new RegistryRefusal(413, 'SIZE_INVALID', `a manifest may have ${limitBytes} bytes here`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
