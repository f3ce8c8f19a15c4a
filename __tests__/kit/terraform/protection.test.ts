import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GateError } from '../../../kit/errors.ts'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { findProtected, losesState } from '../../../kit/terraform/protection.ts'
import { isProtected, parseProtectRules, PROTECTED_EVENTS } from '../../../kit/terraform/protect-rules.ts'
import { statefulReason, statefulTypes } from '../../../kit/terraform/stateful-types.ts'
import { fixturePlan } from './fixture.ts'

function planOf(...changes: readonly Record<string, unknown>[]): Plan {
  return parsePlan(JSON.stringify({ resource_changes: changes }), 'plan')
}

const object = (address: string, actions: readonly string[], more: object = {}) => ({
  ...{ address, mode: 'managed', type: address.replace(/\[.*$/, '').split('.').at(-2), ...more },
  change: { actions, before: {}, after: {} },
})

const told = (plan: Plan, rules = '') =>
  findProtected(plan, parseProtectRules(rules, 'rules')).changes.map(({ event, address }) => `${event} ${address}`)

describe('the catalogue', () => {
  it('names each type once, and those of a group in order', () => {
    const types = [...statefulTypes()].map(([type]) => type)
    expect(types.length).toBeGreaterThan(300)
    expect(types.filter(type => !/^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(type))).toEqual([])
    expect(new Set(types).size).toBe(types.length)
    const byGroup = Object.groupBy([...statefulTypes()], ([, reason]) => reason)
    for (const group of Object.values(byGroup)) {
      const providers = Object.values(Object.groupBy(group!, ([type]) => type.split('_')[0]!))
      for (const entries of providers) {
        const names = entries!.map(([type]) => type)
        expect(names).toEqual([...names].sort())
      }
    }
  })

  it.each([
    ['aws_db_instance', 'holds a database'],
    ['azurerm_key_vault_key', 'holds keys or secrets'],
    ['google_storage_bucket', 'holds files or objects'],
    ['hcloud_volume', 'holds a disk'],
    ['digitalocean_domain', 'holds names that others use'],
    ['kubernetes_namespace_v1', 'takes everything in it along'],
    ['aws_instance', undefined],
    ['constructor', undefined],
  ])('%s %s', (type, reason) => expect(statefulReason(type)).toBe(reason))

  it.each([
    ['destroyed', ['delete'], 'destroy'],
    ['replaced', ['delete', 'create'], 'replace'],
    ['replaced with the new one first', ['create', 'delete'], 'replace'],
    ['left behind by a replace', ['create', 'forget'], 'forget'],
    ['left behind as OpenTofu writes it', ['forget', 'create'], 'forget'],
    ['forgotten', ['forget'], 'forget'],
    ['treated in a way that nobody knows yet', ['evaporate'], 'destroy'],
    ['treated in no way at all', [], 'destroy'],
  ])('protects a database that is %s', (_, actions, event) => {
    const plan = planOf(object('module.a.aws_db_instance.main["x"]', actions))
    expect(findProtected(plan, []).changes).toEqual([
      { address: 'module.a.aws_db_instance.main["x"]', deposed: undefined, event, why: 'holds a database' },
    ])
  })

  it.each([['create'], ['update'], ['no-op'], ['read']])('does not protect a database from %s', action =>
    expect(told(planOf(object('aws_db_instance.main', [action])))).toEqual([]),
  )

  it('protects what a replace left behind, and no data source', () => {
    const deposed = object('aws_ebs_volume.a', ['delete'], { deposed: '00000001' })
    const data = object('data.aws_s3_bucket.b', ['delete'], { mode: 'data' })
    expect(findProtected(planOf(deposed, data), []).changes).toMatchObject([{ deposed: '00000001', event: 'destroy' }])
  })

  it('knows which changes take data away with the object', () => {
    const lost = (actions: readonly string[]) => losesState(planOf(object('aws_s3_bucket.a', actions)).changes[0]!)
    expect([['delete'], ['create', 'delete'], ['create', 'forget'], ['forget']].map(lost)).toEqual([
      ...[true, true, false, false],
    ])
  })
})

describe('the rules of a team', () => {
  const plan = planOf(
    object('aws_instance.bastion', ['delete']),
    object('aws_instance.app["a.b"]', ['delete', 'create']),
    object('module.shop.aws_instance.app', ['update']),
    object('aws_db_instance.main', ['delete']),
    object('aws_s3_bucket.scratch', ['delete']),
  )

  it.each([
    ['', ['destroy aws_db_instance.main', 'destroy aws_s3_bucket.scratch']],
    ['allow *', []],
    ['allow aws_s3_bucket.scratch # rebuilt nightly', ['destroy aws_db_instance.main']],
    ['allow aws_*\n# but not this one\nprotect aws_db_*', ['destroy aws_db_instance.main']],
    ['allow *\nprotect aws_instance', ['destroy aws_instance.bastion', 'replace aws_instance.app["a.b"]']],
    ['allow *\nprotect aws_instance on replace', ['replace aws_instance.app["a.b"]']],
    ['allow *\nprotect aws_instance.app', ['replace aws_instance.app["a.b"]']],
    ['allow *\nprotect aws_instance.app["a.b"]', ['replace aws_instance.app["a.b"]']],
    ['allow *\nprotect aws_instance.ap', []],
    ['allow *\nprotect module.shop on update, destroy', ['update module.shop.aws_instance.app']],
    ['allow *\nprotect *.app on update', ['update module.shop.aws_instance.app']],
    ['allow *\n  protect   aws_instance.bastion   on  destroy\t', ['destroy aws_instance.bastion']],
    ['allow * on replace', ['destroy aws_db_instance.main', 'destroy aws_s3_bucket.scratch']],
  ])('%j', (rules, expected) => expect(told(plan, rules)).toEqual(expected))

  it.each([
    ['protect module.prod', ['replace module.new.aws_instance.app']],
    ['allow module.new', []],
  ])('hold for an object that the same plan moves, where the base knows it: %j', (rules, expected) => {
    const moved = object('module.new.aws_instance.app', ['delete', 'create'], {
      previous_address: 'module.prod.aws_instance.app',
    })
    expect(told(planOf(moved), rules)).toEqual(expected)
  })

  it('are not escaped by a move to where they allow', () => {
    const moved = object('module.sandbox.aws_db_instance.a', ['delete'], { previous_address: 'aws_db_instance.prod' })
    expect(told(planOf(moved), 'allow module.sandbox')).toEqual(['destroy module.sandbox.aws_db_instance.a'])
    expect(told(planOf(moved), 'allow module.sandbox\nallow aws_db_instance.prod')).toEqual([])
  })

  it('name what they are about by a key with spaces, dots and signs of patterns', () => {
    const odd = planOf(object('aws_x.y["a # (b) c.d"]', ['delete']))
    expect(told(odd, 'protect aws_x.y["a # (b) c.d"]')).toEqual(['destroy aws_x.y["a # (b) c.d"]'])
  })

  it.each([
    ['guard aws_instance', 'it begins with "guard"; begin with "protect" or "allow"'],
    ['protect', 'it is no rule'],
    ['protect aws_instance on', 'it is no rule'],
    ['protect aws_instance on delete', 'there is no event "delete"; there are destroy, replace'],
    ['protect aws_instance aws_db_instance', 'it is no rule'],
    ['protect aws_x["a', 'it is no rule'],
  ])('that are none are refused by file, line and fix: %s', (rule, problem) => {
    const read = () => parseProtectRules(`# one\n\n${rule}\nallow *`, '.github/slipway-protect')
    expect(read).toThrow(GateError)
    expect(read).toThrow(`.github/slipway-protect:3: ${JSON.stringify(rule)}: ${problem}`)
  })

  it('are refused together', () => {
    expect(() => parseProtectRules('x\ny', 'f')).toThrow(/f:1:[^]*f:2:/)
  })

  it('are decided by the last one that fits', () => {
    const rule = fc.record({ verb: fc.constantFrom('protect', 'allow'), type: fc.constantFrom('aws_a', 'aws_b', '*') })
    fc.assert(
      fc.property(fc.array(rule), fc.boolean(), fc.constantFrom(...PROTECTED_EVENTS), (rules, catalogue, event) => {
        const text = rules.map(({ verb, type }) => `${verb} ${type} on ${event}`).join('\n')
        const last = rules.findLast(({ type }) => type !== 'aws_b')
        const object = { address: 'aws_a.x', type: 'aws_a' }
        expect(isProtected(parseProtectRules(text, 'f'), object, event, catalogue)).toBe(
          last === undefined ? catalogue : last.verb === 'protect',
        )
      }),
    )
  })
})

it('says of a plan of real Terraform what a rule protects in it', () => {
  expect(told(fixturePlan('every-action'), 'protect terraform_data')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^destroy terraform_data\.destroyed/),
      expect.stringMatching(/^replace terraform_data\.replaced/),
      expect.stringMatching(/^forget terraform_data\.forgotten/),
    ]),
  )
  expect(told(fixturePlan('aws-create'))).toEqual(['expose aws_security_group.web'])
})
