import { duration, lines, secret, text, type Parsed } from '#kit/inputs'
import { extentInputs } from '#kit/terraform/extent'
import { backendInputs, terraformInputs } from '#kit/terraform/inputs'
import { workflowFile } from '#kit/terraform/reviewed'
import { workspace } from '#kit/terraform/root'
import { planKey } from '#kit/terraform/seal'

export const inputs = {
  ...terraformInputs,
  ...backendInputs,
  ...extentInputs,
  'plan-results': text,
  'plan-key': planKey,
  'plan-workflow': workflowFile,
  'var-files': lines,
  workspace,
  'lock-timeout': duration,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['applied', 'terraform-outputs', 'inventory', 'verdict'] as const

export const permissions = {
  contents: {
    access: 'read',
    reason: 'The step before checks out the repository; the tree of the merge is looked up.',
  },
  'pull-requests': { access: 'read', reason: 'The pull request that was merged is looked up.' },
  actions: { access: 'read', reason: 'The run that planned it is looked up.' },
  checks: { access: 'write', reason: 'How far the apply is stands in a check run, and which run holds the lock.' },
  'id-token': { access: 'write', reason: 'With `aws-role-arn`: the job proves to AWS who it is.' },
} as const
