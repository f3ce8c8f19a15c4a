/** The files by which a step tells the runner something: `GITHUB_OUTPUT`, `GITHUB_ENV`, `GITHUB_STATE`, `GITHUB_PATH`. */

export class FileCommandError extends Error {}

/**
 * Reads `KEY=VALUE` lines and heredocs. Whichever of `=` and `<<` comes first in a line decides which of the two it is.
 * @throws FileCommandError for a line that is neither, and for a heredoc whose end does not come
 */
export function parseKeyValueFile(text: string): [key: string, value: string][] {
  const entries: [string, string][] = []
  const lines = splitLines(text)
  for (let index = 0; index < lines.length; index++) {
    const { content } = lines[index]!
    if (content === '') continue
    const equals = content.indexOf('=')
    const heredoc = content.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      entries.push([namedKey(content.slice(0, equals), content), content.slice(equals + 1)])
    } else if (heredoc >= 0) {
      const key = namedKey(content.slice(0, heredoc), content)
      const delimiter = content.slice(heredoc + 2)
      if (delimiter === '')
        throw new FileCommandError(`Invalid format '${content}'. Delimiter must not be null and must not be empty`)
      const body: string[] = []
      for (index++; ; index++) {
        const line = lines[index]
        if (!line) throw new FileCommandError(`Invalid value. Matching delimiter not found '${delimiter}'`)
        if (line.content === delimiter) break
        body.push(line.content, line.end)
      }
      entries.push([key, body.slice(0, -1).join('')])
    } else {
      throw new FileCommandError(`Invalid format '${content}'`)
    }
  }
  return entries
}

/** One folder a line; the last one written comes first in `PATH`. */
export function parsePathFile(text: string): string[] {
  return splitLines(text)
    .map(line => line.content)
    .filter(line => line !== '')
}

const refusedInEnv = new Set(['NODE_OPTIONS'])

/** Entries of `GITHUB_ENV`. Throws for a name that a step must not set for the later ones. */
export function parseEnvFile(text: string): [key: string, value: string][] {
  const entries = parseKeyValueFile(text)
  for (const [key] of entries) {
    if (refusedInEnv.has(key.toUpperCase()))
      throw new FileCommandError(`Can't store ${key} output parameter using '$GITHUB_ENV' command.`)
  }
  return entries
}

const summaryLimitBytes = 1024 * 1024

/** A summary over the limit is lost whole, as on GitHub; `problem` then says so. */
export function readSummary(content: Buffer): { markdown: string; problem: string | null } {
  if (content.length <= summaryLimitBytes) return { markdown: content.toString(), problem: null }
  const size = Math.ceil(content.length / 1024)
  return {
    markdown: '',
    problem: `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${size}k.`,
  }
}

function namedKey(key: string, line: string): string {
  if (key === '') throw new FileCommandError(`Invalid format '${line}'. Name must not be null and must not be empty`)
  return key
}

function splitLines(text: string): { content: string; end: string }[] {
  const lines: { content: string; end: string }[] = []
  for (const match of text.replace(/^\uFEFF/, '').matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)) {
    const [whole, content = '', end = ''] = match
    if (whole !== '') lines.push({ content, end })
  }
  return lines
}
