import { describe, expect, it } from '@jest/globals'
import { compareWithText, type Aspect } from '../../../bench/plan-parity/compare.ts'
import { recordedShapes, scoreShape } from '../../../bench/plan-parity/corpus.ts'
import { readPlanText } from '../../../bench/plan-parity/plan-text.ts'
import { parsePlans } from '../../../kit/terraform/plan-stream.ts'
import { countChanges, hasChanges, parsePlan, type Counts } from '../../../kit/terraform/plan.ts'
import { fixtureText } from './fixture.ts'

const shapes = recordedShapes()

describe('our reading of a plan agrees with the text that is printed for people', () => {
  it.each(shapes.map(shape => [`${shape.shape} by ${shape.handMade ? 'hand' : shape.binary}`, shape] as const))(
    '%s',
    (_name, shape) => {
      expect(scoreShape(shape).disagreements).toEqual([])
    },
  )

  it('over at least 60 shapes that each binary made, and those by hand are marked', () => {
    const made = (binary: string) => shapes.filter(shape => shape.binary === binary && !shape.handMade)
    expect(made('terraform').length).toBeGreaterThanOrEqual(60)
    expect(made('tofu').length).toBeGreaterThanOrEqual(60)
    expect(shapes.filter(({ json }) => json === undefined).map(({ shape }) => shape)).toEqual([])
  })

  it('in which everything that can happen does happen', () => {
    const totals: Record<string, number> = {}
    for (const { json = '', shape } of shapes)
      for (const [name, number] of Object.entries(countChanges(parsePlan(json, shape))))
        totals[name] = (totals[name] ?? 0) + number
    const missing = Object.keys(totals).filter(name => totals[name] === 0)
    // What no version knows has no text either.
    expect(missing).toEqual(['other' satisfies keyof Counts])
  })
})

/** Text of the plan's JSON in, a defect in it out. */
type Defect = readonly [Aspect, shape: string, defect: string, from: RegExp | string, to: string]

const defects: readonly Defect[] = [
  ['counts', 'delete-count-index', 'a change that is taken for nothing', '["delete"]', '["no-op"]'],
  ['addresses', 'keys-hostile', 'another address', /pipe\|pipe/g, 'pipe'],
  ['actions', 'update', 'another action', '["update"]', '["create"]'],
  ['actions', 'update', 'an action that is not known', '["update"]', '["evaporate"]'],
  ['actions', 'replace-create-first', 'the other order', '["create","delete"]', '["delete","create"]'],
  ['actions', 'forget-only', 'a forget that destroys', '["forget"]', '["delete"]'],
  ['reasons', 'replace-tainted', 'no reason', '"action_reason":"replace_because_tainted"', '"x":0'],
  ['reasons', 'delete-each-key', 'another reason', /delete_because_each_key/g, 'delete_because_count_index'],
  ['reasons', 'delete-no-config', 'a reason without words', 'delete_because_no_resource_config', 'delete_because_moon'],
  ['forcing', 'null-triggers', 'another attribute', '"replace_paths":[["triggers"]]', '"replace_paths":[["id"]]'],
  ['forcing', 'null-triggers', 'no attribute', '"replace_paths":[["triggers"]]', '"replace_paths":[]'],
  ['moves', 'move-only', 'another former address', /"previous_address":"[^"]+"/, '"previous_address":"a.b"'],
  ['moves', 'move-update', 'no former address', '"previous_address"', '"x"'],
  ['imports', 'import-update', 'another id', '"importing":{"id":"known-id"', '"importing":{"id":"x"'],
  ['imports', 'import-only', 'no import', '"importing"', '"x"'],
  ['drift', 'refresh-only', 'no drift', '"resource_drift"', '"x"'],
  ['outputs', 'output-create', 'another name', /"url":\{"actions"/, '"uri":{"actions"'],
  ['outputs', 'output-delete', 'another action', /("gone":\{"actions":)\["delete"\]/, '$1["update"]'],
  ['checks', 'check-fail', 'checks that pass', /"status":"fail"/g, '"status":"pass"'],
  ['later', 'deferred', 'another reason', 'instance_count_unknown', 'excluded'],
  ['later', 'deferred-only', 'nothing deferred', '"deferred_changes"', '"x"'],
  ['later', 'actions', 'another action', '"address":"action.local_command.drain"', '"address":"action.x.y"'],
  ['verdict', 'errored', 'a plan that is said to be finished', '"errored":true', '"errored":false'],
  ['verdict', 'no-change', 'a change in a plan without one', '["no-op"]', '["update"]'],
  ['verdict', 'update', 'no change in a plan with one', '["update"]', '["no-op"]'],
]

describe('the comparison can fail', () => {
  it.each(defects)('on %s: in "%s", %s', (aspect, shape, _defect, from, to) => {
    const json = fixtureText(shape)
    const broken = json.replace(from, to)
    expect(broken).not.toBe(json)
    // Only Terraform's own word would tell that the rest is wrong.
    const plan = parsePlan(broken.replace('"applyable":true', '"applyable":false'), shape)
    const found = compareWithText(plan, readPlanText(fixtureText(shape, 'plan.txt')))
    expect(found.map(disagreement => disagreement.aspect)).toContain(aspect)
  })

  it('on a number of the summary alone', () => {
    const plan = parsePlan(fixtureText('every-action'), 'plan')
    const text = fixtureText('every-action', 'plan.txt')
    for (const [number, name] of [
      ['1 to import', 'import'],
      ['5 to add', 'add'],
      ['2 to change', 'change'],
      ['5 to destroy', 'destroy'],
    ] as const) {
      const found = compareWithText(plan, readPlanText(text.replace(number, `9${number.slice(1)}`)))
      expect(found).toEqual([{ aspect: 'counts', difference: expect.stringContaining(`${name}: 9 in the text`) }])
    }
    const tofu = parsePlan(fixtureText('forget-many/tofu'), 'plan')
    const forgets = fixtureText('forget-many/tofu', 'plan.txt').replace('2 to forget', '1 to forget')
    expect(compareWithText(tofu, readPlanText(forgets)).map(({ aspect }) => aspect)).toEqual(['counts'])
  })

  it('on a header that it does not know, rather than passing it over', () => {
    const text = fixtureText('update', 'plan.txt').replace('will be updated in-place', 'will be changed a little')
    expect(() => readPlanText(text)).toThrow(
      'a headline that is not known: terraform_data.web will be changed a little',
    )
  })
})

it('text in a value is not taken for a header or a summary', () => {
  const text = readPlanText(fixtureText('output-update', 'plan.txt'))
  expect(text.objects).toEqual([])
  expect(text.summary).toBeUndefined()
  expect(text.outputs.map(({ name }) => name)).toEqual(['object', 'text'])
})

describe('events tell the same as the JSON, as far as they tell it', () => {
  it.each(shapes.flatMap(({ shape, binary, events, json }) => (events && json ? [[shape, binary, events, json]] : [])))(
    '%s by %s',
    (shape, _binary, events, json) => {
      const [plan] = parsePlans(events, shape).map(named => named.plan)
      const whole = parsePlan(json, shape)
      if (plan === undefined) throw new Error('there is no plan')
      expect(plan.detail).toBe('addresses')
      expect({ ...countChanges(plan), output: 0 }).toEqual({ ...countChanges(whole), output: 0 })
      expect(plan.errored).toBe(whole.errored)
      // They do not tell that a plan is refresh-only.
      if (plan.changes.length > 0 || whole.drift.length === 0) expect(hasChanges(plan)).toBe(hasChanges(whole))
    },
  )
})
