import { ActionError } from '#kit/errors'
import type { Exec, Files, Tool } from '#kit/ports'
import type { Diagnostic, SourceRange } from '#kit/terraform/events'
import { HclError } from '#kit/terraform/hcl-tokens'
import { parseHcl } from '#kit/terraform/hcl'
import { isList, isObject, jsonOrNothing, member, type Json } from '#kit/terraform/json'

export const CONFIGURATION = '.tflint.hcl'

/** The configuration for a folder: its own, else the one at the top of the repository. Both are absolute. */
export async function lintConfiguration(folder: string, files: Files): Promise<string | undefined> {
  for (const place of [folder, files.workspace])
    if (await files.exists(`${place}/${CONFIGURATION}`)) return `${place}/${CONFIGURATION}`
  return undefined
}

/** tflint brings its rules for Terraform itself; a plugin with a source is fetched by its own `--init`. */
export function hasPlugins(configuration: string): boolean {
  try {
    const { blocks } = parseHcl(configuration)
    return blocks.some(({ type, body }) => type === 'plugin' && body.attributes.some(({ name }) => name === 'source'))
  } catch (error) {
    if (error instanceof HclError) return true
    throw error
  }
}

export interface Linter {
  readonly tool: Tool
  readonly exec: Exec
}

/** Fetches plugins. No token of the step reaches a child, so GitHub counts these downloads by the runner's address. */
export async function initLinter({ tool, exec }: Linter, configuration: string, cwd: string): Promise<void> {
  const { exitCode, stdout, stderr } = await exec.run({
    file: tool.path,
    args: ['--init', `--config=${configuration}`, '--no-color'],
    cwd,
    okExitCodes: [0, 1],
  })
  if (exitCode === 0) return
  throw new ActionError(`tflint could not fetch its plugins: ${(stderr || stdout).trim()}`, {
    hint: 'Run it again when GitHub limits the rate, or fill a folder with the plugins in an earlier step, set TFLINT_PLUGIN_DIR to it, and name that in "pass-env"',
  })
}

/** The problems of a folder, with files relative to it. */
export async function lint({ tool, exec }: Linter, configuration: string, cwd: string): Promise<readonly Diagnostic[]> {
  const { stdout, stderr } = await exec.run({
    file: tool.path,
    args: ['--format=json', `--config=${configuration}`, '--no-color'],
    cwd,
    okExitCodes: [0, 1, 2],
  })
  return readLint(stdout, stderr)
}

/**
 * Reads tflint's JSON: https://github.com/terraform-linters/tflint/blob/master/formatter/json.go
 * @throws ActionError when tflint could not do its work
 */
export function readLint(stdout: string, stderr: string): readonly Diagnostic[] {
  const report = jsonOrNothing(stdout)
  if (!isObject(report)) throw new ActionError(`tflint could not run: ${(stderr || stdout).trim()}`)
  const errors = list(member(report, 'errors'))
    .filter(error => member(error, 'severity') !== 'warning')
    .map(errorText)
  if (errors.length > 0) throw new ActionError(`tflint could not run: ${errors.join('\n')}`)
  return list(member(report, 'issues')).map(issueOf)
}

function errorText(error: Json): string {
  const range = rangeOf(member(error, 'range'))
  const what = [member(error, 'summary'), member(error, 'message')].map(textOf).filter(part => part !== '')
  return `${what.join(': ')}${range === undefined ? '' : ` (${range.file}:${range.line})`}`
}

function issueOf(issue: Json): Diagnostic {
  const rule = member(issue, 'rule')
  const link = textOf(member(rule, 'link'))
  return {
    severity: member(rule, 'severity') === 'error' ? 'error' : 'warning',
    summary: textOf(member(issue, 'message')),
    detail: `tflint: ${textOf(member(rule, 'name'))}${link === '' ? '' : `, see ${link}`}`,
    address: undefined,
    range: rangeOf(member(issue, 'range')),
    code: undefined,
  }
}

function rangeOf(range: Json | undefined): SourceRange | undefined {
  const file = textOf(member(range, 'filename'))
  if (file === '') return undefined
  const [start, end] = [member(range, 'start'), member(range, 'end')]
  const line = numberOf(member(start, 'line'))
  return {
    file,
    line,
    column: numberOf(member(start, 'column')),
    endLine: Math.max(line, numberOf(member(end, 'line'))),
    endColumn: numberOf(member(end, 'column')),
  }
}

const list = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const numberOf = (value: Json | undefined): number => (typeof value === 'number' && value > 0 ? value : 1)
