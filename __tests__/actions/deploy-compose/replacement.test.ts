import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { mergeCompose } from '../../../actions/deploy-compose/src/compose-merge.ts'
import { contentsOf } from '../../../actions/deploy-compose/src/contents.ts'
import { planReplacement } from '../../../actions/deploy-compose/src/replacement.ts'

const merge = (...texts: string[]) =>
  mergeCompose(texts.map((text, index) => ({ path: `${index}.yml`, text }))) as Record<string, unknown>

const HEALTHY = { healthcheck: { test: ['CMD', 'true'] } }
const plan = (services: object) => planReplacement({ services }, 'start-first')

describe('a service starts beside the old one', () => {
  it.each([
    ['with a health check and nothing else', {}],
    ['that only reads what is mounted', { volumes: ['/etc/x:/x:ro', 'data:/data:ro', '/var/run/docker.sock:/s:z,ro'] }],
    ['that writes to memory', { volumes: [{ type: 'tmpfs', target: '/tmp' }], tmpfs: ['/run'] }],
    ['whose ports were taken away', { ports: [] }],
    ['that says so', { deploy: { replicas: 3, update_config: { order: 'start-first' } } }],
    ['in a network without a fixed address', { networks: { edge: { aliases: ['api'] } } }],
  ])('%s', (_, settings) => {
    const { reasons, groups } = plan({ api: { ...HEALTHY, ...settings } })
    expect([...reasons]).toEqual([])
    expect(groups).toEqual([{ kind: 'beside', services: ['api'] }])
  })

  it('and with as many containers as it wants', () => {
    const { replicas } = plan({
      api: { ...HEALTHY, deploy: { replicas: 3 } },
      web: { ...HEALTHY, scale: 2 },
      one: HEALTHY,
    })
    expect([...replicas]).toEqual([
      ['api', 3],
      ['web', 2],
      ['one', 1],
    ])
  })
})

describe('a service is recreated', () => {
  it.each<[string, object]>([
    ['publishes ports', { ports: ['80:80'] }],
    ['has a container_name', { container_name: 'api' }],
    ['has a network_mode', { network_mode: 'host' }],
    ['has volumes_from', { volumes_from: ['web'] }],
    ['has a mac_address', { mac_address: '02:42:ac:11:65:43' }],
    ['has a fixed address', { networks: { edge: { ipv4_address: '10.0.0.9' } } }],
    ['extends another service', { extends: { service: 'web' } }],
    ['has a pre_stop hook', { pre_stop: [{ command: 'x' }] }],
    ['writes to a volume', { volumes: ['data:/data'] }],
    ['writes to a volume', { volumes: ['/data'] }],
    ['writes to a volume', { volumes: ['${DATA:-/srv/data}:/data'] }],
    ['writes to a volume', { volumes: [{ type: 'bind', source: '/srv', target: '/srv' }] }],
    ['has no healthcheck in the compose file', { healthcheck: undefined }],
    ['has no healthcheck in the compose file', { healthcheck: { interval: '5s' } }],
    ['has no healthcheck in the compose file', { healthcheck: { disable: true, test: ['CMD', 'x'] } }],
    ['has no healthcheck in the compose file', { healthcheck: { test: ['NONE'] } }],
    ['says deploy.update_config.order: stop-first', { deploy: { update_config: { order: 'stop-first' } } }],
    ['takes its number of replicas from a variable', { deploy: { replicas: '${REPLICAS}' } }],
  ])('that %s: %j', (reason, settings) => {
    expect(plan({ api: { ...HEALTHY, ...settings } }).reasons.get('api')).toBe(reason)
  })

  it.each([
    { network_mode: 'service:api' },
    { pid: 'service:api' },
    { ipc: 'service:api' },
    { volumes_from: ['api:ro'] },
  ])('that another one needs a certain container of: %j', tie =>
    expect(plan({ api: HEALTHY, other: tie }).reasons.get('api')).toBe('shares its namespaces or volumes'),
  )

  it('because that is the strategy, all in one group', () => {
    const { groups } = planReplacement({ services: { api: HEALTHY, db: {} } }, 'recreate')
    expect(groups).toEqual([{ kind: 'recreate', services: ['api', 'db'] }])
  })
})

describe('groups', () => {
  const [db, job] = [{ volumes: ['d:/d'] }, { restart: 'no' }]
  it.each<[string, object, readonly string[]]>([
    ['what is depended on comes first', { api: { ...HEALTHY, depends_on: ['db'] }, db }, ['recreate db', 'beside api']],
    [
      'what depends on it comes later',
      { proxy: { ports: ['80:80'], depends_on: { api: { condition: 'service_healthy' } } }, api: HEALTHY, db },
      ['recreate db', 'beside api', 'recreate proxy'],
    ],
    [
      'through a service that is not changed in the same way',
      { web: { ...HEALTHY, depends_on: ['job'] }, job: { ...job, depends_on: ['api'] }, api: HEALTHY },
      ['beside api', 'recreate job', 'beside web'],
    ],
    [
      'a circle ends, because compose refuses it',
      { a: { ...HEALTHY, depends_on: ['b'] }, b: { depends_on: ['a'] } },
      [],
    ],
    [
      'a service that is not there is passed over',
      { a: { ...HEALTHY, depends_on: ['x'], links: ['y:z'] } },
      ['beside a'],
    ],
  ])('%s', (_, services, wanted) => {
    const found = plan(services).groups.map(({ kind, services: names }) => `${kind} ${names.join(' ')}`)
    if (wanted.length > 0) expect(found).toEqual(wanted)
  })
})

describe('compose files are merged as compose does', () => {
  it.each<[string, string, string, unknown]>([
    ['mappings by key', 'a: {b: 1, c: {d: 2}}', 'a: {c: {e: 3}}', { a: { b: 1, c: { d: 2, e: 3 } } }],
    ['lists one behind the other', 'a: [1]', 'a: [2]', { a: [1, 2] }],
    ['commands as a whole', 'command: [a, b]', 'command: [c]', { command: ['c'] }],
    ['env_file in both notations', 'env_file: .env', 'env_file: [b.env]', { env_file: ['.env', 'b.env'] }],
    ['depends_on in both', 'depends_on: [a]', 'depends_on: {b: {}}', { depends_on: { a: {}, b: {} } }],
    ['!override of a list', 'a: [1, 2]', 'a: !override [3]', { a: [3] }],
    ['!override of a mapping', 'a: {b: 1}', 'a: !override {c: 2}', { a: { c: 2 } }],
    ['!override of a text', 'a: x', 'a: !override y', { a: 'y' }],
    ['!reset', 'a: [1]\nb: {c: 1, d: 2}\ne: f', 'a: !reset []\nb: {c: !reset null}\ne: !reset', { b: { d: 2 } }],
    ['nothing over something', 'a: [1]', 'a:', { a: [1] }],
    [
      'anchors of each file',
      'x: &x {b: 1}\na: {<<: *x}',
      'y: &x {c: 2}\na: {<<: *x}',
      { a: { b: 1, c: 2 }, x: { b: 1 }, y: { c: 2 } },
    ],
  ])('%s', (_, below, above, wanted) => expect(merge(below, above)).toEqual(wanted))

  it('three of them, and a tag in the first', () => {
    expect(merge('a: !override [1]', 'a: [2]', 'a: !reset []\nb: 1')).toEqual({ b: 1 })
  })
})

it("the shop's backend and frontend start first, behind HAProxy too", () => {
  const shop = ['docker-compose.yml', 'docker-compose.haproxy.yml'].map(name =>
    readFileSync(`examples/shop/${name}`, 'utf8'),
  )
  for (const document of [merge(shop[0]!), merge(...shop)])
    expect(planReplacement(document, 'start-first').groups).toEqual([
      { kind: 'recreate', services: ['proxy', 'database'] },
      { kind: 'beside', services: ['frontend', 'backend'] },
    ])
})

describe('what compose does not see the change of', () => {
  const document = {
    services: {
      proxy: { configs: [{ source: 'routes', target: '/r' }], secrets: ['certificate'] },
      api: { configs: ['outside', { source: 'none' }] },
    },
    configs: { routes: { content: 'port ${PORT}' }, outside: { external: true } },
    secrets: { certificate: { environment: 'CERTIFICATE' } },
  }
  const contents = (...pairs: (readonly [string, string])[]) => contentsOf(document, new Map(pairs)).get('proxy')

  it('is the text of a config, what it takes from variables, and a secret from one', () => {
    const one = contents(['PORT', '80'], ['CERTIFICATE', 'x'])
    expect(contents(['PORT', '80'], ['CERTIFICATE', 'x'], ['OTHER', 'y'])).toBe(one)
    expect(contents(['PORT', '81'], ['CERTIFICATE', 'x'])).not.toBe(one)
    expect(contents(['PORT', '80'], ['CERTIFICATE', 'y'])).not.toBe(one)
  })

  it('is nothing for other services', () => expect([...contentsOf(document, new Map()).keys()]).toEqual(['proxy']))
})
