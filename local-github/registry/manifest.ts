import { isDigest } from './names.ts'
import { RegistryRefusal } from './registry-refusal.ts'

export interface ManifestPart {
  readonly kind: 'blob' | 'manifest'
  readonly digest: string
  readonly size: number
}

const imageTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])
const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])

/**
 * What a manifest refers to and the registry must have; layers that lie elsewhere by `urls` are left out.
 * @param contentType of the request; parameters in it are ignored, as the specification asks
 * @throws RegistryRefusal for what is no manifest of a known type
 */
export function readManifest(bytes: Buffer, contentType: string): { mediaType: string; parts: ManifestPart[] } {
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  const isIndex = indexTypes.has(mediaType)
  if (!isIndex && !imageTypes.has(mediaType))
    throw invalid(
      `the type "${mediaType}" is none that this registry keeps: ${[...imageTypes, ...indexTypes].join(', ')}`,
    )
  const manifest = parse(bytes)
  if (manifest['schemaVersion'] !== 2) throw invalid('schemaVersion is not 2')
  const said = manifest['mediaType']
  if (said !== undefined && said !== mediaType)
    throw invalid(`its mediaType is ${JSON.stringify(said)}, and the request's Content-Type is "${mediaType}"`)
  const parts = isIndex
    ? list(manifest, 'manifests').map(item => readPart(item, 'manifest'))
    : [manifest['config'], ...list(manifest, 'layers').filter(layer => !isElsewhere(layer))].map(item =>
        readPart(item, 'blob'),
      )
  return { mediaType, parts }
}

function parse(bytes: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw invalid(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isRecord(value)) throw invalid('it is no JSON object')
  return value
}

function list(manifest: Readonly<Record<string, unknown>>, key: string): unknown[] {
  const value = manifest[key]
  if (!Array.isArray(value)) throw invalid(`"${key}" is no list`)
  return value
}

function readPart(value: unknown, kind: ManifestPart['kind']): ManifestPart {
  const { digest, size, mediaType } = isRecord(value) ? value : {}
  if (typeof digest !== 'string' || !isDigest(digest) || typeof mediaType !== 'string')
    throw invalid(`a descriptor has no mediaType and sha256 digest: ${JSON.stringify(value)?.slice(0, 200)}`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`the descriptor of ${digest} has no size in bytes`)
  return { kind, digest, size }
}

function isElsewhere(layer: unknown): boolean {
  return isRecord(layer) && Array.isArray(layer['urls']) && layer['urls'].length > 0
}

function invalid(reason: string): RegistryRefusal {
  return new RegistryRefusal(400, 'MANIFEST_INVALID', `manifest invalid: ${reason}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
