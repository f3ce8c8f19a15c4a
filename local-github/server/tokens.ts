/** Tokens: minted once in clear, kept as hashes. */
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { NewToken } from '../local-github.ts'
import type { Account, Store, Token } from '../model.ts'
import type { Actor } from './context.ts'
import { Refusal } from './reply.ts'

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const randomLetters = (length: number): string => [...randomBytes(length)].map(byte => letters[byte % 62]).join('')

/** Job tokens have the length and the dots of GitHub's stateless ones, so that nobody relies on forty characters. */
const newSecret = (kind: Token['kind']): string =>
  kind === 'user'
    ? `ghp_${randomLetters(36)}`
    : `ghs_${randomBytes(27).toString('base64url')}.${randomBytes(270).toString('base64url')}.${randomBytes(96).toString('base64url')}`

export function mintToken(store: Store, account: Account, token: NewToken, nowMilliseconds: number): string {
  const secret = newSecret(token.kind)
  const { expiresInSeconds } = token
  store.tokens.insert({
    hash: hashOf(secret),
    accountId: account.id,
    kind: token.kind,
    expiresAt:
      expiresInSeconds === undefined ? null : new Date(nowMilliseconds + expiresInSeconds * 1000).toISOString(),
    ...(token.repositoryId === undefined ? {} : { repositoryId: token.repositoryId }),
    ...(token.permissions === undefined ? {} : { permissions: token.permissions }),
    ...(token.runId === undefined ? {} : { runId: token.runId }),
    ...(token.jobId === undefined ? {} : { jobId: token.jobId }),
  })
  return secret
}

/** Null for an anonymous request; throws GitHub's 401 for a token that is wrong or has expired. */
export function authenticate(store: Store, headers: IncomingHttpHeaders, nowMilliseconds: number): Actor | null {
  const secret = secretOf(headers.authorization)
  if (secret === null) return null
  const hash = hashOf(secret)
  const token = store.tokens.find(candidate => candidate.hash === hash)
  const account = token && store.accounts.get(token.accountId)
  const expired = token?.expiresAt != null && Date.parse(token.expiresAt) <= nowMilliseconds
  if (!token || !account || expired) throw new Refusal(401, 'Bad credentials')
  return { account, token }
}

function secretOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null
  const [scheme = '', value = ''] = authorization.split(/\s+/, 2)
  if (/^(token|bearer)$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) throw new Refusal(401, 'Bad credentials')
  const [user = '', ...rest] = Buffer.from(value, 'base64').toString().split(':')
  const password = rest.join(':')
  return password === '' || password === 'x-oauth-basic' ? user : password
}
