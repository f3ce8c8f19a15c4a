import { mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction } from '../kit/action.ts'
import { terminalHost } from '../kit/adapters/host-terminal.ts'
import { ACTIONS } from './actions.ts'
import { readArguments, unknownName, UsageError } from './arguments.ts'
import { renderActionHelp, renderHelp } from './help.ts'
import { defaultOf, readMetadata } from './metadata.ts'

const USAGE_STATUS = 2

export async function runOnTerminal(words: readonly string[]): Promise<void> {
  try {
    const [name, ...rest] = words
    const metadataOf = (action: string) => readMetadata(action, import.meta.dirname)
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      console.log(renderHelp(Object.keys(ACTIONS).map(metadataOf)))
      // A script whose variable was empty must not go on as if an action had passed.
      if (name === undefined) process.exitCode = USAGE_STATUS
      return
    }
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined) throw new UsageError(unknownName(`The action "${name}"`, name, Object.keys(ACTIONS)))
    const metadata = metadataOf(name)
    if (rest.includes('--help') || rest.includes('-h')) {
      console.log(renderActionHelp(metadata))
      return
    }
    const given = readArguments(rest, Object.keys(metadata.inputs))
    useToolFolders()
    const settings = {
      state: new Map<string, string>(),
      input: (input: string) =>
        given.get(input) ??
        process.env[`SLIPWAY_${input.toUpperCase().replaceAll('-', '_')}`] ??
        defaultOf(metadata.inputs[input] ?? { description: '' }, process.env),
      // npm changes into the project's folder; the user's paths start where the command was typed.
      folder: process.env['INIT_CWD'] || process.cwd(),
      report: (text: string) => void process.stdout.write(`${text.trimEnd()}\n`),
      say: (line: string) => void process.stderr.write(`${line}\n`),
    }
    const { post } = action
    const cleanUp = async () => post && (await runAction(action, terminalHost({ ...settings, phase: 'post' })))
    outliveReaders()
    cleanUpOnSignals(cleanUp)
    await runAction(action, terminalHost({ ...settings, phase: 'main' }))
    await cleanUp()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = USAGE_STATUS
  }
}

/** A reader that has seen enough (`| head`) must not end the run before its secrets are off the disk. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}

/** What ends this process must not leave the plan's secrets on the disk. */
function cleanUpOnSignals(cleanUp: () => Promise<unknown>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const stop = () => {
      // While a child runs the signal is the child's, and the run ends with it.
      if (process.listenerCount(signal) > 1) return
      process.off(signal, stop)
      void cleanUp().finally(() => process.kill(process.pid, signal))
    }
    process.on(signal, stop)
  }
}

/** The tool cache finds its folders by the runner's variables only. */
function useToolFolders(): void {
  process.env['RUNNER_TEMP'] ||= tmpdir()
  process.env['RUNNER_TOOL_CACHE'] ||= join(homedir(), '.cache', 'slipway', 'tools')
  mkdirSync(process.env['RUNNER_TOOL_CACHE'], { recursive: true })
}
