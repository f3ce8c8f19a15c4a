import { createLiteralSearch } from './literal-search.ts'

/** From, up to but without. */
export type Span = [start: number, end: number]

/**
 * Each has one place only at which a match can begin in a run of the same characters, so that time stays linear. `\\?`
 * and `&#8203;` stand where our own Markdown escapes may have come in between.
 */
const TOKENS: readonly RegExp[] = [
  /ghs\\?_[A-Za-z0-9._\\-]{20,}/g,
  /gh[pour]\\?_[A-Za-z0-9_\\]{20,}/g,
  /github\\?_pat\\?_[A-Za-z0-9_\\]{20,}/g,
  /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{80,}/g,
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_\\-]{6,}\.[A-Za-z0-9_\\-]{4,}\.[A-Za-z0-9_\\-]*/g,
]
const AWS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g
const AWS_SECRET_NAME = /secret.{0,3}access.{0,3}key/gi
const AWS_SECRET = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g
const AWS_NEAR_CHARACTERS = 400
const USER_INFORMATION = /:(?:&#8203;)?\/\/((?:&#\d{1,6};|[^\s/?#@"'<>]){1,512}@)/g
const NAME = '[A-Za-z_][A-Za-z0-9_]*'
const BRACED = `\\$\\{${NAME}(?::?-)?\\}`
/** Under 32 characters, where keys begin that services take as a user's name. */
const USER = '[A-Za-z0-9_.-]{0,31}'
const USER_OR_DEFAULT = `(?:${USER}|\\$\\{${NAME}(?::?-${USER})?\\}|\\$${NAME})`
const VARIABLE = new RegExp(`^(?:${USER_OR_DEFAULT}:)?${BRACED}$`)
const VARIABLE_IN_FILE = new RegExp(`^(?:${USER_OR_DEFAULT}:)?(?:${BRACED}|\\$${NAME})$`)
const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{1,40}-----/g
const PEM_LINE = /^[\s>|+\-"'`\\!]*(?:[A-Za-z0-9+/=]+[\s"'`,\\]*$|[A-Za-z0-9+/=]{16,}|(?:Proc-Type|DEK-Info):)/

/** Words of which every shape has one. */
const HINTS = createLiteralSearch([
  ...[
    'ghs',
    'gho',
    'ghp',
    'ghu',
    'ghr',
    'github',
    'xox',
    'IQoJ',
    'FwoG',
    'FQoG',
    'eyJ',
    'AKIA',
    'ASIA',
    '://',
    '8203;//',
  ],
  ...['-----BEGIN', ...anyCase('sec')],
])

/** `ab`, `aB`, `Ab`, `AB`. */
export function anyCase(word: string): string[] {
  return [...word].reduce<string[]>(
    (words, letter) => words.flatMap(start => [start + letter.toLowerCase(), start + letter.toUpperCase()]),
    [''],
  )
}

/**
 * Where `text` has what looks like a credential. In no order; spans may overlap. A variable in the place of a URL's password
 * is none: `${NAME}`, and without braces in a file only. What a program printed may be a password that begins with `$`.
 */
export function findSecretShapes(text: string, from: 'anywhere' | 'file'): Span[] {
  const spans: Span[] = []
  if (!HINTS.test(text)) return spans
  for (const token of TOKENS) for (const match of text.matchAll(token)) spans.push(spanOf(match))
  const variable = from === 'file' ? VARIABLE_IN_FILE : VARIABLE
  for (const match of text.matchAll(USER_INFORMATION)) {
    const end = match.index + match[0].length
    const start = end - (match[1]?.length ?? 0)
    if (!variable.test(text.slice(start, end - 1))) spans.push([start, end - 1])
  }
  return [...spans, ...awsKeys(text), ...pemBlocks(text)]
}

function spanOf(match: RegExpExecArray): Span {
  return [match.index, match.index + match[0].length]
}

function awsKeys(text: string): Span[] {
  const ids = [...text.matchAll(AWS_KEY_ID)].map(spanOf)
  const near = [...ids, ...[...text.matchAll(AWS_SECRET_NAME)].map(spanOf)].sort((one, other) => one[0] - other[0])
  if (near.length === 0) return ids
  const secrets = [...text.matchAll(AWS_SECRET)].filter(([key]) => !/^[0-9a-f]{40}$/.test(key)).map(spanOf)
  let index = 0
  return [
    ...ids,
    ...secrets.filter(([start, end]) => {
      while (index < near.length && (near[index]?.[1] ?? 0) < start - AWS_NEAR_CHARACTERS) index += 1
      return near[index] !== undefined && (near[index]?.[0] ?? 0) <= end + AWS_NEAR_CHARACTERS
    }),
  ]
}

function pemBlocks(text: string): Span[] {
  const begins = [...text.matchAll(PEM_BEGIN)].map(spanOf)
  return begins.map(([start, bodyStart], index) => {
    const limit = begins[index + 1]?.[0] ?? text.length
    const body = text.slice(bodyStart, limit)
    const end = /-----END [A-Z0-9 ]{1,40}-----/.exec(body)
    return [start, bodyStart + (end === null ? unfinished(body) : end.index + end[0].length)]
  })
}

/** A block without its end: the lines that look like its content. */
function unfinished(body: string): number {
  let length = 0
  for (const [index, line] of body.split('\n').entries()) {
    if (index > 0 && line.trim() !== '' && !PEM_LINE.test(line)) break
    length += line.length + 1
  }
  return Math.min(body.length, length)
}
