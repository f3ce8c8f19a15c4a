/** Looks for many fixed texts in one pass. */
export interface LiteralSearch {
  /** Calls back with every occurrence (start, end without), overlapping ones included, in the order of their starts. */
  find(text: string, found: (start: number, end: number, literal: string) => void): void
  /** Whether one of them occurs. */
  test(text: string): boolean
}

const HASH_BITS = 16
const HASH_SIZE = 1 << HASH_BITS
/** Shorter windows are passed faster by blocks of two characters, which let them shift by one more. */
const LEAST_WINDOW_OF_THREE = 5
const MOST_SHIFT = 255

/**
 * A search after Wu and Manber (TR-94-17, University of Arizona): the last characters of a window as long as the shortest
 * literal say how far the next occurrence is at least, so that most characters are never looked at. Time is linear in the
 * text as long as few literals end alike.
 * @param literals empty ones are left out
 */
export function createLiteralSearch(literals: Iterable<string>): LiteralSearch {
  const wanted = [...new Set(literals)].filter(literal => literal !== '')
  if (wanted.length === 0) return { find: () => undefined, test: () => false }
  const window = wanted.reduce((least, { length }) => Math.min(least, length), Infinity)
  const block = Math.min(window < LEAST_WINDOW_OF_THREE ? 2 : 3, window)
  const shifts = new Uint8Array(HASH_SIZE).fill(Math.min(MOST_SHIFT, window - block + 1))
  const candidates = new Map<number, string[]>()
  for (const literal of wanted) {
    for (let end = block; end <= window; end += 1) {
      const hash = hashBefore(literal, end, block)
      shifts[hash] = Math.min(shifts[hash] ?? 0, window - end)
    }
    const hash = hashBefore(literal, window, block)
    const alike = candidates.get(hash)
    if (alike === undefined) candidates.set(hash, [literal])
    else alike.push(literal)
  }
  /** From the window that ends at `from` on: the end of the next one that a literal may begin, beyond the text for none. */
  const nextWindow = (text: string, from: number): number => {
    let end = from
    while (end <= text.length) {
      const shift = shifts[hashBefore(text, end, block)] ?? 0
      if (shift === 0) return end
      end += shift
    }
    return end
  }
  const literalsAt = (text: string, end: number): string[] =>
    (candidates.get(hashBefore(text, end, block)) ?? []).filter(literal => text.startsWith(literal, end - window))
  return {
    find(text, found) {
      for (let end = nextWindow(text, window); end <= text.length; end = nextWindow(text, end + 1))
        for (const literal of literalsAt(text, end)) found(end - window, end - window + literal.length, literal)
    },
    test(text) {
      for (let end = nextWindow(text, window); end <= text.length; end = nextWindow(text, end + 1))
        if (literalsAt(text, end).length > 0) return true
      return false
    },
  }
}

/** Of the block of characters before `end`. */
function hashBefore(text: string, end: number, block: number): number {
  let hash = text.charCodeAt(end - 1)
  if (block > 1) hash += text.charCodeAt(end - 2) << 5
  if (block > 2) hash += text.charCodeAt(end - 3) << 10
  return (hash ^ (hash >> HASH_BITS)) & (HASH_SIZE - 1)
}
