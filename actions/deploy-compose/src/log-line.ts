import { shortenMiddle } from '#kit/report/shorten'

const LEVELS = ['level', 'levelname', 'severity', 'lvl']
const MESSAGES = ['message', 'msg', 'event', 'text']
const CAUSES = ['error', 'err', 'exception', 'exc_info', 'stack', 'stack_trace', 'traceback']

/**
 * A line of a container's log within `characters`. A longer one that is JSON, as structured loggers write, is told by its level,
 * its message and its cause, which stand anywhere in it; of a stack, the line that names the error.
 */
export function shortLine(line: string, characters: number): string {
  if (line.length <= characters) return line
  return shortenMiddle(structured(line) ?? line, characters)
}

function structured(line: string): string | undefined {
  const entry = objectOf(line)
  if (entry === undefined) return undefined
  const [level, message, cause] = [LEVELS, MESSAGES, CAUSES].map(names => firstOf(entry, names))
  if (message === undefined && cause === undefined) return undefined
  const said = [message, cause && errorLine(cause)].filter(part => part !== undefined && part !== '').join(': ')
  return `${level === undefined ? '' : `${level} `}${said}`
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function firstOf(entry: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = entry[name]
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
    if (typeof value === 'object' && value !== null) {
      const inner = firstOf(value as Record<string, unknown>, [...MESSAGES, ...CAUSES])
      if (inner !== undefined) return inner
    }
  }
  return undefined
}

/** Python names the error in the last line of a traceback, others in the first. */
function errorLine(cause: string): string {
  const lines = cause.split('\n').filter(line => line.trim() !== '')
  return (cause.startsWith('Traceback') ? lines.at(-1) : lines[0])?.trim() ?? ''
}
