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
  /** The value holds what nobody may read, though the input is no secret. */
  readonly isSecret: boolean

  constructor(problem: string, fix: string, { isSecret = false } = {}) {
    super(problem)
    this.fix = fix
    this.isSecret = isSecret
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
        ...(parser.secret || error.isSecret ? {} : { value: raw }),
        problem: error.message,
        fix: error.fix,
      })
    }
  }
  if (problems.length > 0) throw new InputError(problems, values)
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

/** A whole number from `least` to `most`. */
export function integer(least = 0, most = Number.MAX_SAFE_INTEGER): Parser<number> {
  return {
    parse(raw) {
      const value = /^-?\d{1,16}$/.test(raw) ? Number(raw) : NaN
      if (value >= least && value <= most) return value
      const upTo = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`
      throw new Unusable('it is not a whole number that fits', `Use a number ${upTo}`)
    },
  }
}

/** Text that goes to a program as an operand: it may not look like one of its options (rule R25). */
export const operand: Parser<string> = {
  parse(raw) {
    if (raw.startsWith('-')) throw new Unusable('it looks like an option', `Write a path as "./${raw}"`)
    if (raw.includes('\0')) throw new Unusable('it holds a NUL character', 'Take the character out')
    return raw
  },
}

/** A list of operands, one per line. */
export const operands: Parser<readonly string[]> = { parse: raw => lines.parse(raw).map(operand.parse) }

/** `NAME=value`, one per line; a name comes once. */
export const keyValues: Parser<Readonly<Record<string, string>>> = {
  parse(raw) {
    const pairs = lines.parse(raw).map(line => {
      const [, name, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
      if (name === undefined || value === undefined)
        throw new Unusable(`the line ${JSON.stringify(line)} has no name and value`, 'Write NAME=value, one per line')
      return [name, value] as const
    })
    const twice = pairs.find(([name], index) => pairs.findIndex(([other]) => other === name) !== index)
    if (twice) throw new Unusable(`the name ${JSON.stringify(twice[0])} comes twice`, 'Give each name once')
    return Object.fromEntries(pairs)
  },
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Names of environment variables, one per line. */
export const variableNames: Parser<readonly string[]> = {
  parse(raw) {
    const names = lines.parse(raw)
    const wrong = names.find(name => !VARIABLE.test(name))
    if (wrong !== undefined)
      throw new Unusable(`${JSON.stringify(wrong)} is not the name of a variable`, 'Give names only, one per line')
    return names
  },
}

/** An `https:` URL (`http:` too, for a mirror on an internal network) without credentials or query; `''` when not given. */
export const url: Parser<string> = {
  parse(raw) {
    if (raw === '') return raw
    const parsed = URL.canParse(raw) ? new URL(raw) : undefined
    if (parsed === undefined || !['https:', 'http:'].includes(parsed.protocol))
      throw new Unusable('it is not an address', 'Use one that starts with "https://"')
    if (parsed.username !== '' || parsed.password !== '')
      throw new Unusable('it holds a user name or password', 'Give the address without them', { isSecret: true })
    // Errors name the address, and what stands behind "?" is often a key (rule R13).
    if (parsed.search !== '' || parsed.hash !== '')
      throw new Unusable('it holds a query or fragment', 'Give the address up to its "?" or "#"', { isSecret: true })
    return raw
  },
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
