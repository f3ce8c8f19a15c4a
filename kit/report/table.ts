export interface Column {
  /** Markdown, already escaped; may be empty. */
  readonly title: string
  /** Numbers go right. `left` when left out. */
  readonly align?: 'left' | 'right'
}

/**
 * A Markdown table. Cells are Markdown, already escaped by `text` or `code`; a bare `|` and line ends in them are made
 * harmless. Missing cells are empty. Readers get through five columns at most.
 * @throws RangeError when a row has more cells than there are columns
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => {
    if (cells.length > columns.length)
      throw new RangeError(`a row of ${cells.length} cells in ${columns.length} columns`)
    return `| ${columns.map((_, index) => cell(cells[index] ?? '')).join(' | ')} |`
  }
  const rule = `|${columns.map(column => (column.align === 'right' ? '--:' : '---')).join('|')}|`
  return [line(columns.map(column => column.title)), rule, ...rows.map(line)].join('\n')
}

function cell(markdown: string): string {
  return markdown
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/\|/g, '&#124;')
    .trim()
}
