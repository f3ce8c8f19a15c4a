import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  acknowledgementOf,
  checkId,
  readRecord,
  requestOf,
  requestOfLabel,
  writeRecord,
  type ProtectionRecord,
} from '../../../kit/terraform/acknowledgement.ts'

const A = 'a'.repeat(64)
const RECORD: ProtectionRecord = {
  ...{ pullRequest: 42, runId: 99, digest: A, isProtected: true },
  acknowledged: [{ digest: A, login: 'jonas', source: 'https://github.example/c/1' }],
}
const check = (text: string, change: object = {}) => ({
  ...{ name: 'Terraform protection dev', externalId: checkId(42), conclusion: 'failure', text, url: '' },
  ...change,
})

describe('a request', () => {
  it.each([
    ['/ack 4f2a91c07be31d55', '4f2a91c07be31d55'],
    ['  /ack\t4F2A91C07BE31D55\r\n', '4f2a91c07be31d55'],
    [`/ack ${A}`, A],
    ['/ack 4f2a91c07be31d5', ''],
    [`/ack ${A}0`, ''],
    ['/ack', ''],
    ['/ack 4f2a91c07be31d55 please', ''],
    ['/ack 4f2a91c07be31d55\n/ack 5f2a91c07be31d55', ''],
    ['/ack $(id)', ''],
    ['/acknowledge 4f2a91c07be31d55', undefined],
    ['> /ack 4f2a91c07be31d55', undefined],
    ['please /ack 4f2a91c07be31d55', undefined],
    ['', undefined],
  ])('%j', (comment, digits) => expect(requestOf(comment)).toBe(digits))

  it('is nothing but digits of a digest, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(requestOf(`/ack ${text}`) ?? '').toMatch(/^(?:[0-9a-f]{16,64})?$/)
      }),
    )
  })

  it.each([
    ['ack:4f2a91c07be31d55', '4f2a91c07be31d55'],
    ['ack:', ''],
    ['ack: 4f2a91c07be31d55', ''],
    ['bug', undefined],
  ])('by label %j', (label, digits) => expect(requestOfLabel(label)).toBe(digits))
})

describe('the record in a check', () => {
  it('is read as it was written', () => {
    expect(readRecord(check(writeRecord(RECORD)), 42)).toEqual(RECORD)
  })

  it.each([
    ['of another pull request', check(writeRecord(RECORD)), 43],
    ['of a check with another id', check(writeRecord(RECORD), { externalId: 'run-1' }), 42],
    ['of a check with another name', check(writeRecord(RECORD), { name: 'plan' }), 42],
    ['that says another pull request', check(writeRecord({ ...RECORD, pullRequest: 7 })), 42],
    ['that is gone', check(''), 42],
    ['that was cut', check(writeRecord(RECORD).slice(0, 60)), 42],
    ['without a digest', check(writeRecord({ ...RECORD, digest: 'x' })), 42],
  ])('%s is none', (_, given, pullRequest) => expect(readRecord(given, pullRequest)).toBeUndefined())

  it('acknowledges one digest only', () => {
    expect(acknowledgementOf(RECORD, A)?.login).toBe('jonas')
    expect(acknowledgementOf(RECORD, `${A.slice(0, 63)}b`)).toBeUndefined()
    expect(acknowledgementOf(undefined, A)).toBeUndefined()
  })

  it('does not outgrow a check, however often there was an acknowledgement', () => {
    const one = { digest: A, login: 'l'.repeat(39), source: `https://github.example/${'c'.repeat(200)}` }
    const text = writeRecord({ ...RECORD, acknowledged: Array.from({ length: 10_000 }, () => one) })
    expect(Buffer.byteLength(text)).toBeLessThan(65_535)
    expect(readRecord(check(text), 42)?.acknowledged).toHaveLength(50)
  })
})
