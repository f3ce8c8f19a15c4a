import { constants, unzipSync } from 'node:zlib'
import type { Span } from '../secret-shapes.ts'

/** Fewer characters of base64 hold less than a secret and what surrounds it. */
const SHORTEST_RUN = 24
const DEEPEST = 3
const MOST_UNPACKED_BYTES = 4 * 1024 * 1024
/** Of all texts together; what comes after them is hidden unread. */
const MOST_UNPACKED_BYTES_TOGETHER = 64 * 1024 * 1024

/** By character: whether it is one of base64 or base64url. */
const IS_BASE64 = Uint8Array.from({ length: 128 }, (_, character) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(character)) ? 1 : 0,
)

/**
 * Finds base64 and hexadecimal digits in texts whose bytes, unpacked where they are gzip or zlib, hold a secret, also base64
 * in base64 (`user_data`).
 * What cannot be looked into within 4 MiB, or within 64 MiB for all texts together, is taken for secret.
 * @param holdsSecret whether a text holds a secret as it is
 */
export function packedFinder(holdsSecret: (text: string) => boolean): (text: string) => readonly Span[] {
  let left = MOST_UNPACKED_BYTES_TOGETHER

  function isSecret(run: string, depth: number): boolean {
    return decoded(run).some(packed => {
      const bytes = unpack(packed)
      if (bytes === undefined) return true
      const text = bytes.toString('utf8')
      return (
        holdsSecret(text) ||
        (depth < DEEPEST && base64Runs(text).some(([start, end]) => isSecret(text.slice(start, end), depth + 1)))
      )
    })
  }

  /** `undefined` when it is too large. */
  function unpack(bytes: Buffer): Buffer | undefined {
    if (!isCompressed(bytes)) return bytes
    const maxOutputLength = Math.min(MOST_UNPACKED_BYTES, left)
    if (maxOutputLength <= 0) return undefined
    try {
      // Also what was cut.
      const unpacked = unzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })
      left -= unpacked.length
      return unpacked
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return bytes
      left -= maxOutputLength
      return undefined
    }
  }

  return text => {
    const runs = base64Runs(text)
    return [...runs, ...wrappedRuns(text, runs)].filter(([start, end]) => isSecret(text.slice(start, end), 1))
  }
}

/** Hexadecimal digits are characters of base64, too. */
function decoded(run: string): readonly Buffer[] {
  const base64 = Buffer.from(run, 'base64')
  const [, digits] = /^(?:0x)?((?:[\da-f]{2})+)$/i.exec(run.replaceAll(/\s/g, '')) ?? []
  return digits === undefined ? [base64] : [base64, Buffer.from(digits, 'hex')]
}

/** As gzip (https://www.rfc-editor.org/rfc/rfc1952) or zlib (https://www.rfc-editor.org/rfc/rfc1950). */
function isCompressed(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes
  return (first === 0x1f && second === 0x8b) || (first === 0x78 && (first * 256 + second) % 31 === 0)
}

/** The next line of base64 that is broken into lines (https://www.rfc-editor.org/rfc/rfc2045#section-6.8), indented or not. */
const NEXT_LINE = /[ \t]*\r?\n[ \t]*([A-Za-z0-9+/_-]+={0,2})(?=[ \t]*(?:\r?\n|$))/y

/** Runs that go on over lines of the same length, of which the last may be shorter; a decoder passes over the breaks. */
function wrappedRuns(text: string, runs: readonly Span[]): Span[] {
  const wrapped: Span[] = []
  let from = 0
  for (const [start, end] of runs) {
    if (start < from) continue
    from = end
    for (let line = nextLine(text, from); line !== undefined && line.length <= end - start;) {
      from = line.end
      line = line.length === end - start ? nextLine(text, from) : undefined
    }
    if (from > end) wrapped.push([start, from])
  }
  return wrapped
}

function nextLine(text: string, from: number): { readonly length: number; readonly end: number } | undefined {
  NEXT_LINE.lastIndex = from
  const [, line] = NEXT_LINE.exec(text) ?? []
  return line === undefined ? undefined : { length: line.length, end: NEXT_LINE.lastIndex }
}

/** Runs of characters of base64 with their padding; most characters between them are never looked at. */
function base64Runs(text: string): Span[] {
  const runs: Span[] = []
  const isBase64 = (index: number) => IS_BASE64[text.charCodeAt(index)] === 1
  let from = 0
  for (let probe = SHORTEST_RUN - 1; probe < text.length;) {
    if (!isBase64(probe)) {
      from = probe + 1
      probe += SHORTEST_RUN
      continue
    }
    let start = probe
    while (start > from && isBase64(start - 1)) start -= 1
    let end = probe + 1
    while (end < text.length && isBase64(end)) end += 1
    if (end - start >= SHORTEST_RUN) {
      while (text[end] === '=') end += 1
      runs.push([start, end])
    }
    from = end
    probe = end + SHORTEST_RUN - 1
  }
  return runs
}
