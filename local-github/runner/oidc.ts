import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import type { LocalGitHub } from '../local-github.ts'
import { contextText } from './job-environment.ts'
import type { JobPlan } from './job-plan.ts'

/** Gives jobs the means to ask for an identity token. */
export interface OidcIssuer {
  /** Variables for the job's steps. */
  open(plan: JobPlan): Readonly<Record<string, string>>
  close(plan: JobPlan): void
}

const prefix = '/_actions/oidc'
const lifetimeSeconds = 300
/** Repositories made from this day on have ids in `sub` unless they choose otherwise. */
const immutableSubjectSince = '2026-07-15'

/** Serves an OpenID issuer whose tokens have GitHub's claims. The key lives in the state folder, so that it survives a restart. */
export function serveOidc(github: LocalGitHub): OidcIssuer {
  const issuer = `${github.url}${prefix}`
  let loaded: SigningKey | undefined
  const key = (): SigningKey => (loaded ??= loadKey(join(github.stateFolder, 'oidc-key.pem')))
  const plans = new Map<string, JobPlan>()

  github.serve(prefix, (request, response) => {
    const url = new URL(request.url ?? '/', github.url)
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname
    if (path === '/.well-known/openid-configuration') return reply(response, 200, configuration(issuer))
    if (path === '/.well-known/jwks')
      return reply(response, 200, { keys: [{ ...key().publicJwk, kid: key().id, use: 'sig', alg: 'RS256' }] })
    if (path !== '/token') return reply(response, 404, { message: 'Not Found' })
    const token = /^bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const plan = plans.get(token)
    if (!plan) return reply(response, 401, { message: 'The job of this token is over, or it has no `id-token: write`' })
    const claims = claimsOf(github, plan, issuer, url.searchParams.get('audience') ?? '')
    return reply(response, 200, { count: 1, value: signToken(claims, key()) })
  })

  return {
    open: plan => {
      const token = randomBytes(32).toString('base64url')
      plans.set(token, plan)
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: token,
      }
    },
    close: plan => {
      for (const [token, open] of plans) if (open === plan) plans.delete(token)
    },
  }
}

function configuration(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
    claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', ...claimNames],
  }
}

/** Claims that are the `github` context's values under the same name. */
const copied = [
  'actor',
  'actor_id',
  'base_ref',
  'event_name',
  'head_ref',
  'ref',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'run_attempt',
  'run_id',
  'run_number',
  'sha',
  'workflow',
  'workflow_ref',
  'workflow_sha',
]
const claimNames = [
  ...copied,
  'environment',
  'job_workflow_ref',
  'job_workflow_sha',
  'repository_visibility',
  'runner_environment',
  'check_run_id',
]

function claimsOf(github: LocalGitHub, plan: JobPlan, issuer: string, audience: string): Record<string, unknown> {
  const of = (key: string): string => contextText(plan.contexts, 'github', key)
  const repository = github.store.repositories.get(plan.run.repositoryId)
  const now = Math.floor(github.now() / 1000)
  return {
    ...Object.fromEntries(copied.map(name => [name, of(name)])),
    ...(plan.environment === null ? {} : { environment: plan.environment.name }),
    jti: randomUUID(),
    iss: issuer,
    sub: subjectOf(plan, of, (repository?.createdAt ?? '') >= immutableSubjectSince),
    aud: audience || `${of('server_url')}/${of('repository_owner')}`,
    job_workflow_ref: contextText(plan.contexts, 'job', 'workflow_ref') || of('workflow_ref'),
    job_workflow_sha: plan.source.sha,
    repository_visibility: repository?.private ? 'private' : 'public',
    runner_environment: 'self-hosted',
    check_run_id: String(plan.job.checkRunId),
    iat: now,
    nbf: now - 300,
    exp: now + lifetimeSeconds,
  }
}

function subjectOf(plan: JobPlan, of: (key: string) => string, immutable: boolean): string {
  const [owner = '', name = ''] = of('repository').split('/')
  const repository = immutable
    ? `${owner}@${of('repository_owner_id')}/${name}@${of('repository_id')}`
    : `${owner}/${name}`
  return `repo:${repository}:${contextOfSubject(plan, of)}`
}

function contextOfSubject(plan: JobPlan, of: (key: string) => string): string {
  if (plan.environment !== null) return `environment:${plan.environment.name.replaceAll(':', '%3A')}`
  return of('event_name') === 'pull_request' ? 'pull_request' : `ref:${of('ref')}`
}

interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicJwk: JsonWebKey
}

function signToken(claims: Record<string, unknown>, key: SigningKey): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ typ: 'JWT', alg: 'RS256', kid: key.id })}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`
}

function loadKey(file: string): SigningKey {
  if (!existsSync(file)) {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  const privateKey = createPrivateKey(readFileSync(file))
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' })
  const id = createHash('sha256').update(JSON.stringify(publicJwk)).digest('hex').slice(0, 40)
  return { id, privateKey, publicJwk }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}
