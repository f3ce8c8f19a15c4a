import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isPlanned, readRecord } from '../../../actions/terraform-plan/src/read-record.ts'
import { failureRecord } from '../../../actions/terraform-plan/src/record.ts'
import { planReport, type ReportFacts } from '../../../actions/terraform-plan/src/report.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { countChanges, hasChanges, parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { RECORD_FACTS, recordOf } from './make-record.ts'
import { bigPlan, smallPlans } from './random-plan.ts'

const FACTS: ReportFacts = {
  ...{ subject: 'shop/dev', root: 'infra/dev', sha: 'a1b2c3d4e5', runNumber: 57, binary: 'terraform' },
  ...{ runUrl: 'https://github.example/run', binaryVersion: '1.11.4', warnings: 0, shortValues: 0, remarks: [] },
  contract: '4f2a91c07be31d55',
}
const BUDGET = { bytes: 262_144, characters: Infinity }

function commentOf(plan: Plan, hide: (text: string) => string): string {
  return planReport(plan, countChanges(plan), FACTS, hide).comments(BUDGET).join('\n')
}

function planIn(record: string): Plan {
  const { outcome } = readRecord(record)
  if (!isPlanned(outcome)) throw new Error('the record has no plan')
  return outcome.plan
}

const FOLDER = join(import.meta.dirname, '../../kit/terraform/fixtures')
const SHAPES = readdirSync(FOLDER).filter(shape => existsSync(join(FOLDER, shape, 'plan.json')))

describe('a record', () => {
  it.each(SHAPES)('of the shape %s tells all that the plan itself told', shape => {
    const planned = parsePlan(fixtureText(shape), shape)
    const { plan, hide } = createHider(planned, [])
    const read = planIn(recordOf(planned))
    expect(commentOf(read, text => text)).toBe(commentOf(plan, hide))
    expect(hasChanges(read)).toBe(hasChanges(plan))
    expect({ ...countChanges(read), read: 0 }).toEqual({ ...countChanges(plan), read: 0 })
  })

  it('of a large plan tells it in the same way', () => {
    const planned = bigPlan(1, 800)
    const { plan, hide } = createHider(planned, [])
    expect(commentOf(planIn(recordOf(planned)), text => text)).toBe(commentOf(plan, hide))
  })

  it('of any plan is read', () => {
    fc.assert(
      fc.property(smallPlans, planned => {
        const { plan } = createHider(planned, [])
        const read = planIn(recordOf(planned))
        expect({ ...countChanges(read), read: 0 }).toEqual({ ...countChanges(plan), read: 0 })
      }),
      { numRuns: 50 },
    )
  })

  it('keeps all digits of numbers', () => {
    const digits = '12345678901234567890.5'
    const planned = parsePlan(
      `{"resource_changes":[{"address":"x.y","mode":"managed","type":"x","change":{"actions":["create"],"after":{"n":${digits},"l":[1e400]}}}]}`,
      'plan',
    )
    const record = recordOf(planned)
    expect(record).toContain(digits)
    expect(commentOf(planIn(record), text => text)).toContain(`n = ${digits}`)
  })

  it('that has no room for attributes says of how many objects, and keeps those in danger', () => {
    const long = 'x'.repeat(7 * 1024 * 1024)
    const change = (actions: readonly string[]) => ({ actions, before: { a: 1 }, after: { a: long } })
    const objects = ['create', 'update', 'update'].map((action, index) => ({
      ...{ address: `x.y${index}`, mode: 'managed', type: 'x', change: change([action]) },
    }))
    const replaced = { address: 'x.z', mode: 'managed', type: 'x', change: change(['delete', 'create']) }
    const record = recordOf(parsePlan(JSON.stringify({ resource_changes: [...objects, replaced] }), 'plan'))
    const { outcome } = readRecord(record)
    expect(outcome).toMatchObject({ withoutAttributes: 2 })
    expect(planIn(record).changes.at(-1)?.differences).not.toEqual([])
  })

  it('of a failure says why', () => {
    const failure = { message: 'terraform plan failed\nmore', cause: 'Unsupported argument', hint: 'Fix it' }
    expect(readRecord(failureRecord(RECORD_FACTS, failure)).outcome).toEqual(failure)
  })
})
