import { ActionError } from '../errors.ts'
import type { Files } from '../ports.ts'
import { bothRanges, canAgree, rangeOfConstraint } from '../tools/constraint.ts'
import { configurationFiles, isKnown, readFacts, type Binary } from './folders.ts'

/** A place that says which version a root wants. */
export interface VersionSource {
  /** As a reader finds it: `infra/dev/versions.tf:2`, `.terraform-version`. */
  readonly place: string
  readonly written: string
  /** Of npm's kind. */
  readonly range: string
}

export interface WantedVersion {
  /** What every source takes; `auto` when there is none. */
  readonly range: string
  readonly sources: readonly VersionSource[]
}

/** A file of a version manager; it counts for its folder and all below it. */
interface ManagerFile {
  readonly name: string
  /** What the file says; `undefined` when it says nothing of this program. */
  read(text: string): string | undefined
}

const firstLine = (text: string) =>
  text
    .split(/\r?\n/)
    .map(line => line.replace(/#.*/, '').trim())
    .find(line => line !== '')

/** asdf and mise take the first of several versions: https://asdf-vm.com/manage/configuration.html#tool-versions */
const toolVersions = (plugin: string): ManagerFile => ({
  name: '.tool-versions',
  read(text) {
    const line = text.split(/\r?\n/).map(line => line.replace(/#.*/, '').trim().split(/\s+/))
    return line.find(([name]) => name === plugin)?.[1]
  },
})

/** Looked for in this order. */
const MANAGERS: Readonly<Record<Binary, readonly ManagerFile[]>> = {
  terraform: [
    { name: '.terraform-version', read: firstLine },
    { name: '.tfswitchrc', read: firstLine },
    toolVersions('terraform'),
  ],
  tofu: [
    { name: '.opentofu-version', read: firstLine },
    { name: '.tfswitchrc', read: firstLine },
    toolVersions('opentofu'),
  ],
}

/**
 * The version that a root asks for: `required_version` of its configuration, then the nearest `.terraform-version`
 * (OpenTofu: `.opentofu-version`), `.tfswitchrc` and `.tool-versions` from its folder up to the top of the repository.
 * They hold together: the range is what all of them take.
 * @param folder of the root, absolute
 * @throws ActionError when two of them cannot both hold, or one cannot be read
 */
export async function wantedVersion(folder: string, binary: Binary, files: Files): Promise<WantedVersion> {
  const sources = [...(await required(folder, binary, files)), ...(await managed(folder, binary, files))]
  for (const [index, source] of sources.entries())
    for (const earlier of sources.slice(0, index))
      if (!canAgree(earlier.range, source.range))
        throw new ActionError(
          `no version of ${binary} is both "${earlier.written}" (${earlier.place}) and "${source.written}" (${source.place})`,
          { hint: 'Make the two agree, or name the version in "binary-version"' },
        )
  return { range: sources.map(({ range }) => range).reduce(bothRanges, 'auto'), sources }
}

async function required(folder: string, binary: Binary, files: Files): Promise<readonly VersionSource[]> {
  const found: VersionSource[] = []
  for (const name of configurationFiles(await files.list(folder), binary)) {
    const facts = await readFacts(files, `${folder}/${name}`)
    // Terraform explains a file that is wrong better, at its line.
    if (!isKnown(facts)) continue
    for (const { constraint, line } of facts.requiredVersions) {
      const place = placeOf(`${folder}/${name}`, files.workspace)
      found.push({
        place: `${place}:${line}`,
        written: constraint,
        range: rangeOfConstraint(constraint) ?? unusable(place, constraint, '">= 1.9, < 2.0" or "~> 1.11"'),
      })
    }
  }
  return found
}

async function managed(folder: string, binary: Binary, files: Files): Promise<readonly VersionSource[]> {
  const found: VersionSource[] = []
  for (const { name, read } of MANAGERS[binary])
    for (const above of foldersUp(folder, files.workspace)) {
      const path = `${above}/${name}`
      // A link must not make a file from elsewhere known by an error about it.
      const written = (await files.exists(path))
        ? read(await files.readText(await files.resolve('roots', path)))
        : undefined
      if (written === undefined) continue
      const place = placeOf(path, files.workspace)
      found.push({ place, written, range: managerRange(written) ?? unusable(place, written, '"1.11.4"') })
      break
    }
  return found
}

/** The folder itself first, the top of the workspace last; only itself when it is outside. */
function foldersUp(folder: string, workspace: string): readonly string[] {
  const found = [folder]
  for (let at = folder; at.startsWith(`${workspace}/`); found.push(at)) at = at.slice(0, at.lastIndexOf('/'))
  return found
}

/** tfenv's and asdf's words for versions: https://github.com/tfutils/tfenv#terraform-version-file */
function managerRange(written: string): string | undefined {
  if (written === 'latest' || written === 'latest-allowed') return 'auto'
  const [, major, minor] = /^latest:\^?(\d+)(?:\\?\.(\d+))?(?:\\?\.)?$/.exec(written) ?? []
  if (major !== undefined) return minor === undefined ? `${major}.x` : `${major}.${minor}.x`
  return rangeOfConstraint(written)
}

function placeOf(path: string, workspace: string): string {
  return path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path
}

function unusable(place: string, written: string, fix: string): never {
  throw new ActionError(`${place} asks for the version ${JSON.stringify(written)}, which cannot be used`, {
    hint: `Write it as ${fix}, or name the version in "binary-version"`,
  })
}
