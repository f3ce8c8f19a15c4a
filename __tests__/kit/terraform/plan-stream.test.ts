import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { explain } from '../../../kit/action.ts'
import { parsePlans } from '../../../kit/terraform/plan-stream.ts'
import { countChanges, parsePlan } from '../../../kit/terraform/plan.ts'
import { changeOf, fixtureText } from './fixture.ts'

const events = (shape: string) => fixtureText(shape, 'events.ndjson')
const lines = (text: string) => text.trimEnd().split('\n')
const onlyPlan = (text: string) => {
  const [named, ...others] = parsePlans(text, 'plan.ndjson')
  expect(others).toEqual([])
  if (named === undefined) throw new Error('there is no plan')
  return named.plan
}

function refusal(text: string): string {
  try {
    parsePlans(text, 'plan.ndjson')
  } catch (error) {
    expect(error).toMatchObject({ name: 'GateError', verdict: 'invalid' })
    return explain(error)
  }
  throw new Error('it was taken')
}

describe('a plan from the events of plan -json', () => {
  it('tells addresses, actions, former addresses, imports and outputs, and that it is less', () => {
    const plan = onlyPlan(events('every-action'))
    expect(plan).toMatchObject({ detail: 'addresses', terraformVersion: '1.11.4', errored: false, checks: [] })
    expect(changeOf(plan, 'terraform_data.new_name').previousAddress).toBe('terraform_data.old_name')
    expect(changeOf(plan, 'terraform_data.imported').importId).toBe('known-id')
    expect(changeOf(plan, 'terraform_data.forgotten').kind).toBe('forget')
    expect(changeOf(plan, 'terraform_data.created[0]')).toMatchObject({
      index: 0,
      type: 'terraform_data',
      name: 'created',
      after: null,
      afterUnknown: false,
    })
    expect(changeOf(plan, 'terraform_data.destroyed["b|c"]').index).toBe('b|c')
    expect(plan.outputs.find(({ name }) => name === 'password')).toMatchObject({ kind: 'update', afterSensitive: true })
  })

  it('leaves the order of a replace open, and keeps its reason', () => {
    expect(changeOf(onlyPlan(events('replace-tainted')), 'terraform_data.web')).toMatchObject({
      kind: 'replace',
      replaceOrder: undefined,
      reason: 'replace_because_tainted',
    })
  })

  it('knows the replace that forgets, for which OpenTofu has no word', () => {
    expect(changeOf(onlyPlan(events('forget-and-create/tofu')), 'terraform_data.web')).toMatchObject({
      kind: 'replace',
      replaceOrder: 'forget-first',
    })
  })

  it('tells what is in a module and what is data', () => {
    const plan = onlyPlan(events('data-read-unknown'))
    expect(changeOf(plan, 'data.terraform_remote_state.other')).toMatchObject({ mode: 'data', kind: 'read' })
    const [first] = onlyPlan(events('modules-nested')).changes
    expect(first?.moduleAddress).toMatch(/^module\.branch\["/)
  })

  it('is errored when an error is among the events, and then needs no summary', () => {
    const plan = onlyPlan(events('errored'))
    expect(plan.errored).toBe(true)
  })

  it('shows an action that it does not know as it is written', () => {
    const plan = onlyPlan(
      events('update').replace('"action":"update"', '"action":"evaporate"').replace('"change":1', '"change":0'),
    )
    expect(changeOf(plan, 'terraform_data.web')).toMatchObject({ kind: 'other', actions: ['evaporate'] })
    expect(countChanges(plan).other).toBe(1)
  })

  it('reads what waits for a later plan', () => {
    const change = JSON.parse(lines(events('update')).find(line => line.includes('"planned_change"')) ?? '') as {
      change: unknown
    }
    const later = { '@message': 'x', type: 'deferred_change', deferred: { reason: 'excluded', change: change.change } }
    const plan = onlyPlan(`${events('no-change')}${JSON.stringify(later)}\n`)
    expect(plan.deferred).toMatchObject([{ reason: 'excluded', change: { address: 'terraform_data.web' } }])
    expect(plan.complete).toBe(false)
  })
})

describe('events that are not whole are refused', () => {
  it('when they end before the summary', () => {
    const cut = lines(events('every-action')).filter(line => !line.includes('"change_summary"'))
    expect(refusal(cut.join('\n'))).toContain('they were cut')
  })

  it('when a line of it is cut', () => {
    expect(refusal(events('every-action').slice(0, -200))).toMatch(
      /line \d+, cannot be read .* neither the JSON of a plan/,
    )
  })

  it('when one event is missing, whichever it is that the summary counts', () => {
    const all = lines(events('every-action'))
    const counted = all.filter(
      line => /"type":"planned_change"/.test(line) && /"action":"(?:create|update|delete|import)"/.test(line),
    )
    expect(counted.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(fc.constantFrom(...counted), missing => {
        expect(refusal(all.filter(line => line !== missing).join('\n'))).toContain('some are missing')
      }),
      { numRuns: 20 },
    )
  })

  it('when two runs are mixed and none says whose it is', () => {
    expect(refusal(events('create') + events('update'))).toContain('--log-format json')
  })
})

describe('several units of Terragrunt', () => {
  const plans = () => [fixtureText('create').trim(), fixtureText('delete-count-index').trim()]

  it('as one JSON document a line', () => {
    const read = parsePlans(`${plans().join('\n')}\n`, 'all.json')
    expect(
      read.map(({ unit, plan }) => [unit, plan.detail, countChanges(plan).create, countChanges(plan).delete]),
    ).toEqual([
      [undefined, 'attributes', 1, 0],
      [undefined, 'attributes', 0, 2],
    ])
  })

  const asJson = (unit: string) => (message: string) =>
    JSON.stringify({
      time: '2026-01-01T00:00:00Z',
      level: 'stdout',
      prefix: unit,
      'tf-path': '/usr/bin/tofu',
      msg: message,
    })
  const asText = (unit: string) => (message: string) => `10:11:12.123 STDOUT [${unit}] tofu: ${message}`

  it.each([
    ['JSON', asJson],
    ['text', asText],
  ])('in its log as %s, with the lines of both units between each other', (_form, logged) => {
    const [app, db] = [
      lines(events('create')).map(logged('live/app')),
      lines(events('update')).map(logged('live/db[1]')),
    ]
    const mixed = Array.from({ length: Math.max(app.length, db.length) }, (_, index) => [app[index], db[index]])
      .flat()
      .filter(line => line !== undefined)
    const own = logged('live/app')('Initializing the backend...')
    const read = parsePlans([own, ...mixed].join('\n'), 'log')
    expect(read.map(({ unit, plan }) => [unit, plan.changes.map(({ kind }) => kind)])).toEqual([
      ['live/app', ['create']],
      ['live/db[1]', ['update']],
    ])
  })

  it.each([
    ['JSON', asJson],
    ['text', asText],
  ])('in its log as %s, which breaks long lines', (_form, logged) => {
    const [app = '', db = ''] = plans()
    const cut = (text: string, unit: string) => (text.match(/[^]{1,900}/g) ?? []).map(logged(unit))
    const [first, second] = [cut(app, 'app'), cut(db, 'db')]
    const read = parsePlans([...first.slice(0, 1), ...second, ...first.slice(1)].join('\n'), 'log')
    expect(read.map(({ unit, plan }) => [unit, countChanges(plan).create, countChanges(plan).delete])).toEqual([
      ['app', 1, 0],
      ['db', 0, 2],
    ])
    expect(() => parsePlans([...first.slice(0, 1), ...second].join('\n'), 'log')).toThrow(
      'log, unit "app", cannot be read as a Terraform plan: a line of JSON in it has no end',
    )
  })

  it('is refused by the line that is not a plan', () => {
    expect(refusal(`${plans().join('\n')}\n{"values":{}}`)).toContain(
      'line 3, cannot be read as a Terraform plan: it is a state',
    )
  })
})

describe('one plan', () => {
  it.each([
    ['on one line', (text: string) => text],
    ['over several lines', (text: string) => JSON.stringify(JSON.parse(text), null, 2)],
    ['with a byte order mark', (text: string) => `\uFEFF${text}`],
  ])('%s is the plan that show -json made', (_form, write) => {
    const text = fixtureText('create')
    expect(onlyPlan(write(text))).toEqual(parsePlan(text, 'plan'))
  })

  it.each([
    ['', 'it is empty'],
    ['{"resource_changes": [', 'not valid JSON'],
    ['[command]/usr/bin/terraform plan -json\n{"resource_changes":[]}', 'terraform_wrapper: false'],
    ['hello\n{"resource_changes":[]}', 'other lines before the JSON'],
    ['10:11:12.123 INFO tofu: Initializing', 'no line of it is a plan or an event'],
    [Buffer.from('\uFEFF{"resource_changes":[]}', 'utf16le').toString('utf8'), 'UTF-16'],
  ])('%j is refused', (text, reason) => {
    expect(refusal(text)).toContain(reason)
  })
})
