import { createLiteralSearch } from './literal-search.ts'
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

/** Whose secrets are known from the start. */
export interface FixedScrub extends Scrub {
  /** The same, which hides besides what `findMore` finds. */
  extended(findMore: FindMore): FixedScrub
}

type FindMore = (text: string) => readonly Span[]

export interface ScrubOptions {
  /** Shorter values, and shorter lines of values, are left alone. 4 when not given. */
  readonly leastCharacters?: number
  /** Finds more that is to be hidden. */
  readonly findMore?: FindMore
}

/**
 * What all text that leaves by API passes (rule R10): known secrets, whole, by line and indented anew, also in the encodings
 * that text commonly goes through, and what looks like a credential of GitHub or AWS, a JWT, a PEM block or a URL with user
 * information become `***`. Time is linear in the text. Scrubbing twice changes nothing more.
 */
export function createScrubber(secrets: Iterable<string>, options: ScrubOptions = {}): FixedScrub {
  const { leastCharacters = LEAST_CHARACTERS, findMore = () => [] } = options
  return scrubberOf(secretFinder(secrets, leastCharacters), findMore)
}

function scrubberOf(findSecrets: (text: string, spans: Span[]) => void, findMore: FindMore): FixedScrub {
  const spansOf = (text: string, from: 'anywhere' | 'file') => {
    const spans = findSecretShapes(text, from)
    findSecrets(text, spans)
    return merge(spans.concat(findMore(text)))
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
  const extended = (findEvenMore: FindMore) =>
    scrubberOf(findSecrets, text => [...findMore(text), ...findEvenMore(text)])
  return Object.assign(scrub, { addsSecret, extended })
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
    if (spans.length === 0) break
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

/** Finds known values in all their forms. */
function secretFinder(secrets: Iterable<string>, leastCharacters: number): (text: string, spans: Span[]) => void {
  const literals = new Set<string>()
  const base64 = new Set<string>()
  const blocks = new Set<string>()
  for (const secret of secrets) {
    const lines = secret.split(/[\r\n]+/).map(line => line.trim())
    for (const value of [secret, secret.trim(), ...lines]) {
      if (value.trim().length < leastCharacters) continue
      const forms = secretForms(value)
      for (const form of forms.literals) literals.add(form)
      for (const form of forms.base64) base64.add(form)
    }
    const block = secret.trim().replace(WHITE_SPACE, ' ')
    if (lines.length > 1 && block.length >= leastCharacters) blocks.add(block)
  }
  const ofForms = createLiteralSearch([...literals, ...base64])
  const ofBlocks = createLiteralSearch(blocks)
  return (text, spans) => {
    ofForms.find(text, (start, end, form) =>
      spans.push(base64.has(form) ? wholeBase64(text, start, end) : [start, end]),
    )
    if (blocks.size > 0 && text.includes('\n')) {
      const { collapsed, at } = collapse(text)
      ofBlocks.find(collapsed, (start, end) => spans.push([at[start] ?? 0, (at[end - 1] ?? 0) + 1]))
    }
  }
}

const WHITE_SPACE = /\s+/g

/** A text with one blank for all white space in a row, so that indentation plays no part; `at`: where each character was. */
function collapse(text: string): { collapsed: string; at: readonly number[] } {
  let collapsed = ''
  const at: number[] = []
  let from = 0
  const keep = (to: number) => {
    collapsed += text.slice(from, to)
    for (let index = from; index < to; index += 1) at.push(index)
  }
  for (const match of text.matchAll(WHITE_SPACE)) {
    keep(match.index)
    collapsed += ' '
    at.push(match.index)
    from = match.index + match[0].length
  }
  keep(text.length)
  return { collapsed, at }
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
  let scrub: Scrub = createScrubber(secrets)
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
