import { cut } from './cut.ts'
import { LIMITS } from './limits.ts'

const ENDING = '*Shortened: a step’s summary has room for 1 MiB. The whole is in the log.*'

/**
 * What of `markdown` may still be appended to a step's summary; empty when nothing may. GitHub drops the summary as a
 * whole when the step's total is over 1 MiB.
 * @param writtenBytes what the step's summary file has already, by whomever
 */
export function fitSummary(markdown: string, writtenBytes: number): string {
  return shortenSummary(markdown, LIMITS.summaryBytes - writtenBytes - 2)
}

/** `markdown` in at most `maxBytes` UTF-8 bytes; empty when there is not even room to say that it was cut. */
export function shortenSummary(markdown: string, maxBytes: number): string {
  if (Buffer.byteLength(markdown) <= maxBytes) return markdown
  if (maxBytes < Buffer.byteLength(ENDING) + 2) return ''
  return cut(markdown, { bytes: maxBytes, characters: Infinity }, ENDING)
}
