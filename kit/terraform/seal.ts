import { createCipheriv, createDecipheriv, hash, scryptSync } from 'node:crypto'
import { GateError } from '../errors.ts'
import { Unusable, type Parser } from '../inputs.ts'
import { readEnvelope, type Envelope } from './envelope.ts'
import { canonicalText, type Json } from './json.ts'

/**
 * A sealed plan: `SLIPPLAN` and a version byte, salt (16 bytes), nonce (12), length of the envelope (4, big endian),
 * envelope (JSON), tag (16), then the plan under AES-256-GCM. All before the tag is additional data, so a change of any
 * byte of the file is found out.
 */
const MAGIC = Buffer.from('SLIPPLAN\u0001', 'latin1')
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const LONGEST_ENVELOPE_BYTES = 8192

/** Larger ones are refused before they are read. */
export const LARGEST_SEALED_PLAN_BYTES = 256 * 1024 * 1024

const SHORTEST_KEY = 16

/** Secret that seals plans and enters sensitive values into the contract; `undefined` when not given. */
export const planKey: Parser<string | undefined> = {
  secret: true,
  parse(raw) {
    if (raw === '') return undefined
    if (raw.length < SHORTEST_KEY)
      throw new Unusable(
        `it has fewer than ${SHORTEST_KEY} characters`,
        'Make one with "openssl rand -hex 32" and store it as a secret',
      )
    return raw
  },
}

export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes)
}

/** @param randomBytes 28 of them, never used before */
export function sealPlan(plan: Uint8Array, envelope: Envelope, key: string, randomBytes: Uint8Array): Uint8Array {
  const salt = randomBytes.subarray(0, SALT_BYTES)
  const nonce = randomBytes.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES)
  const text = Buffer.from(canonicalText(envelope as unknown as Json))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  const head = Buffer.concat([MAGIC, salt, nonce, length, text])
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, salt), nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(head)
  const body = Buffer.concat([cipher.update(plan), cipher.final()])
  return Buffer.concat([head, cipher.getAuthTag(), body])
}

/**
 * Opens a sealed plan.
 * @param name what to call it in an error
 * @throws GateError (`invalid`) when it is no sealed plan, (`fail`) when a byte was changed or the key is another one
 */
export function openPlan(sealed: Uint8Array, key: string, name: string): { envelope: Envelope; plan: Uint8Array } {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const { envelope, headBytes } = readHead(bytes, name)
  const salt = bytes.subarray(MAGIC.length, MAGIC.length + SALT_BYTES)
  const nonce = bytes.subarray(MAGIC.length + SALT_BYTES, MAGIC.length + SALT_BYTES + NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(key, salt), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bytes.subarray(0, headBytes))
  decipher.setAuthTag(bytes.subarray(headBytes, headBytes + TAG_BYTES))
  let plan: Buffer
  try {
    plan = Buffer.concat([decipher.update(bytes.subarray(headBytes + TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new GateError(`${name} was changed after it was sealed, or was sealed with another key`, {
      verdict: 'fail',
      cause,
      hint: 'Check that plan and apply use the same "plan-key"; if they do, find out who changed the artifact.',
    })
  }
  if (sha256(plan) !== envelope.planDigest)
    throw new GateError(`${name} holds another plan than its envelope says`, { verdict: 'fail' })
  return { envelope, plan }
}

function readHead(bytes: Buffer, name: string): { envelope: Envelope; headBytes: number } {
  const start = MAGIC.length + SALT_BYTES + NONCE_BYTES + 4
  const unreadable = (problem: string) =>
    new GateError(`${name} is not a sealed plan: ${problem}`, {
      verdict: 'invalid',
      hint: 'Run the plan again; its artifact may have been cut, or comes from another version of Slipway: give plan and apply the same one.',
    })
  if (bytes.length < start + TAG_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw unreadable('it does not begin like one')
  const length = bytes.readUInt32BE(start - 4)
  const headBytes = start + length
  if (length > LONGEST_ENVELOPE_BYTES || bytes.length < headBytes + TAG_BYTES) throw unreadable('it has been cut')
  const envelope = readEnvelope(bytes.toString('utf8', start, headBytes))
  if (envelope === undefined) throw unreadable('its envelope is not one')
  return { envelope, headBytes }
}

/** Slow on purpose: a plan-key may be a phrase that someone thought up. About 60 ms and 32 MiB. */
function deriveKey(key: string, salt: Uint8Array): Buffer {
  return scryptSync(key, salt, 32, { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 })
}
