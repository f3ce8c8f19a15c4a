import { flag, lines, oneOf, secret, text, type Parsed } from '#kit/inputs'
import { dependencies } from '#kit/terraform/root-dependencies'
import { rootPatterns } from '#kit/terraform/root-patterns'
import { workspace } from '#kit/terraform/root'

export const inputs = {
  roots: rootPatterns,
  'changed-only': flag,
  'var-files': lines,
  'backend-config': lines,
  'pre-run': text,
  'depends-on': dependencies,
  workspace,
  binary: oneOf('terraform', 'tofu'),
  'comment-key': text,
  'working-directory': text,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['roots', 'count', 'reasons', 'artifact-pattern', 'comment-url'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
  'pull-requests': {
    access: 'write',
    reason: "The files of the pull request are listed; with `comment-key` the plan's comment is brought up to date.",
  },
} as const
