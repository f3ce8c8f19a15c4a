import { code, text } from './inline.ts'

export type Glyph = '✅' | '⚠️' | '❌' | '⛔'

/**
 * The first line: it answers the question by itself, because it is also the preview in a mail and the title of a check.
 * @param subject what it is about (`shop/prod`), untrusted
 * @param answer Markdown, already escaped: what will happen, what it costs
 * @param place path or such behind the dot, untrusted
 */
export function headline(line: { glyph?: Glyph; subject: string; answer: string; place?: string }): string {
  const glyph = line.glyph === undefined ? '' : `${line.glyph} `
  const place = line.place === undefined || line.place === '' ? '' : ` · ${code(line.place)}`
  return `${glyph}**${text(line.subject)}**: ${line.answer}${place}`
}

/**
 * The last line, small: commit, run, versions, what identifies the decision. Parts are untrusted text, empty ones are
 * left out; without any there is no line.
 */
export function footer(parts: readonly (string | undefined)[]): string {
  const shown = parts.filter(part => part !== undefined && part !== '')
  if (shown.length === 0) return ''
  return `<sub>${shown.map(part => text(part ?? '')).join(' · ')}</sub>`
}
