import type { Diagnostic } from '#kit/terraform/events'
import type { Place } from '#kit/ports'

/** A path of Terraform's, relative to the root it ran in, as one from the top of the repository; `undefined` outside of it. */
export function repositoryPath(rootFolder: string, file: string): string | undefined {
  const steps: string[] = []
  for (const step of `${rootFolder}/${file}`.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.pop() === undefined) return undefined
  }
  return file.startsWith('/') ? undefined : steps.join('/')
}

/** Where an annotation for a problem points. Columns only make sense within one line. */
export function placeOf(diagnostic: Diagnostic, rootFolder: string): Place | undefined {
  const { range } = diagnostic
  const file = range && repositoryPath(rootFolder, range.file)
  if (range === undefined || file === undefined) return undefined
  const place = { file, line: range.line, endLine: Math.max(range.line, range.endLine), title: diagnostic.summary }
  if (range.endLine !== range.line || range.endColumn <= range.column) return place
  return { ...place, column: range.column, endColumn: range.endColumn }
}

/** The text of an annotation; its title is the summary. */
export function annotationText({ summary, detail, address }: Diagnostic): string {
  const about = address === undefined ? '' : `${address}: `
  return `${about}${detail === '' ? summary : detail}`
}

/** The `diagnostics` output. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[], rootFolder: string): string {
  return JSON.stringify(
    diagnostics.map(({ severity, summary, detail, address, range }) => ({
      severity,
      summary,
      detail,
      ...(address === undefined ? {} : { address }),
      ...(range === undefined
        ? {}
        : {
            file: repositoryPath(rootFolder, range.file) ?? range.file,
            line: range.line,
            column: range.column,
            'end-line': range.endLine,
            'end-column': range.endColumn,
          }),
    })),
  )
}
