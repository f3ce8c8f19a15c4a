import { parsePlan, type Plan } from '../kit/terraform/plan.ts'

/** Plans to look at: what reviewers meet most, and what is worst to read. */
export const SAMPLE_PLANS: Readonly<Record<string, () => Plan>> = {
  'no-change': () => planOf([]),
  'one-change': () => planOf([update('aws_lb.front', { idle_timeout: 60 }, { idle_timeout: 120 })]),
  'creates-300': creates,
  'database-replace': databaseReplace,
  'moves-only': movesOnly,
  'tags-94': tagsOnly,
}

type Values = Record<string, unknown>

export interface Sample {
  readonly address: string
  readonly change: Values
  readonly previous_address?: string
  readonly action_reason?: string
}

export function planOf(changes: readonly Sample[], more: Values = {}): Plan {
  const resource_changes = changes.map(({ address, ...rest }) => {
    const steps = address.replace(/\[(?:\d+|"[^"]*")\]/g, '').split('.')
    return { address, mode: 'managed', type: steps.at(-2), name: steps.at(-1), ...rest }
  })
  return parsePlan(JSON.stringify({ terraform_version: '1.11.4', resource_changes, ...more }), 'sample')
}

export function update(address: string, before: Values, after: Values): Sample {
  const same = { id: 'known', region: 'eu-central-1' }
  return { address, change: { actions: ['update'], before: { ...same, ...before }, after: { ...same, ...after } } }
}

export function create(address: string, after: Values, later: readonly string[] = ['id', 'arn']): Sample {
  const after_unknown = Object.fromEntries(later.map(name => [name, true]))
  return { address, change: { actions: ['create'], before: null, after, after_unknown } }
}

export function replace(address: string, attribute: string, before: string, after: string): Sample {
  const same = { allocated_storage: 100, engine: 'postgres', engine_version: '15.7' }
  return {
    address,
    action_reason: 'replace_because_cannot_update',
    change: {
      ...{ actions: ['delete', 'create'], before: { ...same, [attribute]: before, id: 'db-1' } },
      ...{ after: { ...same, [attribute]: after }, after_unknown: { id: true }, replace_paths: [[attribute]] },
    },
  }
}

function creates(): Plan {
  const zones = ['a', 'b', 'c']
  const subnet = (index: number) =>
    create(`aws_subnet.app["zone-${index}"]`, {
      ...{
        availability_zone: `eu-central-1${zones[index % 3]}`,
        cidr_block: `10.0.${index}.0/24`,
        tags: { Team: 'shop' },
      },
      ...{ map_public_ip_on_launch: false, vpc_id: 'vpc-0a1b2c3d' },
    })
  const node = (index: number) =>
    create(`module.nodes.aws_instance.node[${index}]`, {
      ...{ ami: 'ami-0bb2c3d4', instance_type: 't3.medium', monitoring: true, tags: { Team: 'shop' } },
      ...{ user_data: '#!/bin/sh\nset -e\n/opt/shop/start --role node\n', private_ip: `10.0.${index}.10` },
    })
  return planOf([
    ...Array.from({ length: 150 }, (_, index) => subnet(index)),
    ...Array.from({ length: 140 }, (_, index) => node(index)),
    ...['front', 'back'].map(name => create(`aws_lb.${name}`, { name, internal: name === 'back', idle_timeout: 60 })),
    ...Array.from({ length: 8 }, (_, index) =>
      create(`aws_route53_record.r${index}`, { name: `host-${index}.shop.example`, ttl: 300 + index, type: 'A' }),
    ),
  ])
}

function databaseReplace(): Plan {
  const before = {
    allocated_storage: 100,
    engine: 'postgres',
    engine_version: '15.7',
    identifier: 'reports',
    password: 'x',
  }
  const sensitive = { before_sensitive: { password: true }, after_sensitive: { password: true } }
  const container = (env: readonly Values[]) => JSON.stringify([{ name: 'api', cpu: 256, environment: env }])
  const variables = [
    { name: 'DB_HOST', value: 'reports.shop.internal' },
    { name: 'LOG_LEVEL', value: 'info' },
  ]
  return planOf([
    {
      address: 'aws_db_instance.reports',
      action_reason: 'replace_because_cannot_update',
      change: {
        ...{ actions: ['delete', 'create'], before: { ...before, address: 'reports.abc', arn: 'arn:1', id: 'db-1' } },
        ...{ after: { ...before, identifier: 'reporting' }, replace_paths: [['identifier']] },
        ...{ after_unknown: { address: true, arn: true, id: true }, ...sensitive },
      },
    },
    update(
      'aws_ecs_task_definition.api',
      { container_definitions: container(variables) },
      {
        container_definitions: container([
          { name: 'CACHE', value: 'on' },
          { name: 'DB_HOST', value: 'reporting.shop.internal' },
          ...variables.slice(1),
        ]),
      },
    ),
  ])
}

function movesOnly(): Plan {
  const moved = (from: string, to: string): Sample => ({
    ...{ address: to, previous_address: from },
    change: { actions: ['no-op'], before: { id: 'known' }, after: { id: 'known' } },
  })
  return planOf([
    ...Array.from({ length: 12 }, (_, index) =>
      moved(`module.net.aws_subnet.app[${index}]`, `module.network.aws_subnet.app[${index}]`),
    ),
    moved('module.net.aws_vpc.main', 'module.network.aws_vpc.main'),
    moved('module.net.aws_internet_gateway.main', 'module.network.aws_internet_gateway.main'),
    moved('aws_s3_bucket.logs', 'aws_s3_bucket.access_logs'),
  ])
}

function tagsOnly(): Plan {
  const tags = (sha: string) => ({ CommitSha: sha, Team: 'shop' })
  const [before, after] = ['4be1c07f9d2a', '0a3087a5c1b2'].map(sha => ({ tags: tags(sha), tags_all: tags(sha) }))
  const types = ['aws_subnet.app', 'aws_instance.node', 'aws_ebs_volume.data', 'aws_lb_target_group.blue']
  return planOf([
    ...Array.from({ length: 94 }, (_, index) =>
      update(`${types[index % 4]}[${index >> 2}]`, before ?? {}, after ?? {}),
    ),
    update('aws_lb.front', { idle_timeout: 60, ...before }, { idle_timeout: 120, ...before }),
  ])
}
