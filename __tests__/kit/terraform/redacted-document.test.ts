import { describe, expect, it } from '@jest/globals'
import { createHider } from '../../../kit/terraform/hide.ts'
import { writeJson } from '../../../kit/terraform/json.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { redactedDocument } from '../../../kit/terraform/redacted-document.ts'
import { fixturePlan } from './fixture.ts'

const SECRET = 'hunter22-of-the-database'

describe('the document that a policy reads', () => {
  it('has no secret in it, wherever it was copied to and whatever its type', () => {
    const plan = parsePlan(
      JSON.stringify({
        format_version: '1.2',
        variables: { password: { value: SECRET } },
        prior_state: { values: { root_module: {} } },
        configuration: { root_module: { resources: [{ expressions: { x: { constant_value: `a ${SECRET} b` } } }] } },
        planned_values: {
          outputs: { pin: { sensitive: true, value: 4711 } },
          root_module: { resources: [{ values: { pin: 4711, size: 3 }, sensitive_values: { pin: true } }] },
        },
        resource_changes: [
          {
            ...{ address: 'a.b', mode: 'managed', type: 'a' },
            change: {
              ...{
                actions: ['create'],
                before: null,
                after: { list: [{ pin: 4711, on: true }], size: 3, text: SECRET },
              },
              after_sensitive: { list: [{ pin: true, on: true }], text: true },
            },
          },
        ],
      }),
      'plan',
    )
    const document = redactedDocument(plan, createHider(plan, []).hide)
    expect(writeJson(document)).not.toMatch(/hunter22|4711/)
    expect(Object.keys(document)).toEqual(['format_version', 'configuration', 'planned_values', 'resource_changes'])
    expect(document['resource_changes']).toMatchObject([
      { address: 'a.b', change: { before: null, after: { list: [{ pin: '***', on: '***' }], size: 3, text: '***' } } },
    ])
  })

  it('has no copy of a number or of a short value, and nothing that stands in a place for secrets', () => {
    const resource = (address: string, type: string, values: object) => ({ address, mode: 'managed', type, values })
    const change = (address: string, type: string, after: object, sensitive: object = {}) => ({
      ...{ address, mode: 'managed', type },
      change: { actions: ['create'], before: null, after, after_sensitive: sensitive },
    })
    const container = JSON.stringify([{ name: 'app', environment: [{ name: 'PW', value: 'planted-in-a-container' }] }])
    const machine = { user_data: 'planted-in-a-script', size: 1 }
    const plan = parsePlan(
      JSON.stringify({
        format_version: '1.2',
        planned_values: {
          root_module: {
            resources: [
              resource('a.copy', 'a', { number: 483920, pin: 'k9x' }),
              resource('hcloud_server.rests', 'hcloud_server', machine),
            ],
            child_modules: [{ resources: [resource('module.m.hcloud_server.x', 'hcloud_server', machine)] }],
          },
        },
        resource_changes: [
          change('a.source', 'a', { number: 483920, pin: 'k9x' }, { number: true, pin: true }),
          change('a.copy', 'a', { number: -483920, pin: 'k9x', size: 12 }),
          change('aws_ecs_task_definition.app', 'aws_ecs_task_definition', { container_definitions: container }),
        ],
        output_changes: { pin: { actions: ['create'], before: null, after: 'k9x' } },
      }),
      'plan',
    )
    const hider = createHider(plan, [])
    const text = writeJson(redactedDocument(hider.plan, hider.hide))
    expect(text).not.toMatch(/483920|k9x|planted/)
    for (const kept of ['"size": 12', '"size": 1', 'hcloud_server.rests', String.raw`\"name\": \"app\"`])
      expect(text).toContain(kept)
  })

  it('is otherwise the plan as it is', () => {
    const plan = fixturePlan('aws-create')
    expect(redactedDocument(plan, text => text)['resource_changes']).toEqual(plan.document['resource_changes'])
  })
})
