/** Commands that a step gives by printing a line. */
export interface LogCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly data: string
}

/** `::name key=value,key=value::data`, or the old `##[name key=value;]data`. Null for any other line. */
export function parseLogCommand(line: string): LogCommand | null {
  const text = line.trimStart()
  if (text.startsWith('::')) return parseCurrent(text)
  const start = line.indexOf('##[')
  return start >= 0 ? parseOld(line.slice(start + 3)) : null
}

function parseCurrent(text: string): LogCommand | null {
  const end = text.indexOf('::', 2)
  if (end < 0) return null
  const command = splitCommand(text.slice(2, end))
  if (!isName(command.name)) return null
  return {
    name: command.name,
    properties: readProperties(command.rest, ',', value =>
      value
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%25', '%'),
    ),
    data: text
      .slice(end + 2)
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%'),
  }
}

function parseOld(text: string): LogCommand | null {
  const end = text.indexOf(']')
  if (end < 0) return null
  const command = splitCommand(text.slice(0, end))
  if (!isName(command.name)) return null
  const unescape = (value: string): string =>
    value
      .replaceAll('%3B', ';')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%5D', ']')
      .replaceAll('%25', '%')
  return {
    name: command.name,
    properties: readProperties(command.rest, ';', unescape),
    data: unescape(text.slice(end + 1)),
  }
}

/** Anything may be the token that ends `stop-commands`. */
function isName(text: string): boolean {
  return /^[^\s:\]]+$/.test(text)
}

function splitCommand(text: string): { name: string; rest: string } {
  const space = text.indexOf(' ')
  return space < 0 ? { name: text, rest: '' } : { name: text.slice(0, space), rest: text.slice(space + 1) }
}

function readProperties(text: string, separator: string, unescape: (value: string) => string): Record<string, string> {
  const properties: Record<string, string> = {}
  for (const part of text.split(separator)) {
    const equals = part.indexOf('=')
    if (equals > 0) properties[part.slice(0, equals).trim().toLowerCase()] = unescape(part.slice(equals + 1))
  }
  return properties
}
