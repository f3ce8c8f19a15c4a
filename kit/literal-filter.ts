const PREFIX = 4
const TABLE_SIZE = 65_536

/** In a long text each literal is found as fast by itself. UTF-16 units. */
const LONGEST_TEXT = 4_096

/**
 * Says in one pass over a text whether one of many literals may be in it. A few secrets have a thousand forms, and most texts
 * hold none: looking for each form in each text would be most of the time of a report.
 * @returns false only when none of them is in the text
 */
export function createLiteralFilter(literals: Iterable<string>): (text: string) => boolean {
  const prefixes = new Set<string>()
  const table = new Uint8Array(TABLE_SIZE)
  for (const literal of literals) {
    if (literal.length < PREFIX) return () => true
    prefixes.add(literal.slice(0, PREFIX))
    table[hashAt(literal, 0)] = 1
  }
  return text => {
    if (text.length > LONGEST_TEXT) return true
    for (let at = 0; at + PREFIX <= text.length; at += 1)
      if (table[hashAt(text, at)] === 1 && prefixes.has(text.slice(at, at + PREFIX))) return true
    return false
  }
}

function hashAt(text: string, at: number): number {
  const high = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)
  return (high * 961 + text.charCodeAt(at + 2) * 31 + text.charCodeAt(at + 3)) % TABLE_SIZE
}
