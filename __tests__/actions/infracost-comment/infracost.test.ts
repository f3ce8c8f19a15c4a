import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { readFileSync } from 'node:fs'
import { compareEstimate, type Comparison } from '../../../actions/infracost-comment/src/compare.ts'
import { judge } from '../../../actions/infracost-comment/src/gate.ts'
import { readInfracost } from '../../../actions/infracost-comment/src/infracost-read.ts'
import { diffName, writeInfracost } from '../../../actions/infracost-comment/src/infracost-write.ts'
import { listUnpriced, listUsage } from '../../../actions/infracost-comment/src/unpriced.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import Big from 'big.js'
import { compare, makePlan } from './plans.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')
const sample = fixture('infracost')
const ajv = new Ajv2020({ allowUnionTypes: true, strict: true, strictRequired: false })
formats.default(ajv)
const isValid = ajv.compile(JSON.parse(fixture('infracost-schema')) as object)

const facts = {
  commitSha: 'a'.repeat(40),
  branch: 'topic',
  generatedAt: '2026-11-21T00:00:00.000Z',
  projectType: 'terraform_plan_json',
}
const write = (comparison: Comparison) => writeInfracost(comparison, facts)
const totals = ({ past, current, delta, unknownCount }: Comparison) => [
  past.toFixed(2),
  current.toFixed(2),
  delta.toFixed(2),
  unknownCount,
]

interface Document {
  projects: { name: string; breakdown: unknown; pastBreakdown: unknown; metadata: object }[]
  [key: string]: unknown
}

function changed(change: (document: Document) => void): string {
  const document = JSON.parse(sample) as Document
  change(document)
  return JSON.stringify(document)
}

describe('Infracost JSON 0.2', () => {
  it('is read with exact amounts, unknown prices apart and usage with its rate', () => {
    const comparison = compareEstimate(readInfracost(sample, 'infracost.json'))
    expect(totals(comparison)).toEqual(['8.39', '15.98', '7.59', 3])
    expect(comparison.exact.delta.toFixed()).toBe('7.592')
    expect(listUnpriced(comparison)).toEqual([
      '`aws_dx_connection.line` (price unknown: DX connection)',
      '2 × `aws_sfn_state_machine` (type not priced)',
    ])
    expect(listUsage(comparison)).toEqual([
      'Duration (first 6B) (by usage, $0.0000166667 per GB-seconds)',
      'Requests (by usage, $0.20 per 1M requests)',
    ])
  })

  it.each([
    ['a first plan made by terraform', () => compare(parsePlan(fixture('added'), 'plan'))],
    ['a change made by terraform', () => compare(parsePlan(fixture('changed'), 'plan'))],
    ['nothing', () => compare(makePlan([]))],
    ['a file of Infracost', () => compareEstimate(readInfracost(sample, 'x'))],
    [
      'a file without a past',
      () =>
        compareEstimate(
          readInfracost(
            changed(d => (d.projects[0]!.pastBreakdown = null)),
            'x',
          ),
        ),
    ],
  ])('is valid when it is written of %s', (_, make) => {
    expect(isValid(JSON.parse(write(make())))).toBe(true)
    expect(isValid.errors).toBeNull()
  })

  it.each(['added', 'changed'])('gives the same figures when it is read again (%s)', name => {
    const first = compare(parsePlan(fixture(name), 'plan'))
    const again = compareEstimate(readInfracost(write(first), 'written'))
    expect(totals(again)).toEqual(totals(first))
    expect(again.exact.delta.eq(first.exact.delta)).toBe(true)
  })

  it('holds no name, address or tag of a person', () => {
    expect(write(compareEstimate(readInfracost(sample, 'x')))).not.toMatch(/Ada|ada@/)
  })

  it.each([
    [
      'Instance usage (Linux/UNIX, on-demand, t3.micro)',
      'Instance usage (Linux/UNIX, on-demand, t3.small)',
      'Instance usage (Linux/UNIX, on-demand, t3.micro → t3.small)',
    ],
    ['Storage (gp2)', 'Storage (general purpose SSD, gp3)', 'Storage (gp2) → (general purpose SSD, gp3)'],
    ['NAT gateway', 'NAT gateway', 'NAT gateway'],
  ])('names a change from %s to %s as Infracost does', (past, current, name) => {
    const component = { unit: 'hours', monthlyQuantity: null, price: null, monthlyCost: null, usageBased: false }
    expect(diffName({ past: { ...component, name: past }, current: { ...component, name: current } })).toBe(name)
  })

  it('labels a project new when its past is not in the file, and does not judge its increase', () => {
    const comparison = compareEstimate(
      readInfracost(
        changed(d => (d.projects[0]!.pastBreakdown = null)),
        'x',
      ),
    )
    expect(comparison.hasPast).toBe(false)
    expect(totals(comparison)).toEqual(['0.00', '15.98', '15.98', 3])
    const limits = { maxIncrease: new Big(100), maxIncreasePercent: undefined, maxTotal: undefined }
    expect(judge(comparison, limits).verdict).toBe('invalid')
    expect(judge(comparison, { ...limits, maxIncrease: undefined, maxTotal: new Big(100) }).verdict).toBe('pass')
  })

  it('skips a project that could not be evaluated, and does not judge without it', () => {
    const text = changed(d => {
      d.projects[0]!.breakdown = null
      d.projects[0]!.metadata = { errors: [{ code: 102, message: 'bad module', data: null, isError: true }] }
    })
    const comparison = compareEstimate(readInfracost(text, 'x'))
    expect(comparison.projects[0]).toMatchObject({ current: null, errors: ['bad module'] })
    const limits = { maxIncrease: new Big(100), maxIncreasePercent: undefined, maxTotal: undefined }
    expect(judge(comparison, limits)).toMatchObject({
      verdict: 'invalid',
      reasons: ['project "acme/shop/prod" has no figures: bad module'],
    })
  })

  it('is read without the fields that old versions lack', () => {
    const text = JSON.stringify({
      version: '0.2',
      projects: [{ name: 'a', breakdown: { resources: [{ name: 'x', monthlyCost: '1.5' }] } }],
    })
    expect(compareEstimate(readInfracost(text, 'x')).current.toFixed(2)).toBe('1.50')
  })
})
