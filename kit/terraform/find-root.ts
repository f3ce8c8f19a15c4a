import { InputError } from '../errors.ts'
import type { Files, Ports, Tool, ToolName } from '../ports.ts'
import type { SignIn } from './credentials.ts'
import { openRoot } from './terraform.ts'
import { wantedVersion, type WantedVersion } from './wanted-version.ts'

export interface RootInputs {
  readonly roots: string
  readonly binary: Extract<ToolName, 'terraform' | 'tofu'>
  readonly 'binary-version': string
  readonly 'download-url': string
  readonly 'working-directory': string
}

export interface OpenedRoot {
  readonly terraform: ReturnType<typeof openRoot>
  readonly tool: Tool
  /** Absolute. */
  readonly folder: string
}

export type RootPorts = Pick<Ports, 'clock' | 'environment' | 'exec' | 'files' | 'log' | 'state' | 'tools'>

/** Finds the binary and opens a root, without touching its backend. */
export async function findRoot(
  inputs: RootInputs,
  ports: RootPorts,
  environment: Readonly<Record<string, string>> = {},
  signIn?: SignIn,
): Promise<OpenedRoot> {
  return openFolder(await rootFolder(inputs, ports.files), inputs, ports, environment, signIn)
}

/**
 * Finds the binary for a root whose folder is known, absolute.
 * @throws ActionError when what the root asks for contradicts itself, or cannot be had
 */
export async function openFolder(
  folder: string,
  inputs: Omit<RootInputs, 'roots'>,
  ports: RootPorts,
  environment: Readonly<Record<string, string>> = {},
  signIn?: SignIn,
): Promise<OpenedRoot> {
  const { range, sources } = await askedVersion(folder, inputs, ports.files)
  const downloadUrl = inputs['download-url']
  const tool = await ports.tools.find(inputs.binary, { range, ...(downloadUrl === '' ? {} : { downloadUrl }) })
  const asked = sources.map(({ place, written }) => `, as ${place} asks (${written})`).join('')
  ports.log.info(`${tool.name} ${tool.version} from ${tool.origin === 'path' ? 'PATH' : tool.origin}${asked}`)
  return { terraform: openRoot({ tool, folder, environment, ...(signIn && { signIn }) }, ports), tool, folder }
}

/** What the input names, else what the root's own files do. */
async function askedVersion(folder: string, inputs: Omit<RootInputs, 'roots'>, files: Files): Promise<WantedVersion> {
  const named = inputs['binary-version']
  return named === 'auto' ? wantedVersion(folder, inputs.binary, files) : { range: named, sources: [] }
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
