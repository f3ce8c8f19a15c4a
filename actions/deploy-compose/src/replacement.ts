import { isSettings, listOf, mountsOf, servicesOf, type Settings } from './compose-merge.ts'

export type Strategy = 'start-first' | 'recreate'

/** Services that are brought up together, once those of the groups before are healthy. */
export interface Group {
  /** `beside`: the new containers start beside the old ones, which end when the whole release is healthy. */
  readonly kind: 'beside' | 'recreate'
  readonly services: readonly string[]
}

export interface Plan {
  readonly groups: readonly Group[]
  /** Why a service is recreated although the strategy is `start-first`; nothing for one that starts first. */
  readonly reasons: ReadonlyMap<string, string>
  /** How many containers a service of a group `beside` has. */
  readonly replicas: ReadonlyMap<string, number>
}

/**
 * How the services of a release take the place of those before. Two containers of a service may be there at a time only when
 * nothing in its settings says otherwise; the rest is recreated, as compose does it. What depends on another service comes in
 * a later group, or in the same.
 * @param document compose files, merged
 */
export function planReplacement(document: Settings, strategy: Strategy): Plan {
  const services = servicesOf(document)
  const shared = new Set([...services.values()].flatMap(sharedWith))
  const reasons = new Map(
    [...services].flatMap(([name, service]) => {
      const reason = strategy === 'recreate' ? strategy : whyAlone(name, service, shared)
      return reason === '' ? [] : [[name, reason]]
    }),
  )
  const replicas = new Map([...services].map(([name, service]) => [name, replicasOf(service) ?? 1]))
  return { groups: groupsOf(services, name => (reasons.has(name) ? 'recreate' : 'beside')), reasons, replicas }
}

const TIED: Readonly<Record<string, string>> = {
  ports: 'publishes ports',
  container_name: 'has a container_name',
  network_mode: 'has a network_mode',
  mac_address: 'has a mac_address',
  volumes_from: 'has volumes_from',
  extends: 'extends another service',
  pre_stop: 'has a pre_stop hook',
}

/** Why two containers of a service may not be there at once; `''` when they may. */
function whyAlone(name: string, service: Settings, shared: ReadonlySet<string>): string {
  const tied = Object.keys(TIED).find(key => key in service && !isEmpty(service[key]))
  if (tied !== undefined) return TIED[tied] ?? ''
  const { networks, healthcheck, deploy } = service
  const addressed = isSettings(networks) ? Object.values(networks).filter(isSettings) : []
  if (addressed.some(network => ['ipv4_address', 'ipv6_address', 'mac_address'].some(key => key in network)))
    return 'has a fixed address'
  if (mountsOf(service).some(({ type, readOnly }) => type !== 'tmpfs' && !readOnly)) return 'writes to a volume'
  if (!isSettings(healthcheck) || healthcheck['disable'] === true || listOf(healthcheck['test'])[0] === 'NONE')
    return 'has no healthcheck in the compose file'
  if (isEmpty(healthcheck['test'])) return 'has no healthcheck in the compose file'
  const update = isSettings(deploy) ? deploy['update_config'] : undefined
  if (isSettings(update) && update['order'] === 'stop-first') return 'says deploy.update_config.order: stop-first'
  if (shared.has(name)) return 'shares its namespaces or volumes'
  if (replicasOf(service) === undefined) return 'takes its number of replicas from a variable'
  return ''
}

/** Whole and known, or undefined. */
function replicasOf({ scale, deploy }: Settings): number | undefined {
  const count = (isSettings(deploy) ? deploy['replicas'] : undefined) ?? scale ?? 1
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined
}

/** Other services that this one cannot be without a certain container of. */
function sharedWith(service: Settings): readonly string[] {
  const modes = ['network_mode', 'pid', 'ipc'].map(key => /^service:(.+)$/.exec(String(service[key] ?? ''))?.[1])
  const volumes = listOf(service['volumes_from']).map(from => String(from).split(':')[0])
  return [...modes, ...volumes].filter(name => name !== undefined)
}

function dependenciesOf(service: Settings): readonly string[] {
  const { depends_on: named, links } = service
  const names = isSettings(named) ? Object.keys(named) : listOf(named).map(String)
  return [...names, ...listOf(links).map(link => String(link).split(':')[0] ?? ''), ...sharedWith(service)]
}

/** Groups of one kind each, as few as their dependencies allow; compose itself has refused a circle. */
function groupsOf(services: ReadonlyMap<string, Settings>, kindOf: (name: string) => Group['kind']): readonly Group[] {
  const levels = new Map<string, number>()
  const levelOf = (name: string, above: ReadonlySet<string>): number => {
    const known = levels.get(name)
    if (known !== undefined) return known
    const below = dependenciesOf(services.get(name) ?? {}).filter(other => services.has(other) && !above.has(other))
    const own = kindOf(name) === 'recreate' ? 0 : 1
    const level = below.reduce((highest, other) => {
      const one = levelOf(other, new Set([...above, name]))
      return Math.max(highest, kindOf(other) === kindOf(name) ? one : one + 1)
    }, own)
    levels.set(name, level)
    return level
  }
  for (const name of services.keys()) levelOf(name, new Set([name]))
  return [...new Set(levels.values())]
    .sort((a, b) => a - b)
    .map(level => {
      const names = [...services.keys()].filter(name => levels.get(name) === level)
      return { kind: kindOf(names[0] ?? ''), services: names }
    })
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
