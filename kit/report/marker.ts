/** What the first line of a sticky comment says: whose it is, and which run wrote it. */
export interface Marker {
  /** The action: `[a-z0-9]` words with `-` between. */
  readonly action: string
  readonly key: string
  readonly runId: number
  readonly runAttempt: number
  /** Which of the comments that continue each other, from 2 on; the first bears none. */
  readonly part?: number
}

const LINE =
  /^<!-- slipway:([a-z0-9]+(?:-[a-z0-9]+)*) key=((?:[A-Za-z0-9._]|%[0-9A-F]{2})*) run=(\d{1,15}) attempt=(\d{1,9})(?: part=(\d{1,4}))? -->$/

/** What a line may grow by with `part`. */
export const LONGEST_PART = 9_999

/**
 * The marker as an HTML comment on one line. The key is percent-encoded, `-` and `>` too, so that nothing in it ends the
 * comment (rule R2).
 * @throws RangeError when the action is no name
 */
export function formatMarker(marker: Marker): string {
  const key = encodeURIComponent(marker.key.toWellFormed()).replace(
    /[-!'()*~]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const part = marker.part === undefined ? '' : ` part=${marker.part}`
  const line = `<!-- slipway:${marker.action} key=${key} run=${marker.runId} attempt=${marker.runAttempt}${part} -->`
  if (!LINE.test(line)) throw new RangeError(`"${marker.action}" cannot mark a comment`)
  return line
}

/** The marker of a body, when its first line is one and nothing else. */
export function parseMarker(body: string): Marker | undefined {
  const match = LINE.exec(body.slice(0, body.indexOf('\n') === -1 ? undefined : body.indexOf('\n')).replace(/\r$/, ''))
  if (match === null) return undefined
  const [, action = '', key = '', runId, runAttempt, part] = match
  try {
    return {
      ...{ action, key: decodeURIComponent(key), runId: Number(runId), runAttempt: Number(runAttempt) },
      ...(part === undefined ? {} : { part: Number(part) }),
    }
  } catch {
    return undefined
  }
}

/** Whether `one` was written by a later run, or a later attempt of the same run, than `other`. */
export function isNewer(one: Marker, other: Marker): boolean {
  return one.runId > other.runId || (one.runId === other.runId && one.runAttempt > other.runAttempt)
}

export function isSameComment(one: Marker, other: Marker): boolean {
  return isSameReport(one, other) && one.part === other.part
}

/** Whether both mark comments of one report, which may be several. */
export function isSameReport(one: Marker, other: Marker): boolean {
  return one.action === other.action && one.key === other.key.toWellFormed()
}
