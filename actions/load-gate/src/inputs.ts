import { duration, lines, oneOf, secret, text, Unusable, url, type Parsed, type Parser } from '#kit/inputs'
import { thresholds } from '#kit/stats/threshold'

const MOST_A_SECOND = 5_000
const MOST_SECONDS = 6 * 3_600
const MOST_USERS = 1_000

/** Requests a second: `50`, `0.5` or `50/s`. */
const rate: Parser<number> = {
  parse(raw) {
    const [, digits] = /^(\d{1,5}(?:\.\d{1,3})?)(?:\/s)?$/.exec(raw) ?? []
    const value = Number(digits ?? NaN)
    if (value > 0 && value <= MOST_A_SECOND) return value
    throw new Unusable(
      'it is not a rate that one process can send',
      `Give the requests a second, over 0 and up to ${MOST_A_SECOND}: "50" or "50/s"`,
    )
  },
}

const users: Parser<number> = {
  parse(raw) {
    const value = /^\d{1,5}$/.test(raw) ? Number(raw) : NaN
    if (value >= 1 && value <= MOST_USERS) return value
    throw new Unusable('it is not a number of users', `Use a whole number from 1 to ${MOST_USERS}`)
  },
}

const loadDuration: Parser<number> = {
  parse(raw) {
    const seconds = duration.parse(raw)
    if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds
    throw new Unusable('it is not a duration for a load', 'Use one from "1s" to "6h"')
  },
}

/** A context is shown and required by name: one line that nobody can confuse. */
const statusContext: Parser<string> = {
  parse(raw) {
    if (raw.length <= 100 && /^[\x20-\x7e]*$/.test(raw)) return raw
    throw new Unusable('it is not the name of a status', 'Use up to 100 printable ASCII characters: "load-gate"')
  },
}

const sha: Parser<string> = {
  parse(raw) {
    if (raw === '' || /^[0-9a-f]{40}$/.test(raw)) return raw
    throw new Unusable('it is not the full name of a commit', 'Give 40 hexadecimal digits, in lower case')
  },
}

export const inputs = {
  engine: oneOf('embedded', 'none'),
  target: url,
  script: text,
  'allowed-hosts': lines,
  rate,
  duration: loadDuration,
  users,
  results: lines,
  thresholds,
  'status-context': statusContext,
  sha,
  'working-directory': text,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['verdict', 'summary-json', 'report', 'check-url'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository, with the script in it.' },
  checks: { access: 'write', reason: 'The report is a check on the commit.' },
  statuses: { access: 'write', reason: 'The verdict is a status on the commit, which branch rules can require.' },
} as const
