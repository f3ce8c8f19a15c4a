import { LineCounter, parseAllDocuments, visit, type Document, type Node, type Scalar } from 'yaml'
import { isAlias, isCollection, isPair, isScalar } from 'yaml'
import { ActionError } from '../errors.ts'
import { yamlProblem } from './problem.ts'
import { scalarText, type ScalarForm } from './scalar-text.ts'

/** Bytes; parsing takes about 0.3 s a megabyte. */
const LARGEST_FILE_BYTES = 5 * 1024 * 1024

/** A YAML file that can be edited without touching what is not meant. */
export interface YamlFile {
  /** For messages: the path from the top of the repository. */
  readonly name: string
  readonly text: string
  readonly documents: readonly Document.Parsed[]
  /** Line and column from 1 of a position in `text`. */
  position(offset: number): { readonly line: number; readonly column: number }
}

/** A scalar and the text that it is to hold. */
export interface ScalarEdit {
  readonly scalar: Scalar
  readonly value: string
}

/** What an edit did, with the proof that it did nothing else. */
export interface Spliced {
  readonly bytes: Uint8Array
  readonly edits: readonly { readonly line: number; readonly before: string; readonly after: string }[]
}

/**
 * Reads YAML for editing: lenient of duplicate keys, which are no business of an edit elsewhere in the file.
 * @throws ActionError when it is too large, is not UTF-8, or does not parse; with line and column
 */
export function readYaml(name: string, bytes: Uint8Array): YamlFile {
  if (bytes.length > LARGEST_FILE_BYTES)
    throw new ActionError(`${name} has ${bytes.length} bytes`, { hint: 'Files to edit may have 5 MiB at most' })
  const text = Buffer.from(bytes).toString()
  if (!Buffer.from(text).equals(bytes))
    throw new ActionError(`${name} is not UTF-8`, { hint: 'Save the file as UTF-8' })
  const counter = new LineCounter()
  const documents = parse(text, counter)
  const position = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return { line, column: col }
  }
  const error = documents.flatMap(document => document.errors)[0]
  if (error !== undefined) {
    const { line, column } = position(error.pos[0])
    throw new ActionError(
      `${name}:${line}:${column} is no YAML: ${yamlProblem(error).replace(/ at line \d+, column \d+$/, '')}`,
      {
        hint: text.includes('{{')
          ? 'A template cannot be edited safely: keep the value in a file without "{{"'
          : 'Correct the file; nothing was changed',
      },
    )
  }
  return { name, text, documents, position }
}

function parse(text: string, counter?: LineCounter): readonly Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    keepSourceTokens: false,
    uniqueKeys: false,
    logLevel: 'silent',
    ...(counter === undefined ? {} : { lineCounter: counter }),
  })
  return Array.isArray(documents) ? (documents as Document.Parsed[]) : []
}

/** Where a scalar is written, and how; `undefined` for one that cannot be spliced (a block, several lines, nothing). */
export function formOf(file: YamlFile, scalar: Scalar): ScalarForm | undefined {
  const [start, end] = scalar.range ?? [0, 0]
  if (start === end || /[\r\n]/.test(file.text.slice(start, end))) return undefined
  if (scalar.type === 'PLAIN') return 'plain'
  if (scalar.type === 'QUOTE_SINGLE') return 'single'
  return scalar.type === 'QUOTE_DOUBLE' ? 'double' : undefined
}

/**
 * Replaces scalars and nothing else: their own bytes are cut out, and the result is parsed again and compared, node by node,
 * with what was there. Quotes, comments, anchors, line ends, a byte order mark and indentation stay as they are.
 * @throws ActionError with file and line when a scalar cannot be replaced, or the proof fails; then nothing is to be written
 */
export function spliceScalars(file: YamlFile, edits: readonly ScalarEdit[]): Spliced {
  const inFlow = flowScalars(file)
  const cuts = edits.map(({ scalar, value }) => {
    const [start = 0, end = 0] = scalar.range ?? []
    const { line, column } = file.position(start)
    const form = formOf(file, scalar)
    if (form === undefined)
      throw new ActionError(`${file.name}:${line}:${column} cannot be edited: the value is not on one line`, {
        hint: 'Write it on one line, plain or in quotes',
      })
    return { scalar, value, start, end, line, after: scalarText(value, form, inFlow.has(scalar) ? 'flow' : 'block') }
  })
  let text = file.text
  for (const { start, end, after } of [...cuts].sort((one, other) => other.start - one.start))
    text = text.slice(0, start) + after + text.slice(end)
  prove(file, text, new Map(cuts.map(({ scalar, value }) => [scalar, value])))
  return {
    bytes: Buffer.from(text),
    edits: cuts.map(({ line, start, end, after }) => ({ line, before: file.text.slice(start, end), after })),
  }
}

function flowScalars(file: YamlFile): ReadonlySet<Scalar> {
  const found = new Set<Scalar>()
  for (const document of file.documents)
    visit(document, {
      Scalar(_, scalar, ancestors) {
        if (ancestors.some(ancestor => isCollection(ancestor) && ancestor.flow === true)) found.add(scalar)
      },
    })
  return found
}

/** Every node of the new text is what it was, but for the scalars that were meant, which hold what was meant. */
function prove(file: YamlFile, text: string, meant: ReadonlyMap<Node, string>): void {
  const after = parse(text)
  const fail = (what: string): never => {
    throw new ActionError(`${file.name} was not edited: ${what}`, {
      hint: 'This is a limit of Slipway: please report it, with the lines around the value',
    })
  }
  if (after.some(({ errors }) => errors.length > 0)) fail('the result would be no YAML')
  const [was, is] = [file.documents.flatMap(describe), after.flatMap(describe)]
  if (was.length !== is.length) fail('the result would have another structure')
  let proved = 0
  was.forEach(({ node, text: before }, index) => {
    const now = is[index]!
    const value = meant.get(node)
    if (value === undefined) {
      if (now.text !== before) fail('the result would differ elsewhere too')
      return
    }
    proved += 1
    if (!isScalar(now.node) || now.node.value !== value || now.node.anchor !== (node as Scalar).anchor)
      fail('the result would not hold the new value')
  })
  if (proved !== meant.size) fail('a value to edit is not in it')
}

/** Each node in order, with all that makes it what it is. */
function describe(document: Document.Parsed): readonly { readonly node: Node; readonly text: string }[] {
  const nodes: { node: Node; text: string }[] = []
  const add = (node: Node, ...facts: unknown[]) =>
    nodes.push({ node, text: JSON.stringify([...facts, node.tag, node.comment, node.commentBefore, node.spaceBefore]) })
  visit(document, {
    Node(_, node, ancestors) {
      if (isAlias(node)) add(node, ancestors.length, 'alias', node.source)
      else if (isScalar(node))
        add(node, ancestors.length, node.type, node.anchor, typeof node.value, String(node.value))
      else if (isCollection(node))
        add(node, ancestors.length, node.constructor.name, node.anchor, node.flow, node.items.filter(isPair).length)
      return undefined
    },
  })
  return nodes
}
