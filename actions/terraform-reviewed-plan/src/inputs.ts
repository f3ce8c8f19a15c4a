import { secret, type Parsed } from '#kit/inputs'
import { workflowFile } from '#kit/terraform/reviewed'
import { roots, workspace } from '#kit/terraform/root'

export const inputs = { roots, workspace, 'plan-workflow': workflowFile, 'github-token': secret } as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['run-id', 'artifact-name', 'pull-request', 'head-sha', 'head-ref'] as const
