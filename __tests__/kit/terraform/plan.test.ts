import { describe, expect, it } from '@jest/globals'
import { explain } from '../../../kit/action.ts'
import { countChanges, hasChanges, parsePlan, pathText, type Counts } from '../../../kit/terraform/plan.ts'
import { changeOf, fixturePlan } from './fixture.ts'

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
  deferred: 0,
  invoke: 0,
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
    ['deferred', { create: 1, deferred: 4 }],
    ['actions-invoked', { invoke: 1 }],
    ['hcp-redacted', { create: 1, update: 1, output: 1 }],
    ['format-0.1', { create: 1, replace: 1, delete: 1, output: 1 }],
    ['format-none', {}],
  ])('%s', (shape, counts) => {
    const plan = fixturePlan(shape)
    expect(countChanges(plan)).toEqual({ ...NOTHING, ...counts })
    expect(hasChanges(plan)).toBe(Object.keys(counts).length > 0)
  })
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

it.each(['', '/tofu'])('takes a refresh-only plan that found drift for a change of the state (%s)', binary => {
  expect(hasChanges(fixturePlan(`refresh-only${binary}`))).toBe(true)
  expect(hasChanges(fixturePlan(`refresh-only-changed${binary}`))).toBe(true)
  expect(hasChanges(fixturePlan(`refresh-only-clean${binary}`))).toBe(false)
  expect(hasChanges(fixturePlan(`drift-only${binary}`))).toBe(false)
})

it('tells an import by identity, and one whose id is not known yet', () => {
  const plan = fixturePlan('import-identity')
  expect(changeOf(plan, 'aws_s3_bucket.logs').importId).toBe(
    '{"account_id":"123456789012","bucket":"logs","region":"eu-west-1"}',
  )
  expect(plan.deferred[0]?.change).toMatchObject({ address: 'aws_s3_bucket.late', importId: '' })
})

it("reads HCP Terraform's redacted form, and says that values are missing", () => {
  expect(fixturePlan('hcp-redacted')).toMatchObject({ redacted: true, formatVersion: '1.2' })
  expect(fixturePlan('create')).toMatchObject({ redacted: false, formatVersion: '1.2' })
})

it('tells the actions that wait for a later plan', () => {
  expect(fixturePlan('deferred')).toMatchObject({
    complete: false,
    deferredInvocations: [{ reason: 'deferred_prereq', invocation: { address: 'action.local_command.notify' } }],
  })
})

it('names parts that hold something it does not know, and counts unknown actions in any mode', () => {
  const change = { actions: ['ponder'] }
  const plan = parsePlan(
    JSON.stringify({
      format_version: '1.9',
      resource_changes: [
        { address: 'a.b', mode: 'managed', change },
        { address: 'dream.a.b', mode: 'dream', change },
        { address: 'data.a.b', mode: 'data', change },
        { address: 'a.c', mode: 'managed' },
      ],
      policy_results: [{}],
      empty_novelty: [],
      tomorrow: null,
    }),
    'plan',
  )
  expect(plan.unknownParts).toEqual(['policy_results'])
  expect(countChanges(plan).other).toBe(4)
  expect(hasChanges(plan)).toBe(true)
  expect(plan.changes[0]?.actions).toEqual(['ponder'])
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
    ['{"resource_changes":[]}\n::debug::stdout: x\n', 'terraform_wrapper: false'],
    ['{"resource_changes":[]}\n::set-output name=stdout::x\n', 'terraform_wrapper: false'],
    ['Warning: old\n{"resource_changes":[]}\n', 'Keep stdout of "show -json" alone'],
    ['{"resource_changes":[]}\n{"resource_changes":[]}\n', 'several JSON documents'],
    ['{"format_version":2,"resource_changes":[]}', 'known are 0.1 to 1.x'],
    ['{"resource_changes":{"a":1}}', '"resource_changes" is not a list of objects'],
    ['{"resource_changes":[null]}', '"resource_changes" is not a list of objects'],
    ['{"resource_changes":[],"resource_drift":"x"}', '"resource_drift" is not a list of objects'],
    ['{"output_changes":[]}', '"output_changes" is not an object'],
    [Buffer.from('\uFEFF{"resource_changes":[]}', 'utf16le').toString('utf8'), 'Out-File -Encoding utf8'],
    [Buffer.from('{"resource_changes":[]}', 'utf16le').swap16().toString('utf8'), 'it is UTF-16'],
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
