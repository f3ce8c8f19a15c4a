import { constants, unzipSync } from 'node:zlib'

/**
 * Looks for values by decoding whatever looks encoded, and knows nothing of how the product hides them: JSON, URL and HTML
 * escapes, base64 from any of its four offsets, hexadecimal, gzip and zlib, one inside of the other, and indented anew.
 * @returns those of `values` that stand somewhere in the texts
 */
export function leaksIn(texts: string | Iterable<string>, values: readonly string[]): string[] {
  const seen = new Set<string>()
  const wanted = new Map(values.map(value => [value, collapse(value)]))
  const found = new Set<string>()
  const look = (view: string, depth: number): void => {
    if (view === '' || seen.has(view)) return
    seen.add(view)
    const collapsed = collapse(view)
    for (const [value, bare] of wanted) if (view.includes(value) || collapsed.includes(bare)) found.add(value)
    if (depth > 0) for (const next of viewsOf(view)) look(next, depth - 1)
  }
  for (const text of typeof texts === 'string' ? [texts] : texts) look(text, 4)
  return [...found]
}

const collapse = (text: string) => text.replace(/\s+/g, ' ').trim()

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const SIMPLE: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' }

function* viewsOf(text: string): Iterable<string> {
  yield text.replace(/\\(?:u([0-9a-fA-F]{4})|([nrt"\\/]))/g, (_, code: string | undefined, simple: string) =>
    code === undefined ? (SIMPLE[simple] ?? '') : String.fromCharCode(parseInt(code, 16)),
  )
  // Our Markdown escapes, and the marks of a diff before each line.
  yield text.replace(/\\([^\w\s])/g, '$1').replace(/^[-+ ] /gm, '')
  yield text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string) =>
    code === undefined ? (NAMED[name] ?? whole) : Number(code) === 8203 ? '' : String.fromCodePoint(Number(code)),
  )
  if (/%[0-9a-f]{2}|\+/i.test(text)) {
    const bytes = text.replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
    yield bytes
    yield bytes.replaceAll('+', ' ')
  }
  for (const [run] of text.matchAll(/(?:[0-9a-f]{2}\n?){6,}/gi))
    yield readable(Buffer.from(run.replaceAll('\n', ''), 'hex'))
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{8,}/g))
    for (const offset of [0, 1, 2, 3]) yield readable(Buffer.from(run.slice(offset), 'base64'))
}

function readable(bytes: Buffer): string {
  if (bytes[0] !== 0x1f && bytes[0] !== 0x78) return bytes.toString('utf8')
  try {
    return unzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8')
  } catch {
    return bytes.toString('utf8')
  }
}
