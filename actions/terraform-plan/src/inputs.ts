import { commentInputs, duration, flag, lines, secret, text, type Parsed } from '#kit/inputs'
import { extentInputs } from '#kit/terraform/extent'
import { ignorePaths } from '#kit/terraform/ignore-paths'
import { backendInputs, terraformInputs } from '#kit/terraform/inputs'
import { rulesPath } from '#kit/terraform/protect-rules'
import { redactPatterns } from '#kit/terraform/redact-patterns'
import { workspace } from '#kit/terraform/root'
import { planKey } from '#kit/terraform/seal'
import { roots, type OfOneRoot } from './roots.ts'

export const inputs = {
  ...terraformInputs,
  roots,
  ...backendInputs,
  ...extentInputs,
  ...commentInputs,
  'var-files': lines,
  workspace,
  'lock-timeout': duration,
  'plan-json': text,
  'plan-results': text,
  'plan-key': planKey,
  'ignore-paths': ignorePaths,
  protect: rulesPath,
  policy: rulesPath,
  'dismiss-stale-approvals': flag,
  redact: redactPatterns,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

/** What it takes to plan. */
export type RootInputs = OfOneRoot<Inputs>

export const outputs = [
  ...['has-changes', 'to-add', 'to-change', 'to-destroy', 'to-replace', 'to-import', 'to-move', 'to-forget'],
  ...['contract', 'plan-json', 'plan-results', 'artifact-name', 'verdict', 'comment-url'],
] as const

export const permissions = {
  contents: {
    access: 'read',
    reason: 'The step before checks out the repository, and the rules of protection are read at the base.',
  },
  'pull-requests': {
    access: 'write',
    reason: 'The plan is a comment on the pull request, and approvals of another plan are dismissed.',
  },
  checks: { access: 'write', reason: 'Protected changes, and who acknowledged them, stand in a check.' },
  'id-token': { access: 'write', reason: 'With `aws-role-arn`: the job proves to AWS who it is.' },
} as const
