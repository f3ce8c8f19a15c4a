import { appendFile, stat } from 'node:fs/promises'
import type { Summary } from '../ports.ts'

/** GitHub drops the whole summary of a step when it is larger. */
export const SUMMARY_LIMIT_BYTES = 1024 * 1024

/** The step's summary file; what other programs of the step wrote to it counts too (rule R19). */
export function fileSummary(path: string, shorten: (markdown: string, maxBytes: number) => string): Summary {
  const remaining = async () => {
    const written = await stat(path).then(
      file => file.size,
      () => 0,
    )
    return Math.max(0, SUMMARY_LIMIT_BYTES - written)
  }
  return {
    remaining,
    async write(markdown) {
      const room = (await remaining()) - 1
      if (room <= 0) return
      const fitting = Buffer.byteLength(markdown) <= room ? markdown : shorten(markdown, room)
      if (fitting !== '') await appendFile(path, `${fitting.trimEnd()}\n`)
    },
  }
}
