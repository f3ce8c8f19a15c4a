import { describe, expect, it } from '@jest/globals'
import { isFree } from '../../../actions/infracost-comment/src/free-types.ts'
import { RULES } from '../../../actions/infracost-comment/src/rules.ts'
import { billOf, compare, makePlan } from './plans.ts'

const disk = (values: object) => ({ instance_type: 't3.micro', root_block_device: [values] })
const database = (values: object) => ({
  engine: 'mysql',
  engine_version: '8.4.3',
  instance_class: 'db.t3.micro',
  allocated_storage: 20,
  ...values,
})

/** Totals worked out by hand from the published rates. */
describe('a month of', () => {
  it.each([
    ['an instance with the default disk', 'aws_instance', { instance_type: 't3.micro' }, '8.39'],
    ['an instance with a gp3 disk', 'aws_instance', disk({ volume_type: 'gp3', volume_size: 20 }), '9.19'],
    [
      'a gp3 disk with the IOPS that are included',
      'aws_instance',
      disk({ volume_type: 'gp3', volume_size: 20, iops: 3000 }),
      '9.19',
    ],
    [
      'a gp3 disk with 4,000 IOPS and 225 MiB/s',
      'aws_instance',
      disk({ volume_type: 'gp3', volume_size: 20, iops: 4000, throughput: 225 }),
      '18.19',
    ],
    [
      'an instance with detailed monitoring',
      'aws_instance',
      { ...disk({ volume_size: 10 }), monitoring: true },
      '10.69',
    ],
    [
      'an instance with a public address',
      'aws_instance',
      { ...disk({ volume_size: 10 }), associate_public_ip_address: true },
      '12.24',
    ],
    [
      'an instance on a dedicated host, which is paid for itself',
      'aws_instance',
      { ...disk({ volume_size: 10 }), tenancy: 'host' },
      '1.00',
    ],
    [
      'an instance with a second disk',
      'aws_instance',
      {
        ...disk({ volume_size: 10 }),
        ebs_block_device: [{ device_name: '/dev/sdf', volume_type: 'st1', volume_size: 500 }],
      },
      '31.09',
    ],
    ['a gp2 volume', 'aws_ebs_volume', { size: 100, type: 'gp2' }, '10.00'],
    ['a volume without a type', 'aws_ebs_volume', { size: 100 }, '10.00'],
    ['an io1 volume', 'aws_ebs_volume', { size: 100, type: 'io1', iops: 1000 }, '77.50'],
    ['an io2 volume in three tiers of IOPS', 'aws_ebs_volume', { size: 100, type: 'io2', iops: 70000 }, '3739.60'],
    ['an elastic address', 'aws_eip', { domain: 'vpc' }, '3.65'],
    [
      "an address of the customer's own pool",
      'aws_eip',
      { domain: 'vpc', public_ipv4_pool: 'ipv4pool-ec2-012345' },
      '0.00',
    ],
    ['an address of the public pool', 'aws_eip', { domain: 'vpc', public_ipv4_pool: 'amazon' }, '3.65'],
    ['a NAT gateway', 'aws_nat_gateway', { connectivity_type: 'public' }, '32.85'],
    ['an internal load balancer', 'aws_lb', { internal: true, subnets: ['a', 'b'] }, '16.43'],
    ['a load balancer in three subnets', 'aws_lb', { subnets: ['a', 'b', 'c'] }, '27.38'],
    [
      'a network load balancer with own addresses',
      'aws_lb',
      { load_balancer_type: 'network', subnet_mapping: [{ subnet_id: 'a', allocation_id: 'eipalloc-1' }] },
      '16.43',
    ],
    ['a classic load balancer', 'aws_elb', { subnets: ['a'] }, '21.90'],
    ['a database', 'aws_db_instance', database({}), '14.71'],
    ['a database in two zones', 'aws_db_instance', database({ multi_az: true }), '29.42'],
    ['a PostgreSQL database', 'aws_db_instance', database({ engine: 'postgres', engine_version: '17.2' }), '15.44'],
    ['a MariaDB database', 'aws_db_instance', database({ engine: 'mariadb', engine_version: '11.4' }), '14.71'],
    ['a public database', 'aws_db_instance', database({ publicly_accessible: true }), '18.36'],
    [
      'a database with gp3 IOPS over the included ones',
      'aws_db_instance',
      database({ storage_type: 'gp3', allocated_storage: 400, iops: 13000 }),
      '78.41',
    ],
    [
      'a database with the least io1 that can be had',
      'aws_db_instance',
      database({ storage_type: 'io1', iops: 500 }),
      '124.91',
    ],
    ['a database in extended support', 'aws_db_instance', database({ engine_version: '8.0.36' }), '160.71'],
    [
      'a database in its third year of extended support',
      'aws_db_instance',
      database({ engine_version: '5.7.44' }),
      '306.71',
    ],
    [
      'a database that must not enter extended support',
      'aws_db_instance',
      database({ engine_version: '8.0.36', engine_lifecycle_support: 'open-source-rds-extended-support-disabled' }),
      '14.71',
    ],
    ['a Kubernetes cluster', 'aws_eks_cluster', { version: '1.35' }, '73.00'],
    ['a Kubernetes cluster in extended support', 'aws_eks_cluster', { version: '1.33' }, '438.00'],
    [
      'a Kubernetes cluster whose policy is standard support',
      'aws_eks_cluster',
      { version: '1.33', upgrade_policy: [{ support_type: 'STANDARD' }] },
      '73.00',
    ],
    ['a hosted zone', 'aws_route53_zone', { name: 'shop.example' }, '0.50'],
  ] as const)('%s', (_, type, values, total) => {
    const bill = billOf(type, values)
    expect(bill.unknown).toEqual([])
    expect(bill.total).toBe(total)
  })

  it.each([
    ['aws_instance', { instance_type: 't3.micro' }, '9.20'],
    ['aws_ebs_volume', { size: 100, type: 'gp3' }, '8.80'],
    ['aws_eip', { domain: 'vpc' }, '3.65'],
    ['aws_nat_gateway', {}, '35.04'],
    ['aws_lb', { internal: true }, '18.40'],
    ['aws_db_instance', database({ multi_az: true }), '31.36'],
  ] as const)('%s in eu-west-1', (type, values, total) => {
    const bill = billOf(type, values, { region: 'eu-west-1' })
    expect(bill.unknown).toEqual([])
    expect(bill.total).toBe(total)
  })
})

describe('what is not known', () => {
  it.each([
    [
      'a type of instance without a price',
      'aws_instance',
      { instance_type: 'x9.nano' },
      'price unknown: ec2/x9.nano in us-east-1',
      '0.80',
    ],
    [
      'dedicated tenancy',
      'aws_instance',
      { instance_type: 't3.micro', tenancy: 'dedicated' },
      'price unknown: t3.micro with dedicated tenancy',
      '0.80',
    ],
    [
      'the spot market',
      'aws_instance',
      { instance_type: 't3.micro', instance_market_options: [{ market_type: 'spot' }] },
      'price unknown: t3.micro on the spot market has no list price',
      '0.80',
    ],
    [
      'a launch template',
      'aws_instance',
      { launch_template: [{ id: 'lt-1' }] },
      'unknown: instance_type comes from elsewhere, such as a launch template',
      '0.80',
    ],
    [
      'a volume from a snapshot',
      'aws_ebs_volume',
      { snapshot_id: 'snap-1' },
      'unknown: size comes from a snapshot',
      '0.00',
    ],
    [
      'another database engine',
      'aws_db_instance',
      database({ engine: 'oracle-se2' }),
      'price unknown: rds/oracle-se2/single-az/db.t3.micro in us-east-1',
      '2.30',
    ],
    ['an unpriced type', 'aws_sfn_state_machine', {}, 'type not priced', '0.00'],
  ] as const)('%s is listed, not taken as nothing', (_, type, values, reason, total) => {
    const bill = billOf(type, values)
    expect(bill.unknown).toEqual([reason])
    expect(bill.total).toBe(total)
  })

  it('has no price in a region that the sheet lacks, and with a region nowhere named', () => {
    expect(billOf('aws_nat_gateway', {}, { region: 'eu-central-1' }).unknown).toEqual([
      'price unknown: nat/hour in eu-central-1',
    ])
    const unplaced = compare(makePlan([{ address: 'aws_nat_gateway.x', after: {} }], null))
    expect(unplaced.projects[0]?.unknowns.map(({ reason }) => reason)).toEqual(['region unknown: set "default-region"'])
  })
})

it('shows usage with its price, and never as an amount', () => {
  expect(billOf('aws_nat_gateway', {}).charges).toEqual({ 'NAT gateway': '32.85', 'Data processed': 'usage' })
})

it('tells the day on which a version starts to cost more', () => {
  const plan = makePlan([
    { address: 'aws_eks_cluster.main', after: { version: '1.34' } },
    { address: 'aws_db_instance.main', after: database({ engine: 'postgres', engine_version: '14.9' }) },
    { address: 'aws_db_instance.old', after: database({ engine_version: '8.0.36' }) },
  ])
  const told = (today: string) =>
    compare(plan, { today }).estimate.steps.map(({ date, address, monthly }) => [date, address, monthly?.toFixed(2)])
  expect(told('2026-11-21')).toEqual([
    ['2026-12-02', 'aws_eks_cluster.main', '365.00'],
    ['2027-03-01', 'aws_db_instance.main', '146.00'],
    ['2028-08-01', 'aws_db_instance.old', '146.00'],
  ])
  expect(told('2026-12-02').map(([date]) => date)).toEqual(['2027-03-01', '2028-08-01'])
  expect(
    compare(plan, { today: '2026-12-02' })
      .current.minus(compare(plan, { today: '2026-12-01' }).current)
      .toFixed(2),
  ).toBe('365.00')
})

it('has no type that is both free and priced', () => {
  expect([...RULES.keys()].filter(isFree)).toEqual([])
})

it.each(['aws_iam_role', 'aws_security_group', 'random_id', 'terraform_data'])('knows that %s is free', type => {
  expect(billOf(type, {})).toEqual({ total: '0.00', charges: {}, unknown: [] })
})
