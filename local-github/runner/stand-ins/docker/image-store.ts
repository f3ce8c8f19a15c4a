import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '../../../server/error-code.ts'
import { digestOf } from './layer.ts'

/**
 * Images on this machine: bytes by their digest, names that lead to manifests. Every file comes by a rename, so that many jobs
 * build at once.
 */
export class ImageStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns the digest */
  keep(bytes: string | Uint8Array): string {
    const digest = digestOf(bytes)
    this.#write(this.#blob(digest), bytes)
    return digest
  }

  read(digest: string): Buffer {
    const bytes = readFileSync(this.#blob(digest))
    if (digestOf(bytes) !== digest) throw new Error(`${this.#blob(digest)} is damaged: its digest is another one`)
    return bytes
  }

  has(digest: string): boolean {
    return readOrNull(this.#blob(digest)) !== null
  }

  /** Lets a name lead to the manifest with this digest. */
  name(reference: string, digest: string): void {
    this.#write(join(this.#folder, 'names', keyOf(reference)), JSON.stringify({ reference, digest }))
  }

  /** The digest of the manifest; `null` for a name that nothing has. */
  find(reference: string): string | null {
    const text = readOrNull(join(this.#folder, 'names', keyOf(reference)))
    return text === null ? null : (JSON.parse(text.toString('utf8')) as { digest: string }).digest
  }

  /** All names of a manifest, in order. */
  namesOf(digest: string): string[] {
    return this.#list('names')
      .map(text => JSON.parse(text) as { reference: string; digest: string })
      .filter(entry => entry.digest === digest)
      .map(entry => entry.reference)
      .sort()
  }

  /** Remembers that a registry has this manifest under this name of a repository. */
  addRepositoryDigest(digest: string, repository: string): void {
    this.#write(join(this.#folder, 'registries', hexOf(digest), keyOf(repository)), repository)
  }

  repositoryDigests(digest: string): string[] {
    return this.#list(join('registries', hexOf(digest)))
      .map(repository => `${repository}@${digest}`)
      .sort()
  }

  #blob(digest: string): string {
    return join(this.#folder, 'blobs', 'sha256', hexOf(digest))
  }

  #list(folder: string): string[] {
    try {
      return readdirSync(join(this.#folder, folder)).map(name => readFileSync(join(this.#folder, folder, name), 'utf8'))
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  }

  #write(file: string, bytes: string | Uint8Array): void {
    const temporary = join(this.#folder, 'incoming', randomUUID())
    for (const folder of [dirname(temporary), dirname(file)]) mkdirSync(folder, { recursive: true })
    writeFileSync(temporary, bytes)
    renameSync(temporary, file)
  }
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length)
/** References are longer than names of files may be. */
const keyOf = (text: string): string => hexOf(digestOf(text))

function readOrNull(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
