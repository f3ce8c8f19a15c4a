/** What went wrong, said for the person who must act on it. Anything that is not one of these is a bug in Slipway. */

/** A failure that the user can understand: `message` says what failed and on which value, `hint` what to do. */
export class ActionError extends Error {
  override name = 'ActionError'
  readonly hint: string | undefined
  /** Outputs that were known when it failed; `runAction` writes them. */
  outputs: Readonly<Record<string, string>> = {}

  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.hint = options.hint
  }
}

/** One input that cannot be used. `value` is shown, so it must be left out for secrets. */
export interface InputProblem {
  readonly input: string
  readonly value?: string
  readonly problem: string
  readonly fix: string
}

/** Every bad input of a run, together. */
export class InputError extends ActionError {
  override name = 'InputError'
  readonly problems: readonly InputProblem[]
  /** The inputs that are good. */
  readonly good: Readonly<Record<string, unknown>>

  constructor(problems: readonly InputProblem[], good: Readonly<Record<string, unknown>> = {}) {
    super(
      problems
        .map(
          ({ input, value, problem, fix }) =>
            `input "${input}"${value === undefined ? '' : ` is ${JSON.stringify(value)}`}: ${problem}. ${fix}`,
        )
        .join('\n'),
    )
    this.problems = problems
    this.good = good
  }
}

/** A child process that did not end as it should. `args` holds no secret (rule R11), `stderr` its last lines. */
export class CommandError extends ActionError {
  override name = 'CommandError'
  readonly file: string
  readonly args: readonly string[]
  /** `null` when a signal ended it. */
  readonly exitCode: number | null
  readonly stderr: string
  /** This process was asked to stop, and the child with it: nobody waits for what comes next. */
  readonly cancelled: boolean

  constructor(command: {
    file: string
    args: readonly string[]
    exitCode: number | null
    stderr: string
    cancelled?: boolean
    message?: string
    hint?: string
    cause?: unknown
  }) {
    super(
      command.message ?? `${[command.file, ...command.args].join(' ')} ended with ${command.exitCode ?? 'a signal'}`,
      {
        ...(command.hint === undefined ? {} : { hint: command.hint }),
        cause: command.cause,
      },
    )
    this.file = command.file
    this.args = command.args
    this.exitCode = command.exitCode
    this.stderr = command.stderr
    this.cancelled = command.cancelled ?? false
  }
}

/** GitHub said no. `route` has placeholders, never the full URL (rule R13); `permission` is the YAML line to add. */
export class ApiError extends ActionError {
  override name = 'ApiError'
  readonly status: number | undefined
  readonly route: string
  readonly permission: string | undefined

  constructor(
    message: string,
    options: { status?: number; route: string; permission?: string; hint?: string; cause?: unknown },
  ) {
    super(message, {
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      cause: options.cause,
    })
    this.status = options.status
    this.route = options.route
    this.permission = options.permission
  }
}

/** What to do about an error: the permission that the job lacks, and its hint; `undefined` when it says neither. */
export function adviceOf(error: ActionError): string | undefined {
  const permission = error instanceof ApiError ? error.permission : undefined
  const parts = [
    ...(permission === undefined ? [] : [`Add "${permission}" to the permissions of the job.`]),
    ...(error.hint === undefined ? [] : [error.hint]),
  ]
  return parts.length === 0 ? undefined : parts.join(' ')
}

/** What was thrown and what to do about it, in one line, for where it is not the step's own end. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof ActionError)) return thrown instanceof Error ? thrown.message : String(thrown)
  const advice = adviceOf(thrown)
  return advice === undefined ? thrown.message : `${thrown.message}. ${advice}`
}

export type Verdict = 'pass' | 'fail' | 'invalid'

/** A gate that did its job: the run is red because of what it found (`fail`) or could not find out (`invalid`). */
export class GateError extends ActionError {
  override name = 'GateError'
  readonly verdict: Exclude<Verdict, 'pass'>

  constructor(message: string, options: { verdict: Exclude<Verdict, 'pass'>; hint?: string; cause?: unknown }) {
    super(message, { ...(options.hint === undefined ? {} : { hint: options.hint }), cause: options.cause })
    this.verdict = options.verdict
  }
}

/** `error` with `outputs` attached, so that they are written although it failed. */
export function withOutputs<E extends ActionError>(error: E, outputs: Readonly<Record<string, string>>): E {
  error.outputs = { ...error.outputs, ...outputs }
  return error
}
