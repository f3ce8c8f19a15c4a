import type { Diagnostic } from '#kit/terraform/events'
import type { Place } from '#kit/ports'

/** A problem, told once for all the roots that show it. Its file is from the top of the repository where it is in it. */
export interface Finding extends Diagnostic {
  readonly roots: readonly string[]
}

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

/** A problem that was found in a folder, with its file from the top of the repository. */
export function located(diagnostic: Diagnostic, folder: string): Diagnostic {
  const { range } = diagnostic
  if (range === undefined) return diagnostic
  return { ...diagnostic, range: { ...range, file: repositoryPath(folder, range.file) ?? range.file } }
}

/** The same problem of a module comes once for every root that uses it, at another address: it is told once. */
export function merged(
  found: readonly { readonly root: string; readonly diagnostic: Diagnostic }[],
): readonly Finding[] {
  const findings = new Map<string, Finding>()
  for (const { root, diagnostic } of found) {
    const { severity, summary, detail, range } = diagnostic
    const key = JSON.stringify([severity, summary, detail, range ?? [diagnostic.address, root]])
    const known = findings.get(key)
    if (known === undefined) findings.set(key, { ...diagnostic, roots: [root] })
    else if (!known.roots.includes(root)) findings.set(key, { ...known, roots: [...known.roots, root] })
  }
  return [...findings.values()]
}

/** Where an annotation for a problem points. Columns only make sense within one line. */
export function placeOf({ range, summary }: Diagnostic): Place | undefined {
  if (range === undefined || /^(?:\/|\.\.\/)/.test(range.file)) return undefined
  const place = { file: range.file, line: range.line, endLine: Math.max(range.line, range.endLine), title: summary }
  if (range.endLine !== range.line || range.endColumn <= range.column) return place
  return { ...place, column: range.column, endColumn: range.endColumn }
}

/** The text of an annotation; its title is the summary. */
export function annotationText({ summary, detail, address, roots }: Finding): string {
  const about = address === undefined ? '' : `${address}: `
  const others = roots.length > 1 ? `\nShown by ${roots.join(', ')}.` : ''
  return `${about}${detail === '' ? summary : detail}${others}`
}

/** The `diagnostics` output. */
export function diagnosticsJson(findings: readonly Finding[]): string {
  return JSON.stringify(
    findings.map(({ severity, summary, detail, address, range, roots }) => ({
      severity,
      summary,
      detail,
      ...(address === undefined ? {} : { address }),
      ...(range === undefined
        ? {}
        : {
            file: range.file,
            line: range.line,
            column: range.column,
            'end-line': range.endLine,
            'end-column': range.endColumn,
          }),
      roots,
    })),
  )
}
