import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { arch } from 'node:os'
import { join } from 'node:path'
import { notImplemented, type Words } from './command-words.ts'
import { readContext } from './context.ts'
import { readStages } from './dockerfile.ts'
import { readIgnoreFile } from './ignore-file.ts'
import type { ImageStore } from './image-store.ts'
import { digestOf, packLayer, type Layer } from './layer.ts'
import { formatReference, parseReference } from './reference.ts'

export const buildOptions = {
  tag: { short: '-t', takesValue: true },
  file: { short: '-f', takesValue: true },
  'build-arg': { takesValue: true },
  label: { takesValue: true },
  target: { takesValue: true },
  iidfile: { takesValue: true },
  'metadata-file': { takesValue: true },
} as const

export const imageTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/** What the image says of itself, for those who find it in a registry. */
const label = {
  'org.slipway.stand-in': 'the build context as one layer; no instruction of the Dockerfile was executed',
}

/** Packs the context as an image. */
export function buildImage(words: Words, store: ImageStore, print: (line: string) => void): void {
  print(
    'Stand-in for docker build: packs the build context as one layer and executes no instruction of the Dockerfile.',
  )
  const [context, ...more] = words.positional
  if (context === undefined || more.length > 0)
    throw new Error('"docker build" requires exactly 1 argument: the context')
  if (context === '-' || /^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(context)) throw notImplemented(`docker build ${context}`)
  if (!existsSync(context) || !statSync(context).isDirectory()) throw new Error(`path "${context}" not found`)
  const names = words.values('tag').map(text => parseReference(text))
  const digestIn = names.find(name => name.digest !== '')
  if (digestIn !== undefined)
    throw new Error(`"${formatReference(digestIn)}": a built image cannot be tagged with a digest`)
  // A value on its own is that of the variable; it is not needed here, and a name that is none is still refused.
  readPairs('build-arg', words.values('build-arg'))
  const labels = { ...label, ...readPairs('label', words.values('label')) }

  const dockerfile = words.last('file') ?? join(context, 'Dockerfile')
  checkDockerfile(dockerfile, words.last('target'), print)
  const layer = packLayer(readContext(context, readIgnored(context, dockerfile)))
  print(`Packed ${context}: ${layer.bytes.length} bytes, ${layer.digest}`)

  const config = store.keep(JSON.stringify(configOf(layer, labels)))
  store.keep(layer.bytes)
  const manifest = store.keep(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageTypes.manifest,
      config: { mediaType: imageTypes.config, digest: config, size: store.read(config).length },
      layers: [{ mediaType: imageTypes.layer, digest: layer.digest, size: layer.bytes.length }],
    }),
  )
  for (const name of names) store.name(formatReference(name), manifest)
  // Without a name an image is found by its id.
  store.name(config, manifest)
  const [, hex = ''] = config.split(':')
  print(`Successfully built ${hex.slice(0, 12)}`)
  for (const name of names) print(`Successfully tagged ${formatReference(name)}`)
  const idFile = words.last('iidfile')
  if (idFile !== undefined) writeFileSync(idFile, config)
  const metadataFile = words.last('metadata-file')
  if (metadataFile !== undefined)
    writeFileSync(
      metadataFile,
      `${JSON.stringify({ 'containerimage.config.digest': config, 'containerimage.digest': manifest, 'image.name': names.map(formatReference).join(',') }, null, 2)}\n`,
    )
}

function checkDockerfile(file: string, target: string | undefined, print: (line: string) => void): void {
  if (!existsSync(file)) throw new Error(`failed to read dockerfile: open ${file}: no such file or directory`)
  const stages = readStages(readFileSync(file, 'utf8'))
  for (const stage of stages) print(`FROM ${stage.image}: not pulled`)
  const isThere = stages.some(
    (stage, index) => stage.name?.toLowerCase() === target?.toLowerCase() || String(index) === target,
  )
  if (target !== undefined && !isThere) throw new Error(`target stage "${target}" could not be found`)
}

/** The ignore file beside a Dockerfile wins over that of the context, as in BuildKit. */
function readIgnored(context: string, dockerfile: string): (path: string) => boolean {
  const file = [`${dockerfile}.dockerignore`, join(context, '.dockerignore')].find(path => existsSync(path))
  if (file === undefined) return () => false
  return readIgnoreFile(readFileSync(file, 'utf8'))
}

function configOf(layer: Layer, labels: Readonly<Record<string, string>>): unknown {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
  // One time for all: the same input is the same image.
  const created = '1970-01-01T00:00:00Z'
  return {
    created,
    architecture: architectures[arch()] ?? arch(),
    os: 'linux',
    config: { Labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, created_by: `Slipway's stand-in for docker: the build context` }],
  }
}

function readPairs(option: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map(text => {
      const [, name, value] = /^([^=\s]+)(?:=(.*))?$/s.exec(text) ?? []
      if (name === undefined)
        throw new Error(`invalid argument "${text.split('=')[0]}" for "--${option}": it has no name`)
      return [name, value ?? '']
    }),
  )
}

export interface ImageManifest {
  readonly mediaType?: string
  readonly config: { readonly digest: string; readonly size: number }
  readonly layers: readonly { readonly digest: string; readonly size: number }[]
}

/** @throws Error for what is no manifest of one image */
export function readImageManifest(bytes: Buffer): ImageManifest {
  const manifest = JSON.parse(bytes.toString('utf8')) as Partial<ImageManifest>
  const parts = [manifest.config, ...(Array.isArray(manifest.layers) ? manifest.layers : [undefined])]
  if (!parts.every(part => /^sha256:[a-f0-9]{64}$/.test(part?.digest ?? '')))
    throw new Error(`${digestOf(bytes)} is no manifest of one image`)
  return manifest as ImageManifest
}
