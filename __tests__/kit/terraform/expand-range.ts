const RANGE = /\[(?:(\d+)…(\d+)|"((?:[^"\\]|\\.)*?)(\d+)"…"((?:[^"\\]|\\.)*?)(\d+)")\]/s

/** The addresses that a range stands for, by its definition alone; shares nothing with what makes ranges. */
export function expandRange(text: string): string[] {
  const match = RANGE.exec(text)
  if (match === null) return [text]
  const [whole, low, high, prefix = '', first, otherPrefix, last] = match
  if (low === undefined && prefix !== otherPrefix) throw new Error(`two texts before the numbers of ${text}`)
  const from = low ?? first ?? ''
  const to = high ?? last ?? ''
  if (Number(from) >= Number(to)) throw new Error(`${text} goes nowhere`)
  const before = text.slice(0, match.index)
  const after = text.slice(match.index + whole.length)
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => {
    const digits = String(Number(from) + index)
    const shown = from.length === to.length ? digits.padStart(from.length, '0') : digits
    return `${before}[${low === undefined ? `"${prefix}${shown}"` : shown}]${after}`
  }).flatMap(expandRange)
}
