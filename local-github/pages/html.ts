/** Markup that is safe to put into a page. Made by `html` only; everything else is text and gets escaped. */
export class Html {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

export type Piece = Html | string | number | null | undefined | false | readonly Piece[]

/** Joins markup; every value that is not `Html` is escaped, `null`, `undefined` and `false` give nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  let source = strings[0] ?? ''
  values.forEach((value, index) => {
    source += toSource(value) + (strings[index + 1] ?? '')
  })
  return new Html(source)
}

function toSource(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.source
  if (typeof piece === 'object') return piece.map(toSource).join('')
  return escapeHtml(String(piece))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}
