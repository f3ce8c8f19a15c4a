import type { AwsInputs } from '../aws.ts'
import { restrictionOf, type RunOrigin } from '../restricted-run.ts'
import type { Diagnostic } from './events.ts'

/** Where a root's credentials come from. */
export interface SignIn {
  readonly by: 'role' | 'key' | 'environment'
  /** What GitHub withholds from the run, as a sentence. */
  readonly restriction: string | undefined
}

export function signInOf(inputs: AwsInputs, run: RunOrigin): SignIn {
  const by = inputs['aws-role-arn'] !== '' ? 'role' : inputs['aws-access-key-id'] !== '' ? 'key' : 'environment'
  return { by, restriction: restrictionOf(run) }
}

type Trouble = 'absent' | 'expired' | 'unknown' | 'denied'

/**
 * In the words of the clients that Terraform, OpenTofu and their providers are built with. The codes of AWS:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
const TROUBLES: readonly (readonly [Trouble, RegExp])[] = [
  [
    'absent',
    /No valid credential sources|could not find default credentials|building (?:the )?AzureRM .*client|MissingAuthenticationToken/i,
  ],
  ['expired', /\b(?:ExpiredToken(?:Exception)?|RequestExpired|TokenRefreshRequired)\b|invalid_grant/],
  [
    'unknown',
    /\b(?:InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|AuthFailure)\b/,
  ],
  ['denied', /\b(?:AccessDenied(?:Exception)?|UnauthorizedOperation|AuthorizationError)\b|api error Forbidden/],
]

const GIVE =
  'Give "aws-role-arn" and "aws-region", or "aws-access-key-id" and "aws-secret-access-key". ' +
  'Variables of the runner reach Terraform where "pass-env" names them.'

const HINTS: Readonly<Record<Trouble, Readonly<Record<SignIn['by'], string>>>> = {
  absent: { role: GIVE, key: GIVE, environment: GIVE },
  expired: {
    role: 'The session of "aws-role-arn" lasts one hour: split a root that takes longer.',
    key: 'The key in "aws-access-key-id" has expired. Store a new one, or give "aws-role-arn", which signs in anew for each run.',
    environment:
      'The credentials that "pass-env" hands on have expired. Renew them in the step that makes them, or give "aws-role-arn", which signs in anew for each run.',
  },
  unknown: {
    role: 'Check the region in "aws-region" and the clock of this runner: the session of "aws-role-arn" is new.',
    key: 'Store both parts of one key that is active as "aws-access-key-id" and "aws-secret-access-key".',
    environment: 'Check the credentials that "pass-env" hands on: they are of no active key.',
  },
  denied: {
    role: 'The job is signed in. Give the role in "aws-role-arn" the right that the message names.',
    key: 'The key is known. Give its user the right that the message names.',
    environment: 'The credentials that "pass-env" hands on are known. Give them the right that the message names.',
  },
}

/** What to do when a command failed for its credentials; `undefined` when it failed for something else. */
export function credentialHint(
  diagnostics: readonly Pick<Diagnostic, 'severity' | 'summary' | 'detail'>[],
  { by, restriction }: SignIn,
): string | undefined {
  const said = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ summary, detail }) => `${summary}\n${detail}`)
    .join('\n')
  const trouble = TROUBLES.find(([, pattern]) => pattern.test(said))?.[0]
  if (trouble === undefined) return undefined
  return trouble === 'absent' && restriction !== undefined ? restriction : HINTS[trouble][by]
}
