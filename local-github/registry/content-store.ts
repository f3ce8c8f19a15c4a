/**
 * What the registry keeps, as files: a file is there whole or not at all, so a registry that was killed goes on.
 *
 *     blobs/sha256/<hex>                        bytes, of blobs and manifests
 *     repositories/<name>/_blobs/<hex>          that this blob may be had in this repository
 *     repositories/<name>/_manifests/<hex>      the media type of this manifest
 *     repositories/<name>/_tags/<tag>           a digest
 *     incoming/                                 files on their way to one of these names
 *
 * No part of a repository's name begins with an underscore. Bytes that nothing refers to any more stay.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../server/error-code.ts'
import { compareTags } from './names.ts'

export interface ContentStore {
  /** `null`: this repository has no such blob. */
  findBlob(repository: string, digest: string): Promise<{ file: string; size: number } | null>
  /** Makes a blob of the file, which is gone afterwards. */
  keepBlob(repository: string, digest: string, file: string): Promise<void>
  /** Makes a blob of another repository one of this too; `false` when that has none. */
  mountBlob(repository: string, digest: string, from: string): Promise<boolean>
  findManifest(repository: string, digest: string): Promise<{ mediaType: string; bytes: Buffer } | null>
  keepManifest(repository: string, digest: string, manifest: { mediaType: string; bytes: Buffer }): Promise<void>
  /** With the tags that lead to it; `false` when there is none. */
  dropManifest(repository: string, digest: string): Promise<boolean>
  tagDigest(repository: string, tag: string): Promise<string | null>
  setTag(repository: string, tag: string, digest: string): Promise<void>
  dropTag(repository: string, tag: string): Promise<boolean>
  /** In order; `null` when nothing was ever pushed to this repository. */
  tags(repository: string): Promise<string[] | null>
}

export function openContentStore(folder: string): ContentStore {
  const blobs = join(folder, 'blobs', 'sha256')
  const repositories = join(folder, 'repositories')
  const incoming = join(folder, 'incoming')
  // Half files of a registry that was killed.
  rmSync(incoming, { recursive: true, force: true })
  for (const made of [blobs, repositories, incoming]) mkdirSync(made, { recursive: true })

  const hexOf = (digest: string): string => digest.slice('sha256:'.length)
  const blobFile = (digest: string): string => join(blobs, hexOf(digest))
  const linkFile = (repository: string, kind: '_blobs' | '_manifests', digest: string): string =>
    join(repositories, repository, kind, hexOf(digest))
  const tagFile = (repository: string, tag: string): string => join(repositories, repository, '_tags', tag)

  const write = async (file: string, bytes: string | Uint8Array): Promise<void> => {
    const temporary = join(incoming, randomUUID())
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await mkdir(dirname(file), { recursive: true })
    await rename(temporary, file)
  }

  const hasBlob = async (repository: string, digest: string): Promise<boolean> =>
    (await readOrNull(linkFile(repository, '_blobs', digest))) !== null

  const store: ContentStore = {
    async findBlob(repository, digest) {
      if (!(await hasBlob(repository, digest))) return null
      const file = blobFile(digest)
      return { file, size: (await stat(file)).size }
    },
    async keepBlob(repository, digest, file) {
      await rename(file, blobFile(digest))
      await write(linkFile(repository, '_blobs', digest), '')
    },
    async mountBlob(repository, digest, from) {
      if (!(await hasBlob(from, digest))) return false
      await write(linkFile(repository, '_blobs', digest), '')
      return true
    },
    async findManifest(repository, digest) {
      const mediaType = await readOrNull(linkFile(repository, '_manifests', digest))
      return mediaType === null ? null : { mediaType, bytes: await readFile(blobFile(digest)) }
    },
    async keepManifest(repository, digest, { mediaType, bytes }) {
      await write(blobFile(digest), bytes)
      await write(linkFile(repository, '_manifests', digest), mediaType)
    },
    async dropManifest(repository, digest) {
      // Tags go first: one that leads nowhere is never seen.
      for (const tag of (await store.tags(repository)) ?? [])
        if ((await store.tagDigest(repository, tag)) === digest) await store.dropTag(repository, tag)
      return await remove(linkFile(repository, '_manifests', digest))
    },
    tagDigest: (repository, tag) => readOrNull(tagFile(repository, tag)),
    setTag: (repository, tag, digest) => write(tagFile(repository, tag), digest),
    dropTag: (repository, tag) => remove(tagFile(repository, tag)),
    async tags(repository) {
      const kinds = await namesIn(join(repositories, repository))
      if (!kinds.some(name => name.startsWith('_'))) return null
      return (await namesIn(join(repositories, repository, '_tags'))).sort(compareTags)
    },
  }
  return store
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function remove(file: string): Promise<boolean> {
  try {
    await rm(file)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')
}
