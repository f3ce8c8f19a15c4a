import { secretForms } from './secret-forms.ts'
import { findSecretShapes, type Span } from './secret-shapes.ts'

export const REPLACEMENT = '***'

/** Shorter values are too common to be looked for inside of other text. */
const LEAST_CHARACTERS = 4

const MOST_ROUNDS = 5

export type Scrub = (text: string) => string

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
  const once = (text: string) => {
    const spans = findSecretShapes(text)
    for (const literal of literals) find(text, literal, (start, end) => spans.push([start, end]))
    for (const core of base64) find(text, core, (start, end) => spans.push(wholeBase64(text, start, end)))
    return blank(text, spans)
  }
  return text => {
    let scrubbed = once(text)
    // What stood beside a secret may have hidden where the next one begins.
    for (let before = text, round = 1; scrubbed !== before && round < MOST_ROUNDS; round += 1) {
      before = scrubbed
      scrubbed = once(before)
    }
    return scrubbed
  }
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

function blank(text: string, spans: Span[]): string {
  if (spans.length === 0) return text
  spans.sort((one, other) => one[0] - other[0])
  let result = ''
  let at = 0
  let index = 0
  while (index < spans.length) {
    const [start, firstEnd] = spans[index] ?? [0, 0]
    let end = firstEnd
    for (index += 1; index < spans.length && (spans[index]?.[0] ?? 0) < end; index += 1)
      end = Math.max(end, spans[index]?.[1] ?? 0)
    result += text.slice(at, start) + REPLACEMENT
    at = end
  }
  return result + text.slice(at)
}

/** A scrubber over secrets that may still be registered while the action runs. */
export function createLiveScrubber(secrets: ReadonlySet<string>): Scrub {
  let known = secrets.size
  let scrub = createScrubber(secrets)
  return text => {
    if (secrets.size !== known) {
      known = secrets.size
      scrub = createScrubber(secrets)
    }
    return scrub(text)
  }
}
