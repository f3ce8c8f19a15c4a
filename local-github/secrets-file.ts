const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/

/**
 * Reads secrets, a `NAME=value` a line. A value in quotes may hold `\n` for a line's end; `#` begins a comment line.
 * @throws Error that names the file and the line, never the value
 */
export function readSecrets(text: string, file: string): { name: string; value: string }[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return []
    const match = LINE.exec(line.trim())
    if (!match) throw new Error(`${file}:${index + 1}: this is not NAME=value`)
    const [, name = '', raw = ''] = match
    if (/^GITHUB_/i.test(name))
      throw new Error(`${file}:${index + 1}: ${name} begins with GITHUB_, which GitHub refuses`)
    const quoted = /^"(.*)"$/.exec(raw)?.[1] ?? /^'(.*)'$/.exec(raw)?.[1]
    return [{ name: name.toUpperCase(), value: quoted === undefined ? raw : quoted.replaceAll('\\n', '\n') }]
  })
}
