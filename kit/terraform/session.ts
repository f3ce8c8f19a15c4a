import { awsEnvironment, type AwsInputs } from '../aws.ts'
import { InputError } from '../errors.ts'
import type { Files, Ports, Tool, ToolName } from '../ports.ts'
import { backendFile, readBackendLine } from './root.ts'
import { sha256 } from './seal.ts'
import { openRoot } from './terraform.ts'

export interface RootInputs {
  readonly roots: string
  readonly binary: Extract<ToolName, 'terraform' | 'tofu'>
  readonly 'binary-version': string
  readonly 'download-url': string
  readonly 'working-directory': string
}

export interface SessionInputs extends RootInputs, AwsInputs {
  readonly 'backend-config': readonly string[]
  readonly workspace: string
}

export type SessionPorts = Pick<Ports, 'exec' | 'files' | 'log' | 'environment' | 'tools' | 'http' | 'identity' | 'run'>

export interface Session {
  readonly terraform: ReturnType<typeof openRoot>
  readonly tool: Tool
  /** Absolute. */
  readonly folder: string
  /** Of the dependency lock file, after init; empty when there is none. */
  readonly lockFileDigest: string
}

/** Finds the binary and opens a root, without touching its backend. */
export async function openSession(
  inputs: RootInputs,
  ports: Pick<SessionPorts, 'exec' | 'files' | 'log' | 'environment' | 'tools'>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Omit<Session, 'lockFileDigest'>> {
  const folder = await rootFolder(inputs, ports.files)
  const downloadUrl = inputs['download-url']
  const tool = await ports.tools.find(inputs.binary, {
    range: inputs['binary-version'],
    ...(downloadUrl === '' ? {} : { downloadUrl }),
  })
  ports.log.info(`${tool.name} ${tool.version} from ${tool.origin === 'path' ? 'PATH' : tool.origin}`)
  return { terraform: openRoot({ tool, folder, environment }, ports), tool, folder }
}

/** Opens a root with its backend initialised and its workspace selected. */
export async function startSession(inputs: SessionInputs, ports: SessionPorts): Promise<Session> {
  const session = await openSession(inputs, ports, await awsEnvironment(inputs, ports))
  const configFile = await writeBackendFile(inputs, session.folder, ports.files)
  try {
    await ports.log.group(`${session.tool.name} init`, () => session.terraform.init({ configFile }))
  } finally {
    if (configFile !== undefined) await ports.files.remove(configFile)
  }
  if (inputs.workspace !== 'default') await session.terraform.selectWorkspace(inputs.workspace)
  const lockFile = `${session.folder}/.terraform.lock.hcl`
  const lockFileDigest = (await ports.files.exists(lockFile)) ? sha256(await ports.files.readBytes(lockFile)) : ''
  return { ...session, lockFileDigest }
}

async function rootFolder(inputs: RootInputs, files: Files): Promise<string> {
  const folder = await files.resolve('roots', inputs.roots, inputs['working-directory'])
  const listed = (await files.exists(folder)) ? await files.list(folder).catch(() => []) : []
  if (!listed.some(name => /\.(?:tf|tofu)(?:\.json)?$/.test(name)))
    throw new InputError([
      {
        input: 'roots',
        value: inputs.roots,
        problem: 'it is not a folder with Terraform configuration',
        fix: 'Name a folder that holds .tf files, relative to "working-directory", and check out the repository before this step',
      },
    ])
  return folder
}

/** All lines as one file: what the files among them hold, then the settings. */
async function writeBackendFile(inputs: SessionInputs, folder: string, files: Files): Promise<string | undefined> {
  if (inputs['backend-config'].length === 0) return undefined
  const settings: { name: string; value: string }[] = []
  let content = ''
  for (const line of inputs['backend-config'].map(readBackendLine)) {
    if ('name' in line) settings.push(line)
    else content += `${await readBackendFile(line.file, folder, inputs['working-directory'], files)}\n`
  }
  const path = `${await files.temporaryFolder('slipway-backend')}/settings.tfbackend`
  await files.write(path, content + backendFile(settings))
  return path
}

async function readBackendFile(name: string, folder: string, workingDirectory: string, files: Files): Promise<string> {
  const path = await resolveInRoot('backend-config', name, folder, workingDirectory, files)
  return files.readText(path)
}

/** A file that an input names: beside the root's files, or relative to `working-directory`. */
export async function resolveInRoot(
  input: string,
  name: string,
  folder: string,
  workingDirectory: string,
  files: Files,
): Promise<string> {
  const inRoot = await files.resolve(input, name, folder)
  if (await files.exists(inRoot)) return inRoot
  const path = await files.resolve(input, name, workingDirectory)
  if (await files.exists(path)) return path
  throw new InputError([
    {
      input,
      value: name,
      problem: 'there is no such file',
      fix: 'Give its path relative to "working-directory" or to the root',
    },
  ])
}
