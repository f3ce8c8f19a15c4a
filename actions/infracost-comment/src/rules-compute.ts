import Big from 'big.js'
import { Undecided, type Attributes } from './attributes.ts'
import { hours, type Bill, type Item, type Rule } from './charge.ts'
import { eksExtendedFrom } from './extended-support.ts'
import { HOURS_A_MONTH } from './money.ts'
import { publicAddress } from './rules-network.ts'

const DETAILED_MONITORING_METRICS = 7
const ROOT_DISK_GIB = 8

/** An instance, its disks and its public address. Linux and shared tenancy unless the plan says otherwise. */
export const instanceRule: Rule = (object, around) => {
  const { attributes } = object
  const tenancy = (): string => attributes.text('tenancy') ?? 'default'
  const usage: Item = {
    name: 'Instance usage',
    unit: 'hours',
    work() {
      const type = attributes.text('instance_type')
      if (type === undefined)
        throw new Undecided('unknown: instance_type comes from elsewhere, such as a launch template')
      if (tenancy() === 'host') return undefined
      if (tenancy() === 'dedicated') throw new Undecided(`price unknown: ${type} with dedicated tenancy`)
      const market = attributes.blocks('instance_market_options')[0]?.text('market_type')
      if (market === 'spot') throw new Undecided(`price unknown: ${type} on the spot market has no list price`)
      return { labels: ['Linux/UNIX', 'on-demand', type], quantity: hours(1), key: `ec2/${type}` }
    },
  }
  const monitoring: Item = {
    name: 'EC2 detailed monitoring',
    unit: 'metrics',
    work: () =>
      attributes.flag('monitoring') === true
        ? { quantity: new Big(DETAILED_MONITORING_METRICS), key: 'cloudwatch/metric' }
        : undefined,
  }
  const address: Item = publicAddress(() => {
    if (around.hasElasticAddress(object)) return 0
    const own = attributes.flag('associate_public_ip_address')
    if (own !== undefined) return own ? 1 : 0
    const bySubnet = around
      .referenced(object, 'subnet_id', 'aws_subnet')
      .map(subnet => subnet.attributes.flag('map_public_ip_on_launch') ?? false)
    return bySubnet.length > 0 && bySubnet.every(given => given) ? 1 : 0
  })
  const root = (): Attributes | undefined => attributes.blocks('root_block_device')[0]
  const managedVolumes = new Set(around.ofType('aws_ebs_volume').map(volume => volume.id))
  const disks = (): readonly Attributes[] =>
    attributes.blocks('ebs_block_device').filter(disk => {
      const volume = disk.text('volume_id')
      return volume === undefined || !managedVolumes.has(volume)
    })
  return {
    items: [usage, monitoring, address],
    parts: [
      {
        name: 'root_block_device',
        items: diskItems(root, () => {
          around.assume(object, `root disk of ${ROOT_DISK_GIB} GB (its image decides)`)
          return new Big(ROOT_DISK_GIB)
        }),
      },
      ...diskParts(disks),
    ],
  }
}

/** One part a disk; when the disks themselves are unknown, one part that says so. */
function diskParts(disks: () => readonly Attributes[]): Bill['parts'] & object {
  try {
    return disks().map((disk, index) => ({ name: `ebs_block_device[${index}]`, items: diskItems(() => disk) }))
  } catch (thrown) {
    if (!(thrown instanceof Undecided)) throw thrown
    const unknown = (): never => {
      throw thrown
    }
    return [{ name: 'ebs_block_device[0]', items: diskItems(unknown).slice(0, 1) }]
  }
}

export const volumeRule: Rule = object => ({ items: diskItems(() => object.attributes, undefined, 'type') })

const FREE_GP3_IOPS = 3000
const FREE_GP3_MIBPS = 125

const DISK_NAMES: Readonly<Record<string, string>> = {
  gp2: 'general purpose SSD',
  gp3: 'general purpose SSD',
  io1: 'provisioned IOPS SSD',
  io2: 'provisioned IOPS SSD',
  st1: 'throughput optimized HDD',
  sc1: 'cold HDD',
  standard: 'magnetic',
}

/** The charges of one EBS volume. `defaultSize` is asked when the plan has none; without it the size is unknown. */
export function diskItems(
  disk: () => Attributes | undefined,
  defaultSize?: () => Big,
  typeName: 'type' | 'volume_type' = 'volume_type',
): readonly Item[] {
  const sizeName = typeName === 'type' ? 'size' : 'volume_size'
  const type = (): string => disk()?.text(typeName) ?? 'gp2'
  const over = (name: string, free: number): Big => {
    const given = disk()?.number(name) ?? new Big(0)
    return given.gt(free) ? given.minus(free) : new Big(0)
  }
  return [
    {
      name: 'Storage',
      unit: 'GB',
      work() {
        const given = disk()?.number(sizeName)
        if (given === undefined && defaultSize === undefined)
          throw new Undecided(`unknown: ${sizeName} comes from a snapshot`)
        const size = given ?? defaultSize?.() ?? new Big(0)
        return { labels: [DISK_NAMES[type()] ?? 'other', type()], quantity: size, key: `ebs/${type()}/gb` }
      },
    },
    {
      name: 'Provisioned IOPS',
      unit: 'IOPS',
      work() {
        if (type() === 'gp3') return positive(over('iops', FREE_GP3_IOPS), 'ebs/gp3/iops')
        if (type() !== 'io1' && type() !== 'io2') return undefined
        const iops = disk()?.number('iops') ?? new Big(0)
        return positive(type() === 'io2' && iops.gt(32000) ? new Big(32000) : iops, `ebs/${type()}/iops`)
      },
    },
    {
      name: 'Provisioned IOPS over 32,000',
      unit: 'IOPS',
      work() {
        if (type() !== 'io2') return undefined
        const tier = over('iops', 32000)
        return positive(tier.gt(32000) ? new Big(32000) : tier, 'ebs/io2/iops-over-32000')
      },
    },
    {
      name: 'Provisioned IOPS over 64,000',
      unit: 'IOPS',
      work: () => (type() === 'io2' ? positive(over('iops', 64000), 'ebs/io2/iops-over-64000') : undefined),
    },
    {
      name: 'Provisioned throughput',
      unit: 'MiB/s',
      work: () => (type() === 'gp3' ? positive(over('throughput', FREE_GP3_MIBPS), 'ebs/gp3/throughput') : undefined),
    },
  ]
}

function positive(quantity: Big, key: string): { quantity: Big; key: string } | undefined {
  return quantity.gt(0) ? { quantity, key } : undefined
}

export const eksClusterRule: Rule = (object, around) => {
  const { attributes } = object
  const extendedFrom = (): string | undefined => {
    if (attributes.blocks('upgrade_policy')[0]?.text('support_type') === 'STANDARD') return undefined
    const version = attributes.text('version')
    return version === undefined ? undefined : eksExtendedFrom(version)
  }
  return {
    items: [
      {
        name: 'EKS cluster',
        unit: 'hours',
        work() {
          const from = extendedFrom()
          if (from === undefined) return { quantity: hours(1), key: 'eks/cluster' }
          if (from <= around.today)
            return { labels: ['extended support'], quantity: hours(1), key: 'eks/cluster-extended-support' }
          const later = around.price(object, 'eks/cluster-extended-support')?.usd
          const now = around.price(object, 'eks/cluster')?.usd
          around.step({
            address: object.address,
            date: from,
            what: `Kubernetes ${attributes.text('version') ?? ''} is in extended support`,
            monthly: later === undefined || now === undefined ? null : later.minus(now).times(HOURS_A_MONTH),
          })
          return { quantity: hours(1), key: 'eks/cluster' }
        },
      },
    ],
  }
}
