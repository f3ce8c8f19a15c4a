import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fromBufferPromise, type Entry } from 'yauzl'

const fileTypeMask = 0o170000
const symbolicLink = 0o120000

/**
 * Unpacks a zip that somebody else made.
 * @throws for an entry that would land outside of `folder` and for a link, before anything is written
 */
export async function unzip(zip: Buffer, folder: string): Promise<void> {
  const file = await fromBufferPromise(zip, { autoClose: false })
  try {
    const entries: Entry[] = []
    for await (const entry of file.eachEntry()) entries.push(entry)
    const targets = entries.map(entry => [entry, targetOf(entry, folder)] as const)
    mkdirSync(folder, { recursive: true })
    for (const [entry, target] of targets) {
      mkdirSync(entry.fileName.endsWith('/') ? target : dirname(target), { recursive: true })
      if (!entry.fileName.endsWith('/'))
        await pipeline(await file.openReadStreamPromise(entry), createWriteStream(target))
    }
  } finally {
    file.close()
  }
}

function targetOf(entry: Entry, folder: string): string {
  const target = resolve(folder, entry.fileName)
  const isLink = ((entry.externalFileAttributes >>> 16) & fileTypeMask) === symbolicLink
  if (isLink || (target !== folder && !target.startsWith(folder + sep)))
    throw new Error(
      `The artifact holds ${JSON.stringify(entry.fileName)}, which would leave its folder; nothing of it was unpacked`,
    )
  return target
}
