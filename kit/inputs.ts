import { InputError, type InputProblem } from './errors.ts'

/** Turns the text of an input into a value. Names and parsers only: defaults and prose live in action.yml. */
export interface Parser<T> {
  readonly secret?: boolean
  /** Throws `Unusable` when the text cannot be used. `raw` is trimmed unless `keepSpace`. */
  parse(raw: string): T
  readonly keepSpace?: boolean
}

export type InputSpec = Readonly<Record<string, Parser<unknown>>>
export type Parsed<S extends InputSpec> = { readonly [K in keyof S]: S[K] extends Parser<infer T> ? T : never }

/** Why a value cannot be used, and what would do. */
export class Unusable extends Error {
  readonly fix: string

  constructor(problem: string, fix: string) {
    super(problem)
    this.fix = fix
  }
}

/**
 * Reads every input of `spec` once and parses it.
 * @param read the raw text of an input; `''` when it was not given and has no default
 * @param onSecret called with each secret's value before anything is parsed
 * @throws InputError with every bad input together
 */
export function readInputs<S extends InputSpec>(
  spec: S,
  read: (name: string) => string,
  onSecret: (value: string) => void,
): Parsed<S> {
  const raws = Object.entries(spec).map(([name, parser]) => {
    const text = read(name)
    return [name, parser, parser.keepSpace ? text : text.trim()] as const
  })
  for (const [, parser, raw] of raws) if (parser.secret && raw !== '') onSecret(raw)
  const problems: InputProblem[] = []
  const values: Record<string, unknown> = {}
  for (const [name, parser, raw] of raws) {
    try {
      values[name] = parser.parse(raw)
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      problems.push({
        input: name,
        ...(parser.secret ? {} : { value: raw }),
        problem: error.message,
        fix: error.fix,
      })
    }
  }
  if (problems.length > 0) throw new InputError(problems)
  return values as Parsed<S>
}

/** Any text; `''` when not given. */
export const text: Parser<string> = { parse: raw => raw }

/** Text that must be there. */
export const required: Parser<string> = {
  parse(raw) {
    if (raw === '') throw new Unusable('it is required', 'Give it a value under "with:"')
    return raw
  },
}

/** Text that is hidden in logs and left out of error messages; `''` when not given. */
export const secret: Parser<string> = { secret: true, parse: raw => raw }

/** `true` or `false`, nothing else. */
export const flag: Parser<boolean> = {
  parse(raw) {
    if (raw === 'true') return true
    if (raw === 'false') return false
    throw new Unusable('it is not a flag', 'Use "true" or "false"')
  },
}

/** One of the given words. */
export function oneOf<const W extends readonly string[]>(...words: W): Parser<W[number]> {
  return {
    parse(raw) {
      if ((words as readonly string[]).includes(raw)) return raw as W[number]
      throw new Unusable('it is not a known value', `Use one of ${words.map(word => `"${word}"`).join(', ')}`)
    },
  }
}

/** A list, one item per line; empty lines are dropped. */
export const lines: Parser<readonly string[]> = {
  parse: raw =>
    raw
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(line => line !== ''),
}

const DURATION = /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** `90s`, `15m`, `1h30m`, in seconds. */
export const duration: Parser<number> = {
  parse(raw) {
    const match = DURATION.exec(raw)
    if (!match) throw new Unusable('it is not a duration', 'Write it as "90s", "15m" or "1h30m"')
    const [hours, minutes, seconds] = match.slice(1).map(part => Number(part ?? 0)) as [number, number, number]
    return hours * 3600 + minutes * 60 + seconds
  },
}

/** A parser whose empty text means `undefined`. */
export function optional<T>(parser: Parser<T>): Parser<T | undefined> {
  return { ...parser, parse: raw => (raw === '' ? undefined : parser.parse(raw)) }
}

/** The inputs that every action which comments has. */
export const commentInputs = {
  comment: oneOf('update', 'recreate', 'none'),
  'comment-key': text,
  'on-comment-failure': oneOf('fail', 'warn'),
} as const
