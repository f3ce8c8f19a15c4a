import { integer, optional, secret, text, type Parsed } from '#kit/inputs'

export const inputs = {
  'pull-request': optional(integer(1)),
  'comment-id': optional(integer(1)),
  label: text,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['verdict', 'contract'] as const

export const permissions = {
  'pull-requests': { access: 'write', reason: 'The request is read again, and answered with a thumb.' },
  checks: { access: 'write', reason: 'The acknowledgement stands in the check that the plan made.' },
  actions: { access: 'write', reason: 'The plan runs again, now that nothing holds it.' },
} as const
