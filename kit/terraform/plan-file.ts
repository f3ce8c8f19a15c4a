import { fromBufferPromise } from 'yauzl'

/** As `terraform plan -out` writes the state into its file: version, serial and lineage come before the long parts. */
const STATE = 'tfstate'
const LINEAGE = /"lineage"\s*:\s*"([^"\\]{0,200})"/
const MOST_HEAD_BYTES = 64 * 1024

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
