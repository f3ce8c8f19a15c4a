import { ActionError, CommandError, GateError } from '../errors.ts'
import type { Diagnostic } from './events.ts'
import { TerraformError } from './terraform.ts'

/** The same problem without its secrets. */
function hideDiagnostic(diagnostic: Diagnostic, hide: (text: string) => string): Diagnostic {
  const { summary, detail, address, code } = diagnostic
  return {
    ...diagnostic,
    summary: hide(summary),
    detail: hide(detail),
    address: address && hide(address),
    code: code && hide(code),
  }
}

/**
 * The same failure without secrets in its words. What caused it is left out unless it is one of ours: its words are
 * nobody's to know. Failures of other kinds come back as they are.
 */
export function hideError(error: ActionError, hide: (text: string) => string): ActionError
export function hideError(error: unknown, hide: (text: string) => string): unknown
export function hideError(error: unknown, hide: (text: string) => string): unknown {
  if (!(error instanceof ActionError)) return error
  const options = {
    ...(error.hint === undefined ? {} : { hint: hide(error.hint) }),
    ...(error.cause instanceof ActionError ? { cause: hideError(error.cause, hide) } : {}),
  }
  const hidden = rewritten(error, hide, options)
  hidden.outputs = error.outputs
  return hidden
}

function rewritten(
  error: ActionError,
  hide: (text: string) => string,
  options: { hint?: string; cause?: unknown },
): ActionError {
  if (error instanceof TerraformError) {
    const diagnostics = error.diagnostics.map(diagnostic => hideDiagnostic(diagnostic, hide))
    return new TerraformError(hide(error.what), diagnostics, { ...options, tainted: error.tainted })
  }
  if (error instanceof CommandError) {
    const { file, args, exitCode, cancelled } = error
    return new CommandError({
      ...{ file, args, exitCode, cancelled, ...options },
      message: hide(error.message),
      stderr: hide(error.stderr),
    })
  }
  if (error instanceof GateError) return new GateError(hide(error.message), { verdict: error.verdict, ...options })
  return error.name === 'ActionError' ? new ActionError(hide(error.message), options) : error
}

/** What failed and where, without words that may hold secrets which nobody could find out. */
export function withoutDetail(error: ActionError, why: string): ActionError {
  if (error instanceof TerraformError) {
    const diagnostics = error.diagnostics.map(({ severity, summary, address, range }) => ({
      ...{ severity, summary, address, range },
      detail: `Details are left out: ${why}.`,
      code: undefined,
    }))
    const { hint, tainted } = error
    return new TerraformError(error.what, diagnostics, hint === undefined ? { tainted } : { hint, tainted })
  }
  if (!(error instanceof CommandError)) return error
  const { file, args, exitCode, cancelled, message } = error
  return new CommandError({ ...{ file, args, exitCode, cancelled, message }, stderr: '' })
}
