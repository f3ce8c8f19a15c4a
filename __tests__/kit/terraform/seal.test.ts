import { describe, expect, it } from '@jest/globals'
import { refusals, readEnvelope, type ApplyFacts, type Envelope } from '../../../kit/terraform/envelope.ts'
import { openPlan, sealPlan, sha256 } from '../../../kit/terraform/seal.ts'

const KEY = 'a key that is long enough'
const PLAN = new TextEncoder().encode('PK the bytes of a plan file with a secret in it')
const NONCE = new Uint8Array(28).map((_, index) => index)

const ENVELOPE: Envelope = {
  version: 2,
  repositoryId: 7,
  pullRequest: 42,
  headSha: 'a'.repeat(40),
  baseSha: 'b'.repeat(40),
  tree: 'c'.repeat(40),
  root: 'infra/environments/dev',
  workspace: 'default',
  runId: 99,
  runAttempt: 1,
  binary: 'terraform',
  binaryVersion: '1.11.4',
  lockFileDigest: 'd'.repeat(64),
  planDigest: sha256(PLAN),
  recordDigest: 'f'.repeat(64),
  contract: 'e'.repeat(64),
}

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

describe('R37: a sealed plan', () => {
  const sealed = sealPlan(PLAN, ENVELOPE, KEY, NONCE)

  it('opens with its key, byte for byte', () => {
    const opened = openPlan(sealed, KEY, 'infra.sealed')
    expect(opened.envelope).toEqual(ENVELOPE)
    expect(Buffer.from(opened.plan).equals(Buffer.from(PLAN))).toBe(true)
  })

  it('shows nothing of the plan', () => {
    expect(Buffer.from(sealed).includes('secret')).toBe(false)
  })

  it('does not open with another key', () => {
    expect(thrownBy(() => openPlan(sealed, `${KEY}!`, 'infra.sealed'))).toMatchObject({
      name: 'GateError',
      verdict: 'fail',
      message: 'infra.sealed was changed after it was sealed, or was sealed with another key',
    })
  })

  it('is refused when any one of its bytes was changed', () => {
    // Deriving a key is slow on purpose, so a byte of each part is tried, and every byte of the frame around them.
    const positions = [
      0,
      8,
      9,
      24,
      25,
      36,
      37,
      40,
      41,
      60,
      200,
      sealed.length - PLAN.length - 16,
      sealed.length - PLAN.length - 1,
    ]
    for (const position of [...positions, sealed.length - PLAN.length, sealed.length - 1]) {
      const changed = Uint8Array.from(sealed)
      changed[position]! ^= 1
      expect([position, thrownBy(() => openPlan(changed, KEY, 'x'))]).toEqual([
        position,
        expect.objectContaining({ name: 'GateError' }),
      ])
    }
  })

  it('is refused when it is not the file that its envelope names by SHA-256', () => {
    const other = sealPlan(PLAN, { ...ENVELOPE, planDigest: '0'.repeat(64) }, KEY, NONCE)
    expect(thrownBy(() => openPlan(other, KEY, 'x'))).toMatchObject({
      verdict: 'fail',
      message: 'x holds another plan than its envelope says',
    })
  })

  it('is refused when it was cut, at any place', () => {
    for (const length of [0, 5, 40, 41, 100, sealed.length - PLAN.length - 1, sealed.length - 1])
      expect(thrownBy(() => openPlan(sealed.slice(0, length), KEY, 'x'))).toMatchObject({ name: 'GateError' })
  })

  it('is refused when the envelope of another plan was put around it', () => {
    const other = sealPlan(PLAN, { ...ENVELOPE, pullRequest: 43 }, KEY, NONCE)
    const head = sealed.length - PLAN.length - 16
    const mixed = Buffer.concat([other.subarray(0, head), sealed.subarray(head)])
    expect(thrownBy(() => openPlan(mixed, KEY, 'x'))).toMatchObject({ verdict: 'fail' })
  })
})

describe('R27: an envelope', () => {
  const FACTS: ApplyFacts = {
    repositoryId: 7,
    pullRequest: 42,
    headSha: 'a'.repeat(40),
    root: 'infra/environments/dev',
    workspace: 'default',
    runId: 99,
    runAttempt: 1,
    binary: 'terraform',
    binaryVersion: '1.11.4',
    lockFileDigest: 'd'.repeat(64),
  }

  it('that says what the API says is the one to apply', () => {
    expect(refusals(ENVELOPE, FACTS)).toEqual([])
  })

  it.each<[Partial<Envelope>, string]>([
    [{ repositoryId: 8 }, 'another repository'],
    [{ pullRequest: 41 }, 'made for pull request #41'],
    [{ headSha: '1'.repeat(40) }, 'made at 1111111'],
    [{ root: 'infra/environments/prod' }, 'of the root "infra/environments/prod"'],
    [{ workspace: 'prod' }, 'of the workspace "prod"'],
    [{ runId: 98 }, 'comes from run 98'],
    [{ runAttempt: 2 }, 'attempt 2'],
    [{ binaryVersion: '1.11.5' }, 'terraform 1.11.5'],
    [{ binary: 'tofu' }, 'by tofu'],
    [{ lockFileDigest: '' }, 'lock file'],
  ])('with %j is refused by name', (change, reason) => {
    const reasons = refusals({ ...ENVELOPE, ...change }, FACTS)
    expect(reasons).toHaveLength(1)
    expect(reasons[0]).toContain(reason)
  })

  it('of an older attempt is good: what was run again need not be the plan', () => {
    expect(refusals(ENVELOPE, { ...FACTS, runAttempt: 3 })).toEqual([])
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a field too few', JSON.stringify({ ...ENVELOPE, tree: undefined })],
    ['a field too many', JSON.stringify({ ...ENVELOPE, run: 'rm -rf /' })],
    ['a number as text', JSON.stringify({ ...ENVELOPE, pullRequest: '42' })],
    ['a number that is no whole one', JSON.stringify({ ...ENVELOPE, runId: 1.5 })],
    ['a commit that is none', JSON.stringify({ ...ENVELOPE, headSha: '$(touch x)' })],
    ['another version', JSON.stringify({ ...ENVELOPE, version: 1 })],
    ['another program', JSON.stringify({ ...ENVELOPE, binary: 'sh' })],
  ])('that is %s is none', (_what, text) => {
    expect(readEnvelope(text)).toBeUndefined()
  })
})
