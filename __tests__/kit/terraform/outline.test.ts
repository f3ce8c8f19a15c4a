import { describe, expect, it } from '@jest/globals'
import { outlineDelta, outlineOf, readOutline } from '../../../kit/terraform/outline.ts'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { fixturePlan } from './fixture.ts'

const change = (address: string, actions: readonly string[], more: object = {}) => ({
  ...{ address, mode: 'managed', type: 'a', ...more },
  change: { actions },
})
const planOf = (...changes: object[]): Plan => parsePlan(JSON.stringify({ resource_changes: changes }), 'plan')
const delta = (before: Plan, after: Plan) => outlineDelta(outlineOf(before)!, outlineOf(after)!)

describe('the outline of a plan', () => {
  it.each<[string, object[], object[], string]>([
    ['nothing', [change('a.x', ['update'])], [change('a.x', ['update'])], ''],
    [
      'what came',
      [],
      [change('a.x', ['delete']), change('a.y', ['create']), change('a.z', ['create'])],
      '+1 destroy, +2 adds',
    ],
    ['what went', [change('a.x', ['delete', 'create']), change('a.y', ['forget'])], [], '−1 replace, −1 forget'],
    ['what happens otherwise', [change('a.x', ['update'])], [change('a.x', ['delete'])], '+1 destroy, −1 change'],
    ['another object', [change('a.x', ['delete'])], [change('a.y', ['delete'])], '+1 destroy, −1 destroy'],
    [
      'an object that is deposed',
      [change('a.x', ['delete'])],
      [change('a.x', ['delete'], { deposed: '1' })],
      '+1 destroy, −1 destroy',
    ],
    ['a move', [], [change('a.x', ['no-op'], { previous_address: 'a.y' })], '+1 move'],
    ['what nobody knows', [], [change('a.x', ['evaporate'])], '+1 unknown action'],
    ['a read, which is none', [], [change('a.x', ['read'])], ''],
  ])('tells %s', (_, before, after, words) => expect(delta(planOf(...before), planOf(...after))).toBe(words))

  it('is read as it was written, and holds no address', () => {
    const outline = outlineOf(fixturePlan('every-action'))!
    expect(readOutline(JSON.parse(JSON.stringify(outline)))).toEqual(outline)
    expect(JSON.stringify(outline)).not.toContain('terraform_data')
    expect(outlineDelta(outline, outline)).toBe('')
  })

  it.each([null, 'x', [], { add: 7 }, { add: 'abc' }, { add: 'zzzzzzzz' }])('%j is none', value =>
    expect(readOutline(value)).toBeUndefined(),
  )

  it('fits a check with 4,000 objects, and is left out beyond', () => {
    const many = (count: number) =>
      planOf(...Array.from({ length: count }, (_, index) => change(`a.x[${index}]`, ['create'])))
    expect(JSON.stringify(outlineOf(many(4_000))).length).toBeLessThan(33_000)
    expect(outlineOf(many(4_001))).toBeUndefined()
  })
})
