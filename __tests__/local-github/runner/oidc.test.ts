import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { openBench, type JobBench, type JobOptions } from './job-bench.ts'

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
})

const permissions = { 'id-token': 'write' } as const

/** The claims of a token that a step asked for, once its signature was checked with the published keys. */
async function claimsOf(options: JobOptions = {}, query = ''): Promise<Record<string, unknown>> {
  const script = `
fetch(process.env.ACTIONS_ID_TOKEN_REQUEST_URL + process.env.QUERY, {
  headers: { authorization: 'bearer ' + process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN },
}).then(reply => reply.json()).then(body => console.log('token ' + body.value.split('.').join(' ')))
`
  bench.commit('tools/oidc', {
    'action.yml': 'name: o\ndescription: o\nruns:\n  using: node24\n  main: main.js\n',
    'main.js': script,
  })
  const { log } = await bench.run(`- uses: tools/oidc@main\n  env: { QUERY: '${query}' }`, { permissions, ...options })
  const [, header = '', payload = '', signature = ''] = /^token (\S+) (\S+) (\S+)$/m.exec(log) ?? []
  const issuer = `${bench.github.url}/_actions/oidc`
  const configuration = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    issuer: string
    jwks_uri: string
  }
  expect(configuration.issuer).toBe(issuer)
  const { keys } = (await (await fetch(configuration.jwks_uri)).json()) as { keys: (JsonWebKey & { kid: string })[] }
  const decode = (text: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
  const key = keys.find(({ kid }) => kid === decode(header)['kid'])
  expect(decode(header)).toMatchObject({ alg: 'RS256', typ: 'JWT' })
  const published = createPublicKey({ key: key ?? {}, format: 'jwk' })
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), published, Buffer.from(signature, 'base64url'))).toBe(
    true,
  )
  return decode(payload)
}

describe('an identity token', () => {
  it('is signed by the published key and has the claims of the job', async () => {
    const claims = await claimsOf({}, '&audience=sts.amazonaws.com')
    const { id, ownerId } = bench.repository
    expect(claims).toMatchObject({
      iss: `${bench.github.url}/_actions/oidc`,
      aud: 'sts.amazonaws.com',
      sub: `repo:octo@${ownerId}/app@${id}:ref:refs/heads/main`,
      repository: 'octo/app',
      repository_id: String(id),
      repository_visibility: 'public',
      ref: 'refs/heads/main',
      workflow_ref: 'octo/app/.github/workflows/ci.yml@refs/heads/main',
      job_workflow_ref: 'octo/app/.github/workflows/ci.yml@refs/heads/main',
      event_name: 'push',
      actor: 'octo',
      runner_environment: 'self-hosted',
    })
    const seconds = bench.github.now() / 1000
    expect(Math.abs(Number(claims['iat']) - seconds)).toBeLessThan(60)
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300)
    expect(claims).not.toHaveProperty('environment')
  })

  it.each<[string, JobOptions, string]>([
    ['an environment', { environment: 'prod: eu' }, 'environment:prod%3A eu'],
    ['a pull request', { github: { event_name: 'pull_request', ref: 'refs/pull/1/merge' } }, 'pull_request'],
    ['a tag', { github: { ref: 'refs/tags/v1' } }, 'ref:refs/tags/v1'],
  ])('of %s has its subject', async (_name, options, subject) => {
    const claims = await claimsOf(options)
    expect(String(claims['sub']).replace(/^repo:[^:]+:/, '')).toBe(subject)
    expect(claims['aud']).toBe(`${bench.github.url}/octo`)
  })

  it('is for jobs with `id-token: write` only, and only while they run', async () => {
    const probe = '- run: echo "[${ACTIONS_ID_TOKEN_REQUEST_URL:-none}] [${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-none}]"'
    expect((await bench.run(probe)).log).toContain('[none] [none]')
    const { log } = await bench.run(
      `- run: |
    echo "url $ACTIONS_ID_TOKEN_REQUEST_URL"
    echo "token $ACTIONS_ID_TOKEN_REQUEST_TOKEN" | rev`,
      { permissions },
    )
    const url = /^url (\S+)$/m.exec(log)?.[1] ?? ''
    const token = [...(/^(\S+) nekot$/m.exec(log)?.[1] ?? '')].reverse().join('')
    expect(token.length).toBeGreaterThan(20)
    const late = await fetch(url, { headers: { authorization: `bearer ${token}` } })
    expect(late.status).toBe(401)
    expect((await fetch(url)).status).toBe(401)
  })
})
