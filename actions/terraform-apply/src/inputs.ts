import { duration, flag, lines, oneOf, optional, secret, text, Unusable, type Parsed, type Parser } from '#kit/inputs'
import { extentInputs } from '#kit/terraform/extent'
import { ignorePaths } from '#kit/terraform/ignore-paths'
import { backendInputs, terraformInputs } from '#kit/terraform/inputs'
import { redactPatterns } from '#kit/terraform/redact-patterns'
import { workflowFile } from '#kit/terraform/reviewed'
import { dependencies } from '#kit/terraform/root-dependencies'
import { rootPatterns } from '#kit/terraform/root-patterns'
import { workspace } from '#kit/terraform/root'
import { planKey } from '#kit/terraform/seal'

const contract: Parser<string> = {
  parse(raw) {
    if (!/^[0-9a-f]{64}$/.test(raw))
      throw new Unusable('it is not the digest of a contract', 'Give the output "new-contract" of the step before')
    return raw
  },
}

export const inputs = {
  ...terraformInputs,
  ...backendInputs,
  ...extentInputs,
  roots: rootPatterns,
  'changed-only': flag,
  'depends-on': dependencies,
  'plan-results': text,
  'plan-key': planKey,
  'plan-workflow': workflowFile,
  'on-contract-mismatch': oneOf('refuse', 'replan'),
  'approved-contract': optional(contract),
  'ignore-paths': ignorePaths,
  redact: redactPatterns,
  environment: text,
  'var-files': lines,
  workspace,
  'lock-timeout': duration,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

/** What it takes to apply one root; `roots` is its folder. */
export type RootInputs = Omit<Inputs, 'roots'> & { readonly roots: string }

export const outputs = [
  ...['applied', 'contract', 'new-contract', 'terraform-outputs', 'inventory', 'verdict'],
] as const

export const permissions = {
  contents: {
    access: 'read',
    reason: 'The step before checks out the repository; the merge and its history are looked up.',
  },
  'pull-requests': {
    access: 'read',
    reason: 'The pull request that was merged is looked up, and with several roots its files.',
  },
  actions: { access: 'read', reason: 'The run that planned it is looked up, and who must approve in the environment.' },
  checks: { access: 'write', reason: 'How far the apply is stands in a check run, and which run holds the lock.' },
  deployments: { access: 'write', reason: 'What was applied is recorded, so that it is applied once.' },
  'id-token': { access: 'write', reason: 'With `aws-role-arn`: the job proves to AWS who it is.' },
} as const
