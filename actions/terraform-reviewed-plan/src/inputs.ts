import { secret, text, type Parsed } from '#kit/inputs'
import { workflowFile } from '#kit/terraform/reviewed'
import { rootPatterns } from '#kit/terraform/root-patterns'
import { workspace } from '#kit/terraform/root'

export const inputs = {
  roots: rootPatterns,
  'working-directory': text,
  workspace,
  'plan-workflow': workflowFile,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['run-id', 'artifact-name', 'artifact-pattern', 'pull-request', 'head-sha', 'head-ref'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The commit is looked up.' },
  'pull-requests': { access: 'read', reason: 'The pull request that was merged is looked up.' },
  actions: { access: 'read', reason: 'The run that planned it is looked up.' },
} as const
