import { describe, expect, it } from '@jest/globals'
import { awsEnvironment, awsRegion, awsRole, type AwsInputs } from '../../kit/aws.ts'
import type { Http } from '../../kit/ports.ts'
import { FakeLog, makeRun } from '../support/fakes.ts'

type Request = Parameters<Http['request']>[0]

const ROLE = 'arn:aws:iam::123456789012:role/deploy/slipway'
const answer = (account = '123456789012') => `<AssumeRoleWithWebIdentityResponse>
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser><Arn>arn:aws:sts::${account}:assumed-role/slipway/slipway-7-99</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
      <SecretAccessKey>secret/part+of=it</SecretAccessKey>
      <SessionToken>session&amp;token</SessionToken>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`

function given(values: Partial<AwsInputs> = {}): AwsInputs {
  return { 'aws-role-arn': '', 'aws-region': '', 'aws-access-key-id': '', 'aws-secret-access-key': '', ...values }
}

function world(status = 200, body = answer(), variables: Record<string, string> = {}) {
  const requests: Request[] = []
  const audiences: string[] = []
  const log = new FakeLog()
  return {
    ...{ requests, audiences, log },
    ports: {
      log,
      http: {
        async request(request: Request) {
          requests.push(request)
          return { status, headers: {}, body }
        },
      },
      identity: {
        async token(audience: string) {
          audiences.push(audience)
          return 'identity-token'
        },
      },
      environment: { get: (name: string) => variables[name] },
      run: makeRun(),
    },
  }
}

describe('R36: a role by the identity of the job', () => {
  it('is exchanged at STS of its region, and the credentials are hidden', async () => {
    const { ports, requests, audiences, log } = world()
    expect(await awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports)).toEqual({
      ...{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE' },
      ...{ AWS_SECRET_ACCESS_KEY: 'secret/part+of=it', AWS_SESSION_TOKEN: 'session&token' },
    })
    expect(audiences).toEqual(['sts.amazonaws.com'])
    expect(requests.map(({ url, method }) => [method, url])).toEqual([['POST', 'https://sts.eu-west-1.amazonaws.com/']])
    expect(log.secrets).toEqual(['ASIAEXAMPLE', 'secret/part+of=it', 'session&token'])
  })

  it('has a session name that nobody else can choose', async () => {
    const { ports, requests } = world()
    await awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports)
    expect(new URLSearchParams(requests[0]?.body).get('RoleSessionName')).toBe('slipway-7-99')
    expect(requests[0]?.url).not.toContain('identity-token')
  })

  it('refuses credentials of another account than the role names', async () => {
    const { ports } = world(200, answer('999999999999'))
    await expect(awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports)).rejects.toThrow(
      'signed in to account 999999999999, but "aws-role-arn" names 123456789012',
    )
  })

  it.each([
    ['arn:aws-cn:iam::123456789012:role/x', 'cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn/'],
    ['arn:aws-us-gov:iam::123456789012:role/x', 'us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com/'],
  ])('of the partition of %s is asked for at %s', async (role, region, url) => {
    const { ports, requests } = world()
    await awsEnvironment(given({ 'aws-role-arn': role, 'aws-region': region }), ports)
    expect(requests[0]?.url).toBe(url)
  })

  it('is asked for at an endpoint of one’s own where there is one', async () => {
    const { ports, requests } = world(200, answer(), { AWS_ENDPOINT_URL: 'http://127.0.0.1:5000' })
    await awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports)
    expect(requests[0]?.url).toBe('http://127.0.0.1:5000/')
  })

  it('that AWS refuses fails with the reason, the role and both forms of the subject', async () => {
    const { ports } = world(
      403,
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>',
    )
    await expect(
      awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports),
    ).rejects.toMatchObject({
      message: `AWS did not let this job be ${ROLE}: AccessDenied, Not authorized`,
      hint: expect.stringMatching(/repo:<owner>\/<name>:.*repo:<owner>@<id>\/<name>@<id>:/),
    })
  })

  it('without credentials in the answer is a failure', async () => {
    const { ports } = world(200, '<ok/>')
    await expect(awsEnvironment(given({ 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1' }), ports)).rejects.toThrow(
      'without credentials',
    )
  })
})

it('a role and a region are refused by themselves, so together with every other bad input', () => {
  expect(() => awsRole.parse('my-role')).toThrow('it is not the ARN of an IAM role')
  expect(() => awsRegion.parse('Ireland')).toThrow('it is not an AWS region')
  expect([awsRole.parse(ROLE), awsRole.parse(''), awsRegion.parse('us-gov-west-1'), awsRegion.parse('')]).toEqual([
    ...[ROLE, '', 'us-gov-west-1', ''],
  ])
})

it('passes keys on, or nothing', async () => {
  const { ports, requests } = world()
  expect(await awsEnvironment(given({ 'aws-access-key-id': 'AKIDX', 'aws-secret-access-key': 'sss' }), ports)).toEqual({
    AWS_ACCESS_KEY_ID: 'AKIDX',
    AWS_SECRET_ACCESS_KEY: 'sss',
  })
  expect(await awsEnvironment(given(), ports)).toEqual({})
  expect(requests).toEqual([])
})

it.each<[Partial<AwsInputs>, string]>([
  [{ 'aws-role-arn': ROLE }, 'it is required with "aws-role-arn"'],
  [{ 'aws-access-key-id': 'AKIDX' }, 'a key has two parts'],
  [{ 'aws-secret-access-key': 'do-not-show' }, 'a key has two parts'],
  [
    {
      'aws-role-arn': ROLE,
      'aws-region': 'eu-west-1',
      'aws-access-key-id': 'a',
      'aws-secret-access-key': 'do-not-show',
    },
    'together with a key',
  ],
])('refuses %j', async (values, problem) => {
  const error = await awsEnvironment(given(values), world().ports).catch((thrown: unknown) => thrown as Error)
  expect((error as Error).message).toContain(problem)
  expect((error as Error).message).not.toContain('do-not-show')
})
