import { awsInputs } from '../aws.ts'
import { lines, oneOf, text, url, variableNames } from '../inputs.ts'
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
  ...awsInputs,
} as const
