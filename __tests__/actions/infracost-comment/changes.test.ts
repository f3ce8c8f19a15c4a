import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { changedRows, explainChange } from '../../../actions/infracost-comment/src/arithmetic.ts'
import { sum, toCents } from '../../../actions/infracost-comment/src/money.ts'
import type { Comparison } from '../../../actions/infracost-comment/src/compare.ts'
import { compare, makePlan, type ObjectChange } from './plans.ts'

const instance = (type: string, values: object = {}) => ({
  instance_type: type,
  root_block_device: [{ volume_type: 'gp3', volume_size: 10 }],
  ...values,
})

const figures = ({ past, current, delta, unknownCount }: Comparison) => [
  past.toFixed(2),
  current.toFixed(2),
  delta.toFixed(2),
  unknownCount,
]

const rows = (comparison: Comparison) =>
  comparison.projects.flatMap(({ resources }) =>
    changedRows(resources).map(row => [row.name, row.delta.toFixed(2), explainChange(row, 'USD')]),
  )

describe('before, after and difference of', () => {
  it.each<[string, ObjectChange, readonly (string | number)[], string | undefined]>([
    [
      'a new instance',
      { address: 'aws_instance.a', after: instance('t3.micro') },
      ['0.00', '8.39', '8.39', 0],
      '1 × t3.micro · 730 h × $0.0104 + 10 GB gp3 × $0.08 (new)',
    ],
    [
      'a removed instance',
      { address: 'aws_instance.a', before: instance('t3.micro') },
      ['8.39', '0.00', '-8.39', 0],
      '1 × t3.micro · 730 h × $0.0104 + 10 GB gp3 × $0.08 (removed)',
    ],
    [
      'a resize in place',
      { address: 'aws_instance.a', before: instance('t3.micro'), after: instance('t3.small') },
      ['8.39', '15.98', '7.59', 0],
      '1 × t3.micro → t3.small · 730 h × $0.0104 → $0.0208',
    ],
    [
      'a larger disk',
      { address: 'aws_ebs_volume.a', before: { size: 20, type: 'gp2' }, after: { size: 100, type: 'gp2' } },
      ['2.00', '10.00', '8.00', 0],
      '20 → 100 GB gp2 × $0.10',
    ],
    [
      'another kind of disk',
      { address: 'aws_ebs_volume.a', before: { size: 100, type: 'gp2' }, after: { size: 100, type: 'gp3' } },
      ['10.00', '8.00', '-2.00', 0],
      '100 GB gp2 → gp3 × $0.10 → $0.08',
    ],
    [
      'a replacement that costs the same',
      {
        address: 'aws_instance.a',
        before: instance('t3.micro'),
        after: instance('t3.micro', { ami: 'ami-2' }),
        actions: ['delete', 'create'],
      },
      ['8.39', '8.39', '0.00', 0],
      undefined,
    ],
    [
      'a move',
      {
        address: 'aws_instance.b',
        previousAddress: 'aws_instance.a',
        before: instance('t3.micro'),
        after: instance('t3.micro'),
      },
      ['8.39', '8.39', '0.00', 0],
      undefined,
    ],
    [
      'a resize to a type without a price, which is no saving',
      { address: 'aws_instance.a', before: instance('m5.large'), after: instance('x9.large') },
      ['0.80', '0.80', '0.00', 1],
      'm5.large → x9.large: price unknown ($70.08 before, left out)',
    ],
    [
      'a resize from a type without a price',
      { address: 'aws_instance.a', before: instance('x9.large'), after: instance('m5.large') },
      ['0.80', '0.80', '0.00', 1],
      'x9.large → m5.large: price unknown ($70.08 after, left out)',
    ],
    [
      'a type that is known only at apply',
      {
        address: 'aws_instance.a',
        before: instance('m5.large'),
        after: { root_block_device: [{ volume_type: 'gp3', volume_size: 10 }] },
        afterUnknown: { instance_type: true },
        expressions: { instance_type: { references: ['data.aws_ssm_parameter.type.value'] } },
      },
      ['0.80', '0.80', '0.00', 1],
      'm5.large → Instance usage: unknown until apply ($70.08 before, left out)',
    ],
    [
      'a sensitive type, which is not shown',
      {
        address: 'aws_instance.a',
        after: instance('m5.large'),
        afterSensitive: { instance_type: true },
      },
      ['0.00', '0.80', '0.80', 1],
      'Instance usage: hidden + 10 GB gp3 × $0.08 (new)',
    ],
    [
      'what Terraform forgets, which is still paid for',
      { address: 'aws_instance.a', before: instance('m5.large'), actions: ['forget'] },
      ['0.00', '0.00', '0.00', 1],
      undefined,
    ],
    [
      'a removed object of a type without a price',
      { address: 'aws_sfn_state_machine.a', before: {} },
      ['0.00', '0.00', '0.00', 1],
      undefined,
    ],
    ['no change', { address: 'aws_nat_gateway.a', before: {}, after: {} }, ['32.85', '32.85', '0.00', 0], undefined],
  ])('%s', (_, change, expected, how) => {
    const comparison = compare(makePlan([change]))
    expect(figures(comparison)).toEqual(expected)
    expect(rows(comparison).map(([, , text]) => text)).toEqual(how === undefined ? [] : [how])
  })
})

it('puts what count and for_each make into one row', () => {
  const plan = makePlan([
    ...['["a"]', '["b"]', '["c"]'].map(key => ({ address: `aws_instance.app${key}`, after: instance('m5.large') })),
    { address: 'aws_instance.app["d"]', after: instance('m5.xlarge') },
  ])
  expect(rows(compare(plan))).toEqual([
    ['aws_instance.app', '212.64', '3 × m5.large · 730 h × $0.096 + 3 × 10 GB gp3 × $0.08 (new)'],
    ['aws_instance.app["d"]', '140.96', '1 × m5.xlarge · 730 h × $0.192 + 10 GB gp3 × $0.08 (new)'],
  ])
})

it('counts an elastic address instead of the one that the instance would get', () => {
  const plan = makePlan([
    { address: 'aws_instance.a', after: instance('t3.micro', { associate_public_ip_address: true }) },
    {
      address: 'aws_eip.a',
      after: {},
      expressions: { instance: { references: ['aws_instance.a.id', 'aws_instance.a'] } },
    },
  ])
  expect(compare(plan).current.toFixed(2)).toBe('12.04')
})

it('counts the subnets of a load balancer that are known only as references', () => {
  const plan = makePlan([
    { address: 'aws_subnet.public[0]', after: {} },
    { address: 'aws_subnet.public[1]', after: {} },
    {
      address: 'aws_lb.front',
      after: {},
      afterUnknown: { subnets: true },
      expressions: { subnets: { references: ['aws_subnet.public'] } },
    },
  ])
  expect(compare(plan).current.toFixed(2)).toBe('23.73')
})

it.each([
  ['its own attribute', { region: 'eu-west-1' }, 'us-east-1', undefined, '35.04'],
  ['its ARN', { arn: 'arn:aws:ec2:eu-west-1:123456789012:natgateway/nat-1' }, 'us-east-1', undefined, '35.04'],
  ['its zone', { availability_zone: 'eu-west-1b' }, 'us-east-1', undefined, '35.04'],
  ['its provider', {}, 'eu-west-1', 'us-east-1', '35.04'],
  ['the input', {}, null, 'eu-west-1', '35.04'],
])('takes the region of an object from %s', (_, values, provider, defaultRegion, cost) => {
  const plan = makePlan([{ address: 'aws_nat_gateway.a', after: values }], provider)
  expect(compare(plan, defaultRegion === undefined ? {} : { defaultRegion }).current.toFixed(2)).toBe(cost)
})

it('takes only what is planned when targets were given', () => {
  const plan = makePlan([{ address: 'aws_nat_gateway.a', before: {}, after: {} }])
  const document = structuredClone(plan.document) as never as {
    prior_state: { values: { root_module: { resources: object[] } } }
  }
  document.prior_state.values.root_module.resources.push({
    address: 'aws_nat_gateway.other',
    mode: 'managed',
    type: 'aws_nat_gateway',
    name: 'other',
    values: {},
  })
  expect(figures(compare(parsePlan(JSON.stringify(document), 'plan')))).toEqual(['32.85', '32.85', '0.00', 0])
})

describe('a plan made by the real terraform', () => {
  const read = (name: string) =>
    compare(parsePlan(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'), name))

  it('prices a first plan', () => {
    const comparison = read('added')
    expect(figures(comparison)).toEqual(['0.00', '78.09', '78.09', 1])
    expect(rows(comparison)).toEqual([
      ['aws_instance.app', '63.94', '2 × t3.medium · 730 h × $0.0416 + 2 × 20 GB gp3 × $0.08 (new)'],
      ['aws_ebs_volume.old', '10.00', '100 GB gp2 × $0.10 (new)'],
      ['aws_eip.app', '3.65', '1 × Public IPv4 address · 730 h × $0.005 (new)'],
      ['aws_route53_zone.main', '0.50', '1 × Hosted zone × $0.50 (new)'],
    ])
  })

  it('prices a change with a resize, a move, an addition, a removal and an object that is forgotten', () => {
    const comparison = read('changed')
    expect(figures(comparison)).toEqual(['77.59', '310.96', '233.37', 3])
    expect(rows(comparison)).toEqual([
      ['aws_instance.app["c"]', '62.34', '1 × t3.large · 730 h × $0.0832 + 20 GB gp3 × $0.08 (new)'],
      ['aws_instance.app', '60.74', '2 × t3.medium → t3.large · 730 h × $0.0416 → $0.0832'],
      [
        'aws_db_instance.main',
        '49.28',
        '1 × db.t3.micro Multi-AZ · 730 h × $0.036 + 100 GB gp3 Multi-AZ × $0.23 (new)',
      ],
      ['aws_nat_gateway.main', '32.85', '1 × NAT gateway · 730 h × $0.045 (new)'],
      [
        'aws_lb.front',
        '23.73',
        '1 × Application load balancer · 730 h × $0.0225 + 2 × Public IPv4 address · 730 h × $0.005 (new)',
      ],
      ['aws_eip.nat', '3.65', '1 × Public IPv4 address · 730 h × $0.005 (new)'],
      ['aws_instance.huge', '0.80', 'x2gd.large: price unknown + 8 GB gp2 × $0.10 (new)'],
    ])
    expect(comparison.projects[0]?.unknowns.map(({ address, reason }) => [address, reason])).toEqual([
      ['aws_sqs_queue.jobs', 'type not priced'],
      ['aws_route53_zone.main', 'no longer managed by Terraform, but still there and paid for'],
      ['aws_instance.huge', 'price unknown: ec2/x2gd.large in us-east-1'],
    ])
  })
})

const anObject = fc.record({
  type: fc.constantFrom('t3.micro', 't3.large', 'm5.large', 'x9.large'),
  gib: fc.integer({ min: 1, max: 2000 }),
})
const aSide = fc.dictionary(fc.constantFrom(...'abcdefgh'), anObject)

it('has totals that are the sum of their lines to the cent, and a difference of after and before', () => {
  fc.assert(
    fc.property(aSide, aSide, (before, after) => {
      const values = ({ type, gib }: { type: string; gib: number }) => ({
        instance_type: type,
        root_block_device: [{ volume_type: 'gp3', volume_size: gib }],
      })
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      const comparison = compare(
        makePlan(
          names.map(name => ({
            address: `aws_instance.${name}`,
            ...(before[name] === undefined ? {} : { before: values(before[name]) }),
            ...(after[name] === undefined ? {} : { after: values(after[name]) }),
          })),
        ),
      )
      const lines = comparison.projects.flatMap(({ resources }) => resources.flatMap(resource => resource.lines))
      const total = (side: 'past' | 'current') =>
        sum(lines.filter(line => !line.excluded).flatMap(line => line[side]?.monthlyCost ?? []))
      expect(toCents(total('past')).toFixed(2)).toBe(comparison.past.toFixed(2))
      expect(toCents(total('current')).toFixed(2)).toBe(comparison.current.toFixed(2))
      expect(comparison.current.minus(comparison.past).eq(comparison.delta)).toBe(true)
      expect(sum(lines.map(line => line.delta)).eq(comparison.exact.delta)).toBe(true)
    }),
    { numRuns: 100 },
  )
})
