import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { ApplicationParts } from '../../demo/application-parts.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { bootHost, type BootedHost } from './booted-host.ts'
import { startDockerEngine, type DockerEngine } from './docker-engine.ts'

/** An engine, a registry, a staging host and a production host, all real; HAProxy serves in Traefik's place. */
export interface ApplicationWorld {
  readonly engine: DockerEngine
  readonly staging: BootedHost
  readonly production: BootedHost
  /** Of production's `.env`: values that must be nowhere. */
  readonly planted: readonly string[]
  readonly parts: (folder: string) => Promise<ApplicationParts>
  /** What the proxy of a host answers over TLS, whose certificate is checked. */
  ask(host: BootedHost, path: string): Promise<{ readonly status: number; readonly body: string }>
  close(): Promise<void>
}

/** @param folder of this world alone; the caller removes it */
export async function startApplicationWorld(folder: string): Promise<ApplicationWorld> {
  const started: { close(): Promise<void> }[] = []
  const close = async () => {
    await Promise.all(started.splice(0).map(part => part.close()))
  }
  const keep = <T extends { close(): Promise<void> }>(part: T): T => (started.push(part), part)
  try {
    const engine = keep(await startDockerEngine())
    // The second finds the first's root folder in the cache.
    const staging = keep(await bootHost(engine.registry))
    const production = keep(await bootHost(engine.registry))
    const { certificate, key } = makeCertificate(folder, [staging.address, production.address])
    const dotenvOf = (password: string) =>
      `DATABASE_PASSWORD='${password}'\nTLS_CERTIFICATE="${(certificate + key).trim()}"\n`
    const password = `pl4nted-${randomBytes(12).toString('hex')}`
    const compose = await composeOf(engine)
    return {
      engine,
      staging,
      production,
      planted: [password, ...key.split('\n').filter(line => /^[\w+/=]{40,}$/.test(line))],
      ask: ({ address }, path) => ask(address, path, certificate),
      async parts() {
        return {
          docker: 'Docker engine',
          registry: engine.registry,
          programs: [],
          environment: { ...engine.environment, NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem') },
          variables: {
            STAGING_HOSTS: `deploy@${staging.address}`,
            STAGING_URL: `https://${staging.address}`,
            STAGING_ALLOWED_HOSTS: staging.address,
            PRODUCTION_HOSTS: `deploy@${production.address}`,
            PRODUCTION_URL: `https://${production.address}`,
          },
          secrets: {
            DEPLOY_KEY: staging.key,
            DEPLOY_KNOWN_HOSTS: staging.knownHosts + production.knownHosts,
            STAGING_DOTENV: `${dotenvOf('of-staging-only')}SUPPLIER_URL=https://supplier.example\n`,
            PRODUCTION_DOTENV: dotenvOf(password),
          },
          files: { 'docker-compose.yml': compose },
          standIns: [],
          fetchesPackages: true,
          noDeploy: undefined,
          askProduction: async path => (await ask(production.address, path, certificate)).status,
          told: { real: ['Docker, its registry, and two booted hosts over SSH'], standsIn: [], notRun: [] },
          close: async () => {},
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** For addresses; 30 days. */
function makeCertificate(folder: string, addresses: readonly string[]) {
  const [certificate, key] = ['certificate.pem', 'key.pem'].map(name => join(folder, name)) as [string, string]
  const names = addresses.map(address => `IP:${address}`).join(',')
  const words = ['-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=shop', '-addext', `subjectAltName=${names}`]
  execFileSync('openssl', ['req', '-x509', ...words, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
}

/** The shop's compose file with HAProxy as its proxy, and with the digests of the images that nobody builds. */
async function composeOf(engine: DockerEngine): Promise<string> {
  const read = (file: string) => readFileSync(join(ROOT, 'examples/shop', file), 'utf8')
  const file = parseDocument(read('docker-compose.yml'))
  const pinned = async (name: string, tag: string) => `${name}:${tag}@${await digestOf(engine.registry, name, tag)}`
  file.setIn(['services', 'database', 'image'], await pinned('postgres', '17-alpine'))
  file.setIn(
    ['services', 'proxy'],
    file.createNode({
      image: await pinned('haproxy', '3.2-alpine'),
      restart: 'unless-stopped',
      ports: ['80:80', '443:443'],
      networks: ['edge'],
      secrets: ['certificate'],
      configs: [{ source: 'routes', target: '/usr/local/etc/haproxy/haproxy.cfg' }],
      healthcheck: { test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8404/healthz'], interval: '2s' },
    }),
  )
  file.setIn(['secrets', 'certificate'], file.createNode({ environment: 'TLS_CERTIFICATE' }))
  file.setIn(['configs', 'routes'], file.createNode({ content: read('haproxy.cfg') }))
  return file.toString()
}

const MANIFESTS = ['vnd.oci.image.index.v1', 'vnd.oci.image.manifest.v1', 'vnd.docker.distribution.manifest.v2']

async function digestOf(registry: string, name: string, tag: string): Promise<string> {
  const answer = await fetch(`http://${registry}/v2/library/${name}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: MANIFESTS.map(type => `application/${type}+json`).join(', ') },
  })
  const digest = answer.headers.get('docker-content-digest')
  if (digest === null) throw new Error(`the registry has no ${name}:${tag}`)
  return digest
}

function ask(address: string, path: string, ca: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: address, path, ca, agent: false, timeout: 10_000 }, answer => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    asking.once('error', reject).once('timeout', () => asking.destroy(new Error('no answer in 10 s')))
    asking.end()
  })
}
