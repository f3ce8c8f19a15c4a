import { ActionError, ApiError, CommandError, GateError, InputError } from './errors.ts'
import { readInputs, type InputSpec, type Parsed } from './inputs.ts'
import type { Log, Ports } from './ports.ts'

export type Outputs<O extends readonly string[]> = Readonly<Record<O[number], string>>

/** An action: the same on GitHub and on a terminal. */
export interface Action<S extends InputSpec = InputSpec, O extends readonly string[] = readonly string[]> {
  /** Folder name under actions/. */
  readonly name: string
  readonly inputs: S
  readonly outputs: O
  main(inputs: Parsed<S>, ports: Ports): Promise<Outputs<O>>
  /** Runs in the place of `main` when inputs cannot be read, with those that can: an older verdict must not stand. */
  refused?(inputs: Partial<Parsed<S>>, ports: Ports): Promise<void>
  /**
   * Runs after the job's other steps, whatever their result. Gets what `main` saved in `ports.state`, and the inputs unless
   * `main` could not use them.
   */
  post?(state: (name: string) => string, ports: Ports, inputs: Parsed<S> | undefined): Promise<void>
}

/** Where an action runs: GitHub's runner, a terminal. */
export interface Host {
  readonly phase: 'main' | 'post'
  readonly log: Log
  input(name: string): string
  state(name: string): string
  setOutput(name: string, value: string): void
  /** Ends the step red with this text; the process's exit status follows it. */
  fail(text: string): void
  /** Made once the inputs are known to be good. */
  ports(inputs: Readonly<Record<string, unknown>>, action: string): Promise<Ports>
  /** Stops what still runs (children, sockets); called once at the end. */
  close(): Promise<void>
}

/** Runs an action on a host. The only try/catch and the only `fail`; nothing that is thrown can end the step green. */
export async function runAction<S extends InputSpec, O extends readonly string[]>(
  action: Action<S, O>,
  host: Host,
): Promise<void> {
  try {
    const read = () =>
      readInputs(
        action.inputs,
        name => host.input(name),
        value => host.log.secret(value),
      )
    if (host.phase === 'post') {
      const inputs = readable(read)
      await action.post?.(name => host.state(name), await host.ports(inputs ?? {}, action.name), inputs)
      return
    }
    const inputs = await readOrRefuse(action, read, host)
    const outputs = await action.main(inputs, await host.ports(inputs, action.name))
    writeOutputs(host, action.outputs, outputs)
  } catch (thrown) {
    // Red first: outputs that cannot be written must not hide why it failed.
    host.fail(explain(thrown))
    if (isActionError(thrown)) writeOutputs(host, action.outputs, thrown.outputs)
  } finally {
    await host.close()
  }
}

async function readOrRefuse<S extends InputSpec, O extends readonly string[]>(
  action: Action<S, O>,
  read: () => Parsed<S>,
  host: Host,
): Promise<Parsed<S>> {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof InputError && action.refused !== undefined)
      try {
        await action.refused(thrown.good as Partial<Parsed<S>>, await host.ports(thrown.good, action.name))
      } catch (error) {
        host.log.warning(explain(error))
      }
    throw thrown
  }
}

/** What is wrong with the inputs `main` has told. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof InputError) return undefined
    throw error
  }
}

function writeOutputs(host: Host, names: readonly string[], outputs: Readonly<Record<string, string>>): void {
  for (const name of names) if (outputs[name] !== undefined) host.setOutput(name, outputs[name])
}

/** The text for anything thrown: what, the first cause, what to do. */
export function explain(thrown: unknown): string {
  if (!isActionError(thrown)) {
    return `This is a bug in Slipway, please report it: ${show(thrown, error => error.stack ?? error.message)}`
  }
  const parts = [thrown.message]
  if (thrown instanceof CommandError && thrown.stderr !== '') parts.push(thrown.stderr)
  if (thrown instanceof ApiError && thrown.permission !== undefined)
    parts.push(`Add to the job:\npermissions:\n  ${thrown.permission}`)
  if (thrown instanceof GateError && thrown.verdict === 'invalid')
    parts.push('The gate could not decide, so it failed.')
  for (const cause of causes(thrown)) parts.push(`because: ${show(cause, error => error.message)}`)
  if (thrown.hint !== undefined) parts.push(thrown.hint)
  return parts.join('\n')
}

function* causes(error: Error): Iterable<unknown> {
  const seen = new Set<unknown>([error])
  for (let cause = error.cause; cause !== undefined && !seen.has(cause);) {
    seen.add(cause)
    yield cause
    cause = cause instanceof Error ? cause.cause : undefined
  }
}

/** Asking what something is can throw as well. */
function isActionError(thrown: unknown): thrown is ActionError {
  try {
    return thrown instanceof ActionError
  } catch {
    return false
  }
}

function show(thrown: unknown, ofError: (error: Error) => string): string {
  try {
    return thrown instanceof Error ? ofError(thrown) : String(thrown)
  } catch {
    return 'something that has no text'
  }
}
