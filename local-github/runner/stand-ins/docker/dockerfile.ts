/** Reads of a Dockerfile what must be right although no instruction of it is executed: https://docs.docker.com/reference/dockerfile/ */

export interface Stage {
  readonly image: string
  readonly name: string | undefined
}

const instructions = new Set(
  `ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR`.split(
    ' ',
  ),
)
/** Those that may carry a here-document. */
const withHeredoc = new Set(['ADD', 'COPY', 'RUN'])
const stageName = /^[a-z][a-z0-9._-]*$/i
/** A reference with variables in it, or without. */
const image = /^(?:[a-zA-Z0-9][\w.:/@-]*|(?:[\w.:/@-]*\$(?:\w+|\{\w+(?::?[-+?][^}]*)?\})[\w.:/@-]*)+)$/

/** @throws Error with the line, for what docker would not build either */
export function readStages(text: string): Stage[] {
  const stages: Stage[] = []
  for (const { line, words } of readInstructions(text)) {
    const name = (words[0] ?? '').toUpperCase()
    if (!instructions.has(name))
      throw new Error(`dockerfile parse error on line ${line}: unknown instruction: ${words[0]}`)
    if (name === 'FROM') stages.push(readFrom(words.slice(1), line))
    else if (stages.length === 0 && name !== 'ARG')
      throw new Error(
        `dockerfile parse error on line ${line}: no build stage in current context: FROM comes before ${name}`,
      )
  }
  if (stages.length === 0) throw new Error('the Dockerfile has no FROM')
  return stages
}

function readFrom(words: readonly string[], line: number): Stage {
  const rest = words.filter(word => !word.startsWith('--'))
  const flag = words.find(word => word.startsWith('--') && !word.startsWith('--platform='))
  if (flag !== undefined) throw new Error(`dockerfile parse error on line ${line}: unknown flag: ${flag}`)
  const [from = '', as, name] = rest
  if (!(rest.length === 1 || (rest.length === 3 && as?.toUpperCase() === 'AS')))
    throw new Error(`dockerfile parse error on line ${line}: FROM requires either one or three arguments`)
  if (!image.test(from)) throw new Error(`dockerfile parse error on line ${line}: "${from}" is no name of an image`)
  if (name !== undefined && !stageName.test(name))
    throw new Error(`dockerfile parse error on line ${line}: "${name}" is no name of a build stage`)
  return { image: from, name }
}

interface Instruction {
  /** Counted from 1. */
  readonly line: number
  readonly words: readonly string[]
}

function* readInstructions(text: string): Generator<Instruction> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const escape = /^\s*#\s*escape\s*=\s*`\s*$/im.exec(directives(lines)) ? '`' : '\\'
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let whole = ''
    for (; at < lines.length; at++) {
      const part = lines[at] ?? ''
      // Comments and empty lines may stand within an instruction.
      if (/^\s*(#|$)/.test(part)) {
        if (whole === '') break
        continue
      }
      const trimmed = part.trimEnd()
      const goesOn = trimmed.endsWith(escape)
      whole += goesOn ? `${trimmed.slice(0, -1)} ` : part
      if (!goesOn) break
    }
    const words = whole.trim().split(/\s+/)
    if (words[0] === '' || words[0] === undefined) continue
    yield { line, words }
    if (!withHeredoc.has(words[0].toUpperCase())) continue
    for (const [, dash, , end] of whole.matchAll(/<<(-?)(["']?)([A-Za-z_]\w*)\2/g)) {
      const ends = (text: string): boolean => (dash === '-' ? text.replace(/^\t+/, '') : text) === end
      do at++
      while (at < lines.length && !ends(lines[at] ?? ''))
      if (at >= lines.length) throw new Error(`dockerfile parse error on line ${line}: unterminated heredoc ${end}`)
    }
  }
}

/** Parser directives stand before everything else. */
function directives(lines: readonly string[]): string {
  const end = lines.findIndex(line => !/^\s*#\s*\w+\s*=/.test(line))
  return lines.slice(0, end === -1 ? lines.length : end).join('\n')
}
