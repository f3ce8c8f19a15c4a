import { Unusable, type Parser } from '../inputs.ts'

/** Folders of roots, relative to `working-directory`. So far exactly one. */
export const roots: Parser<string> = {
  parse(raw) {
    const listed = raw
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(line => line !== '')
    const [root] = listed
    if (root === undefined) throw new Unusable('it names no root', 'Name the folder of one Terraform root')
    if (listed.length > 1)
      throw new Unusable(`it names ${listed.length} roots`, 'Name one root; use a job of a matrix for each root')
    if (root.startsWith('-')) throw new Unusable('it starts with "-"', 'Write the folder as "./-name"')
    if (/[*?[\]{}]/.test(root)) throw new Unusable('it is a pattern', 'Name the folder of one root')
    return normalRoot(root)
  },
}

/** The root from the top of the repository: what tells it from the other roots in comments, artifacts and contracts. */
export function rootPath(inputs: { readonly roots: string; readonly 'working-directory': string }): string {
  return normalRoot(
    inputs.roots.startsWith('/') ? inputs.roots : `${inputs['working-directory'] || '.'}/${inputs.roots}`,
  )
}

/** A root from the top of the repository as the input `roots` takes it, relative to `working-directory`. */
export function relativeRoot(root: string, workingDirectory: string): string {
  const top = rootPath({ roots: '.', 'working-directory': workingDirectory })
  if (top === '.') return root
  if (root === top) return '.'
  return root.startsWith(`${top}/`) ? root.slice(top.length + 1) : `${'../'.repeat(top.split('/').length)}${root}`
}

/** The root's own folder, for people; empty for the top of the repository. */
export function rootName(root: string): string {
  return root === '.' ? '' : (root.split('/').at(-1) ?? '')
}

/** `./infra//prod/` and `infra/dev/../prod` are the same root. */
export function normalRoot(root: string): string {
  const steps: string[] = []
  for (const step of root.split('/')) {
    if (step === '' || step === '.') continue
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop()
    else steps.push(step)
  }
  if (root.startsWith('/')) return `/${steps.join('/')}`
  return steps.length === 0 ? '.' : steps.join('/')
}

const WORKSPACE = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,89}$/

/** Name of a Terraform workspace; `default` when not given. */
export const workspace: Parser<string> = {
  parse(raw) {
    if (raw === '') return 'default'
    if (!WORKSPACE.test(raw))
      throw new Unusable('it is not a workspace name', 'Use letters, digits, "_", "." and "-", at most 90')
    return raw
  },
}

/** Name of the artifact that carries a root's plan between jobs; only characters that GitHub allows there. */
export function artifactName(root: string, workspaceName: string): string {
  return `slipway-plan-${slug(root, workspaceName)}`
}

/** Name of a root's files in the folder of plan results. `@` is in no name of a root, so no workspace looks like one. */
export function slug(root: string, workspaceName: string): string {
  const place = (root === '.' ? 'root' : root).replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+/, '')
  return workspaceName === 'default' ? place : `${place}@${workspaceName}`
}

const BACKEND_PAIR = /^([A-Za-z_][\w.-]*)\s*=\s*(.*)$/s

/** One setting of a backend, or a file with settings. */
export type BackendLine = { readonly file: string } | { readonly name: string; readonly value: string }

export function readBackendLine(line: string): BackendLine {
  const [, name, value] = BACKEND_PAIR.exec(line) ?? []
  return name === undefined || value === undefined ? { file: line } : { name, value }
}

/** HCL of backend settings. They go to a file and not to the command line, where every process could read them (rule R11). */
export function backendFile(settings: readonly { readonly name: string; readonly value: string }[]): string {
  return settings.map(({ name, value }) => `${name} = ${hclValue(value)}\n`).join('')
}

function hclValue(value: string): string {
  if (/^[[{]/.test(value)) return value
  return JSON.stringify(value).replace(/[$%](?=\{)/g, '$&$&')
}
