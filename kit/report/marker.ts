/** What the first line of a sticky comment says: whose it is, and which run wrote it. */
export interface Marker {
  /** The action: `[a-z0-9]` words with `-` between. */
  readonly action: string
  readonly key: string
  readonly runId: number
  readonly runAttempt: number
}

const LINE =
  /^<!-- slipway:([a-z0-9]+(?:-[a-z0-9]+)*) key=((?:[A-Za-z0-9._]|%[0-9A-F]{2})*) run=(\d{1,15}) attempt=(\d{1,9}) -->$/

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
  const line = `<!-- slipway:${marker.action} key=${key} run=${marker.runId} attempt=${marker.runAttempt} -->`
  if (!LINE.test(line)) throw new RangeError(`"${marker.action}" cannot mark a comment`)
  return line
}

/** The marker of a body, when its first line is one and nothing else. */
export function parseMarker(body: string): Marker | undefined {
  const match = LINE.exec(body.slice(0, body.indexOf('\n') === -1 ? undefined : body.indexOf('\n')).replace(/\r$/, ''))
  if (match === null) return undefined
  const [, action = '', key = '', runId, runAttempt] = match
  try {
    return { action, key: decodeURIComponent(key), runId: Number(runId), runAttempt: Number(runAttempt) }
  } catch {
    return undefined
  }
}

/** Whether `one` was written by a later run, or a later attempt of the same run, than `other`. */
export function isNewer(one: Marker, other: Marker): boolean {
  return one.runId > other.runId || (one.runId === other.runId && one.runAttempt > other.runAttempt)
}

export function isSameComment(one: Marker, other: Marker): boolean {
  return one.action === other.action && one.key === other.key.toWellFormed()
}
