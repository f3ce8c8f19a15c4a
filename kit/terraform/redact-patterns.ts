import { lines, Unusable, type Parser } from '../inputs.ts'

/**
 * Regular expressions for what is hidden besides what is known to be sensitive, one per line (JavaScript, without flags).
 * Refused is what matches the empty text, and what could take exponential time: a repeated part must match along one path
 * only, so it holds no other repetition, no alternative and no back-reference. Then the number of ways through a text is a
 * polynomial of its length. What is only slow in that way, such as `a*a*a*b`, is not refused.
 */
export const redactPatterns: Parser<readonly RegExp[]> = {
  parse: raw => lines.parse(raw).map(readPattern),
}

function readPattern(line: string): RegExp {
  let pattern: RegExp
  try {
    pattern = new RegExp(line, 'g')
  } catch {
    throw new Unusable(`${JSON.stringify(line)} is not a regular expression`, 'Give one JavaScript pattern a line')
  }
  if (shapeOf(line).least === 0 || new RegExp(line).test(''))
    throw new Unusable(
      `${JSON.stringify(line)} matches the empty text`,
      'Ask for at least one character, such as "x+" for "x*"',
    )
  return pattern
}

/** What a part of a pattern matches. */
interface Shape {
  /** Fewest characters. */
  readonly least: number
  /** There is one way only to match a text with it. */
  readonly isOnePath: boolean
}

const CHARACTER: Shape = { least: 1, isOnePath: true }
const NOTHING: Shape = { least: 0, isOnePath: true }

const ATOM =
  /\\(?:([1-9]\d*|k<\w+>)|([bB])|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|c[A-Za-z]|[^])|\[(?:\\[^]|[^\]\\])*\]|([$^])|[^]/y
const GROUP = /\((?:\?(?:([:])|(<?[=!])|<\w+>|[a-z-]+:))?/y
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y

/** @throws Unusable when a part that is repeated can be matched in several ways */
function shapeOf(pattern: string): Shape {
  let at = 0
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = at
    const match = token.exec(pattern)
    if (match !== null) at = token.lastIndex
    return match
  }

  function alternatives(): Shape {
    const shapes = [sequence()]
    while (pattern[at] === '|') {
      at += 1
      shapes.push(sequence())
    }
    const [only] = shapes
    if (only !== undefined && shapes.length === 1) return only
    return { least: Math.min(...shapes.map(({ least }) => least)), isOnePath: false }
  }

  function sequence(): Shape {
    let shape = NOTHING
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const part = repeated(atom())
      shape = { least: shape.least + part.least, isOnePath: shape.isOnePath && part.isOnePath }
    }
    return shape
  }

  function atom(): Shape {
    const group = take(GROUP)
    if (group !== null) {
      const inner = alternatives()
      at += 1
      return group[2] === undefined ? inner : { ...inner, least: 0 }
    }
    const [, reference, boundary, anchor] = take(ATOM) ?? []
    if (reference !== undefined) return { least: 0, isOnePath: false }
    return boundary === undefined && anchor === undefined ? CHARACTER : NOTHING
  }

  function repeated(shape: Shape): Shape {
    const match = take(QUANTIFIER)
    if (match === null) return shape
    const [, sign, from, comma, to] = match
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0
    const most =
      sign === undefined
        ? comma === undefined
          ? least
          : to === '' || to === undefined
            ? Infinity
            : Number(to)
        : sign === '?'
          ? 1
          : Infinity
    if (most > 1 && !shape.isOnePath)
      throw new Unusable(
        `${JSON.stringify(pattern)} may take for ever: before ${JSON.stringify(match[0])} it repeats what can match in several ways`,
        'Repeat only what has one way to match: no other repetition, "?", "|" or back-reference inside; "[ab]+" for "(a|b)+"',
      )
    return { least: shape.least * least, isOnePath: shape.isOnePath && least === most }
  }

  return alternatives()
}
