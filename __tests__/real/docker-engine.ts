import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { baseImages } from './base-images.ts'
import { startMachine, untilReady } from './machine.ts'

const run = promisify(execFile)

/** A real engine and a real registry, on a machine of their own. */
export interface DockerEngine {
  /** Where published ports are reached, from here and from other machines. */
  readonly address: string
  /** `address:port`, in plain HTTP. It is Docker Hub's mirror too, and has the images that `base-images.ts` makes. */
  readonly registry: string
  /** What a docker client needs: `DOCKER_HOST` and an empty `DOCKER_CONFIG`. */
  readonly environment: Readonly<Record<string, string>>
  /** What the registry holds. */
  readonly registryFolder: string
  /** Runs the docker CLI and returns what it wrote. @throws Error with its standard error */
  docker(...args: readonly string[]): Promise<string>
  /** Stops and removes everything. */
  close(): Promise<void>
}

/** What an engine must be told of a registry in plain HTTP. */
export function engineSettings(registry: string): Readonly<Record<string, unknown>> {
  return { 'insecure-registries': [registry], 'registry-mirrors': [`http://${registry}`] }
}

export async function startDockerEngine(): Promise<DockerEngine> {
  return startEngineWith(join(await baseImages(startEngineWith), 'registry'))
}

const REGISTRY_PORT = 5000

/** @param images folder of a registry that it begins with */
async function startEngineWith(images: string | undefined): Promise<DockerEngine> {
  const machine = await startMachine({
    internet: true,
    program({ name, address, folder }) {
      const at = (path: string) => join(folder, path)
      mkdirSync(at('client'))
      if (images === undefined) mkdirSync(at('registry'))
      else cpSync(images, at('registry'), { recursive: true })
      writeFileSync(
        at('daemon.json'),
        JSON.stringify({
          ...engineSettings(`${address}:${REGISTRY_PORT}`),
          features: { 'containerd-snapshotter': true },
          'cgroup-parent': `/${name}`,
          'data-root': at('data'),
          'exec-root': at('exec'),
          pidfile: at('pid'),
          hosts: [`unix://${at('docker.sock')}`],
        }),
      )
      writeFileSync(
        at('registry.yml'),
        JSON.stringify({
          version: '0.1',
          log: { level: 'warn' },
          storage: { filesystem: { rootdirectory: at('registry') }, delete: { enabled: true } },
          http: { addr: `${address}:${REGISTRY_PORT}` },
        }),
      )
      // The end of the first process of a process namespace is the end of all: engine, containers and mounts.
      const isolate = ['unshare', '--mount', '--propagation=private', '--pid', '--fork', '--kill-child', '--mount-proc']
      const both = 'docker-registry serve "$1/registry.yml" & dockerd --config-file "$1/daemon.json" & wait'
      return ['nsenter', `--net=/run/netns/${name}`, ...isolate, 'sh', '-c', both, 'sh', folder]
    },
  })
  const registry = `${machine.address}:${REGISTRY_PORT}`
  const environment = {
    DOCKER_HOST: `unix://${machine.folder}/docker.sock`,
    DOCKER_CONFIG: join(machine.folder, 'client'),
  }
  const docker = async (...args: readonly string[]) =>
    (await run('docker', args, { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 })).stdout
  await untilReady(machine, 'the Docker engine', 30, () => docker('version'))
  await untilReady(machine, 'the registry', 10, () => fetch(`http://${registry}/v2/`))
  const registryFolder = join(machine.folder, 'registry')
  return { address: machine.address, registry, registryFolder, environment, docker, close: machine.close }
}
