import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import type { StandIn, StandInPorts } from './stand-in.ts'

interface Tool {
  readonly name: string
  readonly versionInput: string
  readonly fileInput: string
  readonly commands: readonly string[]
  readonly output: string
}

/** Installs nothing: the tool must be there, in a version that was asked for. */
function setupTool(tool: Tool, further: Readonly<Record<string, string | null>>): StandIn {
  return {
    words: `installs nothing, checks that the ${tool.name} on PATH is the one asked for`,
    inputs: { [tool.versionInput]: null, [tool.fileInput]: null, token: null, 'check-latest': 'false', ...further },
    async main(ports) {
      const wanted = readWanted(ports, tool)
      const { command, version } = await findVersion(ports, tool)
      if (wanted !== '' && !semver.satisfies(version, wanted))
        throw new Error(
          `${tool.versionInput} ${wanted} was asked for, but ${command} on PATH is ${version}, and the local runner installs nothing`,
        )
      ports.log(`Found ${command} ${version}`)
      ports.setOutput(tool.output, version)
    },
  }
}

function readWanted(ports: StandInPorts, tool: Tool): string {
  const version = ports.input(tool.versionInput)
  if (version !== '') return toRange(version, tool.versionInput)
  const path = ports.input(tool.fileInput)
  if (path === '') return ''
  const file = join(ports.folders.workspace, path)
  if (!existsSync(file)) throw new Error(`input "${tool.fileInput}" is "${path}": there is no such file`)
  const first = readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map(line => line.trim())
    .find(line => line !== '' && !line.startsWith('#'))
  return toRange(first ?? '', tool.fileInput)
}

function toRange(text: string, input: string): string {
  const range = semver.validRange(text.trim().replace(/^v(?=\d)/, ''))
  if (range === null) throw new Error(`input "${input}" asks for "${text}": the local runner knows version ranges only`)
  return range
}

async function findVersion(ports: StandInPorts, tool: Tool): Promise<{ command: string; version: string }> {
  for (const command of tool.commands) {
    const found = await ports.run(command, ['--version'], { quiet: true }).catch(() => null)
    const version = semver.coerce(found?.output ?? '')?.version
    if (found?.exitCode === 0 && version !== undefined) return { command, version }
  }
  throw new Error(`There is no ${tool.name} on PATH, and the local runner installs nothing`)
}

export const setupNode = setupTool(
  {
    name: 'Node',
    versionInput: 'node-version',
    fileInput: 'node-version-file',
    commands: ['node'],
    output: 'node-version',
  },
  { 'package-manager-cache': 'true' },
)

export const setupPython = setupTool(
  {
    name: 'Python',
    versionInput: 'python-version',
    fileInput: 'python-version-file',
    commands: ['python3', 'python'],
    output: 'python-version',
  },
  { 'update-environment': 'true', 'allow-prereleases': 'false' },
)
