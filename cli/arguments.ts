import { nearest } from '../kit/nearest.ts'

/** What was typed cannot be understood; nothing ran. */
export class UsageError extends Error {}

/**
 * Reads `--name value`, `--name=value` and a bare `--name` (`true`). A name given again adds a line, which makes lists.
 * @throws UsageError for a name that is no input, naming the nearest one
 */
export function readArguments(words: readonly string[], inputs: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word)
    if (!match) throw new UsageError(`"${word}" is not an input; inputs are given as --name value`)
    const name = match[1]!
    if (!inputs.includes(name)) throw new UsageError(unknownName(`--${name}`, name, inputs, '--'))
    const next = words[index + 1]
    const separate = match[2] === undefined && next !== undefined && !next.startsWith('--')
    const value = match[2] ?? (separate ? next : 'true')
    if (separate) index++
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  return values
}

export function unknownName(shown: string, name: string, known: readonly string[], prefix = ''): string {
  const guess = nearest(name, known)
  return guess === undefined
    ? `${shown} is not known. Known are: ${known.map(each => prefix + each).join(', ')}`
    : `${shown} is not known. Did you mean ${prefix}${guess}?`
}
