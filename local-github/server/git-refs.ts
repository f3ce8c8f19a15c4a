/**
 * Reads refs where git keeps them (gitrepository-layout): a file each, else a line of packed-refs. A process for each
 * look would be most of the server's work; writing is left to git, which locks.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './error-code.ts'

const shaPattern = /^[0-9a-f]{40}$/

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return null
    throw error
  }
}

async function packedRefs(folder: string): Promise<Map<string, string>> {
  const text = (await readText(join(folder, 'packed-refs'))) ?? ''
  const lines = text.split('\n').filter(line => shaPattern.test(line.slice(0, 40)))
  return new Map(lines.map(line => [line.slice(41), line.slice(0, 40)]))
}

const isSafe = (ref: string): boolean =>
  ref.startsWith('refs/') && !ref.split('/').includes('..') && !ref.includes('\0')

/** What a full ref holds; null when it does not exist. */
export async function readRef(folder: string, ref: string): Promise<string | null> {
  if (!isSafe(ref)) return null
  const loose = (await readText(join(folder, ref)))?.trim()
  if (loose !== undefined && shaPattern.test(loose)) return loose
  return (await packedRefs(folder)).get(ref) ?? null
}

/** Full ref name → SHA of those under a prefix that ends in a slash, in the order of their names. */
export async function readRefs(folder: string, prefix: string): Promise<Map<string, string>> {
  const found = new Map([...(await packedRefs(folder))].filter(([ref]) => ref.startsWith(prefix)))
  for (const ref of await looseRefs(folder, prefix.replace(/\/$/, ''))) {
    const sha = (await readText(join(folder, ref)))?.trim() ?? ''
    if (shaPattern.test(sha)) found.set(ref, sha)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function looseRefs(folder: string, under: string): Promise<string[]> {
  const entries = await readdir(join(folder, under), { withFileTypes: true }).catch(() => [])
  const nested = await Promise.all(
    entries.map(async entry => {
      const ref = `${under}/${entry.name}`
      if (entry.isDirectory()) return looseRefs(folder, ref)
      return entry.name.endsWith('.lock') ? [] : [ref]
    }),
  )
  return nested.flat()
}
