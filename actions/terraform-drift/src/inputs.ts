import { lines, oneOf, secret, text, Unusable, type Parsed, type Parser } from '#kit/inputs'
import { extentInputs } from '#kit/terraform/extent'
import { backendInputs, terraformInputs } from '#kit/terraform/inputs'
import { redactPatterns } from '#kit/terraform/redact-patterns'
import { workspace } from '#kit/terraform/root'

const MOST_LABEL_CHARACTERS = 50

/** Name of a label. GitHub takes names apart at commas where issues are looked for by them. */
const label: Parser<string> = {
  parse(raw) {
    if (raw === '') throw new Unusable('it is empty', 'Name the label by which the issues are found again')
    if (/[,\r\n]/.test(raw)) throw new Unusable('it is more than one label', 'Name one label, without a comma')
    if (Array.from(raw).length > MOST_LABEL_CHARACTERS)
      throw new Unusable('GitHub takes no label of that length', `Use ${MOST_LABEL_CHARACTERS} characters at most`)
    return raw
  },
}

export const inputs = {
  ...terraformInputs,
  ...backendInputs,
  'var-files': lines,
  workspace,
  'pre-run': extentInputs['pre-run'],
  'unmanaged-drift': oneOf('ignore', 'report'),
  'on-drift': oneOf('warn', 'fail'),
  issue: oneOf('update', 'none'),
  'issue-key': text,
  label,
  redact: redactPatterns,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['drifted', 'drift-count', 'issue-url', 'verdict'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
  issues: { access: 'write', reason: 'Each root that drifted has an issue.' },
  'id-token': { access: 'write', reason: 'With `aws-role-arn`: the job proves to AWS who it is.' },
} as const
