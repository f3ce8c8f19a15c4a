import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { CommandError } from '../errors.ts'
import type { Command, Completed, Exec } from '../ports.ts'
import { lineReader, tailKeeper } from './lines.ts'
import { openOutputFiles, OUTPUT_FOLDER, type OutputFiles } from './output-files.ts'

const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024
const ERROR_LINES = 20
/** As GitHub's runner waits between its signals. */
const RUNNER_GRACE = { afterInterrupt: 7500, afterTerminate: 2500, afterExit: 1000 } as const
const FORWARDED = ['SIGINT', 'SIGTERM'] as const

export interface ExecSettings {
  /** Environment of each child before `command.env`; made by `childEnvironment`. */
  readonly environment: () => Readonly<Record<string, string>>
  readonly cwd: string
  /** Where this process hears of its own signals. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>
  /** Calls `act` later, unless what it returns is called first. */
  readonly schedule?: (milliseconds: number, act: () => void) => () => void
  /** Milliseconds. */
  readonly grace?: { readonly afterInterrupt: number; readonly afterTerminate: number; readonly afterExit: number }
}

/**
 * Runs children without a shell, each in a process group of its own. SIGINT and SIGTERM to this process go to the group
 * and the child's end is awaited (rule R26).
 */
export function systemExec(settings: ExecSettings): Exec & { close(): Promise<void> } {
  const running = new Set<ChildProcess>()
  const grace = settings.grace ?? RUNNER_GRACE
  const schedule = settings.schedule ?? timer

  async function run(command: Command): Promise<Completed> {
    const cwd = command.cwd ?? settings.cwd
    requireFolder(command, cwd)
    const files = command.outputFolder === undefined ? undefined : openOutputFiles(command.outputFolder)
    let child: ChildProcess | undefined
    let stoppedBy: string | undefined
    const forward = (signal: NodeJS.Signals) => {
      const first = stoppedBy === undefined
      stoppedBy ??= signal
      if (first || !command.firstSignalOnly) signalGroup(child, signal)
    }
    const cancellations: (() => void)[] = []
    const later = (milliseconds: number, act: () => void) => cancellations.push(schedule(milliseconds, act))
    // Before the child is there: a signal while it starts would end this process and leave the child behind.
    for (const signal of FORWARDED) settings.signals.on(signal, forward)
    try {
      child = start(command, cwd, { ...settings.environment(), ...command.env }, files)
      running.add(child)
      const stdout = tailKeeper(command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES)
      const stderr = tailKeeper(command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES)
      const [out, err] = [reader(stdout, command.onStdoutLine), reader(stderr, command.onStderrLine)]
      child.stdout?.on('data', out.push)
      child.stderr?.on('data', err.push)
      files?.follow(child.pid, out.push, err.push)
      if (command.timeoutMilliseconds !== undefined)
        later(command.timeoutMilliseconds, () => {
          stoppedBy ??= 'time-out'
          signalGroup(child, 'SIGINT')
          if (!command.firstSignalOnly) later(grace.afterInterrupt, () => signalGroup(child, 'SIGTERM'))
          later(grace.afterInterrupt + grace.afterTerminate, () => signalGroup(child, 'SIGKILL'))
        })
      const exitCode = await ended(child, command, grace.afterExit).finally(() => files?.finish())
      for (const { end } of [out, err]) end()
      if (stoppedBy !== undefined) throw stopped(command, stoppedBy, exitCode, stderr.text())
      if (exitCode === null || !(command.okExitCodes ?? [0]).includes(exitCode))
        throw new CommandError({ ...named(command), exitCode, stderr: lastLines(stderr.text()) })
      return { exitCode, stdout: stdout.text(), stderr: stderr.text(), droppedBytes: stdout.droppedBytes() }
    } finally {
      for (const cancel of cancellations) cancel()
      for (const signal of FORWARDED) settings.signals.off(signal, forward)
      if (child !== undefined) running.delete(child)
    }
  }

  async function close(): Promise<void> {
    await Promise.all(
      [...running].map(async child => {
        signalGroup(child, 'SIGTERM')
        const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), grace.afterTerminate)
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit').catch(() => undefined)
        clearTimeout(kill)
      }),
    )
  }

  return { run, close }
}

function timer(milliseconds: number, act: () => void): () => void {
  const timeout = setTimeout(act, milliseconds)
  return () => clearTimeout(timeout)
}

function start(
  command: Command,
  cwd: string,
  env: Record<string, string>,
  files: OutputFiles | undefined,
): ChildProcess {
  try {
    const child = spawn(command.file, command.args, {
      cwd,
      env: command.outputFolder === undefined ? env : { ...env, [OUTPUT_FOLDER]: command.outputFolder },
      shell: false,
      detached: true,
      stdio: [command.stdin === undefined ? 'ignore' : 'pipe', ...(files?.stdio ?? (['pipe', 'pipe'] as const))],
    })
    // A child that ends before it has read everything is judged by its exit code.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(command.stdin)
    return child
  } catch (cause) {
    throw new CommandError({ ...named(command), exitCode: null, stderr: '', message: notStarted(command), cause })
  }
}

/** Resolves with the exit code, `null` after a signal, once the output is complete or a lingering grandchild was ended. */
async function ended(child: ChildProcess, command: Command, afterExit: number): Promise<number | null> {
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', cause => reject(failedToStart(command, cause)))
    child.once('exit', resolve)
  })
  const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), afterExit)
  await closed
  clearTimeout(kill)
  // What the child left in its group would outlive the step.
  signalGroup(child, 'SIGKILL')
  return exitCode
}

function reader(
  tail: { push(chunk: Buffer): void },
  onLine: ((line: string) => void) | undefined,
): { push(chunk: Buffer): void; end(): void } {
  const lines = onLine && lineReader(onLine)
  return {
    push(chunk) {
      tail.push(chunk)
      lines?.push(chunk)
    },
    end: () => lines?.end(),
  }
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function requireFolder(command: Command, cwd: string): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return
  throw new CommandError({
    ...named(command),
    exitCode: null,
    stderr: '',
    message: `${command.file} could not start: the folder ${cwd} does not exist`,
    hint: 'Check "working-directory", and that the repository was checked out before this step',
  })
}

function failedToStart(command: Command, cause: NodeJS.ErrnoException): CommandError {
  const missing = cause.code === 'ENOENT'
  return new CommandError({
    ...named(command),
    exitCode: null,
    stderr: '',
    message: missing ? `${command.file} was not found` : notStarted(command),
    hint: missing
      ? `Install ${command.file}, or put the folder that holds it on PATH`
      : `Check that ${command.file} is a program for this system and may be run`,
    cause,
  })
}

function stopped(command: Command, by: string, exitCode: number | null, stderr: string): CommandError {
  const cancelled = by !== 'time-out'
  const message = cancelled
    ? `${command.file} was stopped by ${by}: the step was cancelled`
    : `${command.file} did not end within ${command.timeoutMilliseconds! / 1000} s and was stopped`
  return new CommandError({ ...named(command), exitCode, stderr: lastLines(stderr), message, cancelled })
}

const notStarted = (command: Command) => `${command.file} could not be started`
const named = ({ file, args }: Command) => ({ file, args })
const lastLines = (text: string) => text.trimEnd().split('\n').slice(-ERROR_LINES).join('\n').slice(-8192)
