import { isObject, jsonOrNothing, leafTexts, member, type Json } from './json.ts'

/**
 * What can be told of sensitive variables from files alone, where a plan could not be made. A scan for literals and no
 * parser of HCL: it finds what stands there as text, and takes more rather than less.
 */

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign'
  readonly value: string
}

/**
 * What never ends goes to the file's end. Comments come first and are left out. Then: heredocs, quoted texts (with what is interpolated in them), names, numbers, signs.
 * https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
const TOKEN =
  /#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|<<-?(\w+)\r?\n([^]*?)(?:\r?\n[ \t]*\1(?!\w)|$)|"((?:[^"\\]|\\(?:[^]|$))*)(?:"|$)|([A-Za-z_][\w-]*)|(\d[\d.]*)|([=[\]{}(),:])/g

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

function tokensOf(hcl: string): Token[] {
  return [...hcl.matchAll(TOKEN)].flatMap(([, , heredoc, quoted, name, number, sign]): Token[] => {
    if (heredoc !== undefined) return [{ kind: 'text', value: heredoc }]
    if (quoted !== undefined)
      return [{ kind: 'text', value: quoted.replace(/\\([nrt"\\])/g, (_, escape: string) => ESCAPES[escape] ?? '') }]
    if (name !== undefined) return [{ kind: 'name', value: name }]
    if (number !== undefined) return [{ kind: 'number', value: number }]
    return sign === undefined ? [] : [{ kind: 'sign', value: sign }]
  })
}

interface Assignment {
  readonly name: string
  readonly tokens: readonly Token[]
}

/** `name = …` and `name "label" { … }` at the top of the tokens, each with what follows up to the next. */
function assignments(tokens: readonly Token[]): Assignment[] {
  const found: { name: string; tokens: Token[] }[] = []
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    const begins =
      depth === 0 &&
      token.kind !== 'sign' &&
      token.kind !== 'number' &&
      (next?.value === '=' || (token.kind === 'name' && (next?.kind === 'text' || next?.value === '{')))
    if (token.kind === 'sign') depth += '[{('.includes(token.value) ? 1 : ']})'.includes(token.value) ? -1 : 0
    if (begins) found.push({ name: token.value, tokens: [] })
    else found.at(-1)?.tokens.push(token)
  }
  return found
}

function literals(tokens: readonly Token[]): string[] {
  return tokens.filter(({ kind }) => kind === 'text' || kind === 'number').map(({ value }) => value)
}

export interface SensitiveVariables {
  readonly names: ReadonlySet<string>
  /** Literals of their defaults. */
  readonly defaults: readonly string[]
}

/**
 * The variables that a file of configuration declares sensitive; one whose `sensitive` is not plainly `false` counts.
 * @param file its name tells HCL and JSON apart
 */
export function sensitiveVariables(file: string, content: string): SensitiveVariables {
  const names = new Set<string>()
  const defaults: string[] = []
  if (file.endsWith('.json')) {
    for (const [name, variable] of entries(member(jsonOrNothing(content), 'variable'))) {
      if ((member(variable, 'sensitive') ?? false) === false) continue
      names.add(name)
      defaults.push(...leafTexts(member(variable, 'default')))
    }
    return { names, defaults }
  }
  for (const { name: keyword, tokens } of assignments(tokensOf(content))) {
    const [label, brace, ...body] = tokens
    if (keyword !== 'variable' || label === undefined || brace?.value !== '{') continue
    const settings = assignments(body)
    const sensitive = settings.find(({ name }) => name === 'sensitive')
    if (sensitive === undefined || sensitive.tokens[1]?.value === 'false') continue
    names.add(label.value)
    for (const { name, tokens: value } of settings) if (name === 'default') defaults.push(...literals(value))
  }
  return { names, defaults }
}

/** Literals that a file of variables gives to those named. */
export function givenLiterals(file: string, content: string, names: ReadonlySet<string>): string[] {
  if (file.endsWith('.json'))
    return entries(jsonOrNothing(content)).flatMap(([name, value]) => (names.has(name) ? leafTexts(value) : []))
  return assignments(tokensOf(content)).flatMap(({ name, tokens }) => (names.has(name) ? literals(tokens) : []))
}

/** What a variable of the environment (`TF_VAR_…`) holds: itself, and the literals in it where it is an expression. */
export function environmentLiterals(value: string): string[] {
  return [value, ...(/^\s*[[{"]/.test(value) ? literals(tokensOf(value)) : [])]
}

function entries(value: Json | undefined): readonly (readonly [string, Json])[] {
  return isObject(value) ? Object.entries(value) : []
}
