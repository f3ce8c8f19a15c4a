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

  it('is otherwise the plan as it is', () => {
    const plan = fixturePlan('aws-create')
    expect(redactedDocument(plan, text => text)['resource_changes']).toEqual(plan.document['resource_changes'])
  })
})
