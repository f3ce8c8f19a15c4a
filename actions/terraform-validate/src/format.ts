import type { Diagnostic } from '#kit/terraform/events'

/** Summary of a problem whose detail is a sentence and the lines of a difference. */
export const NOT_CANONICAL = 'Not in the canonical format'

/** Turns the patch of `fmt -diff` into a problem per file, at the first line that differs. */
export function formatProblems(patch: string, program: string): Diagnostic[] {
  const problems: Diagnostic[] = []
  let file: string | undefined
  let changed: string[] = []
  let line: number | undefined
  const finish = () => {
    if (file !== undefined && line !== undefined) problems.push(formatProblem(file, line, changed, program))
    changed = []
    line = undefined
  }
  let at = 0
  for (const text of patch.split('\n')) {
    const header = /^--- old\/(.+)$/.exec(text)
    if (header) {
      finish()
      file = header[1]
    } else if (text.startsWith('@@')) at = Number(/^@@ -(\d+)/.exec(text)?.[1] ?? 1)
    else if (!text.startsWith('+++ ')) {
      if (/^[-+]/.test(text)) {
        line ??= at
        changed.push(text)
      }
      if (/^[- ]/.test(text)) at++
    }
  }
  finish()
  return problems
}

function formatProblem(file: string, line: number, changed: readonly string[], program: string): Diagnostic {
  return {
    severity: 'error',
    summary: NOT_CANONICAL,
    detail: `Run "${program} fmt". What it would change:\n${changed.join('\n')}`,
    address: undefined,
    range: { file, line, column: 1, endLine: line, endColumn: 1 },
    code: undefined,
  }
}
