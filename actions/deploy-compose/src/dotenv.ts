import { Unusable } from '#kit/inputs'

export type Variables = ReadonlyMap<string, string>

const ASSIGNMENT = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const FIX =
  'Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes'

/**
 * Reads the text of a .env: `NAME=value`, comments, single quotes (nothing is special), double quotes (`\n`, `\r`, `\t`,
 * and a backslash takes any other character as it is). `$` is always itself: a password may hold one, so nothing is
 * expanded. Quoted values may span lines. A name comes once. Messages name line and variable, never a value.
 * @throws Unusable
 */
export function parseDotenv(content: string): Variables {
  const variables = new Map<string, string>()
  let rest = content.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  let line = 1
  const take = (length: number) => {
    line += rest.slice(0, length).split('\n').length - 1
    rest = rest.slice(length)
  }
  while (rest !== '') {
    const blank = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.exec(rest)
    if (blank) {
      take(blank[0].length)
      continue
    }
    const indent = /^[ \t]*/.exec(rest)?.[0].length ?? 0
    const [head = '', name = ''] = ASSIGNMENT.exec(rest.slice(indent)) ?? []
    if (name === '') throw new Unusable(`line ${line} has no name and value`, FIX)
    if (variables.has(name)) throw new Unusable(`${name} comes twice, again on line ${line}`, 'Give each name once')
    take(indent + head.length)
    const { value, length } = readValue(rest, `the value of ${name} on line ${line}`)
    if (value.includes('\0')) throw new Unusable(`the value of ${name} holds a NUL character`, 'Take it out')
    variables.set(name, value)
    take(length)
  }
  return variables
}

function readValue(rest: string, what: string): { value: string; length: number } {
  const quote = rest[0]
  if (quote !== '"' && quote !== "'") {
    const line = /^[^\n]*/.exec(rest)?.[0] ?? ''
    // As in compose: a comment begins with a "#" behind a space, or at once.
    return { value: line.replace(/(?:^|[ \t])#.*$/, '').trim(), length: line.length }
  }
  const quoted = (quote === '"' ? /^"((?:[^"\\]|\\[^])*)"/ : /^'([^']*)'/).exec(rest)
  if (!quoted) throw new Unusable(`${what} begins with a quote that is not closed`, FIX)
  const after = /^[ \t]*(?:#[^\n]*)?(?=\n|$)/.exec(rest.slice(quoted[0].length))
  if (!after) throw new Unusable(`${what} goes on behind its closing quote`, FIX)
  const inner = quoted[1] ?? ''
  return {
    value: quote === "'" ? inner : inner.replace(/\\([^])/g, (_, character: string) => ESCAPES[character] ?? character),
    length: quoted[0].length + after[0].length,
  }
}

/**
 * The variables in the format that compose reads back unchanged: double quotes, with backslash, quote, `$` and line ends
 * escaped. Measured on compose 2.40.3 with 400 hostile values; single quotes cannot hold every value.
 */
export function encodeDotenv(variables: Variables): string {
  const escape = (value: string) =>
    value.replace(/[\\"$\n\r]/g, character =>
      character === '\n' ? '\\n' : character === '\r' ? '\\r' : `\\${character}`,
    )
  return [...variables].map(([name, value]) => `${name}="${escape(value)}"\n`).join('')
}

/** Shorter values are too common to be looked for: they are found everywhere. */
const LEAST_SECRET = 4
const LEAST_NEEDLE = 8

/** The values that no log may show. */
export function secretsOf(variables: Variables): readonly string[] {
  return [...variables.values()].filter(value => value.length >= LEAST_SECRET)
}

/** What is searched for on the host afterwards: lines of the values, without what `published` (the compose file) says anyway. */
export function needlesOf(variables: Variables, published: string): readonly string[] {
  const lines = [...variables.values()].flatMap(value => value.split(/[\r\n]+/)).map(line => line.trim())
  return [...new Set(lines)].filter(line => line.length >= LEAST_NEEDLE && !published.includes(line))
}
