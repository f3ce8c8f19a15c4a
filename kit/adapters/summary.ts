import { appendFile, stat } from 'node:fs/promises'
import type { Log, Summary } from '../ports.ts'
import { fit } from '../report/budget.ts'
import { LIMITS } from '../report/limits.ts'

const ENDING = '_The rest did not fit into the step summary._'

/** The step's summary file; what other programs of the step wrote to it counts too (rule R19). */
export function fileSummary(path: string | undefined, log: Log): Summary {
  const remaining = async () => {
    if (path === undefined) return LIMITS.summaryBytes
    const written = await stat(path).then(
      file => file.size,
      () => 0,
    )
    return Math.max(0, LIMITS.summaryBytes - written - 1)
  }
  return {
    remaining,
    async write(markdown) {
      if (path === undefined) {
        log.debug('there is no step summary to write to')
        return
      }
      const room = await remaining()
      if (room < Buffer.byteLength(ENDING)) {
        log.warning('the step summary is full: the report was left out')
        return
      }
      await appendFile(path, `${fit([() => markdown], { bytes: room, characters: Infinity }, ENDING)}\n`)
    },
  }
}
