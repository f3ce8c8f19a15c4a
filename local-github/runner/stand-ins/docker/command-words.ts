export interface OptionSpec {
  /** `-t` for `--tag`. */
  readonly short?: string
  /** Whether a value comes with it. */
  readonly takesValue: boolean
}

export interface Words {
  readonly positional: readonly string[]
  /** In the order in which they were given. */
  readonly values: (option: string) => readonly string[]
  readonly last: (option: string) => string | undefined
  readonly has: (option: string) => boolean
}

/**
 * Reads a command's words as docker's own parser does: `--tag x`, `--tag=x`, `-t x`, `-tx`, `--` before what only looks like an option.
 * @throws Error for an option that is not in `specs`
 */
export function readWords(
  command: string,
  words: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): Words {
  const given = new Map<string, string[]>()
  const positional: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') {
      positional.push(...words.slice(at + 1))
      break
    }
    if (!/^-./.test(word)) {
      positional.push(word)
      continue
    }
    const { name, attached } = splitOption(word, specs)
    const spec = name === undefined || !Object.hasOwn(specs, name) ? undefined : specs[name]
    if (name === undefined || spec === undefined) throw notImplemented(`docker ${command} ${word.split('=')[0]}`)
    if (!spec.takesValue && attached !== undefined && attached !== 'true')
      throw notImplemented(`docker ${command} ${word}`)
    const value = !spec.takesValue ? '' : (attached ?? words[++at])
    if (value === undefined) throw new Error(`flag needs an argument: ${word}`)
    given.set(name, [...(given.get(name) ?? []), value])
  }
  const values = (option: string): readonly string[] => given.get(option) ?? []
  return { positional, values, last: option => values(option).at(-1), has: option => given.has(option) }
}

function splitOption(word: string, specs: Readonly<Record<string, OptionSpec>>) {
  if (word.startsWith('--')) {
    const [, name, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    return { name, attached }
  }
  const name = Object.keys(specs).find(option => specs[option]?.short === word.slice(0, 2))
  const rest = word.slice(2)
  return { name, attached: rest === '' ? undefined : rest.replace(/^=/, '') }
}

export function notImplemented(what: string): Error {
  return new Error(
    `"${what}" is not implemented by Slipway's stand-in for docker, which builds no real image. Run it where there is a Docker engine.`,
  )
}
