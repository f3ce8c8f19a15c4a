import { describe, expect, it } from '@jest/globals'
import { createHider } from '../../../kit/terraform/hide.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { collectTaint } from '../../../kit/terraform/redaction.ts'
import { fixturePlan } from './fixture.ts'

describe('R10: what is marked sensitive anywhere', () => {
  it('is known from changes, outputs and variables of a real plan', () => {
    expect([...collectTaint(fixturePlan('every-action')).long].sort()).toEqual([
      'a-new-and-long-one',
      'correct-horse-battery',
    ])
  })

  it.each<[string, Record<string, unknown>]>([
    [
      'a change, below a marked parent',
      {
        resource_changes: [
          {
            address: 'a.b',
            change: {
              actions: ['create'],
              after: { deep: { list: ['hidden-value'] } },
              after_sensitive: { deep: true },
            },
          },
        ],
      },
    ],
    [
      'drift',
      {
        resource_changes: [],
        resource_drift: [
          {
            address: 'a.b',
            change: { actions: ['update'], before: { p: 'hidden-value' }, before_sensitive: { p: true } },
          },
        ],
      },
    ],
    ['an output', { output_changes: { o: { actions: ['create'], after: 'hidden-value', after_sensitive: true } } }],
    [
      'a variable that the configuration declares sensitive',
      {
        resource_changes: [],
        variables: { v: { value: 'hidden-value' } },
        configuration: { root_module: { variables: { v: { sensitive: true } } } },
      },
    ],
    [
      'the state, in a module of a module',
      {
        prior_state: {
          values: {
            root_module: {
              child_modules: [
                { child_modules: [{ resources: [{ values: { p: 'hidden-value' }, sensitive_values: { p: true } }] }] },
              ],
            },
          },
        },
      },
    ],
    [
      'the default of a variable',
      {
        resource_changes: [],
        configuration: { root_module: { variables: { v: { default: 'hidden-value', sensitive: true } } } },
      },
    ],
    [
      'what goes into a sensitive variable of a module of a module',
      {
        resource_changes: [],
        variables: { db: { value: { password: 'hidden-value', host: 'db.example' } } },
        configuration: {
          root_module: {
            variables: { db: {} },
            module_calls: {
              outer: {
                expressions: { pw: { references: ['var.db.password', 'var.db'] } },
                module: {
                  variables: { pw: {} },
                  module_calls: {
                    inner: {
                      expressions: { pw: { references: ['var.pw'] } },
                      module: { variables: { pw: { sensitive: true } } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
    [
      'a deferred change',
      {
        resource_changes: [],
        deferred_changes: [
          {
            reason: 'provider_config_unknown',
            resource_change: {
              address: 'a.b',
              change: { actions: ['create'], after: { p: 'hidden-value' }, after_sensitive: { p: true } },
            },
          },
        ],
      },
    ],
    [
      'an invocation',
      {
        resource_changes: [],
        action_invocations: [{ config_values: { p: 'hidden-value', q: 'seen-value' }, config_sensitive: { p: true } }],
      },
    ],
    [
      'a place that holds nothing but secrets',
      {
        resource_changes: [
          {
            address: 'aws_db_instance.main',
            type: 'aws_db_instance',
            change: { actions: ['create'], after: { password: 'hidden-value', engine: 'postgres' } },
          },
        ],
      },
    ],
    ['planned values', { planned_values: { outputs: { o: { sensitive: true, value: { deep: 'hidden-value' } } } } }],
  ])('is found in %s', (_where, document) => {
    expect([...collectTaint(parsePlan(JSON.stringify(document), 'plan')).long]).toEqual(['hidden-value'])
  })

  it.each([
    ['as a part of another text', 'password=correct-horse-battery;'],
    ['in base64', Buffer.from('user:correct-horse-battery').toString('base64')],
    ['in a URL', encodeURIComponent('correct-horse-battery')],
    ['in hexadecimal', Buffer.from('correct-horse-battery').toString('hex')],
  ])('is hidden %s', (_how, text) => {
    const { hide, isTainted } = createHider(fixturePlan('every-action'), [])
    expect(hide(text)).not.toBe(text)
    expect(hide(text)).not.toContain('correct-horse-battery')
    expect(isTainted(text)).toBe(true)
  })

  it('is not taken for a secret where it is the name of an object, or the name would be hidden too', () => {
    const plan = parsePlan(
      JSON.stringify({
        resource_changes: [
          {
            address: 'aws_x.production',
            type: 'aws_x',
            name: 'production',
            change: {
              actions: ['create'],
              after: { n: 'production', p: 'x.production' },
              after_sensitive: { n: true, p: true },
            },
          },
        ],
      }),
      'plan',
    )
    expect([...collectTaint(plan).long]).toEqual(['x.production'])
    // Part of an address: hidden in values, but not everywhere.
    expect(createHider(plan, []).secrets).toEqual([])
    expect(createHider(plan, []).hide('x.production')).toBe('***')
  })

  it('is joined by what the user’s patterns match', () => {
    expect(createHider(fixturePlan('no-change'), [/token-\d+/g]).hide('a token-42 and token-43')).toBe('a *** and ***')
  })
})
