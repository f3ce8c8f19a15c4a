import { gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planReport } from '../../../actions/terraform-plan/src/report.ts'
import { planRecord, type RecordFacts } from '../../../actions/terraform-plan/src/record.ts'
import { recordContract } from '../../../kit/terraform/contract-differences.ts'
import { makeContract } from '../../../kit/terraform/contract.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { countChanges, parsePlan } from '../../../kit/terraform/plan.ts'
import { FACTS } from '../../kit/terraform/contract-plans.ts'
import { leaksIn } from '../../support/leaks.ts'

/** As Terraform's `jsonencode` writes it. */
const goJson = (value: unknown) =>
  JSON.stringify(value).replace(/[<>&]/g, character => `\\u00${character.charCodeAt(0).toString(16)}`)

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** How a provider or a configuration copies a value to where no mark is. */
const COPIES: readonly ((secret: string) => unknown)[] = [
  secret => secret,
  secret => `before ${secret} after`,
  secret => [secret, { deep: secret }],
  secret => ({ [secret]: 'a key' }),
  secret => JSON.stringify({ password: secret, port: 1 }),
  secret => JSON.stringify(JSON.stringify([secret])),
  secret => goJson({ password: secret }),
  secret => goJson(goJson([secret])),
  secret => base64(secret),
  secret => base64(`u:${secret}`),
  secret => base64(`us:${secret}!`),
  secret => base64(base64(`user: ${secret}`)),
  secret => Buffer.from(secret).toString('base64url'),
  secret => Buffer.from(secret).toString('hex'),
  secret => Buffer.from(secret).toString('hex').toUpperCase(),
  secret => encodeURIComponent(secret),
  secret => gzipSync(`#!/bin/sh\npassword=${secret}\n`).toString('base64'),
  secret => `script: |\n${secret.replace(/^/gm, '    ')}\nend`,
  secret => `<p>${secret.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}</p>`,
]

const secretOf = fc.oneof(
  fc
    .string({ unit: fc.constantFrom(...'aB3x/+=_-.$ !%<>&"\'\\é'), minLength: 8, maxLength: 30 })
    .map(text => `q7${text}Z9`),
  fc
    .array(fc.string({ unit: fc.constantFrom(...'aB3x+=_'), minLength: 1, maxLength: 12 }), {
      minLength: 2,
      maxLength: 4,
    })
    .map(lines => `q7begin8\n${lines.join('\n')}\nZ9end8x`),
  fc.integer({ min: 10_000_000, max: 2_000_000_000 }).map(String),
)

it('R10: no report and no record of any plan holds a planted secret, and names stay', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(secretOf, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 8 }),
      (secrets, copies) => {
        const holder = { address: 'x_y.holder', type: 'x_y', name: 'holder', mode: 'managed' }
        const changes = copies.map(([which, how, isUpdate], index) => {
          const copy = (shift: number) => COPIES[how % COPIES.length]!(secrets[(which + shift) % secrets.length]!)
          return {
            ...{ address: `x_y.copy_${index}`, type: 'x_y', name: `copy_${index}`, mode: 'managed' },
            change: isUpdate
              ? {
                  actions: ['update'],
                  before: { a: copy(0), b: 'visible-one' },
                  after: { a: copy(1), b: 'visible-two' },
                }
              : { actions: ['create'], before: null, after: { a: copy(0), b: 'visible-two' } },
          }
        })
        const document = {
          resource_changes: [
            { ...holder, change: { actions: ['create'], after: { all: secrets }, after_sensitive: { all: true } } },
            ...changes,
          ],
          output_changes: { out: { actions: ['create'], after: COPIES[copies[0]![1] % COPIES.length]!(secrets[0]!) } },
        }
        const hider = createHider(parsePlan(JSON.stringify(document), 'plan'), [])
        const counts = countChanges(hider.plan)
        const contract = makeContract(hider.plan, FACTS, { planKey: undefined, isTainted: hider.isTainted })
        const facts: Omit<RecordFacts, 'counts'> = {
          ...{ root: 'infra', workspace: 'default', repositoryId: 7, pullRequest: 42, headSha: 'a', runId: 1 },
          ...{ runAttempt: 1, contract: contract.digest, keyed: false, ignorePaths: [], key: '' },
          ...{ extent: { targets: [], destroy: false, 'pre-run': '' }, verdict: 'pass', binary: 'terraform' },
          ...{ warnings: 0, shortValues: 0, delta: undefined, protection: undefined, policies: undefined },
          contractParts: recordContract(contract, hider.hide),
        }
        const report = planReport(
          hider.plan,
          counts,
          {
            ...{ subject: 'shop', root: 'infra', sha: 'a', runNumber: 1, runUrl: '', binary: 'terraform' },
            ...{ binaryVersion: undefined, contract: '', warnings: 0, shortValues: 0, remarks: [] },
          },
          hider.hide,
        )
        const published = [
          ...report.comments({ bytes: 262_144, characters: Infinity }),
          report.summary(1_048_576),
          planRecord(hider.plan, { ...facts, counts }, hider.hide),
        ].join('\n')
        expect(leaksIn(published, secrets)).toEqual([])
        for (const { address } of changes) expect(published).toContain(address)
        expect(published).toContain('visible-two')
      },
    ),
    { numRuns: 60 },
  )
})
