import { required, text, type Parsed } from '#kit/inputs'

export const inputs = { path: required, 'working-directory': text } as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['size'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
} as const
