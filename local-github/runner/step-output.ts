import { isAbsolute, relative } from 'node:path'
import type { AnnotationLevel, JobSession } from './job-session.ts'
import { parseLogCommand, type LogCommand } from './log-commands.ts'

const levels: Readonly<Record<string, AnnotationLevel>> = { error: 'failure', warning: 'warning', notice: 'notice' }

/** Everything that one step says: its own lines with the commands in them, and what the runner says about it. */
export class StepOutput {
  readonly session: JobSession
  readonly number: number
  /** A command that GitHub refuses ends the step red, whatever its process says. */
  refusedCommand = false
  #stopToken: string | null = null
  #echoes = false

  constructor(session: JobSession, number: number) {
    this.session = session
    this.number = number
  }

  /** A line as the step printed it. */
  line(text: string): void {
    const command = parseLogCommand(text)
    if (this.#stopToken !== null) {
      if (command?.name === this.#stopToken) this.#stopToken = null
      this.write(text)
      return
    }
    if (!command || !this.#run(command, text)) this.write(text)
    else if (this.#echoes && !quiet.has(command.name)) this.write(text)
  }

  /** A line of the log that is no command. */
  write(text: string): void {
    this.session.parts.log.write(text)
  }

  debug(text: string): void {
    if (this.session.debugs) this.write(`##[debug]${text}`)
  }

  notice(text: string): void {
    this.#annotate('notice', text, {})
  }

  warning(text: string): void {
    this.#annotate('warning', text, {})
  }

  error(text: string): void {
    this.#annotate('error', text, {})
  }

  /** Whether it was a command. */
  #run(command: LogCommand, line: string): boolean {
    switch (command.name.toLowerCase()) {
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(command.name.toLowerCase(), command.data, command.properties)
        return true
      case 'debug':
        this.debug(command.data)
        return true
      case 'group':
      case 'endgroup':
        this.write(`##[${command.name.toLowerCase()}]${command.data}`)
        return true
      case 'add-mask':
        this.#addMask(command.data)
        return true
      case 'stop-commands':
        this.#stop(command.data)
        this.write(line)
        return true
      case 'echo':
        this.#setEcho(command.data)
        return true
      case 'slipway-stand-in':
        this.session.markStandIn(this.number, command.data)
        this.write(`Stand-in: ${command.data}`)
        return true
      case 'set-output':
      case 'save-state':
        this.warning(
          `The \`${command.name}\` command is deprecated and was ignored. Write to the file that ` +
            `${command.name === 'set-output' ? 'GITHUB_OUTPUT' : 'GITHUB_STATE'} names instead.`,
        )
        return true
      case 'set-env':
      case 'add-path':
        this.#refuse(
          `The \`${command.name}\` command is disabled. Write to the file that ` +
            `${command.name === 'set-env' ? 'GITHUB_ENV' : 'GITHUB_PATH'} names instead.`,
        )
        return true
      case 'add-matcher':
      case 'remove-matcher':
        this.#refuse(`Problem matchers are not implemented by the local runner: ${line}`)
        return true
      default:
        return false
    }
  }

  #annotate(name: string, text: string, properties: Readonly<Record<string, string>>): void {
    this.write(`##[${name}]${text}`)
    const line = readPosition(properties['line'])
    const column = readPosition(properties['col'])
    const endLine = readPosition(properties['endline']) ?? line ?? 1
    const oneLine = line !== null && endLine === line
    this.session.annotate(this.number, {
      path: this.#repositoryPath(properties['file'] ?? ''),
      start_line: line ?? 1,
      end_line: endLine,
      start_column: oneLine ? column : null,
      end_column: oneLine ? (readPosition(properties['endcolumn']) ?? column) : null,
      annotation_level: levels[name] ?? 'notice',
      message: text,
      title: properties['title'] ?? null,
      raw_details: null,
    })
  }

  #repositoryPath(file: string): string {
    if (file === '') return '.github'
    return isAbsolute(file) ? relative(this.session.parts.folders.workspace, file) : file
  }

  #addMask(value: string): void {
    if (value.trim() === '') this.warning("Can't add secret mask for empty string in ##[add-mask] command.")
    else this.session.parts.masks.add(value)
    if (this.#echoes) this.write('::add-mask::***')
  }

  #stop(token: string): void {
    if (token === '' || knownCommands.has(token.toLowerCase()))
      this.#refuse(`Invalid value for stop-commands: "${token}". Choose a random token that is no command.`)
    else this.#stopToken = token
  }

  #setEcho(value: string): void {
    const wish = value.trim().toLowerCase()
    if (wish === 'on' || wish === 'off') this.#echoes = wish === 'on'
    else this.#refuse(`Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${value}'.`)
  }

  #refuse(text: string): void {
    this.refusedCommand = true
    this.error(text)
  }
}

const quiet = new Set(['error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'add-mask', 'echo', 'stop-commands'])
const knownCommands = new Set([
  ...quiet,
  'set-output',
  'save-state',
  'set-env',
  'add-path',
  'add-matcher',
  'remove-matcher',
])

function readPosition(text: string | undefined): number | null {
  const value = Number(text)
  return text !== undefined && Number.isInteger(value) && value > 0 ? value : null
}
