/**
 * Stands where a Docker engine is not: does what a simple pipeline asks of `docker`, for registries of this machine, and says no
 * to everything else.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { notImplemented, readWords, type Words } from './command-words.ts'
import { buildImage, buildOptions, imageTypes, readImageManifest } from './image-build.ts'
import { ImageStore } from './image-store.ts'
import { digestOf } from './layer.ts'
import { formatOutput } from './output-format.ts'
import { formatReference, parseReference, repositoryName } from './reference.ts'
import { loginFile, readLoginFile, RegistryClient } from './registry-client.ts'

const version = '0.0.0-slipway-stand-in'
const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function main(words: readonly string[]): Promise<void> {
  const [command = '', ...rest] = words
  switch (command) {
    case 'build':
      return buildImage(readWords(command, rest, buildOptions), openStore(), print)
    case 'tag':
      return tag(one(command, readWords(command, rest, {}), 2))
    case 'push':
      return await push(one(command, readWords(command, rest, {}), 1))
    case 'pull':
      return await pull(one(command, readWords(command, rest, {}), 1))
    case 'login':
      return await logIn(
        readWords(command, rest, {
          username: { short: '-u', takesValue: true },
          'password-stdin': { takesValue: false },
        }),
      )
    case 'image':
      if (rest[0] !== 'inspect') break
      return inspect(readWords('image inspect', rest.slice(1), { format: { short: '-f', takesValue: true } }))
    case 'version':
      return report(command, rest, { Client: { Version: version }, Server: { Version: version, Os: 'linux' } })
    case 'info':
      return report(command, rest, { ServerVersion: version, OSType: 'linux', Name: "Slipway's stand-in for docker" })
  }
  throw notImplemented(['docker', ...words.slice(0, command === 'image' ? 2 : 1)].join(' '))
}

/** @throws Error when the number of positional words is another one */
function one(command: string, { positional }: Words, count: number): readonly string[] {
  if (positional.length === count) return positional
  throw new Error(`"docker ${command}" requires exactly ${count} argument${count === 1 ? '' : 's'}`)
}

function openStore(): ImageStore {
  const folder = process.env['SLIPWAY_DOCKER_STORE'] ?? ''
  if (folder === '') throw new Error('SLIPWAY_DOCKER_STORE is not set: it names the folder in which images are kept')
  return new ImageStore(folder)
}

/** @returns the digest of its manifest */
function findImage(store: ImageStore, text: string): string {
  const reference = /^sha256:[a-f0-9]{64}$/.test(text) ? null : parseReference(text)
  const named = store.find(reference === null ? text : formatReference({ ...reference, digest: '' }))
  const found =
    reference === null || reference.digest === '' ? named : store.has(reference.digest) ? reference.digest : null
  if (found === null) throw new Error(`No such image: ${text}`)
  return found
}

function tag([from = '', to = '']: readonly string[]): void {
  const store = openStore()
  const target = parseReference(to)
  if (target.digest !== '') throw new Error(`refusing to create a tag with a digest reference: "${to}"`)
  store.name(formatReference(target), findImage(store, from))
}

async function push([text = '']: readonly string[]): Promise<void> {
  const store = openStore()
  const reference = parseReference(text)
  if (reference.digest !== '') throw new Error(`cannot push a digest reference: "${text}"`)
  const digest = findImage(store, text)
  const client = new RegistryClient(reference.registry)
  print(`The push refers to repository [${repositoryName(reference)}]`)
  const bytes = store.read(digest)
  const manifest = readImageManifest(bytes)
  for (const part of [...manifest.layers, manifest.config]) {
    const isThere = await client.hasBlob(reference.repository, part.digest)
    if (!isThere) await client.pushBlob(reference.repository, part.digest, store.read(part.digest))
    if (part !== manifest.config) print(`${shortId(part.digest)}: ${isThere ? 'Layer already exists' : 'Pushed'}`)
  }
  await client.pushManifest(reference.repository, reference.tag, bytes, manifest.mediaType ?? imageTypes.manifest)
  store.addRepositoryDigest(digest, repositoryName(reference))
  print(`${reference.tag}: digest: ${digest} size: ${bytes.length}`)
}

async function pull([text = '']: readonly string[]): Promise<void> {
  const store = openStore()
  const reference = parseReference(text)
  const client = new RegistryClient(reference.registry)
  const asked = reference.digest === '' ? reference.tag : reference.digest
  const bytes = await client.pull(reference.repository, 'manifests', asked)
  const digest = digestOf(bytes)
  if (reference.digest !== '' && digest !== reference.digest)
    throw new Error(`${text}: the registry answered with ${digest}`)
  print(`${asked}: Pulling from ${reference.repository}`)
  const manifest = readImageManifest(bytes)
  const isNew = !store.has(digest)
  for (const part of [...manifest.layers, manifest.config]) {
    const isThere = store.has(part.digest)
    if (!isThere) keepPulled(store, part.digest, await client.pull(reference.repository, 'blobs', part.digest))
    if (part !== manifest.config) print(`${shortId(part.digest)}: ${isThere ? 'Already exists' : 'Pull complete'}`)
  }
  store.keep(bytes)
  store.name(manifest.config.digest, digest)
  if (reference.tag !== '') store.name(formatReference({ ...reference, digest: '' }), digest)
  store.addRepositoryDigest(digest, repositoryName(reference))
  print(`Digest: ${digest}`)
  print(`Status: ${isNew ? 'Downloaded newer image for' : 'Image is up to date for'} ${formatReference(reference)}`)
  print(formatReference(reference))
}

function keepPulled(store: ImageStore, digest: string, bytes: Buffer): void {
  if (digestOf(bytes) !== digest) throw new Error(`the registry answered with ${digestOf(bytes)} for ${digest}`)
  store.keep(bytes)
}

async function logIn(words: Words): Promise<void> {
  const [registry, ...more] = words.positional
  if (registry === undefined || more.length > 0) throw notImplemented('docker login without a registry')
  const user = words.last('username') ?? ''
  if (user === '' || user.includes(':') || !words.has('password-stdin'))
    throw notImplemented('docker login without --username and --password-stdin')
  const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '')
  if (password === '') throw new Error('the password on standard input is empty')
  const file = loginFile()
  if (file === null) throw new Error('neither DOCKER_CONFIG nor HOME is set: there is no place for the login')
  const auth = Buffer.from(`${user}:${password}`).toString('base64')
  await new RegistryClient(registry, `Basic ${auth}`).checkLogin()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const known = readLoginFile()
  const content = { ...known, auths: { ...known.auths, [registry]: { auth } } }
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  print('Login Succeeded')
}

function inspect(words: Words): void {
  if (words.positional.length === 0) throw new Error('"docker image inspect" requires at least 1 argument')
  const store = openStore()
  const images = words.positional.map(text => describeImage(store, findImage(store, text)))
  const format = words.last('format')
  if (format === undefined) print(JSON.stringify(images, null, 4))
  else for (const image of images) print(formatOutput(format, image))
}

function describeImage(store: ImageStore, digest: string): unknown {
  const manifest = readImageManifest(store.read(digest))
  const config = JSON.parse(store.read(manifest.config.digest).toString('utf8')) as Record<string, unknown>
  const names = store.namesOf(digest).filter(name => !name.startsWith('sha256:'))
  return {
    Id: manifest.config.digest,
    RepoTags: names,
    RepoDigests: store.repositoryDigests(digest),
    Created: config['created'],
    Architecture: config['architecture'],
    Os: config['os'],
    Size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    Config: config['config'],
    RootFS: { Type: 'layers', Layers: (config['rootfs'] as { diff_ids?: unknown } | undefined)?.diff_ids },
  }
}

function report(command: string, rest: readonly string[], data: Readonly<Record<string, unknown>>): void {
  const words = readWords(command, rest, { format: { short: '-f', takesValue: true } })
  one(command, words, 0)
  const format = words.last('format')
  if (format !== undefined) return print(formatOutput(format, data))
  print("Slipway's stand-in for docker: there is no Docker engine behind it")
  for (const [key, value] of Object.entries(data))
    print(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}

const shortId = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + 12)

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`Error (stand-in for docker): ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
