import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { readHaproxy } from '../support/haproxy-routes.ts'
import { readLabels, TRAEFIK_VERSION } from '../support/traefik-labels.ts'

const SHOP = 'examples/shop'
const read = (path: string) => readFileSync(join(SHOP, path), 'utf8')

interface Service {
  readonly image: string
  readonly build?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly ports?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart?: string
  readonly container_name?: string
  readonly volumes?: readonly string[]
  readonly configs?: readonly { readonly source: string; readonly target: string }[]
  readonly stop_grace_period?: string
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly environment: string }>>
  readonly configs?: Readonly<Record<string, { readonly content: string }>>
}

const reset = { tag: '!reset', collection: 'seq' as const }
const readCompose = (path: string) => parse(read(path), { merge: true, customTags: [reset] }) as Compose

const compose = readCompose('docker-compose.yml')
const haproxyCompose = readCompose('docker-compose.haproxy.yml')
const haproxyConfiguration = haproxyCompose.configs!['haproxy']!.content
const services = Object.entries(compose.services)
const own = services.filter(([, { build }]) => build !== undefined)
const proxyCommand = compose.services['proxy']!.command!

describe("the shop's docker-compose.yml", () => {
  it('has a proxy, two services of its own and a database', () => {
    expect(services.map(([name]) => name)).toEqual(['proxy', 'frontend', 'backend', 'database'])
    expect(own.map(([name]) => name)).toEqual(['frontend', 'backend'])
  })

  it.each(own)('%s: image and build, with a tag as build-tag writes it', (name, { image, build }) => {
    expect(image).toMatch(new RegExp(`^ghcr\\.io/acme/shop-${name}:\\d+-[0-9a-f]{7}$`))
    expect(existsSync(join(SHOP, build!, 'Dockerfile'))).toBe(true)
  })

  it.each([...services, ...Object.entries(haproxyCompose.services)])(
    '%s: an image of a version, not of a day',
    (_, { image }) => {
      expect(image).toMatch(/^[a-z0-9./-]+:v?\d+[\w.-]*$/)
    },
  )

  it.each(services)('%s: checks its health, and comes back after a crash', (_, { healthcheck, restart }) => {
    expect(healthcheck?.test[0]).toBe('CMD')
    expect(restart).toBe('unless-stopped')
  })

  it.each(own)('%s: can run twice at once, so that a release can start before the old one stops', (_, service) => {
    expect(service.container_name).toBeUndefined()
    expect(service.ports).toBeUndefined()
  })

  it('gives the backend the time that it takes to stop', () => {
    const { environment, stop_grace_period } = compose.services['backend']!
    const underWay = /timeout_graceful_shutdown=(\d+)/.exec(read('backend/shop/server.py'))![1]
    expect(Number(environment!['DRAIN_SECONDS']) + Number(underWay)).toBeLessThan(parseInt(stop_grace_period!, 10))
  })

  it('publishes the ports of the proxy and no others', () => {
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['proxy'])
  })

  it('holds no secret: the password comes from the environment, and reaches containers as a file', () => {
    expect(Object.values({ ...compose.secrets, ...haproxyCompose.secrets })).toEqual([
      { environment: 'DATABASE_PASSWORD' },
      { environment: 'TLS_CERTIFICATE' },
    ])
    const settings = services.flatMap(([, { environment = {} }]) => Object.entries(environment))
    const secret = settings.filter(([name]) => /password|secret|token|key/i.test(name))
    expect(secret.length).toBeGreaterThan(0)
    for (const [name, value] of secret)
      expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), '/run/secrets/database-password'])
    expect(read('docker-compose.yml')).not.toContain('${DATABASE_PASSWORD')
  })

  it('.env.example names each variable that is asked for, and has no password', () => {
    const asked = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!)
    const wanted = new Set([...asked, ...Object.values(compose.secrets).map(({ environment }) => environment)])
    wanted.delete('COMPOSE_PROJECT_NAME') // Compose sets it
    const lines = read('.env.example')
      .split('\n')
      .filter(line => /^\w/.test(line))
    expect(lines.map(line => line.split('=')[0]).sort()).toEqual([...wanted].sort())
    expect(lines).toContain('DATABASE_PASSWORD=')
    expect(read('.gitignore').split('\n')).toContain('.env')
  })
})

describe("the shop's routes", () => {
  const flags = new Map(proxyCommand.map(flag => flag.replace(/^--/, '').split(/=(.*)/s) as [string, string]))
  const entrypoints = [...flags.keys()].flatMap(name => /^entrypoints\.(\w+)\.address$/.exec(name)?.[1] ?? [])
  const labels = Object.fromEntries(services.map(([name, { labels = {} }]) => [name, labels]))
  const traefik = readLabels(labels, entrypoints)
  const haproxy = readHaproxy(haproxyConfiguration)

  it('are labels that Traefik understands, with nothing named that is not there', () => {
    expect(traefik.problems).toEqual([])
    expect([...traefik.routers.keys()].sort()).toEqual(['backend', 'frontend'])
  })

  it('are compared with the labels of the Traefik that runs', () => {
    expect(compose.services['proxy']!.image).toBe(`traefik:v${TRAEFIK_VERSION.split('.').slice(0, 2).join('.')}`)
  })

  it('send /api to the backend and the rest to the frontend, over TLS', () => {
    const routes = [...traefik.routers.values()].map(({ rule, service, entrypoints }) => [rule, service, entrypoints])
    expect(routes).toEqual([
      [{ matcher: 'PathPrefix', values: ['/'] }, 'frontend', ['websecure']],
      [{ matcher: 'PathPrefix', values: ['/api'] }, 'backend', ['websecure']],
    ])
    expect(flags.get('entrypoints.websecure.http.tls')).toBe('true')
    expect(flags.get('entrypoints.web.http.redirections.entrypoint.to')).toBe('websecure')
    expect(flags.get('providers.docker.exposedbydefault')).toBe('false')
  })

  it('are the same in docker-compose.haproxy.yml', () => {
    const inOrder = [...traefik.routers.values()]
      .map(({ rule, service }) => [('matcher' in rule && rule.values[0]) || '', service] as const)
      // Traefik asks the longest rule first, HAProxy the first one.
      .sort(([a], [b]) => b.length - a.length)
    const secure = haproxy.frontends.get('443')!
    expect(secure.tls).toBe(true)
    expect(secure.routes).toEqual(inOrder)
    expect(haproxy.frontends.get('80')).toMatchObject({ redirectsToHttps: true, routes: [] })
    for (const [name, { port, healthcheck }] of traefik.services)
      expect(haproxy.backends.get(name)).toEqual({ address: `${name}:${port}`, healthcheck })
    const seconds = traefik.middlewares.get('hsts')?.get('headers.stsseconds')
    expect(secure.responseHeaders.get('strict-transport-security')).toBe(`max-age=${seconds}`)
    expect(haproxyConfiguration).toContain(`retries ${traefik.middlewares.get('retry')?.get('retry.attempts')}\n`)
  })

  it('lead to ports and health checks that the images have', () => {
    for (const [name, { port, healthcheck }] of traefik.services) {
      expect(read(`${name}/Dockerfile`)).toContain(`\nEXPOSE ${port}\n`)
      const code = name === 'backend' ? `@app.get("${healthcheck}"` : `location = ${healthcheck} {`
      expect(read(name === 'backend' ? 'backend/shop/app.py' : 'frontend/nginx.conf')).toContain(code)
    }
  })

  it('have HAProxy in Traefik’s place, without the engine’s socket', () => {
    const { proxy } = haproxyCompose.services
    expect(Object.keys(haproxyCompose.services)).toEqual(['proxy'])
    expect(proxy!.volumes).toEqual([])
    expect(proxy!.configs).toEqual([{ source: 'haproxy', target: proxy!.command!.at(-1) }])
    // Compose would put variables in.
    expect(haproxyConfiguration).not.toContain('$')
    expect(haproxyConfiguration).toContain(`crt /run/secrets/${proxy!.secrets![0]!} `)
  })
})

describe.each(own.map(([name]) => name))("the shop's image of the %s", name => {
  const dockerfile = read(`${name}/Dockerfile`)
  const stages = dockerfile.split(/^(?=FROM )/m)

  it('is built in one stage and runs in another, from ordinary images', () => {
    const images = stages.map(stage => /^FROM (\S+)/.exec(stage)?.[1])
    expect(images).toHaveLength(2)
    for (const image of images) expect(['python:3.12-slim', 'node:24-slim', 'nginx:1.28-alpine']).toContain(image)
  })

  it('runs as a user by number, checks its health, and is told to stop without a shell between', () => {
    const last = stages.at(-1)!
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(last).toMatch(/^HEALTHCHECK .*\\\n {2}CMD \[/m)
    expect(last).not.toMatch(/^(CMD|ENTRYPOINT) [^[]/m)
  })

  it('copies files that are there and that .dockerignore lets through', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files!.split(' '))
    const allowed = read(`${name}/.dockerignore`).split('\n')
    expect(allowed[0]).toBe('*')
    expect(copied.length).toBeGreaterThan(1)
    for (const file of copied) {
      expect([file, existsSync(join(SHOP, name, file))]).toEqual([file, true])
      expect(allowed).toContain(`!${file}`)
    }
  })
})

describe("the shop's packages", () => {
  it.each(['requirements.txt', 'requirements-test.txt'])('%s says exact versions', file => {
    const lines = read(`backend/${file}`)
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
    expect(lines.filter(line => !/^[\w-]+==\d+(\.\d+)+$/.test(line))).toEqual(
      file.includes('test') ? ['-r requirements.txt'] : [],
    )
  })

  it('package.json says exact versions, and the lock file the same', () => {
    const { dependencies, devDependencies } = JSON.parse(read('frontend/package.json')) as Record<
      string,
      Record<string, string>
    >
    const lock = JSON.parse(read('frontend/package-lock.json')) as { packages: Record<string, { version: string }> }
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version])
    }
  })
})

it("the shop's frontend passes its own tests, with nothing installed", async () => {
  const tests = readdirSync(join(SHOP, 'frontend/src')).filter(file => file.endsWith('.test.ts'))
  const { stdout } = await promisify(execFile)('node', ['--test', '--test-reporter=tap'], {
    cwd: join(SHOP, 'frontend'),
    // A test runner that finds itself inside another one reports to it and not to us.
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
  })
  expect(tests.length).toBeGreaterThan(1)
  expect(stdout).toMatch(/^# pass [1-9]\d*$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
})
