import fc from 'fast-check'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'

/** Texts that break out of Markdown, HTML, tables and lines, or hide. */
const HOSTILE = [
  ...['"', '`', '``` ', '|', '<', '>', '</details>', '<details>', '<!-- slipway -->', '\n', '\r\n', '\\', ']', '["x"]'],
  ...[
    '\u202E',
    '\u200B',
    '…',
    '"…"',
    '@octocat',
    '#1',
    '${x}',
    '%',
    '&lt;',
    '~~~',
    '$$',
    'é',
    '漢',
    '😀',
    ' ',
    '.',
    '0',
  ],
]

const key = fc.oneof(
  fc.nat({ max: 40 }).map(String),
  fc.nat({ max: 40 }).map(number => quoted(`zone-${number}`)),
  fc.array(fc.constantFrom(...HOSTILE, 'a', '7'), { minLength: 1, maxLength: 6 }).map(parts => quoted(parts.join(''))),
)

/** As Terraform writes a key: quotes, backslashes and line ends escaped, all else as it is. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`
}

const ACTIONS = [
  ['create'],
  ['delete'],
  ['update'],
  ['delete', 'create'],
  ['create', 'delete'],
  ['forget'],
  ['strange'],
]

const value = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE, 'x', 'word ', '- ', '+ '), { maxLength: 5 }).map(parts => parts.join('')),
  fc.constantFrom('{"a":[1,2]}', 'a: 1\nb: 2\n', 'eyJhIjoxLCJiIjoyfQ==', ''),
  fc.nat({ max: 9 }),
  fc.constant(null),
)
const values = fc.dictionary(fc.constantFrom('name', 'size', 'tags', 'policy', 'user_data', 'we|rd`'), value)

export interface Object {
  readonly address: string
  readonly actions: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

const object = fc.record({
  address: fc
    .tuple(fc.constantFrom('aws_x.y', 'aws_db_instance.z', 'module.m.aws_x.y'), fc.option(key))
    .map(([name, index]) => (index === null ? name : `${name}[${index}]`)),
  actions: fc.constantFrom(...ACTIONS),
  before: values,
  after: values,
})

/** Plans of few objects, of all kinds and with any text in them. */
export const smallPlans = fc
  .uniqueArray(object, { maxLength: 40, selector: ({ address }) => address })
  .map(objects => planOf(objects))

export function planOf(objects: readonly Object[]): Plan {
  const changes = objects.map(({ address, actions, before, after }) => ({
    ...{ address, mode: 'managed', type: /aws_\w+/.exec(address)?.[0] ?? 'aws_x' },
    change: {
      actions,
      before: actions[0] === 'create' ? null : before,
      after: actions.at(-1) === 'create' || actions[0] === 'update' ? after : null,
    },
  }))
  return parsePlan(JSON.stringify({ resource_changes: changes }), 'plan')
}

/**
 * A plan of many objects, made from a number: runs of indexes, keys with gaps, and keys that no range holds. The share of
 * dangerous ones and the length of their keys vary with it.
 */
export function bigPlan(seed: number, count: number): Plan {
  let state = seed + 1
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  const dangerous = random(3)
  const filler = 'k'.repeat(random(4) * 20)
  const objects = Array.from({ length: count }, (_, index): Object => {
    const actions = ACTIONS[dangerous === 0 ? 2 * random(2) : random(dangerous === 1 ? ACTIONS.length : 2)] ?? [
      'delete',
    ]
    const name = `aws_${['subnet', 'instance', 'db_instance'][random(3)]}.n${random(4)}`
    const indexText =
      random(3) === 0
        ? String(index)
        : quoted(`${HOSTILE[random(40)] ?? ''}${filler}${random(2) === 0 ? index : (index * 7919).toString(36)}`)
    const tags = { Name: `n${index}`, CommitSha: 'one' }
    return {
      address: `${name}[${indexText}]`,
      actions,
      before: { tags, size: 1 },
      after: { tags: { ...tags, CommitSha: 'two' }, size: random(3) },
    }
  })
  return planOf(objects)
}
