import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import type { StandIn, StandInPorts } from './stand-in.ts'

interface Tool {
  readonly name: string
  readonly versionInput: string
  readonly fileInput: string
  readonly commands: readonly string[]
  /** What makes the command say its version. */
  readonly asks: string
  readonly output: string
  /** Finds the version in the file that `fileInput` names; without it, the file's first line is the version. */
  readonly inFile?: RegExp
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
  const content = readFileSync(file, 'utf8')
  const named = tool.inFile?.exec(content)?.[1]
  if (named !== undefined) return toRange(named, tool.fileInput)
  const first = content
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
    const found = await ports.run(command, [tool.asks], { quiet: true }).catch(() => null)
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
    asks: '--version',
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
    asks: '--version',
    output: 'python-version',
  },
  { 'update-environment': 'true', 'allow-prereleases': 'false' },
)

export const setupGo = setupTool(
  {
    name: 'Go',
    versionInput: 'go-version',
    fileInput: 'go-version-file',
    commands: ['go'],
    asks: 'version',
    output: 'go-version',
    // Of go.mod and go.work.
    inFile: /^go[ \t]+(\S+)/m,
  },
  { cache: 'true' },
)

export const setupJava = setupTool(
  {
    name: 'Java',
    versionInput: 'java-version',
    fileInput: 'java-version-file',
    commands: ['java'],
    asks: '--version',
    output: 'version',
  },
  { distribution: null, 'java-package': 'jdk' },
)
