import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isMissing } from './content-store.ts'
import { RegistryRefusal } from './registry-refusal.ts'

export interface BlobUploads {
  /** Returns the upload's id. */
  begin(repository: string): string
  /** Bytes that came so far. */
  size(repository: string, id: string): Promise<number>
  /**
   * Adds a chunk, all of it or nothing.
   * @param start where the client says that it begins; `null`: where the last one ended
   * @param length in bytes, as the client says; `null`: as many as come
   * @returns the size afterwards
   */
  append(repository: string, id: string, chunk: Chunk): Promise<number>
  /**
   * Ends the upload and hands over its file.
   * @throws RegistryRefusal when the bytes have another digest; the upload is then gone
   */
  finish(repository: string, id: string, digest: string, keep: (file: string) => Promise<void>): Promise<void>
  cancel(repository: string, id: string): Promise<void>
}

export interface Chunk {
  readonly bytes: AsyncIterable<Buffer>
  readonly start: number | null
  readonly length: number | null
}

export interface UploadLimits {
  readonly blobBytes: number
  readonly openUploads: number
}

/** Nobody goes on with an upload that is older. */
const staleMilliseconds = 24 * 60 * 60 * 1000

export function openBlobUploads(folder: string, limits: UploadLimits, now: () => number): BlobUploads {
  mkdirSync(folder, { recursive: true })
  clearStale(folder, now())
  /** What happens to one upload happens in turn. */
  const turns = new Map<string, Promise<unknown>>()
  const inTurn = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(work, work)
    turns.set(id, turn)
    try {
      return await turn
    } finally {
      if (turns.get(id) === turn) turns.delete(id)
    }
  }
  const fileOf = async (repository: string, id: string): Promise<string> => {
    const file = join(folder, id)
    const owner = /^[0-9a-f-]{36}$/.test(id) ? await readFile(`${file}.repository`, 'utf8').catch(missingAsNull) : null
    // A registry that was killed while it finished an upload leaves the owner alone.
    if (owner !== repository || !existsSync(file))
      throw new RegistryRefusal(404, 'BLOB_UPLOAD_UNKNOWN', `there is no upload "${id}" to ${repository}`)
    return file
  }
  const drop = async (file: string): Promise<void> => {
    // What says whose it is goes first: without that it is no upload any more.
    await rm(`${file}.repository`, { force: true })
    await rm(file, { force: true })
  }
  return {
    begin(repository) {
      if (readdirSync(folder).length / 2 >= limits.openUploads)
        throw new RegistryRefusal(429, 'TOOMANYREQUESTS', `there are ${limits.openUploads} unfinished uploads already`)
      const id = randomUUID()
      writeFileSync(join(folder, id), '')
      writeFileSync(join(folder, `${id}.repository`), repository)
      return id
    },
    size: async (repository, id) => (await stat(await fileOf(repository, id))).size,
    append: (repository, id, chunk) =>
      inTurn(id, async () => await appendChunk(await fileOf(repository, id), chunk, limits.blobBytes)),
    finish: (repository, id, digest, keep) =>
      inTurn(id, async () => {
        const file = await fileOf(repository, id)
        const found = await digestOfFile(file)
        if (found === digest) await keep(file)
        await drop(file)
        if (found !== digest)
          throw new RegistryRefusal(400, 'DIGEST_INVALID', `the uploaded bytes have the digest ${found}`, {
            detail: { provided: digest, uploaded: found },
          })
      }),
    cancel: (repository, id) => inTurn(id, async () => await drop(await fileOf(repository, id))),
  }
}

async function appendChunk(file: string, { bytes, start, length }: Chunk, limitBytes: number): Promise<number> {
  const handle = await open(file, 'r+')
  try {
    const before = (await handle.stat()).size
    if (start !== null && start !== before)
      throw new RegistryRefusal(
        416,
        'BLOB_UPLOAD_INVALID',
        `the chunk begins at ${start}, and the upload is at ${before}`,
      )
    let size = before
    try {
      for await (const part of bytes) {
        if (size + part.length > limitBytes)
          throw new RegistryRefusal(413, 'SIZE_INVALID', `a blob may have ${limitBytes} bytes here`)
        await handle.write(part, 0, part.length, size)
        size += part.length
      }
      if (length !== null && size - before !== length)
        throw new RegistryRefusal(400, 'SIZE_INVALID', `${length} bytes were announced, ${size - before} came`)
      await handle.sync()
      return size
    } catch (error) {
      await handle.truncate(before)
      throw error
    }
  } finally {
    await handle.close()
  }
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return `sha256:${hash.digest('hex')}`
}

function clearStale(folder: string, now: number): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (now - statSync(file).mtimeMs > staleMilliseconds) rmSync(file, { force: true })
  }
}

function missingAsNull(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}
