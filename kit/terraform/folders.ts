import type { Files } from '../ports.ts'
import { readConfiguration, type FileFacts } from './configuration.ts'
import { HclError } from './hcl-tokens.ts'

/** A folder that holds configuration. Paths are from the top of the repository; the top itself is `.`. */
export interface Folder {
  readonly path: string
  readonly files: readonly ConfigurationFile[]
  /** Has `.terraform.lock.hcl`. */
  readonly isLocked: boolean
  /** Has values for variables that Terraform reads by itself. */
  readonly hasValues: boolean
  /** Tests of `terraform test`, beside the configuration or in `tests`. */
  readonly hasTests: boolean
}

export interface ConfigurationFile {
  readonly path: string
  /** The file that a link leads to, when it is another one. */
  readonly target: string
  /** What it says, or why that is not known. */
  readonly facts: FileFacts | FileProblem
}

export interface FileProblem {
  readonly problem: string
  readonly line: number
}

export type Binary = 'terraform' | 'tofu'

const LOCK = '.terraform.lock.hcl'
const VALUES = /^terraform\.tfvars(?:\.json)?$|\.auto\.tfvars(?:\.json)?$/
const TESTS = /\.tftest\.(?:hcl|json)$/
const TOFU_TESTS = /\.tofutest\.(?:hcl|json)$/
const LARGEST_BYTES = 4 * 1024 * 1024

/**
 * Every folder of the workspace that holds configuration, in order. Hidden folders, `.terraform` among them, and
 * `node_modules` are not looked into, nor are links to folders.
 */
export async function readFolders(files: Files, binary: Binary): Promise<readonly Folder[]> {
  const names = new Map<string, Map<string, string | undefined>>()
  for (const { path, target } of await files.walk(files.workspace, isLookedInto)) {
    const folder = folderOf(path)
    const within = names.get(folder) ?? new Map<string, string | undefined>()
    names.set(folder, within.set(path.slice(path.lastIndexOf('/') + 1), target))
  }
  const found: Folder[] = []
  for (const [path, within] of [...names].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const configuration = configurationFiles([...within.keys()], binary)
    if (configuration.length === 0) continue
    const below = names.get(inside(path, 'tests')) ?? new Map<string, string | undefined>()
    const tests = await Promise.all([
      readEach(files, path, testFiles([...within.keys()], binary), within),
      readEach(files, inside(path, 'tests'), testFiles([...below.keys()], binary), below),
    ])
    found.push({
      path,
      files: [...(await readEach(files, path, configuration, within)), ...tests.flat()],
      hasTests: tests.flat().length > 0,
      isLocked: within.has(LOCK),
      hasValues: [...within.keys()].some(name => VALUES.test(name)),
    })
  }
  return found
}

function isLookedInto(folder: string): boolean {
  return !folder.startsWith('.') && folder !== 'node_modules'
}

/** The files that this program reads as configuration. OpenTofu takes `x.tofu` in place of `x.tf`. */
export function configurationFiles(names: readonly string[], binary: Binary): readonly string[] {
  if (binary === 'terraform') return names.filter(name => isVisible(name) && /\.tf(?:\.json)?$/.test(name))
  return names.filter(
    name =>
      isVisible(name) &&
      /\.(?:tf|tofu)(?:\.json)?$/.test(name) &&
      !(/\.tf(?:\.json)?$/.test(name) && names.includes(name.replace(/\.tf(\.json)?$/, '.tofu$1'))),
  )
}

/** Editors' own files are not configuration. */
function isVisible(name: string): boolean {
  return !/^[.#]|~$/.test(name)
}

function testFiles(names: readonly string[], binary: Binary): readonly string[] {
  return names.filter(name => TESTS.test(name) || (binary === 'tofu' && TOFU_TESTS.test(name)))
}

async function readEach(
  files: Files,
  folder: string,
  names: readonly string[],
  targets: ReadonlyMap<string, string | undefined>,
): Promise<readonly ConfigurationFile[]> {
  return Promise.all(
    names.map(async name => {
      const path = inside(folder, name)
      const target = targets.get(name)
      if (target === undefined)
        return { path, target: path, facts: { problem: 'it is a link that leads out of the repository', line: 1 } }
      return { path, target, facts: await readFacts(files, `${files.workspace}/${path}`) }
    }),
  )
}

/** What a file says; `path` is absolute. */
export async function readFacts(files: Files, path: string): Promise<FileFacts | FileProblem> {
  if ((await files.size(path)) > LARGEST_BYTES) return { problem: 'it is larger than 4 MiB', line: 1 }
  try {
    return readConfiguration(path, await files.readText(path))
  } catch (error) {
    if (!(error instanceof HclError)) throw error
    return { problem: error.message, line: error.line }
  }
}

export function isKnown(facts: FileFacts | FileProblem): facts is FileFacts {
  return !('problem' in facts)
}

/** The folder that a path is in, from the top of the repository. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end < 0 ? '.' : path.slice(0, end)
}

/** `name` in `folder`. */
export function inside(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`
}

/** The nearest folder above a file that is one of `folders`. */
export function ownerOf(path: string, folders: ReadonlySet<string>): string | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (folders.has(folder)) return folder
    if (folder === '.') return undefined
  }
}
