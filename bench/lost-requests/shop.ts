import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { DockerEngine } from '../../__tests__/real/docker-engine.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const SHOP = join(ROOT, 'examples/shop')
const FILES = ['docker-compose.yml', 'docker-compose.haproxy.yml', 'bench.yml'] as const

/** The shop's compose files on an engine, with a stand-in for the images that take long to build, and no database. */
export interface Shop {
  readonly address: string
  /** Releases a version by the action. @returns its exit code: 0 when it runs, 1 when it was rolled back */
  deploy(version: string): Promise<number>
  /** The same by `docker compose up -d`, as teams do who have no such action. */
  composeUp(version: string): Promise<void>
  /** Versions that containers of the backend run. */
  serving(): Promise<readonly string[]>
  close(): void
}

/** @param drainSeconds how long the backend answers after it said that it ends */
export async function startShop(engine: DockerEngine, drainSeconds: number): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-shop-'))
  const at = (name: string) => join(folder, name)
  mkdirSync(at('home'))
  mkdirSync(at('context'))
  copyFileSync(join(import.meta.dirname, 'backend.py'), at('context/backend.py'))
  const environment = { ...process.env, ...engine.environment, HOME: at('home') }
  const openssl = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=localhost', '-keyout', at('key.pem'), '-out', at('certificate.pem')]
  await run('openssl', [...openssl, ...subject])
  const pem = readFileSync(at('certificate.pem'), 'utf8') + readFileSync(at('key.pem'), 'utf8')
  const dotenv = `TLS_CERTIFICATE='${pem}'\n`
  const haproxy = await pinned(engine, `${engine.registry}/library/haproxy:3.2-alpine`)
  const built = new Map<string, Promise<string>>()

  async function build(version: string): Promise<string> {
    const name = `${engine.registry}/backend:${version}`
    const dockerfile = [
      `FROM ${engine.registry}/library/python:3.12-slim`,
      'COPY backend.py /',
      `ENV VERSION=${version}`,
      'CMD ["python", "/backend.py"]',
      '',
    ]
    writeFileSync(at(`context/${version}`), dockerfile.join('\n'))
    await engine.docker('build', '-q', '-t', name, '-f', at(`context/${version}`), at('context'))
    await engine.docker('push', '-q', name)
    return pinned(engine, name)
  }
  async function write(version: string): Promise<void> {
    if (!built.has(version)) built.set(version, build(version))
    const image = await built.get(version)
    const first = built.values().next().value
    const [compose, override] = FILES.map(name =>
      readFileSync(join(SHOP, name === 'bench.yml' ? FILES[0] : name), 'utf8'),
    )
    writeFileSync(at(FILES[0]), String(compose).replace(/image: ghcr\.io\/acme\/shop-backend\S*/, `image: ${image}`))
    writeFileSync(at(FILES[1]), String(override).replace(/image: haproxy\S*/, `image: ${haproxy}`))
    writeFileSync(
      at(FILES[2]),
      [
        'services:',
        '  database: !reset null',
        `  frontend: { image: '${await first}', environment: { PORT: 8080 }, healthcheck: !reset null }`,
        '  backend:',
        `    environment: !override { DRAIN_SECONDS: '${drainSeconds}' }`,
        '    secrets: !reset []',
        '    depends_on: !reset {}',
        '    healthcheck: { interval: 1s, start_interval: 1s, start_period: 3s }',
        '',
      ].join('\n'),
    )
  }
  return {
    address: `${engine.address}:443`,
    async deploy(version) {
      await write(version)
      const words = FILES.flatMap(name => ['--compose-file', name])
      const passed = Object.keys(engine.environment).flatMap(name => ['--pass-env', name])
      const all = ['deploy-compose', '--hosts', 'local', '--project', 'shop', '--drain', '30s', ...words, ...passed]
      const ended = await run(process.execPath, [join(ROOT, 'cli/index.ts'), ...all], {
        cwd: folder,
        env: { ...environment, INIT_CWD: folder, SLIPWAY_DOTENV: dotenv },
      }).then(
        () => ({ code: 0, stderr: '' }),
        (error: { code: number; stderr: string }) => error,
      )
      if (ended.code > 1) throw new Error(ended.stderr)
      return ended.code
    },
    async composeUp(version) {
      await write(version)
      const words = ['compose', '-p', 'shop', ...FILES.flatMap(name => ['-f', name]), 'up', '-d']
      await run('docker', words, { cwd: folder, env: { ...environment, TLS_CERTIFICATE: pem } })
    },
    async serving() {
      const ids = await engine.docker('ps', '-q', '--filter', 'label=com.docker.compose.service=backend')
      if (ids.trim() === '') return []
      const versions = await engine.docker('inspect', '-f', '{{json .Config.Env}}', ...ids.trim().split('\n'))
      return versions.split('\n').flatMap(line => /VERSION=([^"]+)/.exec(line)?.[1] ?? [])
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** An image of the registry by its digest. */
async function pinned(engine: DockerEngine, name: string): Promise<string> {
  await engine.docker('pull', '-q', name)
  const digest = await engine.docker('inspect', '-f', '{{index .RepoDigests 0}}', name)
  return `${name}@${digest.trim().split('@')[1] ?? ''}`
}
