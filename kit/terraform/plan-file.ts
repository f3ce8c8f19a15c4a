import { fromBufferPromise } from 'yauzl'
import type { ModuleFiles } from './plan-sources.ts'

/** As `terraform plan -out` writes the state into its file: version, serial and lineage come before the long parts. */
const STATE = 'tfstate'
const LINEAGE = /"lineage"\s*:\s*"([^"\\]{0,200})"/
const MOST_HEAD_BYTES = 64 * 1024
/** `tfconfig/m-network.subnets/main.tf`, as both binaries write the configuration of a plan into its file. */
const SOURCE = /^tfconfig\/m-([^/]*)\/([^/]+)$/
const MOST_SOURCE_BYTES = 64 * 1024 * 1024

/**
 * Lineage of the state that a plan was made on: it names the state through all its versions. It is read from the plan file,
 * which holds the very state that was planned on, and not from `state pull`, which asks the backend once more and may get a
 * later one. Empty before anything was applied; `undefined` when the file does not tell, as an encrypted one of OpenTofu.
 */
export async function lineageOf(planFile: Uint8Array): Promise<string | undefined> {
  const bytes = Buffer.from(planFile.buffer, planFile.byteOffset, planFile.byteLength)
  if (bytes.toString('latin1', 0, 2) !== 'PK') return undefined
  try {
    const zip = await fromBufferPromise(bytes)
    for await (const entry of zip.eachEntry())
      if (entry.fileName === STATE) return LINEAGE.exec(await headOf(await zip.openReadStreamPromise(entry)))?.[1]
  } catch {
    return undefined
  }
  return undefined
}

/**
 * The configuration that a plan was made from, those of its modules too wherever they came from; `undefined` when the file
 * does not hold it, as an encrypted one of OpenTofu, or holds more than 64 MiB.
 */
export async function configurationOf(planFile: Uint8Array): Promise<ModuleFiles | undefined> {
  const modules = new Map<string, Map<string, string>>()
  let left = MOST_SOURCE_BYTES
  try {
    const zip = await fromBufferPromise(Buffer.from(planFile.buffer, planFile.byteOffset, planFile.byteLength))
    for await (const entry of zip.eachEntry()) {
      const [, key, name] = SOURCE.exec(entry.fileName) ?? []
      if (key === undefined || name === undefined) continue
      left -= entry.uncompressedSize
      if (left < 0) return undefined
      const files = modules.get(key) ?? new Map<string, string>()
      modules.set(key, files.set(name, await textOf(await zip.openReadStreamPromise(entry))))
    }
  } catch {
    return undefined
  }
  return modules.size === 0 ? undefined : modules
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

async function headOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of stream) {
    pieces.push(piece)
    size += piece.length
    if (size >= MOST_HEAD_BYTES) break
  }
  return Buffer.concat(pieces).toString('utf8')
}
