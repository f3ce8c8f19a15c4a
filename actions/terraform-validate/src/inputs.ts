import { flag, oneOf, secret, type Parsed } from '#kit/inputs'
import { terraformInputs } from '#kit/terraform/inputs'
import { rootPatterns } from '#kit/terraform/root-patterns'
import { versionRange } from '#kit/tools/version'

export const inputs = {
  ...terraformInputs,
  roots: rootPatterns,
  'changed-only': flag,
  'format-check': flag,
  tflint: oneOf('auto', 'none'),
  'tflint-version': versionRange,
  test: flag,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['valid', 'diagnostics', 'roots'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository; `changed-only` compares commits.' },
} as const
