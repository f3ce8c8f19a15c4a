import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface LayerEntry {
  /** With `/`, relative to the root of the image. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  readonly isExecutable: boolean
  /** Of a file. */
  readonly bytes: Buffer
  /** Of a link: where it leads. */
  readonly target: string
}

export interface Layer {
  /** tar, gzip. */
  readonly bytes: Buffer
  readonly digest: string
  /** Of the tar: `diff_id` in the image's configuration. */
  readonly diffId: string
}

const block = 512

/**
 * One layer: entries in order of their names, no owner, no time, so that the same files are the same bytes. How gzip packs is up
 * to the version of Node.
 */
export function packLayer(entries: readonly LayerEntry[]): Layer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const tar = Buffer.concat([...sorted.flatMap(writeEntry), Buffer.alloc(2 * block)])
  const bytes = gzipSync(tar, { level: 6 })
  // gzip tells the system that it ran on; 255 is "unknown" (RFC 1952, 2.3.1).
  bytes[9] = 255
  return { bytes, digest: digestOf(bytes), diffId: digestOf(tar) }
}

export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function writeEntry({ path, kind, isExecutable, bytes, target }: LayerEntry): Buffer[] {
  const name = kind === 'folder' ? `${path}/` : path
  const long = [...paxRecord('path', name), ...(kind === 'link' ? paxRecord('linkpath', target) : [])]
  const extended = Buffer.from(long.join(''))
  const mode = kind === 'file' && !isExecutable ? 0o644 : kind === 'link' ? 0o777 : 0o755
  const type = { file: '0', folder: '5', link: '2' }[kind]
  const body = kind === 'file' ? bytes : Buffer.alloc(0)
  return [
    ...(extended.length === 0 ? [] : [header('PaxHeader', 0o644, extended.length, 'x', ''), padded(extended)]),
    header(name, mode, body.length, type, target),
    padded(body),
  ]
}

/** What a field of the header cannot hold: POSIX.1-2001, pax, "pax Extended Header". */
function paxRecord(key: string, value: string): string[] {
  if (Buffer.byteLength(value) <= 100 && /^[\x20-\x7e]*$/.test(value)) return []
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  // The length counts its own digits.
  let length = bytes + String(bytes).length
  if (bytes + String(length).length !== length) length = bytes + String(length).length
  return [`${length}${rest}`]
}

function header(name: string, mode: number, size: number, type: string, target: string): Buffer {
  const bytes = Buffer.alloc(block)
  const octal = (value: number, at: number, width: number) =>
    bytes.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1')
  Buffer.from(name).copy(bytes, 0, 0, 100)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  bytes.write('        ', 148, 'latin1')
  bytes.write(type, 156, 'latin1')
  Buffer.from(target).copy(bytes, 157, 0, 100)
  bytes.write('ustar\x0000', 257, 'latin1')
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return bytes
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % block
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(block - rest)])
}
