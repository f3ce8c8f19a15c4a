import Big from 'big.js'
import { Undecided } from './attributes.ts'
import { hours, type Item, type Rule } from './charge.ts'

/** Public IPv4 addresses cost the same in use and idle. */
export function publicAddress(count: () => number): Item {
  return {
    name: 'Public IPv4 address',
    unit: 'hours',
    work() {
      const addresses = count()
      return addresses > 0 ? { quantity: hours(addresses), key: 'ipv4/hour' } : undefined
    },
  }
}

/** Addresses of an own or customer-owned pool are not charged. */
export const elasticAddressRule: Rule = ({ attributes }) => ({
  items: [
    publicAddress(() => {
      const pool = attributes.text('public_ipv4_pool')
      const own = attributes.text('customer_owned_ipv4_pool') ?? attributes.text('ipam_pool_id')
      return own === undefined && (pool === undefined || pool === 'amazon') ? 1 : 0
    }),
  ],
})

export const natGatewayRule: Rule = () => ({
  items: [
    { name: 'NAT gateway', unit: 'hours', work: () => ({ quantity: hours(1), key: 'nat/hour' }) },
    { name: 'Data processed', unit: 'GB', work: () => ({ quantity: 'usage', key: 'nat/gb' }) },
  ],
})

const BALANCER_NAMES: Readonly<Record<string, string>> = {
  application: 'Application load balancer',
  network: 'Network load balancer',
  gateway: 'Gateway load balancer',
}

export const loadBalancerRule: Rule = (object, around) => {
  const { attributes } = object
  const kind = (): string => attributes.text('load_balancer_type') ?? 'application'
  return {
    items: [
      {
        name: 'Load balancer',
        unit: 'hours',
        work: () => ({
          name: BALANCER_NAMES[kind()] ?? 'Load balancer',
          quantity: hours(1),
          key: `lb/${kind()}/hour`,
        }),
      },
      {
        name: 'Load balancer capacity units',
        unit: 'LCU-hours',
        work: () => ({ quantity: 'usage', key: `lb/${kind()}/lcu` }),
      },
      publicAddress(() => {
        if (attributes.flag('internal') === true || kind() === 'gateway') return 0
        const mappings = attributes.blocks('subnet_mapping')
        if (mappings.length > 0)
          return mappings.filter(
            mapping => mapping.text('allocation_id') === undefined && !mapping.isConfigured('allocation_id'),
          ).length
        try {
          const subnets = attributes.size('subnets')
          if (subnets !== undefined) return subnets
        } catch (thrown) {
          if (!(thrown instanceof Undecided)) throw thrown
        }
        const referenced = around.referenced(object, 'subnets', 'aws_subnet').length
        if (referenced === 0)
          throw new Undecided('unknown until apply: in how many subnets it is, each with an address')
        return referenced
      }),
    ],
  }
}

export const classicBalancerRule: Rule = ({ attributes }) => ({
  items: [
    { name: 'Classic load balancer', unit: 'hours', work: () => ({ quantity: hours(1), key: 'lb/classic/hour' }) },
    { name: 'Data processed', unit: 'GB', work: () => ({ quantity: 'usage', key: 'lb/classic/gb' }) },
    publicAddress(() => {
      if (attributes.flag('internal') === true) return 0
      const zones = attributes.size('subnets') ?? attributes.size('availability_zones')
      if (zones === undefined) throw new Undecided('unknown until apply: in how many zones it is, each with an address')
      return zones
    }),
  ],
})

export const hostedZoneRule: Rule = () => ({
  items: [
    { name: 'Hosted zone', unit: 'months', global: true, work: () => ({ quantity: new Big(1), key: 'route53/zone' }) },
  ],
})
