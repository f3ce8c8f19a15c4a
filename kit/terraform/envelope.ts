import { isObject, member, parseJson, type Json } from './json.ts'

/** Where a plan comes from and what it is for. It is readable, and bound to the sealed plan as additional data. */
export interface Envelope {
  readonly version: 2
  readonly repositoryId: number
  readonly pullRequest: number
  readonly headSha: string
  readonly baseSha: string
  /** Git tree of the files that were planned. */
  readonly tree: string
  readonly root: string
  readonly workspace: string
  readonly runId: number
  readonly runAttempt: number
  readonly binary: string
  readonly binaryVersion: string
  /** SHA-256 of the dependency lock file; empty when the root has none. */
  readonly lockFileDigest: string
  /** SHA-256 of the plan file. */
  readonly planDigest: string
  /** SHA-256 of the record beside it. */
  readonly recordDigest: string
  readonly contract: string
}

const SHA1 = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/
const SHA256 = /^[0-9a-f]{64}$/

const FIELDS: { readonly [K in keyof Envelope]: (value: Json | undefined) => boolean } = {
  version: value => value === 2,
  repositoryId: isPositive,
  pullRequest: isPositive,
  headSha: matches(SHA1),
  baseSha: matches(SHA1),
  tree: matches(SHA1),
  root: value => typeof value === 'string' && value.length <= 1024,
  workspace: value => typeof value === 'string' && value.length <= 90,
  runId: isPositive,
  runAttempt: isPositive,
  binary: value => value === 'terraform' || value === 'tofu',
  binaryVersion: matches(/^[0-9A-Za-z.+-]{1,64}$/),
  lockFileDigest: matches(/^(?:[0-9a-f]{64})?$/),
  planDigest: matches(SHA256),
  recordDigest: matches(SHA256),
  contract: matches(SHA256),
}

/** The envelope in a text; `undefined` when it is none: a field is missing, is one too many or has a value it cannot have. */
export function readEnvelope(text: string): Envelope | undefined {
  let document: Json
  try {
    document = parseJson(text)
  } catch {
    return undefined
  }
  if (!isObject(document)) return undefined
  const names = Object.keys(FIELDS) as (keyof Envelope)[]
  if (Object.keys(document).length !== names.length) return undefined
  if (!names.every(name => FIELDS[name](member(document, name)))) return undefined
  return document as unknown as Envelope
}

/** What the event and the API say at the time of apply; an envelope must say the same. */
export interface ApplyFacts {
  readonly repositoryId: number
  readonly pullRequest: number
  readonly headSha: string
  readonly root: string
  readonly workspace: string
  /** The head's newest successful plan run. */
  readonly runId: number
  readonly runAttempt: number
  readonly binary: string
  readonly binaryVersion: string
  readonly lockFileDigest: string
}

/**
 * Every reason why the plan of `envelope` is not of what was merged here; empty when it is. Other files than the planned ones
 * are no reason: what they do can be planned again and compared.
 */
export function refusals(envelope: Envelope, facts: ApplyFacts): string[] {
  const reasons: string[] = []
  const require = (same: boolean, reason: string) => {
    if (!same) reasons.push(reason)
  }
  require(envelope.repositoryId ===
    facts.repositoryId, `it was made in another repository (id ${envelope.repositoryId})`)
  require(envelope.pullRequest ===
    facts.pullRequest, `it was made for pull request #${envelope.pullRequest}, and #${facts.pullRequest} was merged`)
  require(envelope.headSha ===
    facts.headSha, `it was made at ${short(envelope.headSha)}, and the head that was merged is ${short(facts.headSha)}`)
  // A later attempt may have run other jobs again only.
  require(envelope.runId === facts.runId &&
    envelope.runAttempt <=
      facts.runAttempt, `it comes from run ${envelope.runId} attempt ${envelope.runAttempt}, and the newest plan of that head is run ${facts.runId} attempt ${facts.runAttempt}`)
  require(envelope.root === facts.root, `it is of the root ${JSON.stringify(envelope.root)}`)
  require(envelope.workspace === facts.workspace, `it is of the workspace ${JSON.stringify(envelope.workspace)}`)
  require(envelope.binary === facts.binary &&
    envelope.binaryVersion ===
      facts.binaryVersion, `it was made by ${envelope.binary} ${envelope.binaryVersion}, and this is ${facts.binary} ${facts.binaryVersion}: give plan and apply the same "binary-version"`)
  require(envelope.lockFileDigest ===
    facts.lockFileDigest, 'the dependency lock file is not the one that was planned with: commit .terraform.lock.hcl')
  return reasons
}

function short(sha: string): string {
  return sha.slice(0, 7)
}

function isPositive(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

function matches(pattern: RegExp): (value: Json | undefined) => boolean {
  return value => typeof value === 'string' && pattern.test(value)
}
