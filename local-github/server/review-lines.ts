/** Which lines of a change can be commented on: those that its patch shows. Pure. */
export type Side = 'LEFT' | 'RIGHT'

export interface CommentedLine {
  readonly line: number
  readonly side: Side
  /** The hunk from its `@@` to the line. */
  readonly hunk: string
  /** Lines below the patch's first `@@`. */
  readonly position: number
}

interface Place {
  readonly left: number | null
  readonly right: number | null
  readonly hunkStart: number
  readonly index: number
}

const hunkHead = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/

function placesOf(lines: readonly string[]): Place[] {
  const places: Place[] = []
  let [left, right, hunkStart] = [0, 0, 0]
  lines.forEach((line, index) => {
    const [head, from = '0', to = '0'] = hunkHead.exec(line) ?? []
    if (head !== undefined) [left, right, hunkStart] = [Number(from), Number(to), index]
    else if (line.startsWith('+')) places.push({ left: null, right: right++, hunkStart, index })
    else if (line.startsWith('-')) places.push({ left: left++, right: null, hunkStart, index })
    else if (line.startsWith(' ')) places.push({ left: left++, right: right++, hunkStart, index })
  })
  return places
}

const described = (lines: readonly string[], place: Place, line: number, side: Side): CommentedLine => ({
  line,
  side,
  hunk: lines.slice(place.hunkStart, place.index + 1).join('\n'),
  position: place.index,
})

/** Null where the patch does not show that line. */
export function lineInPatch(patch: string, line: number, side: Side): CommentedLine | null {
  const lines = patch.split('\n')
  const place = placesOf(lines).find(one => (side === 'LEFT' ? one.left : one.right) === line)
  return place ? described(lines, place, line, side) : null
}

/** The same by the older way of counting. */
export function lineAtPosition(patch: string, position: number): CommentedLine | null {
  const lines = patch.split('\n')
  const place = placesOf(lines).find(one => one.index === position)
  if (!place) return null
  return place.right === null
    ? described(lines, place, place.left ?? 0, 'LEFT')
    : described(lines, place, place.right, 'RIGHT')
}
