import Big from 'big.js'
import { Undecided } from './attributes.ts'
import { hours, type Charge, type Rule } from './charge.ts'
import { databaseVcpus, rdsSupportPhases } from './extended-support.ts'
import { HOURS_A_MONTH } from './money.ts'
import { publicAddress } from './rules-network.ts'

const ENGINE_NAMES: Readonly<Record<string, string>> = { mysql: 'MySQL', mariadb: 'MariaDB', postgres: 'PostgreSQL' }
const FREE_GP3_IOPS = 3000
const FREE_GP3_IOPS_LARGE = 12000
const FREE_GP3_MIBPS = 125
const FREE_GP3_MIBPS_LARGE = 500
const LARGE_GIB = 400
const LEAST_IO1_GIB = 100
const LEAST_IO1_IOPS = 1000
const NO_EXTENDED_SUPPORT = 'open-source-rds-extended-support-disabled'

export const databaseRule: Rule = (object, around) => {
  const { attributes } = object
  const engine = (): string => attributes.needed('engine')
  const zones = (): 'single-az' | 'multi-az' => (attributes.flag('multi_az') === true ? 'multi-az' : 'single-az')
  const zonesName = (): string => (zones() === 'multi-az' ? 'Multi-AZ' : 'Single-AZ')
  const storageType = (): string =>
    attributes.text('storage_type') ?? (attributes.number('iops') === undefined ? 'gp2' : 'io1')
  const size = (): Big => {
    const given = attributes.number('allocated_storage')
    if (given === undefined) throw new Undecided('unknown: allocated_storage is not set in the plan')
    return isProvisioned(storageType()) && given.lt(LEAST_IO1_GIB) ? new Big(LEAST_IO1_GIB) : given
  }
  const beyond = (name: string, free: number, freeLarge: number): Big => {
    const extra = (attributes.number(name) ?? new Big(0)).minus(size().gte(LARGE_GIB) ? freeLarge : free)
    return extra.gt(0) ? extra : new Big(0)
  }

  /** The charge of the phase that the version is in today; tells of the next one. */
  const extendedSupport = (): Charge | undefined => {
    if (attributes.text('engine_lifecycle_support') === NO_EXTENDED_SUPPORT) return undefined
    const version = attributes.text('engine_version')
    if (version === undefined) return undefined
    const phases = rdsSupportPhases(engine(), version)
    const now = phases.findLast(phase => phase.from <= around.today)
    const next = phases.find(phase => phase.from > around.today)
    const vcpus = databaseVcpus(attributes.needed('instance_class'))
    if (vcpus === undefined) {
      if (phases.length === 0) return undefined
      throw new Undecided(`price unknown: extended support of ${attributes.needed('instance_class')}`)
    }
    const count = vcpus * (zones() === 'multi-az' ? 2 : 1)
    if (next !== undefined) {
      const later = around.price(object, `rds/extended-support/${next.phase}`)?.usd
      const paid = now === undefined ? new Big(0) : around.price(object, `rds/extended-support/${now.phase}`)?.usd
      const product = `${ENGINE_NAMES[engine()] ?? engine()} ${version}`
      around.step({
        address: object.address,
        date: next.from,
        what:
          next.phase === 'year-1'
            ? `${product} is in extended support`
            : `${product} is in its third year of extended support`,
        monthly: later === undefined || paid === undefined ? null : later.minus(paid).times(count).times(HOURS_A_MONTH),
      })
    }
    return now === undefined
      ? undefined
      : {
          labels: [now.phase === 'year-1' ? 'year 1 and 2' : 'year 3'],
          quantity: hours(count),
          key: `rds/extended-support/${now.phase}`,
        }
  }

  return {
    items: [
      {
        name: 'Database instance',
        unit: 'hours',
        work() {
          const type = attributes.needed('instance_class')
          return {
            labels: ['on-demand', zonesName(), type],
            quantity: hours(1),
            key: `rds/${engine()}/${zones()}/${type}`,
          }
        },
      },
      {
        name: 'Storage',
        unit: 'GB',
        work: () => ({
          labels: [zonesName(), storageType()],
          quantity: size(),
          key: `rds/storage/${zones()}/${isProvisioned(storageType()) ? 'io1' : storageType()}`,
        }),
      },
      {
        name: 'Provisioned IOPS',
        unit: 'IOPS',
        work() {
          if (storageType() === 'gp3')
            return positive(beyond('iops', FREE_GP3_IOPS, FREE_GP3_IOPS_LARGE), `rds/iops/${zones()}/gp3`)
          if (!isProvisioned(storageType())) return undefined
          const given = attributes.number('iops') ?? new Big(LEAST_IO1_IOPS)
          return positive(
            given.lt(LEAST_IO1_IOPS) ? new Big(LEAST_IO1_IOPS) : given,
            `rds/iops/${zones()}/${storageType()}`,
          )
        },
      },
      {
        name: 'Provisioned throughput',
        unit: 'MiB/s',
        work: () =>
          storageType() === 'gp3'
            ? positive(
                beyond('storage_throughput', FREE_GP3_MIBPS, FREE_GP3_MIBPS_LARGE),
                `rds/throughput/${zones()}/gp3`,
              )
            : undefined,
      },
      { name: 'Extended support', unit: 'vCPU-hours', work: extendedSupport },
      publicAddress(() => (attributes.flag('publicly_accessible') === true ? 1 : 0)),
      {
        name: 'Additional backup storage',
        unit: 'GB',
        work: () => ({ quantity: 'usage', key: 'rds/backup/gb' }),
      },
    ],
  }
}

function isProvisioned(storageType: string): boolean {
  return storageType === 'io1' || storageType === 'io2'
}

function positive(quantity: Big, key: string): Charge | undefined {
  return quantity.gt(0) ? { quantity, key } : undefined
}
