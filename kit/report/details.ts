/**
 * A fold.
 * @param title HTML, already escaped by `html` or `htmlCode`; says how much is inside
 * @param body Markdown
 */
export function details(title: string, body: string): string {
  return `<details><summary>${title.replace(/\s+/g, ' ')}</summary>\n\n${body.trim()}\n\n</details>`
}
