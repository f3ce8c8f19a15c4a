import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { evaluateString } from './evaluate.ts'
import type { StepScope } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'
import { resolveShell } from './shell.ts'
import { runStepProcess } from './step-process.ts'

/** A `run` step. */
export async function runScript(
  scope: StepScope,
  definition: StepDefinition,
): Promise<{ ok: boolean; outputs: Readonly<Record<string, string>> }> {
  const { frame, output } = scope
  const { folders, plan } = frame.session.parts
  const isJobStep = frame.action === null
  const script = definition.run ? evaluateString(definition.run, scope) : ''
  const asked = definition.shell ? evaluateString(definition.shell, scope) : ''
  if (!isJobStep && asked === '') throw new Error('Required property is missing: shell')
  const shell = resolveShell(asked || (isJobStep ? (plan.defaults.shell ?? '') : ''))
  const folder = definition.workingDirectory
    ? evaluateString(definition.workingDirectory, scope)
    : ((isJobStep ? plan.defaults.workingDirectory : undefined) ?? '')
  const file = join(folders.temporary, `${randomUUID()}${shell.extension}`)
  mkdirSync(folders.temporary, { recursive: true })
  writeFileSync(file, script.endsWith('\n') ? script : `${script}\n`)
  output.write(`##[group]Run ${script.trimStart().split('\n')[0] ?? ''}`)
  output.write(script.replace(/\n$/, ''))
  output.write(`shell: ${shell.display}`)
  writeEnv(scope)
  output.write('##[endgroup]')
  return await runStepProcess(scope, {
    file: shell.file,
    args: shell.arguments.map(argument => argument.replaceAll('{0}', file)),
    cwd: isAbsolute(folder) ? folder : join(folders.workspace, folder),
    reportsExitCode: true,
  })
}

/** The `env:` lines of a step's header in the log. */
export function writeEnv(scope: StepScope): void {
  const entries = Object.entries(scope.env)
  if (entries.length > 0) scope.output.write('env:')
  for (const [key, value] of entries) scope.output.write(`  ${key}: ${value}`)
}
