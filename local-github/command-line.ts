import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm run local-github -- <folder> [--port N] [--state DIR] [--secrets FILE]

  <folder>         a git repository; its branches are served as they are committed
  --port N         port on 127.0.0.1; any free one when left out
  --state DIR      what the server knows is kept there, and a later start goes on; else it is gone at the end
  --secrets FILE   the repository's secrets, a NAME=value a line

The first line of output is JSON: the url of the pages, the api, the git address and a token. A script that reads it
calls npm with --silent, since npm writes lines of its own before it.`

export interface CommandLine {
  readonly folder: string
  /** 0 for any free one. */
  readonly port: number
  readonly state: string | undefined
  readonly secrets: string | undefined
}

/** The command was not given as its usage says. */
export class UsageError extends Error {}

/**
 * Reads the arguments of `npm run local-github --`; `help` when that is what is asked for.
 * @throws UsageError of one line
 */
export function readCommandLine(args: readonly string[]): CommandLine | 'help' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  const [folder, ...more] = positionals
  if (folder === undefined) throw new UsageError('which folder? Give the one of a git repository')
  if (more.length > 0)
    throw new UsageError(`one folder can be served, not ${positionals.length}: ${positionals.join(' ')}`)
  const port = Number(values.port ?? 0)
  if (values.port === '' || !Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port is "${values.port}": give a number from 0 to 65535`)
  return { folder, port, state: values.state, secrets: values.secrets }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        secrets: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    // What Node says first is clear; what follows explains Node's parser.
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}
