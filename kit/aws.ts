import { ActionError, InputError, type InputProblem } from './errors.ts'
import { secret, Unusable, type Parsed, type Parser } from './inputs.ts'
import { restrictionOf, type RunOrigin } from './restricted-run.ts'
import type { AwsCredentials, Environment, Http, Identity, Log, RunContext } from './ports.ts'

export interface AwsPorts {
  readonly log: Log
  readonly http: Http
  readonly identity: Identity
  readonly environment: Environment
  readonly run: Pick<RunContext, 'repositoryId' | 'runId'> & RunOrigin
}

const ROLE_ARN = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/
const REGION = /^[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}$/
const SESSION_SECONDS = 3600

/** ARN of an IAM role; `''` when not given. */
export const awsRole: Parser<string> = {
  parse(raw) {
    if (raw !== '' && !ROLE_ARN.test(raw))
      throw new Unusable('it is not the ARN of an IAM role', 'Write it as "arn:aws:iam::<account>:role/<name>"')
    return raw
  },
}

/** Name of an AWS region; `''` when not given. */
export const awsRegion: Parser<string> = {
  parse(raw) {
    if (raw !== '' && !REGION.test(raw)) throw new Unusable('it is not an AWS region', 'Write it as "eu-west-1"')
    return raw
  },
}

/** How an action signs in to AWS: by the job's identity, with keys, or not at all. */
export const awsInputs = {
  'aws-role-arn': awsRole,
  'aws-region': awsRegion,
  'aws-access-key-id': secret,
  'aws-secret-access-key': secret,
} as const
export type AwsInputs = Parsed<typeof awsInputs>

/**
 * Variables for a child that talks to AWS. Credentials go nowhere else: not to the job's environment, not to a file.
 * @throws InputError when the inputs do not fit together, ActionError when AWS refuses
 */
export async function awsEnvironment(inputs: AwsInputs, ports: AwsPorts): Promise<Record<string, string>> {
  const problems = awsProblems(inputs)
  if (problems.length > 0) throw new InputError(problems)
  const region: Record<string, string> =
    inputs['aws-region'] === '' ? {} : { AWS_REGION: inputs['aws-region'], AWS_DEFAULT_REGION: inputs['aws-region'] }
  if (inputs['aws-role-arn'] !== '') {
    const credentials = await assumeRole(inputs['aws-role-arn'], inputs['aws-region'], ports)
    return {
      ...region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    }
  }
  if (inputs['aws-access-key-id'] === '') return region
  return {
    ...region,
    AWS_ACCESS_KEY_ID: inputs['aws-access-key-id'],
    AWS_SECRET_ACCESS_KEY: inputs['aws-secret-access-key'],
  }
}

/** What is wrong with the AWS inputs taken together; each by itself has been parsed. */
export function awsProblems(inputs: AwsInputs): readonly InputProblem[] {
  const problems: InputProblem[] = []
  const role = inputs['aws-role-arn']
  const region = inputs['aws-region']
  if (role !== '' && region === '')
    problems.push({
      input: 'aws-region',
      problem: 'it is required with "aws-role-arn"',
      fix: 'Name the region of your resources',
    })
  if ((inputs['aws-access-key-id'] === '') !== (inputs['aws-secret-access-key'] === ''))
    problems.push({
      input: inputs['aws-access-key-id'] === '' ? 'aws-access-key-id' : 'aws-secret-access-key',
      problem: 'a key has two parts, and one is missing',
      fix: 'Give both parts, or "aws-role-arn" instead',
    })
  if (role !== '' && inputs['aws-access-key-id'] !== '')
    problems.push({
      input: 'aws-role-arn',
      value: role,
      problem: 'it is given together with a key',
      fix: 'Give "aws-role-arn", or "aws-access-key-id" and "aws-secret-access-key", not both',
    })
  return problems
}

/**
 * Exchanges the job's identity token at STS. The query API and its answer:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
async function assumeRole(roleArn: string, region: string, ports: AwsPorts): Promise<AwsCredentials> {
  const [, partition = 'aws', account = ''] = ROLE_ARN.exec(roleArn) ?? []
  const token = await ports.identity.token('sts.amazonaws.com').catch(withheldFrom(ports.run))
  const { status, body } = await ports.http.request({
    method: 'POST',
    url: stsEndpoint(partition, region, ports.environment),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: `slipway-${ports.run.repositoryId ?? 0}-${ports.run.runId}`,
      WebIdentityToken: token,
      DurationSeconds: String(SESSION_SECONDS),
    }).toString(),
  })
  if (status !== 200) throw refused(roleArn, status, body)
  const credentials = {
    accessKeyId: elementText(body, 'AccessKeyId'),
    secretAccessKey: elementText(body, 'SecretAccessKey'),
    sessionToken: elementText(body, 'SessionToken'),
  }
  for (const value of Object.values(credentials)) if (value !== '') ports.log.secret(value)
  if (Object.values(credentials).includes(''))
    throw new ActionError(`AWS answered the sign-in as ${roleArn} without credentials`)
  // A forwarded or wrong endpoint must not hand us another account's credentials.
  const assumed = /^arn:[\w-]+:sts::(\d{12}):/.exec(elementText(body, 'Arn'))?.[1]
  if (assumed !== account)
    throw new ActionError(`AWS signed in to account ${assumed ?? 'unknown'}, but "aws-role-arn" names ${account}`)
  return credentials
}

/** A fork's run is told what it can do, and not what the workflow grants already. */
function withheldFrom(run: RunOrigin): (error: unknown) => never {
  return error => {
    const hint = run.pullRequest?.fork === true ? restrictionOf(run) : undefined
    throw error instanceof ActionError && hint !== undefined
      ? new ActionError(error.message, { hint, cause: error.cause })
      : error
  }
}

function stsEndpoint(partition: string, region: string, environment: Environment): string {
  const own = environment.get('AWS_ENDPOINT_URL_STS') ?? environment.get('AWS_ENDPOINT_URL')
  if (own !== undefined) return `${own.replace(/\/+$/, '')}/`
  return `https://sts.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/`
}

/** The job's token lives for some minutes, and is asked for anew by each run. */
const PASSING = new Set(['ExpiredTokenException', 'IDPCommunicationError', 'Throttling', 'InternalFailure'])

function refused(roleArn: string, status: number, body: string): ActionError {
  const code = elementText(body, 'Code') || `status ${status}`
  const message = elementText(body, 'Message')
  return new ActionError(`AWS did not let this job be ${roleArn}: ${code}${message === '' ? '' : `, ${message}`}`, {
    hint: PASSING.has(code)
      ? 'Nothing is known to be wrong with the role: run the job again.'
      : 'Check the role\'s trust policy: the audience is "sts.amazonaws.com", and the subject is ' +
        '"repo:<owner>/<name>:…", or "repo:<owner>@<id>/<name>@<id>:…" for repositories made since 2026-07-15.',
  })
}

function elementText(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return found
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .trim()
}
