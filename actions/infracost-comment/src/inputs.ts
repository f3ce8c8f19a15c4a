import { awsRegion } from '#kit/aws'
import { commentInputs, oneOf, optional, secret, text, Unusable, type Parsed, type Parser } from '#kit/inputs'
import Big from 'big.js'

/** A decimal amount that is not negative. */
const amount: Parser<Big> = {
  parse(raw) {
    if (!/^\d{1,12}(?:\.\d{1,10})?$/.test(raw))
      throw new Unusable(
        'it is not an amount',
        'Write digits with a decimal point, without sign, unit or separators: "25" or "25.50"',
      )
    return new Big(raw)
  },
}

/** Path of a file; `''` when not given. Content in its place is not shown: a plan holds secrets. */
const filePath: Parser<string> = {
  parse(raw) {
    if (/^\{|[\r\n]/.test(raw))
      throw new Unusable(
        'it is the content of a file and not its path',
        'Write it to a file in a step before this one, and give the path of that',
        { isSecret: true },
      )
    return raw
  },
}

export const inputs = {
  'plan-json': filePath,
  'infracost-json': filePath,
  'working-directory': text,
  'default-region': optional(awsRegion),
  'price-overrides': filePath,
  'max-increase': optional(amount),
  'max-increase-percent': optional(amount),
  'max-total': optional(amount),
  'on-exceeded': oneOf('fail', 'warn'),
  'comment-when': oneOf('always', 'changed', 'exceeded'),
  ...commentInputs,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = [
  'monthly-cost',
  'past-monthly-cost',
  'diff-monthly-cost',
  'diff-percent',
  'exceeded',
  'verdict',
  'unknown-count',
  'infracost-json',
  'comment-url',
] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
  'pull-requests': { access: 'write', reason: 'The cost is a comment on the pull request.' },
} as const
