import { flag, type Parsed } from '#kit/inputs'
import { terraformInputs } from '#kit/terraform/inputs'

export const inputs = { ...terraformInputs, 'format-check': flag } as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['valid', 'diagnostics'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
} as const
