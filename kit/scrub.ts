import { createLiteralFilter } from './literal-filter.ts'
import { secretForms } from './secret-forms.ts'
import { findSecretShapes, type Span } from './secret-shapes.ts'

export const REPLACEMENT = '***'

/** Shorter values are too common to be looked for inside of other text. */
const LEAST_CHARACTERS = 4

const MOST_ROUNDS = 5

export interface Scrub {
  (text: string): string
  /** Whether `after`, the new text of a file, holds something to hide more often than `before`, its old one. */
  addsSecret(before: string, after: string): boolean
}

/**
 * What all text that leaves by API passes (rule R10): known secrets, whole and by line, also in the encodings that text
 * commonly goes through, and what looks like a credential of GitHub or AWS, a JWT, a PEM block or a URL with user
 * information become `***`. Time is linear in the text. Scrubbing twice changes nothing more.
 * @param secrets values; those under 4 characters are left alone
 */
export function createScrubber(secrets: Iterable<string>): Scrub {
  const literals = new Set<string>()
  const base64 = new Set<string>()
  for (const secret of secrets) {
    const values = [secret, ...secret.split(/[\r\n]+/)].map(value => value.trim())
    for (const value of [secret, ...values]) {
      if (value.trim().length < LEAST_CHARACTERS) continue
      const forms = secretForms(value)
      for (const form of forms.literals) literals.add(form)
      for (const form of forms.base64) base64.add(form)
    }
  }
  const mayHold = createLiteralFilter([...literals, ...base64])
  const spansOf = (text: string, from: 'anywhere' | 'file') => {
    const spans = findSecretShapes(text, from)
    if (!mayHold(text)) return merge(spans)
    for (const literal of literals) find(text, literal, (start, end) => spans.push([start, end]))
    for (const core of base64) find(text, core, (start, end) => spans.push(wholeBase64(text, start, end)))
    return merge(spans)
  }
  const scrub = (text: string) => rounds(text, left => spansOf(left, 'anywhere'))
  const addsSecret = (before: string, after: string) => {
    const balance = new Map<string, number>()
    const count = (text: string, step: number) =>
      rounds(
        text,
        left => spansOf(left, 'file'),
        secret => balance.set(secret, (balance.get(secret) ?? 0) + step),
      )
    count(after, 1)
    if (balance.size > 0) count(before, -1)
    return [...balance.values()].some(more => more > 0)
  }
  return Object.assign(scrub, { addsSecret })
}

/** Blanks again until nothing more is found: what stood beside a secret may have hidden where the next one begins. */
function rounds(
  text: string,
  spansOf: (text: string) => readonly Span[],
  onSecret: (secret: string) => void = () => undefined,
): string {
  let left = text
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const spans = spansOf(left)
    for (const [start, end] of spans) {
      const secret = left.slice(start, end)
      if (secret !== REPLACEMENT) onSecret(secret)
    }
    const blanked = blank(left, spans)
    if (blanked === left) break
    left = blanked
  }
  return left
}

function find(text: string, literal: string, found: (start: number, end: number) => void): void {
  let start = text.indexOf(literal)
  while (start !== -1) {
    let end = start + literal.length
    let next = text.indexOf(literal, start + 1)
    while (next !== -1 && next <= end) {
      end = next + literal.length
      next = text.indexOf(literal, next + 1)
    }
    found(start, end)
    start = next
  }
}

/** The characters beside the core hold bits of the secret's first and last bytes. */
function wholeBase64(text: string, start: number, end: number): Span {
  let from = start
  let to = end
  while (from > 0 && start - from < 3 && /[A-Za-z0-9+/_-]/.test(text[from - 1] ?? '')) from -= 1
  while (to < text.length && to - end < 3 && /[A-Za-z0-9+/_=-]/.test(text[to] ?? '')) to += 1
  return [from, to]
}

/** In order, those that overlap as one. */
function merge(spans: Span[]): Span[] {
  spans.sort((one, other) => one[0] - other[0])
  const merged: Span[] = []
  for (const [start, end] of spans) {
    const last = merged.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

function blank(text: string, spans: readonly Span[]): string {
  let result = ''
  let at = 0
  for (const [start, end] of spans) {
    result += text.slice(at, start) + REPLACEMENT
    at = end
  }
  return result + text.slice(at)
}

/** A scrubber over secrets that may still be registered while the action runs. */
export function createLiveScrubber(secrets: ReadonlySet<string>): Scrub {
  let known = secrets.size
  let scrub = createScrubber(secrets)
  const current = () => {
    if (secrets.size !== known) {
      known = secrets.size
      scrub = createScrubber(secrets)
    }
    return scrub
  }
  return Object.assign((text: string) => current()(text), {
    addsSecret: (before: string, after: string) => current().addsSecret(before, after),
  })
}
