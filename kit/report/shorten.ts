import { numeral } from './count.ts'
/** The first `limit` UTF-16 units at most, `…` for what went; never half a character. */
export function shortenEnd(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${wholeEnd(text, limit - 1)}…`
}

/** A long value cut in its middle, with its length: `abc…xyz (1,234 characters)`. `limit` is for what is kept of the value. */
export function shortenMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text
  const head = wholeEnd(text, Math.ceil((limit - 1) / 2))
  let start = text.length - Math.floor((limit - 1) / 2)
  if (isLowSurrogate(text.charCodeAt(start))) start += 1
  return `${head}…${text.slice(start)} (${numeral(Array.from(text).length)} characters)`
}

function wholeEnd(text: string, length: number): string {
  const end = Math.max(0, length)
  return text.slice(0, isLowSurrogate(text.charCodeAt(end)) ? Math.max(0, end - 1) : end)
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
