import { lines, oneOf, secret, text, url, variableNames } from '../inputs.ts'
import { roots } from './root.ts'

/** What every action that runs Terraform takes. */
export const terraformInputs = {
  roots,
  binary: oneOf('terraform', 'tofu'),
  'binary-version': text,
  'download-url': url,
  'working-directory': text,
  'pass-env': variableNames,
} as const

/** What the actions that reach the backend take besides. */
export const backendInputs = {
  'backend-config': lines,
  'aws-role-arn': text,
  'aws-region': text,
  'aws-access-key-id': secret,
  'aws-secret-access-key': secret,
} as const
