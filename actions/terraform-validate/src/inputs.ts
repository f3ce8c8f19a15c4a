import { flag, type Parsed } from '#kit/inputs'
import { terraformInputs } from '#kit/terraform/inputs'

export const inputs = { ...terraformInputs, 'format-check': flag } as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['valid', 'diagnostics'] as const
