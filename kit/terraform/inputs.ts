import { awsRegion, awsRole } from '../aws.ts'
import { lines, oneOf, secret, text, url, variableNames } from '../inputs.ts'
import { versionRange } from '../tools/version.ts'
import { roots } from './root.ts'

/** What every action that runs Terraform takes. */
export const terraformInputs = {
  roots,
  binary: oneOf('terraform', 'tofu'),
  'binary-version': versionRange,
  'download-url': url,
  'working-directory': text,
  'pass-env': variableNames,
} as const

/** What the actions that reach the backend take besides. */
export const backendInputs = {
  'backend-config': lines,
  'aws-role-arn': awsRole,
  'aws-region': awsRegion,
  'aws-access-key-id': secret,
  'aws-secret-access-key': secret,
} as const
