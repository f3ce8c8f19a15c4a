import { awsEnvironment, type AwsInputs } from '../aws.ts'
import type { Files, Ports } from '../ports.ts'
import { signInOf } from './credentials.ts'
import { findRoot, resolveInRoot, type OpenedRoot, type RootInputs } from './find-root.ts'
import { runScript } from './pre-run.ts'
import { backendFile, readBackendLine } from './root.ts'
import { sha256 } from './seal.ts'

export interface SessionInputs extends RootInputs, AwsInputs {
  readonly 'backend-config': readonly string[]
  readonly workspace: string
  readonly 'pre-run': string
}

export type SessionPorts = Pick<
  Ports,
  'clock' | 'exec' | 'files' | 'log' | 'environment' | 'state' | 'tools' | 'http' | 'identity' | 'run'
>

export interface Session extends OpenedRoot {
  /** Of the dependency lock file, after init; empty when there is none. */
  readonly lockFileDigest: string
}

/** Opens a root with its backend initialised and its workspace selected; one that does not exist is made if asked for. */
export async function startSession(
  inputs: SessionInputs,
  ports: SessionPorts,
  { makeWorkspace = true } = {},
): Promise<Session> {
  const environment = await awsEnvironment(inputs, ports)
  const session = await findRoot(inputs, ports, environment, signInOf(inputs, ports.run))
  if (inputs['pre-run'] !== '') await runScript(inputs, session.folder, environment, ports)
  await initialise(inputs, session, ports)
  if (inputs.workspace !== 'default') await session.terraform.selectWorkspace(inputs.workspace, makeWorkspace)
  const lockFile = `${session.folder}/.terraform.lock.hcl`
  const lockFileDigest = (await ports.files.exists(lockFile)) ? sha256(await ports.files.readBytes(lockFile)) : ''
  return { ...session, lockFileDigest }
}

async function initialise(inputs: SessionInputs, { terraform, tool, folder }: OpenedRoot, ports: SessionPorts) {
  const init = (configFile: string | undefined) =>
    ports.log.group(`${tool.name} init`, () => terraform.init({ configFile }))
  if (inputs['backend-config'].length === 0) return init(undefined)
  const content = await backendContent(inputs, folder, ports.files)
  const temporary = await ports.files.temporaryFolder('slipway-backend')
  try {
    await ports.files.write(`${temporary}/settings.tfbackend`, content)
    await init(`${temporary}/settings.tfbackend`)
  } finally {
    await ports.files.remove(temporary)
  }
}

/** All lines as one file: what the files among them hold, then the settings. */
async function backendContent(inputs: SessionInputs, folder: string, files: Files): Promise<string> {
  const settings: { name: string; value: string }[] = []
  let content = ''
  for (const line of inputs['backend-config'].map(readBackendLine)) {
    if ('name' in line) settings.push(line)
    else content += `${await readBackendFile(line.file, folder, inputs['working-directory'], files)}\n`
  }
  return content + backendFile(settings)
}

async function readBackendFile(name: string, folder: string, workingDirectory: string, files: Files): Promise<string> {
  const path = await resolveInRoot('backend-config', name, folder, workingDirectory, files)
  return files.readText(path)
}
