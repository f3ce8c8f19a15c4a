import { describe, expect, it } from '@jest/globals'
import { explain } from '../../../kit/action.ts'
import { countChanges, hasChanges, parsePlan, pathText, type Counts } from '../../../kit/terraform/plan.ts'
import { changeOf, fixturePlan, fixtureText } from './fixture.ts'

const NOTHING: Counts = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  forget: 0,
  move: 0,
  import: 0,
  read: 0,
  other: 0,
  output: 0,
}

describe('counts of plans that Terraform made', () => {
  it.each([
    ['every-action', { create: 3, update: 2, replace: 2, delete: 3, forget: 1, move: 1, import: 1, output: 4 }],
    ['aws-create', { create: 5 }],
    ['move-only', { move: 1 }],
    ['forget-only', { forget: 1 }],
    ['import-only', { import: 1 }],
    ['output-only', { output: 1 }],
    ['secret-only', { update: 1 }],
    ['no-change', {}],
  ])('%s', (shape, counts) => {
    const plan = fixturePlan(shape)
    expect(countChanges(plan)).toEqual({ ...NOTHING, ...counts })
    expect(hasChanges(plan)).toBe(shape !== 'no-change')
  })

  it.each(['every-action', 'aws-create', 'secret-only', 'import-only', 'move-only'])(
    'agree with what Terraform says of %s',
    shape => {
      const text = fixtureText(shape, 'plan.txt')
      const [, imports = '0', add = '0', change = '0', destroy = '0'] =
        /Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/.exec(text) ?? []
      const counts = countChanges(fixturePlan(shape))
      expect([counts.import, counts.create + counts.replace, counts.update, counts.delete + counts.replace]).toEqual(
        [imports, add, change, destroy].map(Number),
      )
    },
  )
})

describe('the kind of a change', () => {
  it.each([
    [['create'], 'create', undefined],
    [['delete', 'create'], 'replace', 'destroy-first'],
    [['create', 'delete'], 'replace', 'create-first'],
    [['create', 'forget'], 'replace', 'forget-first'],
    [['forget', 'create'], 'replace', 'forget-first'],
    [['forget'], 'forget', undefined],
    [['read'], 'read', undefined],
    [['evaporate'], 'other', undefined],
    [[], 'other', undefined],
    [['delete', 'evaporate'], 'other', undefined],
  ])('of %j is %s', (actions, kind, order) => {
    const plan = parsePlan(
      JSON.stringify({ resource_changes: [{ address: 'a.b', mode: 'managed', change: { actions } }] }),
      'plan',
    )
    expect(plan.changes[0]).toMatchObject({ kind, actions, replaceOrder: order })
  })
})

it('knows where a moved object was and what an imported one is', () => {
  const plan = fixturePlan('every-action')
  expect(changeOf(plan, 'terraform_data.new_name').previousAddress).toBe('terraform_data.old_name')
  expect(changeOf(plan, 'terraform_data.imported').importId).toBe('known-id')
  expect(changeOf(plan, 'terraform_data.replaced').replacePaths).toEqual([['triggers_replace']])
})

it('reads plans of Terraform before 1.0, whose lists may be absent or null', () => {
  const plan = parsePlan('{"format_version":"0.1","resource_changes":null,"planned_values":{}}', 'plan')
  expect(plan).toMatchObject({ changes: [], drift: [], errored: false, complete: true })
})

describe('a text that is no plan', () => {
  it.each([
    ['', 'it is empty'],
    ['{"resource_changes": [', 'not valid JSON'],
    ['[]', 'not a JSON object'],
    ['{"format_version":"2.0","resource_changes":[]}', 'known are 0.1 to 1.x'],
    ['{"format_version":"1.0","values":{}}', 'it is a state, not a plan'],
    ['{"hello":1}', 'none of the parts of a plan'],
    ['[command]/usr/bin/terraform show -json\n{"resource_changes":[]}\n', 'terraform_wrapper: false'],
  ])('%j is refused as invalid', (text, reason) => {
    let caught: unknown
    try {
      parsePlan(text, 'my.json')
    } catch (error) {
      caught = error
    }
    expect(caught).toMatchObject({ name: 'GateError', verdict: 'invalid' })
    expect(explain(caught)).toContain(reason)
    expect(explain(caught)).toContain('my.json')
  })
})

it.each([
  [['tags', 'Name'], 'tags.Name'],
  [['ingress', 0, 'cidr_blocks'], 'ingress[0].cidr_blocks'],
  [['labels', 'a.b/c'], 'labels["a.b/c"]'],
])('writes the path %j as %s', (path, text) => {
  expect(pathText(path)).toBe(text)
})
