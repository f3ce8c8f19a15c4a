import type { OwnCheck } from '../ports.ts'
import { isList, isObject, member, parseJson, type Json } from './json.ts'
import { readOutline, type Outline } from './outline.ts'

/** Somebody's word for one digest. */
export interface Acknowledgement {
  /** Contract digest, SHA-256 in hex. */
  readonly digest: string
  readonly login: string
  /** Where it was said: address of a comment, or `label <name>`. */
  readonly source: string
}

/**
 * What our check run remembers of a plan. It stands in the check's text, where only the app that made the check can write,
 * and is all that is read of an acknowledgement: comments and labels are requests.
 */
export interface ProtectionRecord {
  readonly pullRequest: number
  /** Run that planned, to be started again once all is acknowledged. */
  readonly runId: number
  /** Contract digest of the plan. */
  readonly digest: string
  /** Whether the plan has protected changes. */
  readonly isProtected: boolean
  /** The newest last; those of earlier heads come along. */
  readonly acknowledged: readonly Acknowledgement[]
  /** What the plan touches, to tell later what changed; `undefined` when it is too much. */
  readonly outline?: Outline | undefined
}

/** Every check of ours about protection begins so; behind it stands what the plan's comment is known by. */
export const CHECK_NAME = 'Terraform protection'

/** One check for a head and pull request, so that an older answer never stands beside a newer one. */
export function checkId(pullRequest: number): string {
  return `slipway-protection 1 pull-request ${pullRequest}`
}

/** Digits of a digest that a request names: 16 at least, which nobody finds a second plan for by chance. */
const HEX = /^[0-9a-f]{16,64}$/
const DIGEST = /^[0-9a-f]{64}$/
const FENCE = '```'
const RECORD = new RegExp(`^${FENCE}json\\n(\\{.*\\})\\n${FENCE}$`, 'm')
const MOST_ACKNOWLEDGEMENTS = 50

/** The digits of `/ack <digits>`; `undefined` when the comment is no such request, `''` when it is one without good digits. */
export function requestOf(comment: string): string | undefined {
  const [verb, digits = '', ...rest] = comment.trim().split(/\s+/)
  if (verb !== '/ack') return undefined
  return rest.length === 0 && HEX.test(digits.toLowerCase()) ? digits.toLowerCase() : ''
}

/** As `requestOf`, for a label `ack:<digits>`. */
export function requestOfLabel(label: string): string | undefined {
  const match = /^ack:(.*)$/s.exec(label)
  if (match?.[1] === undefined) return undefined
  return HEX.test(match[1]) ? match[1] : ''
}

export function writeRecord(record: ProtectionRecord): string {
  const kept = { ...record, acknowledged: record.acknowledged.slice(-MOST_ACKNOWLEDGEMENTS) }
  return `What the next run reads:\n\n${FENCE}json\n${JSON.stringify({ version: 1, ...kept })}\n${FENCE}`
}

/** `undefined` for a check that is none of protection of this pull request, or that a person cannot have left whole. */
export function readRecord(check: OwnCheck, pullRequest: number): ProtectionRecord | undefined {
  if (check.externalId !== checkId(pullRequest) || !check.name.startsWith(`${CHECK_NAME} `)) return undefined
  const [, json = ''] = RECORD.exec(check.text) ?? []
  let record: Json
  try {
    record = parseJson(json)
  } catch {
    return undefined
  }
  const [runId, digest, listed] = ['runId', 'digest', 'acknowledged'].map(name => member(record, name))
  if (member(record, 'version') !== 1 || member(record, 'pullRequest') !== pullRequest) return undefined
  if (typeof runId !== 'number' || !isDigest(digest) || !isList(listed)) return undefined
  const acknowledged = listed.flatMap(readAcknowledgement)
  const outline = readOutline(member(record, 'outline'))
  const isProtected = member(record, 'isProtected') !== false
  return { pullRequest, runId, digest, isProtected, acknowledged, ...(outline === undefined ? {} : { outline }) }
}

function readAcknowledgement(value: Json): Acknowledgement[] {
  const [digest, login, source] = ['digest', 'login', 'source'].map(name => member(value, name))
  if (!isObject(value) || !isDigest(digest) || typeof login !== 'string' || typeof source !== 'string') return []
  return [{ digest, login, source }]
}

function isDigest(value: Json | undefined): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}

/** Who acknowledged exactly this digest. */
export function acknowledgementOf(
  record: Pick<ProtectionRecord, 'acknowledged'> | undefined,
  digest: string,
): Acknowledgement | undefined {
  return record?.acknowledged.findLast(one => one.digest === digest)
}
