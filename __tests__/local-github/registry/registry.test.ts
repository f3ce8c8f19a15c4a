import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readByteRange } from '../../../local-github/registry/byte-range.ts'
import { compareTags, isRepository, isTag } from '../../../local-github/registry/names.ts'
import { startRegistry, type Registry, type RegistryOptions } from '../../../local-github/registry/registry.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const imageType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'
const digestOf = (bytes: string | Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

let folder: string
let registry: Registry

const start = async (options: Partial<RegistryOptions> = {}): Promise<void> => {
  registry = await startRegistry({ folder, ...options })
}
const call = (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(new URL(path, registry.url), {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
const codeOf = async (response: Response): Promise<string> => {
  const { errors } = (await response.json()) as { errors: { code: string; message: string }[] }
  expect(errors[0]?.message).not.toBe('')
  return `${response.status} ${errors[0]?.code}`
}
const begin = async (repository: string): Promise<string> => {
  const response = await call('POST', `/v2/${repository}/blobs/uploads/`)
  expect(response.status).toBe(202)
  return response.headers.get('location') ?? ''
}
const pushBlob = async (repository: string, bytes: string | Buffer): Promise<string> => {
  const digest = digestOf(bytes)
  const response = await call('PUT', `${await begin(repository)}?digest=${digest}`, bytes)
  expect([response.status, response.headers.get('location')]).toEqual([201, `/v2/${repository}/blobs/${digest}`])
  return digest
}
const descriptor = (bytes: string) => ({
  mediaType: 'application/octet-stream',
  digest: digestOf(bytes),
  size: Buffer.byteLength(bytes),
})
const imageOf = (config: string, ...layers: string[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  })
const putManifest = (repository: string, reference: string, manifest: string, type = imageType) =>
  call('PUT', `/v2/${repository}/manifests/${reference}`, manifest, { 'content-type': type })
const pushImage = async (repository: string, tag: string, layer = 'layer'): Promise<string> => {
  await pushBlob(repository, '{}')
  await pushBlob(repository, layer)
  const manifest = imageOf('{}', layer)
  expect((await putManifest(repository, tag, manifest)).status).toBe(201)
  return digestOf(manifest)
}

beforeEach(async () => {
  folder = temporaryFolder()
  await start()
})
afterEach(() => registry.close())

describe('blobs', () => {
  test('a blob that is pushed in one piece comes back byte for byte, with its size and digest', async () => {
    const bytes = randomBytes(300_000)
    const digest = await pushBlob('shop/backend', bytes)
    const got = await call('GET', `/v2/shop/backend/blobs/${digest}`)
    expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true)
    const head = await call('HEAD', `/v2/shop/backend/blobs/${digest}`)
    expect([head.status, head.headers.get('content-length'), head.headers.get('docker-content-digest')]).toEqual([
      200,
      '300000',
      digest,
    ])
  })

  test('a single POST with the digest is a push as well', async () => {
    const response = await call('POST', `/v2/a/blobs/uploads/?digest=${digestOf('x')}`, 'x')
    expect([response.status, response.headers.get('location')]).toEqual([201, `/v2/a/blobs/${digestOf('x')}`])
    expect((await call('GET', `/v2/a/blobs/${digestOf('x')}`)).status).toBe(200)
  })

  test('an empty blob is a blob', async () => {
    const digest = await pushBlob('a', '')
    const got = await call('GET', `/v2/a/blobs/${digest}`)
    expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, '0', ''])
  })

  test('chunks are put together in order, the last one with the PUT', async () => {
    const location = await begin('a')
    const first = await call('PATCH', location, 'hello ', { 'content-range': '0-5' })
    expect([first.status, first.headers.get('range'), first.headers.get('location')]).toEqual([202, '0-5', location])
    const second = await call('PATCH', location, 'wor', { 'content-range': '6-8' })
    expect(second.headers.get('range')).toBe('0-8')
    const digest = digestOf('hello world')
    expect((await call('PUT', `${location}?digest=${digest}`, 'ld', { 'content-range': '9-10' })).status).toBe(201)
    expect(await (await call('GET', `/v2/a/blobs/${digest}`)).text()).toBe('hello world')
  })

  test('a chunk out of order is 416, and the upload tells where it is', async () => {
    const location = await begin('a')
    await call('PATCH', location, 'hello ', { 'content-range': '0-5' })
    for (const range of ['0-2', '7-9', '3', 'bytes=6-8', '8-6'])
      expect([range, (await call('PATCH', location, 'abc', { 'content-range': range })).status]).toEqual([range, 416])
    const status = await call('GET', location)
    expect([status.status, status.headers.get('range'), status.headers.get('location')]).toEqual([204, '0-5', location])
  })

  test('a chunk of another length than its range is refused, and nothing of it stays', async () => {
    const location = await begin('a')
    expect(await codeOf(await call('PATCH', location, 'abcd', { 'content-range': '0-2' }))).toBe('400 SIZE_INVALID')
    expect((await call('PUT', `${location}?digest=${digestOf('')}`)).status).toBe(201)
  })

  test('a chunk whose client went away leaves nothing, and the client goes on from there', async () => {
    const location = await begin('a')
    await call('PATCH', location, 'one')
    const file = join(folder, 'uploads', location.split('/').at(-1) ?? '')
    await new Promise<void>(resolve => {
      const broken = httpRequest(new URL(location, registry.url), {
        method: 'PATCH',
        headers: { 'content-length': 100 },
      })
      broken.on('error', () => undefined).on('close', () => resolve())
      broken.write('half')
      // Only what came can be taken back.
      void (async () => {
        while (readFileSync(file, 'utf8') !== 'onehalf') await wait(10)
        broken.destroy()
      })()
    })
    const response = await call('PATCH', location, 'two')
    expect([response.status, response.headers.get('range')]).toEqual([202, '0-5'])
    expect((await call('PUT', `${location}?digest=${digestOf('onetwo')}`)).status).toBe(201)
  })

  test('bytes with another digest are refused and kept nowhere', async () => {
    const location = await begin('a')
    expect(await codeOf(await call('PUT', `${location}?digest=${digestOf('x')}`, 'y'))).toBe('400 DIGEST_INVALID')
    expect(await codeOf(await call('GET', location))).toBe('404 BLOB_UPLOAD_UNKNOWN')
    expect(await codeOf(await call('GET', `/v2/a/blobs/${digestOf('x')}`))).toBe('404 BLOB_UNKNOWN')
    expect(readdirSync(join(folder, 'blobs', 'sha256'))).toEqual([])
    expect(readdirSync(join(folder, 'uploads'))).toEqual([])
  })

  test('an upload belongs to its repository and can be cancelled', async () => {
    const location = await begin('a')
    expect(await codeOf(await call('PATCH', location.replace('/a/', '/b/'), 'x'))).toBe('404 BLOB_UPLOAD_UNKNOWN')
    expect((await call('DELETE', location)).status).toBe(204)
    expect(await codeOf(await call('PATCH', location, 'x'))).toBe('404 BLOB_UPLOAD_UNKNOWN')
  })

  test('a blob is mounted from another repository that has it, and an upload begins when none has', async () => {
    const digest = await pushBlob('a', 'x')
    expect((await call('GET', `/v2/b/blobs/${digest}`)).status).toBe(404)
    const mounted = await call('POST', `/v2/b/blobs/uploads/?mount=${digest}&from=a`)
    expect([mounted.status, mounted.headers.get('location')]).toEqual([201, `/v2/b/blobs/${digest}`])
    expect((await call('GET', `/v2/b/blobs/${digest}`)).status).toBe(200)
    expect((await call('POST', `/v2/b/blobs/uploads/?mount=${digestOf('y')}&from=a`)).status).toBe(202)
    expect((await call('POST', `/v2/b/blobs/uploads/?mount=${digest}&from=nobody`)).status).toBe(202)
  })

  test('a part of a blob can be had', async () => {
    const path = `/v2/a/blobs/${await pushBlob('a', '0123456789')}`
    const part = await call('GET', path, undefined, { range: 'bytes=3-5' })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 3-5/10', '345'])
    const beyond = await call('GET', path, undefined, { range: 'bytes=10-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  test('a byte range lies within the blob, or is none', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.option(fc.nat(60)), fc.option(fc.nat(60)), (size, first, last) => {
        const range = readByteRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
        if (range === null || range === 'unsatisfiable') return true
        return range.start >= 0 && range.start <= range.end && range.end < size
      }),
    )
  })
})

describe('manifests', () => {
  test('a manifest is found by tag and by digest, with the bytes and the type that it was pushed with', async () => {
    const digest = await pushImage('shop/backend', '5-0a3087a')
    for (const reference of ['5-0a3087a', digest]) {
      const got = await call('GET', `/v2/shop/backend/manifests/${reference}`)
      expect([got.status, got.headers.get('content-type'), got.headers.get('docker-content-digest')]).toEqual([
        200,
        imageType,
        digest,
      ])
      expect(await got.text()).toBe(imageOf('{}', 'layer'))
      const head = await call('HEAD', `/v2/shop/backend/manifests/${reference}`)
      expect([head.status, head.headers.get('docker-content-digest'), await head.text()]).toEqual([200, digest, ''])
    }
  })

  test('a tag that is pushed again moves, and the old manifest stays by its digest', async () => {
    const first = await pushImage('a', 'latest', 'one')
    const second = await pushImage('a', 'latest', 'two')
    expect((await call('HEAD', '/v2/a/manifests/latest')).headers.get('docker-content-digest')).toBe(second)
    expect((await call('HEAD', `/v2/a/manifests/${first}`)).status).toBe(200)
  })

  test('an index refers to manifests of the same repository', async () => {
    await pushImage('a', 'x')
    const manifests = [{ ...descriptor(imageOf('{}', 'layer')), mediaType: imageType }]
    const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })
    expect((await putManifest('a', 'multi', index, indexType)).status).toBe(201)
    expect(await codeOf(await putManifest('b', 'multi', index, indexType))).toBe('404 MANIFEST_BLOB_UNKNOWN')
  })

  test.each([
    ['a layer that nobody pushed', () => imageOf('{}', 'missing'), 'x', imageType, '404 MANIFEST_BLOB_UNKNOWN'],
    [
      'a size that is not the layer’s',
      () => imageOf('{}', 'layer').replace('"size":5', '"size":6'),
      'x',
      imageType,
      '400 SIZE_INVALID',
    ],
    ['another digest than its own', () => imageOf('{}', 'layer'), digestOf('x'), imageType, '400 DIGEST_INVALID'],
    ['another type in the header', () => imageOf('{}', 'layer'), 'x', indexType, '400 MANIFEST_INVALID'],
    ['a type nobody knows', () => imageOf('{}', 'layer'), 'x', 'text/plain', '400 MANIFEST_INVALID'],
    ['no JSON', () => '{', 'x', imageType, '400 MANIFEST_INVALID'],
    ['a JSON list', () => '[]', 'x', imageType, '400 MANIFEST_INVALID'],
    ['schema 1', () => '{"schemaVersion":1}', 'x', imageType, '400 MANIFEST_INVALID'],
    [
      'no layers',
      () => JSON.stringify({ schemaVersion: 2, config: descriptor('{}') }),
      'x',
      imageType,
      '400 MANIFEST_INVALID',
    ],
    ['a tag that is none', () => imageOf('{}', 'layer'), '-x', imageType, '400 DIGEST_INVALID'],
  ])('a manifest with %s is refused', async (_, manifest, reference, type, code) => {
    await pushImage('a', 'good')
    expect(await codeOf(await putManifest('a', reference, manifest(), type))).toBe(code)
    expect(await (await call('GET', '/v2/a/tags/list')).json()).toEqual({ name: 'a', tags: ['good'] })
  })

  test('a manifest that is deleted takes its tags along; a tag that is deleted leaves its manifest', async () => {
    const digest = await pushImage('a', 'one')
    await pushImage('a', 'two')
    await pushImage('a', 'other', 'other')
    expect((await call('DELETE', '/v2/a/manifests/two')).status).toBe(202)
    expect((await call('GET', `/v2/a/manifests/${digest}`)).status).toBe(200)
    expect((await call('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202)
    expect(await codeOf(await call('GET', '/v2/a/manifests/one'))).toBe('404 MANIFEST_UNKNOWN')
    expect(await codeOf(await call('DELETE', `/v2/a/manifests/${digest}`))).toBe('404 MANIFEST_UNKNOWN')
    expect(await (await call('GET', '/v2/a/tags/list')).json()).toEqual({ name: 'a', tags: ['other'] })
  })

  test('what was never pushed is not found', async () => {
    expect(await codeOf(await call('GET', '/v2/nobody/manifests/x'))).toBe('404 NAME_UNKNOWN')
    expect(await codeOf(await call('GET', '/v2/nobody/tags/list'))).toBe('404 NAME_UNKNOWN')
  })

  test('a push of one tag by many at once ends with one whole manifest', async () => {
    const digests = await Promise.all(Array.from({ length: 12 }, (_, number) => pushImage('a', 'race', `${number}`)))
    const got = await call('GET', '/v2/a/manifests/race')
    const digest = got.headers.get('docker-content-digest') ?? ''
    expect(digests).toContain(digest)
    expect(digestOf(await got.text())).toBe(digest)
  })
})

describe('tags', () => {
  test('come in order, without regard to case, in pages that lead to the next', async () => {
    for (const tag of ['b', 'A', 'c', 'a', '10-f', '9-f']) await pushImage('a', tag)
    const read = async (path: string): Promise<string[]> => {
      const response = await call('GET', path)
      const { tags } = (await response.json()) as { tags: string[] }
      const next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
      return next === undefined ? tags : [...tags, '|', ...(await read(next))]
    }
    expect(await read('/v2/a/tags/list')).toEqual(['10-f', '9-f', 'A', 'a', 'b', 'c'])
    expect(await read('/v2/a/tags/list?n=2')).toEqual(['10-f', '9-f', '|', 'A', 'a', '|', 'b', 'c'])
    expect(await read('/v2/a/tags/list?last=a')).toEqual(['b', 'c'])
    expect(await read('/v2/a/tags/list?n=0')).toEqual([])
    expect((await call('GET', '/v2/a/tags/list?n=-1')).status).toBe(400)
  })

  test('are never equal in order unless they are the same', () => {
    const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,5}$/)
    fc.assert(
      fc.property(tag, tag, (a, b) => {
        expect(isTag(a)).toBe(true)
        return Math.sign(compareTags(a, b)) === -Math.sign(compareTags(b, a)) && (compareTags(a, b) === 0) === (a === b)
      }),
    )
  })
})

test.each(['A', 'a//b', '-a', 'a/', 'a..b', 'a___b', '_tags', 'a/_blobs', 'a'.repeat(256), '../a'])(
  '"%s" is no name of a repository',
  name => expect(isRepository(name)).toBe(false),
)

test.each(['a', 'shop/backend', 'a-b/c.d/e_f', 'a__b', 'a--b', '0'])('"%s" is a name of a repository', name =>
  expect(isRepository(name)).toBe(true),
)

test('a path that leaves the folder is none', async () => {
  expect(await codeOf(await call('GET', '/v2/a/manifests/..%2f..%2fx'))).toBe('404 NAME_UNKNOWN')
  expect(await codeOf(await call('GET', '/v2/A/tags/list'))).toBe('400 NAME_INVALID')
  expect(await codeOf(await call('PATCH', '/v2/a/blobs/uploads/..%2f..%2fx', 'x'))).toBe('404 BLOB_UPLOAD_UNKNOWN')
})

test('what is not done is said: 405 with the methods that are', async () => {
  const digest = await pushBlob('a', 'x')
  const response = await call('DELETE', `/v2/a/blobs/${digest}`)
  expect(response.headers.get('allow')).toBe('HEAD, GET')
  expect(await codeOf(response)).toBe('405 UNSUPPORTED')
  expect(await codeOf(await call('GET', `/v2/a/referrers/${digest}`))).toBe('404 UNSUPPORTED')
})

test('a registry with a login lets nobody else in', async () => {
  await registry.close()
  await start({ login: { user: 'ci', password: 'pass:word' } })
  const as = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const refused = await call('GET', '/v2/')
  expect(refused.headers.get('www-authenticate')).toBe('Basic realm="local registry"')
  expect(await codeOf(refused)).toBe('401 UNAUTHORIZED')
  for (const wrong of ['ci:wrong', 'ci', 'x:pass:word', 'ci:pass:word2'])
    expect((await call('POST', '/v2/a/blobs/uploads/', undefined, as(wrong))).status).toBe(401)
  const allowed = await call('GET', '/v2/', undefined, as('ci:pass:word'))
  expect([allowed.status, allowed.headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0'])
})

test('a name of another machine in Host is refused', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) =>
    httpRequest(`${registry.url}/v2/`, { headers: { host: 'registry.example.com' } }, response => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end(),
  )
  expect(status).toBe(403)
})

test('a registry that starts again goes on: images, tags, and an upload that was half done', async () => {
  const digest = await pushImage('shop/backend', '5-0a3087a')
  const location = await begin('a')
  await call('PATCH', location, 'one')
  await registry.close()
  await start()
  expect((await call('HEAD', '/v2/shop/backend/manifests/5-0a3087a')).headers.get('docker-content-digest')).toBe(digest)
  expect((await call('PUT', `${location}?digest=${digestOf('onetwo')}`, 'two')).status).toBe(201)
})

test('a registry that is killed in the middle of a chunk goes on: the upload tells what came, and the rest completes it', async () => {
  await registry.close()
  const program = new URL('../../../local-github/registry/registry.ts', import.meta.url)
  const code = `
    const { startRegistry } = await import(${JSON.stringify(program.href)})
    const { url } = await startRegistry({ folder: ${JSON.stringify(folder)} })
    process.stdout.write(url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(child.stdout, 'data')) as [Buffer]
  const begun = await fetch(`${url.toString()}/v2/a/blobs/uploads/`, { method: 'POST' })
  const location = begun.headers.get('location') ?? ''
  const broken = httpRequest(`${url.toString()}${location}`, { method: 'PATCH' }).on('error', () => undefined)
  broken.write('one')
  const uploads = join(folder, 'uploads')
  const file = join(uploads, location.split('/').at(-1) ?? '')
  while (readFileSync(file, 'utf8') !== 'one') await wait(10)
  child.kill('SIGKILL')
  await once(child, 'exit')

  await start()
  expect((await call('GET', location)).headers.get('range')).toBe('0-2')
  expect(
    (await call('PUT', `${location}?digest=${digestOf('onetwo')}`, 'two', { 'content-range': '3-5' })).status,
  ).toBe(201)
  expect(readdirSync(uploads)).toEqual([])
})

test('sizes are bounded, and a refusal reaches a client that still sends', async () => {
  await registry.close()
  await start({ limits: { blobBytes: 100_000, manifestBytes: 1000, openUploads: 3 } })
  const location = await begin('a')
  expect(await codeOf(await call('PATCH', location, randomBytes(4_000_000)))).toBe('413 SIZE_INVALID')
  expect(readFileSync(join(folder, 'uploads', location.split('/').at(-1) ?? '')).length).toBe(0)
  expect(await codeOf(await putManifest('a', 'x', ' '.repeat(2_000_000)))).toBe('413 SIZE_INVALID')
  expect(await codeOf(await call('POST', `/v2/a/blobs/uploads/?digest=${digestOf('x')}`, randomBytes(200_000)))).toBe(
    '413 SIZE_INVALID',
  )
  await begin('a')
  await begin('a')
  expect(await codeOf(await call('POST', '/v2/a/blobs/uploads/'))).toBe('429 TOOMANYREQUESTS')
})
