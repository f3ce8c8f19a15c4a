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
 * What a report is about: `shop/prod`.
 * @param repository `owner/name`; empty on a terminal outside of one
 * @param places what tells it from the repository's other reports; empty ones are left out
 * @param otherwise when there is neither
 */
export function subjectOf(repository: string, places: readonly string[], otherwise: string): string {
  const name = repository.split('/').at(-1) ?? ''
  return [name, ...places].filter(part => part !== '').join('/') || otherwise
}

/**
 * The last line, small: commit, run, versions, what identifies the decision. Parts are untrusted text, empty ones are
 * left out; without any there is no line.
 * @param run what the report was made for and by; without a number where that says nothing
 */
export function footer(
  run: { readonly sha: string; readonly runNumber?: number },
  parts: readonly (string | undefined)[],
): string {
  const shown = [run.sha.slice(0, 7), run.runNumber ? `run ${run.runNumber}` : '', ...parts].filter(
    part => part !== undefined && part !== '',
  )
  if (shown.length === 0) return ''
  return `<sub>${shown.map(part => text(part ?? '')).join(' · ')}</sub>`
}
