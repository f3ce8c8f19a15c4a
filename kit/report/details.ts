/**
 * A fold.
 * @param title HTML, already escaped by `html` or `htmlCode`; says how much is inside
 * @param body Markdown
 * @param open shown open at first: for what is short enough to be read at once
 */
export function details(title: string, body: string, open = false): string {
  return `<details${open ? ' open' : ''}><summary>${title.replace(/\s+/g, ' ')}</summary>\n\n${body.trim()}\n\n</details>`
}
