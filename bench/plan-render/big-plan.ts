import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'

/** Values that the plan marks as sensitive, and that a provider copied to places without a mark. */
const SECRETS = Array.from({ length: 20 }, (_, index) => `${hashOf(`secret ${index}`).slice(0, 20)}`)

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

type Values = Record<string, unknown>

function base(index: number): Values {
  const id = hashOf(String(index)).slice(0, 17)
  return {
    ami: `ami-${id}`,
    arn: `arn:aws:ec2:eu-central-1:123456789012:instance/i-${id}`,
    associate_public_ip_address: index % 3 === 0,
    availability_zone: `eu-central-1${'abc'[index % 3]}`,
    cpu_core_count: 2,
    disable_api_termination: false,
    ebs_block_device: [{ device_name: '/dev/sdf', encrypted: true, volume_size: 20 + (index % 7), volume_type: 'gp3' }],
    ebs_optimized: true,
    iam_instance_profile: 'shop-node',
    id: `i-${id}`,
    instance_type: 't3.medium',
    monitoring: null,
    password: index % 50 === 0 ? SECRETS[(index / 50) % 20] : null,
    private_ip: `10.${index % 200}.${(index >> 8) % 256}.${index % 256}`,
    security_groups: [`sg-${id.slice(0, 8)}`, `sg-${id.slice(8, 16)}`],
    tags: { CommitSha: hashOf('before').slice(0, 40), Name: `shop-${index}`, Team: 'platform' },
    tags_all: { CommitSha: hashOf('before').slice(0, 40), Name: `shop-${index}`, Team: 'platform' },
    user_data: `#!/bin/sh\nset -e\nexport NODE=${index}\nexport DB=postgres://shop.internal/${id}\nexec /opt/shop/start\n`,
  }
}

interface Change {
  readonly type: string
  readonly key: string
  readonly actions: readonly string[]
  readonly before: Values | null
  readonly after: Values | null
  readonly unknown?: Values
  readonly replacePaths?: readonly (readonly string[])[]
}

function tagged(values: Values): Values {
  const tags = { ...(values['tags'] as Values), CommitSha: hashOf('after').slice(0, 40) }
  return { ...values, tags, tags_all: tags }
}

/** Of 20 objects: 9 get another tag, 3 change by themselves, 5 are new, one each goes, is replaced and is forgotten. */
function changeOf(index: number): Change {
  const values = base(index)
  const shape = index % 20
  const key = `node[${Math.floor(index / 20)}]`
  if (shape < 9)
    return {
      type: `aws_${['instance', 'eip', 'lb'][shape % 3]}`,
      key: `${key.replace('node', `node${shape}`)}`,
      actions: ['update'],
      before: values,
      after: tagged(values),
    }
  if (shape < 12) {
    const policy = (action: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: [action, 's3:GetObject'], Resource: `arn:aws:s3:::shop-${index}/*` }],
      })
    return {
      type: 'aws_iam_policy',
      key: `p${shape}["k${index}x"]`,
      actions: ['update'],
      before: { ...values, policy: policy('s3:ListBucket') },
      after: { ...values, policy: policy('s3:PutObject'), description: `of ${index}` },
    }
  }
  if (shape < 17) {
    const { id: _id, arn: _arn, ...known } = values
    return {
      type: 'aws_instance',
      key: `fresh${shape}[${Math.floor(index / 20)}]`,
      actions: ['create'],
      before: null,
      after: {
        ...known,
        description: `node ${index} of the shop, made by the bench, as a longer text of the kind that teams write`,
      },
      unknown: { id: true, arn: true, ebs_block_device: [{}], security_groups: [false, false], tags: {}, tags_all: {} },
    }
  }
  if (shape === 17)
    return { type: 'aws_ebs_volume', key: `gone["v${index}"]`, actions: ['delete'], before: values, after: null }
  if (shape === 18)
    return {
      type: 'aws_instance',
      key: `other["${hashOf(String(index)).slice(0, 12)}"]`,
      actions: ['delete', 'create'],
      before: values,
      after: { ...values, ami: 'ami-0bb2', id: undefined, arn: undefined },
      unknown: { id: true, arn: true },
      replacePaths: [['ami']],
    }
  return { type: 'aws_s3_bucket', key: `left["b${index}"]`, actions: ['forget'], before: values, after: null }
}

/**
 * Writes the plan of `count` changed objects, about 3 kB each, with the parts that `terraform show -json` writes: planned
 * values, changes, the sensitive variables. The same count gives the same bytes.
 */
export function writeBigPlan(path: string, count: number): void {
  const file = openSync(path, 'w')
  const write = (text: string) => writeSync(file, text)
  const variables = SECRETS.map((value, index) => [`secret_${index}`, value] as const)
  write('{"format_version":"1.2","terraform_version":"1.11.4","variables":')
  write(JSON.stringify(Object.fromEntries(variables.map(([name, value]) => [name, { value }]))))
  write(',"planned_values":{"root_module":{"resources":[')
  for (let index = 0, first = true; index < count; index++) {
    const { type, key, after } = changeOf(index)
    if (after === null) continue
    write(`${first ? '' : ','}${JSON.stringify({ ...place(type, key), values: after, sensitive_values: {} })}`)
    first = false
  }
  write(']}},"resource_changes":[')
  for (let index = 0; index < count; index++) {
    const { type, key, actions, before, after, unknown, replacePaths } = changeOf(index)
    const change = {
      ...{ actions, before, after, after_unknown: unknown ?? (after === null ? false : {}) },
      ...{ before_sensitive: before === null ? false : { security_groups: [false, false] }, after_sensitive: {} },
      ...(replacePaths === undefined ? {} : { replace_paths: replacePaths }),
    }
    write(`${index === 0 ? '' : ','}${JSON.stringify({ ...place(type, key), change })}`)
  }
  const declared = Object.fromEntries(variables.map(([name]) => [name, { sensitive: true }]))
  write(`],"configuration":{"root_module":{"variables":${JSON.stringify(declared)}}}}\n`)
  closeSync(file)
}

function place(type: string, key: string) {
  const [name = '', index] = key.split(/[[\]]/)
  return {
    ...{ address: `module.shop.${type}.${key}`, module_address: 'module.shop', mode: 'managed', type, name },
    ...(index === undefined ? {} : { index: JSON.parse(index) as unknown }),
    provider_name: 'registry.terraform.io/hashicorp/aws',
  }
}
