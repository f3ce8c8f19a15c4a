import { describe, expect, it } from '@jest/globals'
import {
  differences,
  differenceText,
  readRecordedParts,
  recordContract,
} from '../../../kit/terraform/contract-differences.ts'
import { makeContract } from '../../../kit/terraform/contract.ts'
import { parseJson } from '../../../kit/terraform/json.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { FACTS } from './contract-plans.ts'

interface Thing {
  readonly actions: readonly string[]
  readonly before?: object
  readonly after?: object
}

function recordOf(things: Readonly<Record<string, Thing>>, facts = FACTS, room?: number) {
  const plan = JSON.stringify({
    resource_changes: Object.entries(things).map(([address, { actions, before = {}, after = {} }]) => ({
      ...{ address, provider_name: 'p', change: { actions, before, after } },
    })),
  })
  const secrets = { planKey: 'a key of sixteen characters', isTainted: () => false }
  const record = recordContract(makeContract(parsePlan(plan, 'plan'), facts, secrets), text => text, room)
  return readRecordedParts(parseJson(JSON.stringify(record))) ?? []
}

const texts = (one: ReturnType<typeof recordOf>, other: ReturnType<typeof recordOf>) =>
  differences(one, other).map(differenceText)

const update = (after: object): Thing => ({ actions: ['update'], before: { tags: { Sha: '1' } }, after })
const REVIEWED = { 'aws_x.y': update({ tags: { Sha: '1', Name: 'n' } }), 'aws_x.gone': { actions: ['create'] } }

describe('what a plan does otherwise than reviewed', () => {
  it('is nothing when it does the same', () => {
    expect(differences(recordOf(REVIEWED), recordOf(REVIEWED))).toEqual([])
  })

  it('is told by resource and path', () => {
    const planned = {
      'aws_x.y': update({ tags: { Sha: '2', Name: 'n' }, image_tag: 'b' }),
      'aws_x.new': update({ tags: { Sha: '1' } }),
    }
    expect(texts(recordOf(REVIEWED), recordOf(planned))).toEqual([
      '- create aws_x.gone',
      '+ update aws_x.new',
      '~ update aws_x.y: image_tag, tags.Sha',
    ])
  })

  it('is told by what is done before anything else', () => {
    const planned = { ...REVIEWED, 'aws_x.y': { ...REVIEWED['aws_x.y'], actions: ['delete', 'create'] } }
    expect(texts(recordOf(REVIEWED), recordOf(planned))).toEqual(['~ delete, create aws_x.y, and update was reviewed'])
  })

  it('is told of what surrounds it', () => {
    const facts = { ...FACTS, lockFileDigest: '1', backend: { type: 's3', bucket: 'forged', key: 'dev.tfstate' } }
    expect(texts(recordOf(REVIEWED), recordOf(REVIEWED, facts))).toEqual(['~ backend: bucket', '~ lock file: digest'])
  })

  it('is told without its paths where a record is too large to hold them', () => {
    const record = (number: number) => {
      const things = Array.from({ length: 9 }, (_, index) => [
        `aws_x.n${index}`,
        { actions: ['create'], after: { number } },
      ])
      return recordOf(Object.fromEntries(things) as Record<string, Thing>, FACTS, 400)
    }
    const whole = record(1).filter(({ subject, leaves }) => subject.startsWith('aws_') && leaves === undefined)
    expect(whole.length).toBeGreaterThan(0)
    const told = texts(record(1), record(2))
    expect(told).toHaveLength(9)
    expect(told.filter(text => /^~ create aws_x\.n\d$/.test(text))).toHaveLength(whole.length)
  })

  it('names a dozen paths and counts the others', () => {
    const values = (number: number) =>
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, number]))
    const thing = (number: number) => ({ 'aws_x.y': { actions: ['create'], after: values(number) } })
    expect(texts(recordOf(thing(1)), recordOf(thing(2)))[0]).toMatch(
      /^~ create aws_x\.y: p0, p1, .*, 18 more attributes$/,
    )
  })
})

it.each(['{}', '[1]', '[{"subject":"x","actions":"create"}]', '[{"subject":"x","actions":[],"digest":"y"}]'])(
  '%s holds no parts of a record',
  text => {
    expect(readRecordedParts(parseJson(text))).toBeUndefined()
  },
)
