/** A piece of a string: text as it will be, or the tokens of what is put into it. */
export type TemplatePart = string | readonly Token[]

export type Token =
  | { readonly kind: 'name' | 'number' | 'mark' | 'line end'; readonly text: string; readonly line: number }
  | { readonly kind: 'string'; readonly parts: readonly TemplatePart[]; readonly line: number }

/** Why a text is no HCL, and at which line of it. */
export class HclError extends Error {
  readonly line: number

  constructor(problem: string, line: number) {
    super(problem)
    this.line = line
  }
}

const NAME = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const MARK = /\.{3}|::|&&|\|\||[=!<>]=|=>|[-+*/%<>=!?:.,(){}[\]&|]/y
const HEREDOC = /<<-?([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy
const PLAIN = /[^$%\\"\n]+/y
/** Where a person has nested this deep there is no person. */
const DEEPEST = 200

/**
 * Takes HCL apart: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Comments are left out, strings and heredocs
 * keep what is put into them as tokens.
 * @throws HclError for what no such text may hold
 */
export function hclTokens(text: string): readonly Token[] {
  return new Scanner(text).code(0)
}

/** As hclTokens, for the inside of a string of Terraform's JSON, which is a template without quotes. */
export function templateParts(text: string, line: number): readonly TemplatePart[] {
  return new Scanner(text, line).template(() => false, { depth: 0, escapes: false })
}

class Scanner {
  readonly #text: string
  #at: number
  #line: number

  constructor(text: string, line = 1) {
    this.#text = text
    this.#at = text.startsWith('\uFEFF') ? 1 : 0
    this.#line = line
  }

  /** To the end of the text, or to the `}` that ends an insertion when `depth` is above 0. */
  code(depth: number): readonly Token[] {
    const tokens: Token[] = []
    const start = this.#line
    if (depth > DEEPEST) throw new HclError('it is nested too deeply', start)
    let braces = 0
    for (;;) {
      this.#skip()
      if (this.#at >= this.#text.length) {
        if (depth > 0) throw new HclError('"${" or "%{" is not closed', start)
        return tokens
      }
      const token = this.#token(depth)
      if (token.kind === 'mark' && token.text === '{') braces++
      if (token.kind === 'mark' && token.text === '}' && braces-- === 0 && depth > 0) return tokens
      tokens.push(token)
    }
  }

  /** To where `ends` says so. It is asked at each character and takes what ends the string off the text itself. */
  template(ends: () => boolean, { depth, escapes }: { depth: number; escapes: boolean }): readonly TemplatePart[] {
    const parts: TemplatePart[] = []
    let literal = ''
    while (!ends()) {
      if (this.#at >= this.#text.length) break
      const plain = this.#match(PLAIN)?.[0]
      const character = this.#text[this.#at]!
      if (plain !== undefined) literal += plain
      else if (/^(?:\$\$|%%)\{/.test(this.#ahead(3))) {
        literal += `${character}{`
        this.#at += 3
      } else if (/^[$%]\{/.test(this.#ahead(2))) {
        if (literal !== '') parts.push(literal)
        literal = ''
        this.#at += 2
        if (this.#text[this.#at] === '~') this.#at++
        parts.push(this.code(depth + 1))
      } else if (escapes && character === '\\') {
        literal += unescaped(this.#ahead(2))
        this.#at += 2
      } else {
        if (character === '\n') this.#line++
        literal += character
        this.#at++
      }
    }
    if (literal !== '') parts.push(literal)
    return parts
  }

  #token(depth: number): Token {
    const line = this.#line
    if (this.#text[this.#at] === '\n') {
      this.#at++
      this.#line++
      return { kind: 'line end', text: '\n', line }
    }
    if (this.#text[this.#at] === '"') return { kind: 'string', parts: this.#quoted(depth), line }
    const marker = this.#match(HEREDOC)?.[1]
    if (marker !== undefined) return { kind: 'string', parts: this.#heredoc(marker, depth), line }
    for (const [kind, pattern] of [
      ['name', NAME],
      ['number', NUMBER],
      ['mark', MARK],
    ] as const) {
      const text = this.#match(pattern)?.[0]
      if (text !== undefined) return { kind, text, line }
    }
    if (this.#ahead(2) === '~}') {
      this.#at += 2
      return { kind: 'mark', text: '}', line }
    }
    throw new HclError(`${JSON.stringify(this.#text[this.#at])} has no meaning here`, line)
  }

  #quoted(depth: number): readonly TemplatePart[] {
    const line = this.#line
    this.#at++
    let closed = false
    const parts = this.template(
      () => {
        const character = this.#text[this.#at]
        if (character === '\n') throw new HclError('a string is not closed', line)
        closed = character === '"'
        if (closed) this.#at++
        return closed
      },
      { depth, escapes: true },
    )
    if (!closed) throw new HclError('a string is not closed', line)
    return parts
  }

  /** Its last line belongs to it, the line end behind that does not. */
  #heredoc(marker: string, depth: number): readonly TemplatePart[] {
    const line = this.#line++
    const last = new RegExp(`[^\\S\\n]*${marker}[^\\S\\n]*(?=\\n|$)`, 'y')
    let closed = false
    const parts = this.template(
      () => {
        closed = this.#text[this.#at - 1] === '\n' && this.#match(last) !== null
        return closed
      },
      { depth, escapes: false },
    )
    if (!closed) throw new HclError(`the heredoc has no line ${JSON.stringify(marker)} at its end`, line)
    return parts
  }

  /** Space and comments; line ends mean something and stay. */
  #skip(): void {
    for (;;) {
      this.#match(/[^\S\n]+/y)
      if (this.#text[this.#at] === '#' || this.#ahead(2) === '//') this.#match(/[^\n]*/y)
      else if (this.#ahead(2) === '/*') {
        const end = this.#text.indexOf('*/', this.#at + 2)
        if (end < 0) throw new HclError('a comment is not closed', this.#line)
        this.#line += this.#text.slice(this.#at, end).split('\n').length - 1
        this.#at = end + 2
      } else return
    }
  }

  #ahead(characters: number): string {
    return this.#text.slice(this.#at, this.#at + characters)
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at += match[0].length
    return match
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function unescaped(pair: string): string {
  const character = pair[1] ?? ''
  return ESCAPES[character] ?? character
}
