import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ApplicationParts } from './application-parts.ts'
import { REGISTRY_SECRETS, startDemoRegistry } from './demo-registry.ts'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** Where the story's application is built and runs. */
export interface ApplicationPlace {
  /** Of the engine, in words. */
  readonly docker: string
  /** `address:port` without TLS, which the engines push to and pull from. */
  readonly registry: string
  /** What steps need to reach the engine that builds. */
  readonly environment: Readonly<Record<string, string>>
  /** As deploy-compose takes them. */
  readonly hosts: string
  readonly keys: { readonly key: string; readonly knownHosts: string }
  /** Address of the hosts, where staging and production are published on two free ports. */
  readonly address: string
  readonly ports: readonly [staging: number, production: number]
  /** Whether the backend's tests run, whose packages take a minute each time. */
  readonly fetchesPackages: boolean
  /** In the parts list, behind "Real". */
  readonly told: readonly string[]
  close(): Promise<void>
}

/** The engine of this machine, with a registry of the demo's own. `home` is that of the steps, in which hosts keep releases. */
export async function engineOfThisMachine(folder: string, docker: string): Promise<ApplicationPlace> {
  const registry = await startDemoRegistry(folder)
  const ports = [await freePort(), await freePort()] as const
  const home = join(folder, 'home')
  await mkdir(home)
  return {
    docker,
    registry: registry.address,
    // Releases are kept below it, from one job to the next.
    environment: { HOME: home },
    hosts: 'local',
    keys: { key: '', knownHosts: '' },
    address: '127.0.0.1',
    ports,
    fetchesPackages: false,
    told: [docker, 'the images and their containers'],
    async close() {
      for (const project of projectsOf(ports)) await removeProject(project)
      await removeAll(['image', 'ls', '--filter', `reference=${registry.address}/*/*`], ['image', 'rm', '--force'])
      await registry.close()
    },
  }
}

/** Names that no other project of the engine has: what is removed at the end must be the story's own. */
function projectsOf([staging, production]: ApplicationPlace['ports']): ApplicationParts['projects'] {
  return [`slipway-story-${staging}`, `slipway-story-${production}`]
}

/** Builds, deploys and serves for real; HAProxy is the proxy, with a certificate of this story alone. */
export async function engineApplication(folder: string, place: ApplicationPlace): Promise<ApplicationParts> {
  const certificate = join(folder, 'certificate.pem')
  await makeCertificate(folder, certificate, place.address)
  const pem = await readFile(certificate, 'utf8')
  const whole = pem + (await readFile(join(folder, 'key.pem'), 'utf8'))
  const [staging, production] = place.ports.map(port => `${place.address}:${port}`) as [string, string]
  const dotenv = (address: string, more: readonly string[] = []) =>
    [
      'DATABASE_PASSWORD="a-password-of-the-story-only"',
      `HTTPS_ADDRESS=${address}`,
      `TLS_CERTIFICATE="${whole.trim()}"`,
      ...more,
    ].join('\n')
  return {
    docker: place.docker,
    registry: place.registry,
    projects: projectsOf(place.ports),
    programs: [],
    environment: { ...place.environment, NODE_EXTRA_CA_CERTS: certificate },
    variables: {
      COMPOSE_FILES: 'docker-compose.yml\ndocker-compose.haproxy.yml\ndocker-compose.local.yml',
      STAGING_HOSTS: place.hosts,
      STAGING_URL: `https://${staging}`,
      STAGING_ALLOWED_HOSTS: staging,
      PRODUCTION_HOSTS: place.hosts,
      PRODUCTION_URL: `https://${production}`,
    },
    secrets: {
      ...REGISTRY_SECRETS,
      DEPLOY_KEY: place.keys.key,
      DEPLOY_KNOWN_HOSTS: place.keys.knownHosts,
      STAGING_DOTENV: dotenv(staging, ['SUPPLIER_URL=https://supplier.example']),
      PRODUCTION_DOTENV: dotenv(production),
    },
    standIns: [],
    fetchesPackages: place.fetchesPackages,
    noDeploy: undefined,
    askProduction: path => ask(`https://${production}${path}`, pem),
    told: {
      real: place.told,
      standsIn: ['HAProxy for Traefik, with the same routes'],
      notRun: place.fetchesPackages ? [] : ["the backend's tests, whose packages take long to fetch"],
    },
    close: () => place.close(),
  }
}

async function makeCertificate(folder: string, certificate: string, address: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
  ]
  const name = ['-subj', '/CN=shop', '-addext', `subjectAltName=IP:${address}`]
  await run('openssl', ['req', '-x509', '-days', '2', ...key, ...name, '-out', certificate])
}

/** Resolves to 0 where nothing answers. */
function ask(url: string, ca: string): Promise<number> {
  return new Promise(resolve => {
    const asked = request(url, { ca, timeout: 5_000 }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(0))
    asked.end()
  })
}

async function removeProject(project: string): Promise<void> {
  const label = ['--filter', `label=com.docker.compose.project=${project}`]
  await removeAll(['ps', '--all', ...label], ['rm', '--force', '--volumes'])
  await removeAll(['network', 'ls', ...label], ['network', 'rm'])
  await removeAll(['volume', 'ls', ...label], ['volume', 'rm'])
}

async function removeAll(list: readonly string[], remove: readonly string[]): Promise<void> {
  const { stdout } = await run('docker', [...list, '--quiet'])
  const ids = [...new Set(stdout.split('\n').filter(Boolean))]
  if (ids.length > 0) await run('docker', [...remove, ...ids])
}
