import fc from 'fast-check'
import type { ContractFacts } from '../../../kit/terraform/contract.ts'

/** Plans for properties of the contract: a document as `show -json` writes it, small, with every kind of change in it. */

export type Mutable = { [key: string]: unknown }

export interface Document extends Mutable {
  resource_changes: Mutable[]
  output_changes: Mutable
  deferred_changes: Mutable[]
  action_invocations: Mutable[]
  configuration: { provider_config: Mutable; root_module: { resources: Mutable[]; module_calls: Mutable } }
}

/** A number that JSON.parse rounds stands in a document as this text with its digits behind. */
export const BIG = 'digits of '

export function textOf(document: Document): string {
  return JSON.stringify(document).replaceAll(new RegExp(`"${BIG}(\\d+)"`, 'g'), '$1')
}

export const FACTS: ContractFacts = {
  root: 'infra',
  workspace: 'default',
  ignorePaths: [],
  extent: { targets: [], destroy: false, preRun: '' },
  lockFileDigest: '0'.repeat(64),
  backend: { type: 's3', bucket: 'states', key: 'dev.tfstate' },
  lineage: '0b7e1b3a-1111-2222-3333-444455556666',
  trees: { '.github/workflows': 'a'.repeat(40) },
}

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
const key = fc.oneof(word, fc.constantFrom('a.b', 'with "quotes"', '0', 'ä ö', '__proto__ '))
const leaf = fc.oneof(
  fc.integer({ min: -999, max: 999 }),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 12 }),
)
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}))
/** Long and with a start that no other value has, so that what holds it is found. */
const secret = fc.stringMatching(/^secret-[A-Za-z0-9]{16}$/)

const KINDS: readonly (readonly string[])[] = [
  ...[['create'], ['update'], ['delete'], ['delete', 'create'], ['create', 'delete'], ['forget'], ['read']],
]

interface Seed {
  readonly extra: unknown
  readonly secret: string
  readonly big: bigint
  readonly kind: number
}

const seed: fc.Arbitrary<Seed> = fc.record({
  extra: fc.dictionary(word, value, { maxKeys: 3 }),
  secret,
  big: fc.bigInt({ min: 2n ** 53n + 1n, max: 10n ** 24n }),
  kind: fc.nat(KINDS.length - 1),
})

function resourceOf({ extra, secret, big, kind }: Seed, index: number): Mutable {
  const actions = KINDS[kind] ?? []
  const values = {
    extra,
    empty: null,
    number: 1,
    big: `${BIG}${big}`,
    password: secret,
    copied: `postgres://app:${secret}@db`,
    nested: { list: [1, { deep: 'x' }] },
  }
  const marks = { password: true, nested: { list: [] } }
  const isGone = actions.length === 1 && ['delete', 'forget'].includes(actions[0] ?? '')
  const isNew = actions.length === 1 && ['create', 'read'].includes(actions[0] ?? '')
  return {
    address: `test_thing.r${index}`,
    ...{ mode: 'managed', type: 'test_thing', name: `r${index}`, provider_name: 'example.com/test/test' },
    change: {
      actions,
      before: isNew ? null : { ...values, number: 7, id: `id-${index}` },
      before_sensitive: isNew ? false : marks,
      after: isGone ? null : values,
      after_sensitive: isGone ? false : marks,
      after_unknown: isGone ? {} : { id: true },
    },
  }
}

const change = (actions: readonly string[], value: unknown) => ({
  ...{ actions, before: value, after: value, after_unknown: {}, before_sensitive: false, after_sensitive: false },
})

/** Besides three to five objects of any kind: a move, an import, a deposed object, outputs, deferred changes, actions, programs. */
export const plan: fc.Arbitrary<Document> = fc
  .tuple(fc.array(seed, { minLength: 3, maxLength: 5 }), value, secret)
  .map(([seeds, shown, hidden]) => ({
    format_version: '1.2',
    terraform_version: '1.14.0',
    resource_changes: [
      ...seeds.map(resourceOf),
      { address: 'test_thing.moved', previous_address: 'test_thing.old', change: change(['no-op'], { id: 'm' }) },
      { address: 'test_thing.imported', change: { ...change(['no-op'], { id: 'i' }), importing: { id: 'known' } } },
      { address: 'test_thing.r0', deposed: '0badc0de', change: { ...change(['delete'], { id: 'd' }), after: null } },
      { address: 'test_thing.swapped', change: change(['delete', 'create'], { id: 'w' }) },
      { address: 'test_thing.still', change: change(['no-op'], { id: 's' }) },
      { address: 'module.a["k"].test_thing.run', change: { ...change(['create'], { id: 'r' }), before: null } },
    ],
    output_changes: {
      shown: { ...change(['update'], shown), before: 'earlier' },
      hidden: { ...change(['create'], hidden), before: null, after_sensitive: true },
    },
    deferred_changes: [
      {
        reason: 'resource_config_unknown',
        resource_change: { address: 'test_thing.later', change: { ...change(['create'], { id: 'l' }), before: null } },
      },
    ],
    action_invocations: [
      {
        ...{ address: 'action.test_do.it', type: 'test_do', name: 'it', provider_name: 'example.com/test/test' },
        ...{ config_values: { what: 'x' }, config_sensitive: {}, config_unknown: {} },
        lifecycle_action_trigger: { triggering_resource_address: 'test_thing.r0', action_trigger_event: 'AfterCreate' },
      },
    ],
    configuration: {
      provider_config: {
        test: {
          ...{ name: 'test', full_name: 'example.com/test/test' },
          expressions: { region: { constant_value: 'eu-west-1' }, secret_key: { constant_value: 'dummy' } },
        },
      },
      root_module: {
        resources: [
          {
            ...{ address: 'data.external.look', mode: 'data', type: 'external', name: 'look' },
            expressions: { program: { constant_value: ['python3', 'look.py'] } },
          },
          { address: 'test_thing.r0', mode: 'managed', expressions: { id: { references: ['test_thing.r1.id'] } } },
        ],
        module_calls: {
          a: {
            source: './modules/a',
            module: {
              resources: [
                {
                  address: 'test_thing.run',
                  mode: 'managed',
                  provisioners: [{ type: 'local-exec', expressions: { command: { constant_value: 'make it' } } }],
                },
              ],
            },
          },
        },
      },
    },
  }))
