import { HclError, hclTokens, type Token } from './hcl-tokens.ts'

export interface HclBody {
  readonly attributes: readonly HclAttribute[]
  readonly blocks: readonly HclBlock[]
}

export interface HclAttribute {
  readonly name: string
  readonly line: number
  readonly value: readonly Token[]
}

export interface HclBlock {
  readonly type: string
  readonly labels: readonly string[]
  readonly line: number
  readonly body: HclBody
}

/**
 * Reads the blocks and attributes of a file in HCL's own syntax. Values stay tokens: nothing is worked out.
 *
 * Written here because there is no library to take: `@cdktf/hcl2json` is Go compiled to WebAssembly of several megabytes in
 * every bundle, gives no lines, and its project has ended.
 * @throws HclError at the first line that is not HCL
 */
export function parseHcl(text: string): HclBody {
  const tokens = hclTokens(text)
  const { body, next } = readBody(tokens, 0, 0)
  const left = tokens[next]
  if (left !== undefined) throw new HclError('"}" closes nothing', left.line)
  return body
}

const OPENING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const DEEPEST = 200

/** Up to the `}` that ends the body, or the end. */
function readBody(tokens: readonly Token[], start: number, depth: number): { body: HclBody; next: number } {
  const attributes: HclAttribute[] = []
  const blocks: HclBlock[] = []
  let at = start
  for (;;) {
    const token = tokens[at]
    if (token === undefined || isMark(token, '}')) return { body: { attributes, blocks }, next: at }
    if (token.kind === 'line end') {
      at++
      continue
    }
    if (token.kind !== 'name') throw new HclError('a name of an argument or block was expected', token.line)
    if (isMark(tokens[at + 1], '=')) {
      const end = endOfValue(tokens, at + 2)
      if (end === at + 2) throw new HclError(`${token.text} has no value`, token.line)
      attributes.push({ name: token.text, line: token.line, value: tokens.slice(at + 2, end) })
      at = end
    } else {
      const { block, next } = readBlock(tokens, at, depth + 1)
      blocks.push(block)
      at = next
    }
  }
}

function readBlock(tokens: readonly Token[], start: number, depth: number): { block: HclBlock; next: number } {
  const { text: type, line } = tokens[start] as Extract<Token, { text: string }>
  if (depth > DEEPEST) throw new HclError('it is nested too deeply', line)
  const labels: string[] = []
  let at = start + 1
  for (let token = tokens[at]; token !== undefined && !isMark(token, '{'); token = tokens[++at]) {
    const label = token.kind === 'name' ? token.text : token.kind === 'string' ? literalOf([token]) : undefined
    if (label === undefined) throw new HclError(`${type} is neither an argument nor a block`, line)
    labels.push(label)
  }
  const { body, next } = readBody(tokens, at + 1, depth)
  if (tokens[at] === undefined || tokens[next] === undefined)
    throw new HclError(`the block ${type} is not closed`, line)
  return { block: { type, labels, line, body }, next: next + 1 }
}

/** Where an argument's value ends: at a line end or `}` outside of its own brackets. */
function endOfValue(tokens: readonly Token[], start: number): number {
  const closers: string[] = []
  let at = start
  for (let token = tokens[at]; token !== undefined; token = tokens[++at]) {
    if (closers.length === 0 && (token.kind === 'line end' || isMark(token, '}'))) return at
    if (token.kind !== 'mark') continue
    const closer = OPENING[token.text]
    if (closer !== undefined) closers.push(closer)
    else if (Object.values(OPENING).includes(token.text) && closers.pop() !== token.text)
      throw new HclError(`"${token.text}" closes nothing`, token.line)
  }
  if (closers.length > 0)
    throw new HclError(`"${closers.at(-1)}" is missing`, tokens[start]?.line ?? tokens.at(-1)?.line ?? 1)
  return at
}

/** The text of a value that is one string with nothing put into it; `undefined` for any other. */
export function literalOf(value: readonly Token[]): string | undefined {
  const [only, ...more] = value
  if (only?.kind !== 'string' || more.length > 0) return undefined
  return only.parts.every(part => typeof part === 'string') ? only.parts.join('') : undefined
}

export function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}
