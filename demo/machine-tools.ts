import { execFile } from 'node:child_process'
import { access, constants, readdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import semver from 'semver'

const run = promisify(execFile)

/** The tools that the story can use, as this machine has them; `undefined` for one that is missing. */
export interface MachineTools {
  readonly terraform: MachineTool | undefined
  /** The AWS that runs on this machine. */
  readonly moto: MachineTool | undefined
  /** The CLI of an engine that shares this machine's loopback with us, with compose; there is openssl, too. */
  readonly docker: MachineTool | undefined
}

export interface MachineTool {
  readonly name: string
  readonly path: string
  /** Empty where the tool does not say. */
  readonly version: string
}

export async function findMachineTools(environment: NodeJS.ProcessEnv): Promise<MachineTools> {
  return {
    terraform:
      (await probe(environment, 'terraform', ['version'], /Terraform v(\d+\.\d+\.\d+)/)) ??
      (await probe(environment, 'tofu', ['version'], /OpenTofu v(\d+\.\d+\.\d+)/)),
    moto: await probe(environment, 'moto_server', ['--help'], /usage: moto_server()/),
    docker: await findDocker(environment),
  }
}

/** Elsewhere than on Linux, an engine runs in a virtual machine, which does not reach a registry on our loopback. */
async function findDocker(environment: NodeJS.ProcessEnv): Promise<MachineTool | undefined> {
  const { DOCKER_HOST: host = 'unix:///var/run/docker.sock' } = environment
  if (process.platform !== 'linux' || !host.startsWith('unix://')) return undefined
  const engine = await probe(
    environment,
    'docker',
    ['version', '--format', 'engine {{.Server.Version}}'],
    /^engine (\d\S*)/,
  )
  const compose = await probe(environment, 'docker', ['compose', 'version', '--short'], /^v?(\d+\.\d+\.\d+)/)
  const openssl = await probe(environment, 'openssl', ['version'], /^OpenSSL (3\.\S+)/)
  const isNewEnough = compose !== undefined && semver.gte(compose.version, '2.24.4')
  return isNewEnough && openssl ? engine : undefined
}

async function probe(
  environment: NodeJS.ProcessEnv,
  name: string,
  args: readonly string[],
  version: RegExp,
): Promise<MachineTool | undefined> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')) {
    const path = join(folder, name)
    try {
      await access(path, constants.X_OK)
      const { stdout, stderr } = await run(path, [...args], { timeout: 20_000 })
      const found = version.exec(stdout + stderr)
      if (found?.[1] !== undefined) return { name, path, version: found[1] }
    } catch {
      continue
    }
  }
  return undefined
}

const MIRROR_PARENTS = ['/opt', '/usr/local/share/terraform', '/usr/share/terraform', '/usr/local/lib', '/var/lib']
const REGISTRY = 'registry.terraform.io'

/**
 * A folder of unpacked providers (`…/registry.terraform.io/hashicorp/aws/…`), where the network has no registry. What the user
 * configured wins: then there is nothing to look for.
 * @returns the folder that holds `registry.terraform.io`; `undefined` when there is none
 */
export async function findProviderMirror(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const configured = environment['TF_CLI_CONFIG_FILE']
  if (configured !== undefined && (await exists(configured))) return undefined
  const candidates = [
    ...(environment['HOME'] === undefined ? [] : [join(environment['HOME'], '.terraform.d', 'plugins')]),
    ...MIRROR_PARENTS,
  ]
  for (const parent of candidates) {
    for (const folder of [parent, ...(await subfolders(parent))]) {
      if (await exists(join(folder, REGISTRY, 'hashicorp', 'aws'))) return folder
    }
  }
  return undefined
}

/** Writes Terraform's CLI configuration: providers come from `mirror`, and only from there for its registry. */
export async function writeCliConfig(file: string, mirror: string): Promise<void> {
  await writeFile(
    file,
    `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["${REGISTRY}/*/*"]
  }
  direct {
    exclude = ["${REGISTRY}/*/*"]
  }
}
disable_checkpoint = true
`,
  )
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
