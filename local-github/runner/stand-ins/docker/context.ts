import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { LayerEntry } from './layer.ts'

/** All of a context is in memory at once. */
const limitBytes = 512 * 1024 * 1024
const noBytes = Buffer.alloc(0)

/**
 * What of a folder goes into the image: everything that is not ignored, and the folders that it lies in.
 * @throws Error when it is too large, or holds what no image can
 */
export function readContext(folder: string, isIgnored: (path: string) => boolean): LayerEntry[] {
  const entries: LayerEntry[] = []
  let size = 0
  const read = (path: string, stats: Stats): LayerEntry | undefined => {
    const file = join(folder, path)
    const common = { path, isExecutable: (stats.mode & 0o100) !== 0, bytes: noBytes, target: '' }
    if (stats.isSymbolicLink()) return { ...common, kind: 'link', target: readlinkSync(file) }
    if (!stats.isFile()) throw new Error(`the context holds ${path}, which is no file, folder or link`)
    size += stats.size
    if (size > limitBytes)
      throw new Error(
        `the context has more than ${limitBytes / 1024 ** 2} MiB: name what is not needed in .dockerignore`,
      )
    return { ...common, kind: 'file', bytes: readFileSync(file) }
  }
  const walk = (at: string): LayerEntry[] => {
    const found: LayerEntry[] = []
    for (const name of readdirSync(join(folder, at))) {
      const path = at === '' ? name : `${at}/${name}`
      const stats = lstatSync(join(folder, path))
      if (stats.isDirectory()) {
        const within = walk(path)
        const own: LayerEntry = { path, kind: 'folder', isExecutable: true, bytes: noBytes, target: '' }
        // A rule with "!" may bring back what lies in a folder that is ignored.
        if (within.length > 0 || !isIgnored(path)) found.push(own, ...within)
      } else if (!isIgnored(path)) {
        const entry = read(path, stats)
        if (entry !== undefined) found.push(entry)
      }
    }
    return found
  }
  entries.push(...walk(''))
  return entries
}
