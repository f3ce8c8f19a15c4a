import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApplicationParts } from '../../demo/application-parts.ts'
import { engineApplication } from '../../demo/engine-application.ts'
import { bootHost, type BootedHost } from './booted-host.ts'
import { startDockerEngine, type DockerEngine } from './docker-engine.ts'

/** An engine with its registry that builds, and a booted host that serves staging and production. */
export interface ApplicationWorld {
  readonly engine: DockerEngine
  readonly host: BootedHost
  /** Values of production's `.env`, and the lines of the key that logs in: each is only there. */
  readonly planted: readonly string[]
  /** Compose project that production is. */
  readonly project: string
  /** For the stage of the story. */
  readonly application: (folder: string) => Promise<ApplicationParts>
  close(): Promise<void>
}

const PORTS = [8443, 443] as const

export async function startApplicationWorld(): Promise<ApplicationWorld> {
  const engine = await startDockerEngine()
  const host = await bootHost(engine.registry).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
  const password = `pl4nted-${randomBytes(12).toString('hex')}`
  // The registry takes any login; what is given must be found nowhere all the same.
  const registryPassword = `pl4nted-${randomBytes(12).toString('hex')}`
  const planted = [password, registryPassword, ...linesOf(host.key)]
  return {
    engine,
    host,
    planted,
    project: `slipway-story-${PORTS[1]}`,
    async application(folder) {
      const parts = await engineApplication(folder, {
        docker: 'Docker engine',
        registry: engine.registry,
        environment: engine.environment,
        hosts: `deploy@${host.address}`,
        keys: { key: host.key, knownHosts: host.knownHosts },
        address: host.address,
        ports: PORTS,
        fetchesPackages: true,
        told: ['an engine, a registry and a booted host'],
        close: async () => {},
      })
      planted.push(...linesOf(readFileSync(join(folder, 'key.pem'), 'utf8')))
      const dotenv = parts.secrets['PRODUCTION_DOTENV'] ?? ''
      return {
        ...parts,
        variables: { ...parts.variables, SECRET_STORAGE: 'memory' },
        secrets: {
          ...parts.secrets,
          REGISTRY_PASSWORD: registryPassword,
          PRODUCTION_DOTENV: dotenv.replace(/^DATABASE_PASSWORD=.*$/m, `DATABASE_PASSWORD=${password}`),
        },
      }
    },
    async close() {
      await Promise.all([host.close(), engine.close()])
    },
  }
}

/** Of a private key, those that are its own: the first are the same in every key of its kind. */
function linesOf(pem: string): readonly string[] {
  return pem
    .split('\n')
    .filter(line => /^[\w+/=]{40,}$/.test(line))
    .slice(1)
}
