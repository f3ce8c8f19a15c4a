import { readDiagnostic, type Diagnostic } from '#kit/terraform/events'
import { isList, jsonOrNothing, member, type Json } from '#kit/terraform/json'

export interface TestRun {
  /** Relative to the root. */
  readonly file: string
  readonly name: string
  readonly status: string
}

export interface TestReport {
  readonly runs: readonly TestRun[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads the events of `test -json`. Objects that a test made and could not destroy are a problem of their own.
 * Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui#test-results
 */
export function readTests(lines: readonly string[]): TestReport {
  const runs = new Map<string, TestRun>()
  const diagnostics: Diagnostic[] = []
  for (const line of lines) {
    const event = jsonOrNothing(line)
    const type = member(event, 'type')
    if (type === 'diagnostic') diagnostics.push(readDiagnostic(member(event, 'diagnostic')))
    if (type === 'test_cleanup') diagnostics.push(...leftBehind(event))
    const run = type === 'test_run' ? runOf(member(event, 'test_run')) : undefined
    if (run !== undefined) runs.set(JSON.stringify([run.file, run.name]), run)
  }
  return { runs: [...runs.values()], diagnostics }
}

/** A run that is under way has no result yet. */
function runOf(run: Json | undefined): TestRun | undefined {
  const [file, name, status] = ['path', 'run', 'status'].map(key => member(run, key))
  const progress = member(run, 'progress')
  if (progress !== undefined && progress !== 'complete') return undefined
  if (typeof file !== 'string' || typeof name !== 'string' || typeof status !== 'string') return undefined
  return { file, name, status }
}

function leftBehind(event: Json | undefined): Diagnostic[] {
  const left = member(member(event, 'test_cleanup'), 'failed_resources')
  const names = isList(left)
    ? left.map(resource => member(resource, 'instance')).filter(name => typeof name === 'string')
    : []
  if (names.length === 0) return []
  const file = member(event, '@testfile')
  return [
    {
      severity: 'error',
      summary: 'A test left objects behind',
      detail: `Destroy them by hand: ${names.join(', ')}.`,
      address: undefined,
      range: typeof file === 'string' ? { file, line: 1, column: 1, endLine: 1, endColumn: 1 } : undefined,
      code: undefined,
    },
  ]
}
