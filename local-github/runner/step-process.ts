import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { data } from '@actions/expressions'
import { FileCommandError, parseEnvFile, parseKeyValueFile, parsePathFile, readSummary } from './file-commands.ts'
import type { StepScope } from './frame.ts'
import { githubVariables, prependPath, runnerVariables } from './job-environment.ts'

export interface StepProcess {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Of a JavaScript action the runner reports no exit code: the action has said itself what failed. */
  readonly reportsExitCode: boolean
  /** Beyond what every process of the step gets: `INPUT_…`, `STATE_…`. */
  readonly variables?: Readonly<Record<string, string>>
}

export interface StepProcessEnd {
  readonly ok: boolean
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
}

const commandFiles = {
  GITHUB_PATH: 'add_path',
  GITHUB_ENV: 'set_env',
  GITHUB_STEP_SUMMARY: 'step_summary',
  GITHUB_STATE: 'save_state',
  GITHUB_OUTPUT: 'set_output',
} as const

/** Runs a step's process with everything that GitHub gives it, and does what it left in its command files. */
export async function runStepProcess(scope: StepScope, command: StepProcess): Promise<StepProcessEnd> {
  const { session } = scope.frame
  const { folders, processes } = session.parts
  const files = Object.entries(commandFiles).map(([variable, name]) => {
    const path = join(folders.temporary, '_runner_file_commands', `${name}_${randomUUID()}`)
    writeFileSync(path, '')
    return [variable, path] as const
  })
  const environment = stepEnvironment(scope, { ...command.variables, ...Object.fromEntries(files) })
  let ok = false
  scope.output.refusedCommand = false
  try {
    const end = await processes.run({
      file: command.file,
      args: command.args,
      cwd: command.cwd,
      env: environment,
      stop: scope.stop,
      onLine: line => scope.output.line(line),
    })
    ok = end.exitCode === 0 && !scope.output.refusedCommand
    if (!scope.stop.aborted && end.exitCode !== 0 && (command.reportsExitCode || end.exitCode === null))
      scope.output.error(
        end.exitCode === null
          ? `Process was ended by ${end.signal ?? 'a signal'}.`
          : `Process completed with exit code ${end.exitCode}.`,
      )
  } catch (error) {
    scope.output.error(`Cannot start ${command.file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  session.markPrograms(scope.output.number)
  const contents = new Map(files.map(([variable, path]) => [variable as string, readFileSync(path)]))
  for (const [, path] of files) rmSync(path, { force: true })
  return readCommandFiles(scope, contents, ok)
}

/** The whole environment of a process of this step; the variables that GitHub documents win over the step's own. */
export function stepEnvironment(scope: StepScope, variables: Readonly<Record<string, string>>): Record<string, string> {
  const { session } = scope.frame
  const { baseEnvironment, runner } = session.parts
  const github = scope.contexts.get('github')
  const environment: Record<string, string> = {
    ...baseEnvironment,
    ...scope.env,
    ...(github instanceof data.Dictionary ? githubVariables(github) : {}),
    ...runnerVariables(runner),
    ...(session.debugs ? { RUNNER_DEBUG: '1' } : {}),
    ...variables,
  }
  environment['PATH'] = prependPath(session.paths, environment['PATH'] ?? '')
  return environment
}

function readCommandFiles(scope: StepScope, contents: ReadonlyMap<string, Buffer>, endedWell: boolean): StepProcessEnd {
  const { session } = scope.frame
  const text = (variable: string): string => contents.get(variable)?.toString() ?? ''
  let ok = endedWell
  const attempt = (variable: keyof typeof commandFiles, work: () => void): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof FileCommandError)) throw error
      ok = false
      const command = commandFiles[variable].split('_').at(-1) ?? ''
      scope.output.error(`Unable to process file command '${command}' successfully.`)
      scope.output.error(error.message)
    }
  }
  const outputs: Record<string, string> = {}
  const state: Record<string, string> = {}
  session.paths.push(...parsePathFile(text('GITHUB_PATH')))
  attempt('GITHUB_ENV', () => Object.assign(session.env, Object.fromEntries(parseEnvFile(text('GITHUB_ENV')))))
  const summary = readSummary(contents.get('GITHUB_STEP_SUMMARY') ?? Buffer.alloc(0))
  if (summary.problem === null) session.addSummary(scope.output.number, summary.markdown)
  else scope.output.error(summary.problem)
  attempt('GITHUB_STATE', () => Object.assign(state, Object.fromEntries(parseKeyValueFile(text('GITHUB_STATE')))))
  attempt('GITHUB_OUTPUT', () => Object.assign(outputs, Object.fromEntries(parseKeyValueFile(text('GITHUB_OUTPUT')))))
  return { ok, outputs, state }
}
