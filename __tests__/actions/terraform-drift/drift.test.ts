import { describe, expect, it } from '@jest/globals'
import { changedBack, findDrift, type Drift } from '../../../actions/terraform-drift/src/drift.ts'
import type { Json, JsonObject } from '../../../kit/terraform/json.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { change, outsidePlan } from './fixture.ts'

const driftOf = (parts: Readonly<Record<string, Json>>): Drift =>
  findDrift(parsePlan(JSON.stringify({ resource_changes: [], ...parts }), 'test'))

const told = ({ outside, pending, unmanaged, outputs, later }: Drift) => ({
  outside: outside.map(({ change, planned }) => `${change.address} ${change.kind} ${planned?.kind ?? 'nothing'}`),
  pending: pending.map(({ address, kind }) => `${address} ${kind}`),
  unmanaged: unmanaged.map(({ change }) => change.address),
  outputs: outputs.map(({ name }) => name),
  later,
})

const nothing = { outside: [], pending: [], unmanaged: [], outputs: [], later: [] }
const size = (before: number, after: number): JsonObject => ({ before: { size: before }, after: { size: after } })

it('is told apart by what was changed outside, what is not applied, and what an apply would leave', () => {
  const drift = findDrift(parsePlan(outsidePlan(), 'outside'))
  expect(told(drift)).toEqual({
    outside: [
      'aws_cloudwatch_log_group.audit update update',
      'aws_sns_topic.alerts delete create',
      'aws_ssm_parameter.password update update',
    ],
    pending: ['aws_sns_topic.news update'],
    unmanaged: ['aws_sqs_queue.jobs'],
    outputs: [],
    later: [],
  })
})

describe('drift', () => {
  it('is none where nothing differs, also when data is read and objects are looked at', () => {
    const parts = {
      resource_changes: [
        change('terraform_data.a', ['no-op'], size(1, 1)),
        { ...change('data.x.y', ['read']), mode: 'data' },
      ],
      resource_drift: [change('terraform_data.a', ['update'], size(1, 1)), change('terraform_data.moved', ['no-op'])],
    }
    expect(told(driftOf(parts))).toEqual(nothing)
  })

  it('is none where a provider reads back as empty what was never set', () => {
    const parts = {
      resource_drift: ['{}', '[]', '""'].map((empty, index) =>
        change(`terraform_data.x${index}`, ['update'], { before: { tags: null }, after: { tags: JSON.parse(empty) } }),
      ),
    }
    expect(told(driftOf(parts))).toEqual(nothing)
  })

  it('in one attribute is not undone by a planned change of another', () => {
    const parts = {
      resource_changes: [change('terraform_data.a', ['update'], size(1, 2))],
      resource_drift: [change('terraform_data.a', ['update'], { before: { etag: 'a' }, after: { etag: 'b' } })],
    }
    expect(told(driftOf(parts))).toEqual({
      ...nothing,
      pending: ['terraform_data.a update'],
      unmanaged: ['terraform_data.a'],
    })
  })

  it('of an object that moves belongs to its planned change', () => {
    const moved = { ...change('terraform_data.b', ['update'], size(2, 1)), previous_address: 'terraform_data.a' }
    const parts = { resource_changes: [moved], resource_drift: [change('terraform_data.a', ['update'], size(1, 2))] }
    expect(told(driftOf(parts))).toEqual({ ...nothing, outside: ['terraform_data.a update update'] })
  })

  it('of a deposed object is not that of the object beside it', () => {
    const parts = {
      resource_changes: [change('terraform_data.a', ['update'], size(2, 1))],
      resource_drift: [{ ...change('terraform_data.a', ['update'], size(1, 2)), deposed: '0123abcd' }],
    }
    expect(told(driftOf(parts))).toMatchObject({
      pending: ['terraform_data.a update'],
      unmanaged: ['terraform_data.a'],
    })
  })

  it.each([
    ['the attribute itself', ['size'], true],
    ['a part of it', ['size', 0], true],
    ['another attribute', ['name'], false],
  ])('counts without a planned change of its own when other changes follow from %s', (_, attribute, counts) => {
    const parts = {
      resource_changes: [change('terraform_data.b', ['update'], size(1, 2))],
      resource_drift: [change('terraform_data.a', ['update'], size(1, 2))],
      relevant_attributes: [{ resource: 'terraform_data.a', attribute }],
    }
    expect(told(driftOf(parts))).toMatchObject(
      counts ? { outside: ['terraform_data.a update nothing'] } : { unmanaged: ['terraform_data.a'] },
    )
  })

  it('holds what changes outputs only, and what can be planned only later', () => {
    const parts = {
      output_changes: { url: { actions: ['update'], before: 'a', after: 'b' }, same: { actions: ['no-op'] } },
      deferred_changes: [
        { reason: 'provider_config_unknown', resource_change: change('terraform_data.later', ['create']) },
      ],
    }
    expect(told(driftOf(parts))).toEqual({ ...nothing, outputs: ['url'], later: ['terraform_data.later'] })
  })
})

describe('a planned change sets back what was changed outside', () => {
  const backOf = (drift: JsonObject, planned: JsonObject) => {
    const [outside] = driftOf({
      resource_changes: [change('terraform_data.a', ['update'], planned)],
      resource_drift: [change('terraform_data.a', ['update'], drift)],
    }).outside
    return outside && changedBack(outside)
  }

  it.each<[string, JsonObject, JsonObject, 'all' | 'part' | undefined]>([
    ['all of it', size(1, 2), size(2, 1), 'all'],
    [
      'a part of it',
      { before: { size: 1, etag: 'a' }, after: { size: 2, etag: 'b' } },
      { before: { size: 2, etag: 'b' }, after: { size: 1, etag: 'b' } },
      'part',
    ],
    ['not when it goes on to another value', size(1, 2), size(2, 3), undefined],
    [
      'not when it changes more besides',
      size(1, 2),
      { before: { size: 2, name: 'a' }, after: { size: 1, name: 'b' } },
      undefined,
    ],
    [
      'not when the value is known only after the apply',
      size(1, 2),
      { before: { size: 2 }, after: {}, after_unknown: { size: true } },
      undefined,
    ],
    [
      'not for sure when the values are hidden',
      { ...size(1, 2), before_sensitive: { size: true }, after_sensitive: { size: true } },
      { ...size(2, 1), before_sensitive: { size: true }, after_sensitive: { size: true } },
      undefined,
    ],
  ])('%s', (_, drift, planned, expected) => expect(backOf(drift, planned)).toBe(expected))
})
