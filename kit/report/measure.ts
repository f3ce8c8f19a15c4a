import type { Budget } from '../ports.ts'

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/

/** UTF-8 bytes and Unicode code points. */
export function measure(text: string): Budget {
  const bytes = Buffer.byteLength(text)
  let characters = text.length
  if (bytes === characters || !PAIR.test(text)) return { bytes, characters }
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        characters -= 1
        index += 1
      }
    }
  }
  return { bytes, characters }
}

export function fits(text: string, budget: Budget): boolean {
  if (Buffer.byteLength(text) > budget.bytes) return false
  // Never more code points than UTF-16 units: mostly they need not be counted.
  return text.length <= budget.characters || measure(text).characters <= budget.characters
}
