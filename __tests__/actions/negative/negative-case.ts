import type { Ports, RunContext } from '../../../kit/ports.ts'
import type { Routes } from '../../support/github-by-route.ts'
import { refusal } from '../../support/github-by-route.ts'
import { makeRun } from '../../support/fakes.ts'
import type { FakeTerraform } from '../terraform-plan/fake-terraform.ts'

/** Something that goes wrong outside of the action, and what its user is told. */
export interface NegativeCase {
  readonly name: string
  readonly given?: Readonly<Record<string, string>>
  readonly run?: Partial<RunContext>
  readonly terraform?: FakeTerraform
  readonly github?: Routes
  /** Files of the checkout besides. */
  readonly files?: Readonly<Record<string, string>>
  /** What is no part of GitHub or Terraform. */
  readonly ports?: Partial<Ports>
  /** The reason that the log shows; `undefined` when the step is green all the same. */
  readonly told?: string
  /** The output, where the action has it. */
  readonly verdict?: 'pass' | 'fail' | 'invalid'
  /** Errors, warnings and notices of the log that say it. */
  readonly said?: readonly string[]
  /** The first line of the summary; empty where there is none. */
  readonly summary: string
}

const PULL = makeRun().pullRequest

export const FORK: Partial<RunContext> = { ...(PULL && { pullRequest: { ...PULL, fork: true } }) }
export const DEPENDABOT: Partial<RunContext> = { actor: 'dependabot[bot]' }

/** GitHub's answer to a token that may read only. */
export const READ_ONLY = refusal(403, 'Resource not accessible by integration')
/** Its answer to anybody's token but an app's, where checks are written. */
export const NO_APP = refusal(403, 'You must authenticate via a GitHub App.')
export const PERSONAL = refusal(403, 'Resource not accessible by personal access token')
export const LIMITED = refusal(403, 'You have exceeded a secondary rate limit', { 'retry-after': '900' })
export const USED_UP = refusal(403, 'API rate limit exceeded', {
  ...{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795222200', date: 'Sat, 21 Nov 2026 00:00:00 GMT' },
})
export const DOWN = refusal(502, 'Bad gateway')

/** As Terraform 1.11 and OpenTofu 1.12 print them, seen here. */
export const SAID = {
  absent: `Error: No valid credential sources found

Please see https://developer.hashicorp.com/terraform/language/backend/s3
for more information about providing credentials.

Error: failed to refresh cached credentials, no EC2 IMDS role found,
operation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client
option, or "AWS_EC2_METADATA_DISABLED" environment variable
`,
  expired: `Error: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: r, api error ExpiredToken: The security token included in the request is expired
`,
  unknown: `Error: Failed to get existing workspaces: Unable to list objects in S3 bucket "shop" with prefix "env:/": operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: , HostID: , api error InvalidAccessKeyId: The security token included in the request is invalid.
`,
  denied: `Error: Error refreshing state: Unable to access object "x" in S3 bucket "shop": operation error S3: HeadObject, https response error StatusCode: 403, RequestID: , HostID: , api error Forbidden: Forbidden
`,
  unfetched: `Error: Failed to query available provider packages

Could not retrieve the list of available versions for provider
hashicorp/aws: could not connect to registry.example: failed to request
discovery document: no such host
`,
  unresolved: `Error: Failed to resolve provider packages

Could not resolve provider hashicorp/aws: could not connect to
registry.example: failed to request discovery document: no such host
`,
} as const

export const initSays = (stderr: string): FakeTerraform => ({ initEnds: { exitCode: 1, stderr } })

export const ROLE = { 'aws-role-arn': 'arn:aws:iam::123456789012:role/slipway', 'aws-region': 'eu-west-1' }
export const ACCESS_KEY = { 'aws-access-key-id': 'AKIAEXAMPLE', 'aws-secret-access-key': 'a-made-up-secret' }

const STS = (status: number, body: string): Partial<Ports> => ({
  identity: { token: async () => 'an.identity.token' },
  http: { request: async () => ({ status, headers: {}, body }) },
})
export const SIGNED_IN = STS(
  200,
  '<Arn>arn:aws:sts::123456789012:assumed-role/slipway/x</Arn><AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>made-up-secret</SecretAccessKey><SessionToken>made-up-token</SessionToken>',
)
export const ENDED = STS(400, '<Code>ExpiredTokenException</Code><Message>Token expired</Message>')
export const GONE = refusal(410, 'Issues has been disabled in this repository.')

/** What several cases are told, in the words that they share. */
export const ADVICE = {
  fork: 'This run is for a pull request of a fork: GitHub gives it no secrets, no identity, and a token that only reads. Push the branch into this repository, and open a pull request from there.',
  dependabot:
    'This run was started by Dependabot: GitHub gives it Dependabot’s secrets in place of the repository’s. Store what it needs as secrets of Dependabot too, or push a commit of your own to its branch.',
  readers:
    'Runs for pull requests of forks only read, whatever the workflow grants; those of Dependabot do where the job grants nothing itself',
  later: 'Run the job again later, or use the token of an app of your own: it has its own limit',
  again: 'Nothing is known to be wrong with the workflow: run the job again',
  appsOnly:
    'It is the token of a person, and only apps may write checks. Leave "github-token" at its default, the job\'s own token, and give the job "checks: write"',
  provider:
    'Check the source and version in "required_providers", and that this runner reaches the provider\'s registry, or the mirror that TF_CLI_CONFIG_FILE names.',
  signIn:
    'Give "aws-role-arn" and "aws-region", or "aws-access-key-id" and "aws-secret-access-key". Variables of the runner reach Terraform where "pass-env" names them.',
  newKey:
    'The key in "aws-access-key-id" has expired. Store a new one, or give "aws-role-arn", which signs in anew for each run.',
} as const

export const INVALID = 'The gate could not decide, so it failed.\n'

export const NO_ROOT =
  'input "roots" is "none": it is not a folder with Terraform configuration. Name a folder that holds .tf files, relative to "working-directory", and check out the repository before this step'

const ofError = (stderr: string) =>
  stderr
    .replaceAll('Error: ', '')
    .split('\n')
    .filter(line => line !== '')
    .join('\n')

/** What is shown of an init that failed. */
export const initFailed = (stderr: string, advice: string) => `terraform init failed\n${ofError(stderr)}\n${advice}`

/** The permission in two forms: where the step ends, and in a line of the log. */
export const refused = (route: string, permission: string) =>
  `the token may not do this: ${route}\nAdd to the job:\npermissions:\n  ${permission}\n${ADVICE.readers}`
export const refusedInLine = (route: string, permission: string) =>
  `the token may not do this: ${route}. Add "${permission}" to the permissions of the job. ${ADVICE.readers}`

export const waits = (route: string) =>
  `GitHub limits how fast this token may call and asks to wait 15 minutes; a call waits 60 s at most (${route})`
export const usedUp = (route: string) =>
  `the hourly limit of this token is used up and asks to wait 50 minutes; a call waits 60 s at most (${route})`
export const isDown = (route: string) =>
  `GitHub gave no usable answer to ${route} in 6 attempts; the last was status 502`
