import { isObject, member, parseJson, type Json } from './json.ts'

/** A problem as Terraform reports it, in `validate -json` and in the event streams of plan and apply. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  /** The object it is about. */
  readonly address: string | undefined
  readonly range: SourceRange | undefined
  /** The line of configuration that it points at. */
  readonly code: string | undefined
}

/** Lines and columns from 1; `file` as Terraform writes it, relative to the root that it runs in. */
export interface SourceRange {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** What happened to one object during apply. */
export interface ApplyStep {
  readonly kind: 'start' | 'progress' | 'complete' | 'error'
  readonly address: string
  readonly action: string
  readonly elapsedSeconds: number
}

export type TerraformEvent =
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'step'; readonly step: ApplyStep }
  /** The text holds addresses and counts only, no values. */
  | { readonly type: 'planned' | 'summary'; readonly message: string }
  | { readonly type: 'other' }

const STEPS = {
  apply_start: 'start',
  apply_progress: 'progress',
  apply_complete: 'complete',
  apply_errored: 'error',
} as const

/**
 * Reads a line of `plan -json` or `apply -json`.
 * Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
export function readEvent(line: string): TerraformEvent {
  let event: Json
  try {
    event = parseJson(line)
  } catch {
    return { type: 'other' }
  }
  const type = textOf(member(event, 'type'))
  if (type === 'diagnostic') return { type, diagnostic: readDiagnostic(member(event, 'diagnostic')) }
  if (type in STEPS) {
    const hook = member(event, 'hook')
    const elapsed = member(hook, 'elapsed_seconds')
    return {
      type: 'step',
      step: {
        kind: STEPS[type as keyof typeof STEPS],
        address: textOf(member(member(hook, 'resource'), 'addr')),
        action: textOf(member(hook, 'action')),
        elapsedSeconds: typeof elapsed === 'number' ? elapsed : 0,
      },
    }
  }
  const message = textOf(member(event, '@message'))
  if (type === 'planned_change' || type === 'resource_drift') return { type: 'planned', message }
  if (type === 'change_summary') return { type: 'summary', message }
  return { type: 'other' }
}

export function readDiagnostic(value: Json | undefined): Diagnostic {
  const address = member(value, 'address')
  const code = member(member(value, 'snippet'), 'code')
  return {
    severity: member(value, 'severity') === 'warning' ? 'warning' : 'error',
    summary: textOf(member(value, 'summary')),
    detail: textOf(member(value, 'detail')),
    address: typeof address === 'string' && address !== '' ? address : undefined,
    range: readRange(member(value, 'range')),
    code: typeof code === 'string' ? code : undefined,
  }
}

function readRange(range: Json | undefined): SourceRange | undefined {
  if (!isObject(range)) return undefined
  const start = member(range, 'start')
  const end = member(range, 'end')
  return {
    file: textOf(range['filename']),
    line: numberOf(member(start, 'line')),
    column: numberOf(member(start, 'column')),
    endLine: numberOf(member(end, 'line')),
    endColumn: numberOf(member(end, 'column')),
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 1
}
