import { join } from 'node:path'
import { dockerProgram } from '../local-github/runner/stand-ins/docker/docker-program.ts'
import type { StandInProgram } from '../local-github/runner/stand-in-programs.ts'
import { REGISTRY_SECRETS, startDemoRegistry } from './demo-registry.ts'
import { StandInBackend } from './stand-in-backend.ts'

/** What builds the story's application, and where it runs. */
export interface ApplicationParts {
  /** What answers for docker, in words. */
  readonly docker: string
  /** `127.0.0.1:<port>`: where the images are pushed. */
  readonly registry: string
  /** Names of the compose projects. */
  readonly projects: readonly [staging: string, production: string]
  readonly programs: readonly StandInProgram[]
  /** Of steps. */
  readonly environment: Readonly<Record<string, string>>
  /** Of the repository, as its workflows read them. */
  readonly variables: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Which actions do not work on the real thing, and why. */
  readonly standIns: readonly StandIn[]
  /** Whether packages of the unit tests can be fetched. */
  readonly fetchesPackages: boolean
  /** Why nothing can be deployed; `undefined` when it can. */
  readonly noDeploy: string | undefined
  /** Status of an answer of the application in production. */
  readonly askProduction: (path: string) => Promise<number>
  readonly told: PartsTold
  close(): Promise<void>
}

/** What the reader is told of the story's parts, in Markdown. */
export interface PartsTold {
  readonly real: readonly string[]
  readonly standsIn: readonly string[]
  /** With the reason. */
  readonly notRun: readonly string[]
}

export interface StandIn {
  readonly actions: RegExp
  readonly words: string
}

/** Of a machine without a Docker engine: images are packed and pushed, and nothing of them runs. */
export async function standInApplication(folder: string, gitFolder: string): Promise<ApplicationParts> {
  const registry = await startDemoRegistry(folder)
  const backend = await StandInBackend.start(gitFolder)
  return {
    docker: 'stand-in docker',
    registry: registry.address,
    projects: ['shop-staging', 'shop'],
    programs: [dockerProgram(join(folder, 'images'))],
    environment: {},
    variables: {
      STAGING_HOSTS: '',
      STAGING_URL: `http://${backend.address}`,
      STAGING_ALLOWED_HOSTS: backend.address,
      PRODUCTION_HOSTS: '',
      PRODUCTION_URL: '',
    },
    secrets: { ...REGISTRY_SECRETS, STAGING_DOTENV: '', PRODUCTION_DOTENV: '' },
    standIns: [
      {
        actions: /\/load-gate$/,
        words: 'no Docker engine: a stand-in for the backend answered, as slowly as the source of its image would',
      },
    ],
    fetchesPackages: false,
    noDeploy: 'there is no Docker engine on this machine',
    askProduction: () => Promise.reject(new Error('nothing was deployed')),
    told: {
      real: [],
      standsIn: [
        'a labelled `docker` that packs the services as images and pushes them to a registry of the demo',
        'a labelled backend that the load gate puts under load',
      ],
      notRun: [
        'the deploy, since there is no Docker engine on this machine',
        "the backend's tests, which fetch packages",
      ],
    },
    close: async () => {
      await backend.close()
      await registry.close()
    },
  }
}
