import { ActionError, CommandError } from '../errors.ts'
import type { Clock, Completed, Environment, Exec, Files, Log, State, Tool } from '../ports.ts'
import { credentialHint, type SignIn } from './credentials.ts'
import { readDiagnostic, readEvent, type ApplyStep, type Diagnostic } from './events.ts'
import { isList, isObject, jsonOrNothing, member, parseJson, type Json } from './json.ts'
import { readLock, type StateLock } from './lock.ts'
import { readMessages } from './messages.ts'
import { saysStateIsLeft } from './unsaved-state.ts'

/** Variables of Terraform and of cloud clients that hold no secret; a child gets them when they are set. */
const PASSED = [
  ...[
    'TF_CLI_CONFIG_FILE',
    'TF_PLUGIN_CACHE_DIR',
    'TF_LOG',
    'TF_REGISTRY_CLIENT_TIMEOUT',
    'TF_REGISTRY_DISCOVERY_RETRY',
  ],
  ...['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CA_BUNDLE', 'AWS_EC2_METADATA_DISABLED'],
]

export interface TerraformPorts {
  readonly clock: Clock
  readonly exec: Exec
  readonly files: Files
  readonly log: Log
  readonly environment: Environment
  readonly state: State
}

/** Terraform or OpenTofu in the folder of one root. */
export interface TerraformRoot {
  readonly tool: Tool
  /** Absolute. */
  readonly folder: string
  /** Credentials; they reach the child's environment only. */
  readonly environment: Readonly<Record<string, string>>
  /** Where they come from; `undefined` for what needs none. */
  readonly signIn?: SignIn
}

export interface PlanOptions {
  /** Absolute paths. */
  readonly varFiles: readonly string[]
  /** How long to wait for the lock of the state; `undefined`: the lock is not taken, so that nobody waits for this plan. */
  readonly lockTimeoutSeconds: number | undefined
  /** Where the plan file goes. */
  readonly out: string
  /** Addresses that the plan is limited to, with what they depend on; none means all. */
  readonly targets: readonly string[]
  /** Plan to destroy all that the root manages. */
  readonly destroy: boolean
}

/** Name under which a command that holds the lock is kept for the post step, from its start to its own end. */
export const UNSETTLED = 'terraform-unsettled'

/** What the post step needs to know of it. */
export interface Unsettled {
  readonly tool: Tool
  readonly folder: string
  readonly outputFolder: string
  /** When it was started, in milliseconds since 1970. */
  readonly since: number
  /** It could not save the state, and said so. */
  readonly isStateLeft?: boolean
}

/** A Terraform command that ended with errors that it explained. */
export class TerraformError extends ActionError {
  override name = 'TerraformError'
  /** What failed, without why. */
  readonly what: string
  readonly diagnostics: readonly Diagnostic[]
  /** Addresses that the state marks as tainted after a failed apply: they are there, and the next plan replaces them. */
  readonly tainted: readonly string[]

  constructor(
    what: string,
    diagnostics: readonly Diagnostic[],
    options: { hint?: string; cause?: unknown; tainted?: readonly string[] } = {},
  ) {
    super([what, ...diagnostics.filter(({ severity }) => severity === 'error').map(diagnosticText)].join('\n'), options)
    this.what = what
    this.diagnostics = diagnostics
    this.tainted = options.tainted ?? []
  }
}

/** The first line names the problem and its place, the rest explains it. */
export function diagnosticText({ summary, detail, range, address, code }: Diagnostic): string {
  const place = [range && `${range.file}:${range.line}`, address].filter(part => part !== undefined).join(', ')
  const lines = [place === '' ? summary : `${summary} (${place})`]
  if (code !== undefined) lines.push(`    ${code.trim()}`)
  if (detail !== '') lines.push(detail)
  return lines.join('\n')
}

/** What a root's Terraform can be asked to do. Nothing that it prints is logged before its values are known to be harmless. */
export function openRoot(root: TerraformRoot, ports: TerraformPorts) {
  const { tool, folder, signIn } = root
  const failed = (what: string, diagnostics: readonly Diagnostic[], stderr: string, tainted: readonly string[] = []) =>
    failureOf(what, diagnostics, stderr, { signIn, tainted })
  /** Commands without JSON explain themselves on stderr, in a frame. */
  async function explained<T>(work: () => Promise<T>, what: string): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof CommandError) || error.cancelled || error.exitCode === null || error.stderr === '')
        throw error
      throw failed(what, [], error.stderr)
    }
  }
  const passed = Object.fromEntries(
    PASSED.flatMap(name => {
      const value = ports.environment.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const environment = { ...passed, TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1', ...root.environment }

  const run = (args: readonly string[], options: RunOptions = {}): Promise<Completed> =>
    // Terraform finishes its work and frees the lock after one signal, and exits at once on a second one.
    ports.exec.run({ file: tool.path, args, cwd: folder, env: environment, firstSignalOnly: true, ...options })

  /** Runs a command that takes the lock: it may outlive this process, and the post step then sees to it and to the lock. */
  async function runLocking(args: readonly string[], options: RunOptions): Promise<Completed> {
    const outputFolder = await ports.files.temporaryFolder('slipway-terraform')
    const unsettled: Unsettled = { tool, folder, outputFolder, since: ports.clock.now() }
    ports.state.save(UNSETTLED, JSON.stringify(unsettled))
    const completed = await run(args, { ...options, outputFolder })
    const said = completed.exitCode === 0 ? '' : `${completed.stdout}${completed.stderr}`
    if (saysStateIsLeft(said)) ports.state.save(UNSETTLED, JSON.stringify({ ...unsettled, isStateLeft: true }))
    else if (!/(?:acquiring|releasing) the state lock/i.test(said)) ports.state.save(UNSETTLED, '')
    await ports.files.remove(outputFolder)
    return completed
  }

  async function init(backend: { readonly configFile: string | undefined } | false): Promise<void> {
    const args = ['init', '-input=false', '-no-color']
    if (backend === false) args.push('-backend=false')
    else if (backend.configFile !== undefined) args.push(`-backend-config=${backend.configFile}`)
    await explained(() => run(args), `${tool.name} init failed`)
  }

  async function selectWorkspace(name: string, make: boolean): Promise<void> {
    await explained(
      () => runLocking(['workspace', 'select', ...(make ? ['-or-create'] : []), name], {}),
      `${tool.name} could not select the workspace "${name}"`,
    )
  }

  /** Runs a command that writes an event a line; its exit code says the rest. */
  async function stream(
    args: readonly string[],
    okExitCodes: readonly number[],
    onStep?: (step: ApplyStep) => void,
  ): Promise<{
    exitCode: number
    diagnostics: readonly Diagnostic[]
    messages: readonly string[]
    stderr: string
  }> {
    const diagnostics: Diagnostic[] = []
    const messages: string[] = []
    const { exitCode, stderr } = await runLocking(args, {
      okExitCodes: [...okExitCodes, 1],
      onStdoutLine(line) {
        const event = readEvent(line)
        if (event.type === 'diagnostic') diagnostics.push(event.diagnostic)
        if (event.type === 'summary' || event.type === 'planned') messages.push(event.message)
        // Numbers only; of a plan they come with the rest of what it said.
        if (event.type === 'summary' && onStep !== undefined) ports.log.info(event.message)
        if (event.type === 'step') onStep?.(event.step)
      },
    })
    return { exitCode, diagnostics, messages, stderr }
  }

  /** Writes the plan file; returns what it said, unseen by anybody, and the warnings. */
  async function plan(options: PlanOptions): Promise<{ messages: readonly string[]; warnings: readonly Diagnostic[] }> {
    const { exitCode, diagnostics, messages, stderr } = await stream(
      [
        ...['plan', '-json', '-input=false', '-detailed-exitcode'],
        options.lockTimeoutSeconds === undefined ? '-lock=false' : `-lock-timeout=${options.lockTimeoutSeconds}s`,
        `-out=${options.out}`,
        ...options.varFiles.map(file => `-var-file=${file}`),
        ...options.targets.map(address => `-target=${address}`),
        ...(options.destroy ? ['-destroy'] : []),
      ],
      [0, 2],
    )
    if (exitCode === 1) throw failed(`${tool.name} plan failed`, diagnostics, stderr)
    return { messages, warnings: diagnostics }
  }

  /** JSON text of a plan file. It holds every secret of the plan. */
  const show = (planFile: string): Promise<string> => showJson('the plan', [planFile])

  /** JSON text of the state. It holds every secret of the root. */
  const showState = (): Promise<string> => showJson('the state', [])

  async function showJson(what: string, args: readonly string[]): Promise<string> {
    const { stdout, droppedBytes } = await run(['show', '-json', '-no-color', ...args], MUCH_OUTPUT)
    if (droppedBytes > 0) throw new ActionError(`the JSON of ${what} is larger than 512 MiB by ${droppedBytes} bytes`)
    return stdout
  }

  /** None as well when the state cannot be read: what failed before is what must be told. */
  async function taintedObjects(): Promise<readonly string[]> {
    try {
      return taintedIn(member(member(parseJson(await showState()), 'values'), 'root_module'))
    } catch (error) {
      if (error instanceof CommandError || error instanceof SyntaxError) return []
      throw error
    }
  }

  /** Applies a plan file. Throws TerraformError with the first causes when anything failed. */
  async function apply(
    planFile: string,
    lockTimeoutSeconds: number,
    onStep: (step: ApplyStep) => void,
  ): Promise<readonly Diagnostic[]> {
    const { exitCode, diagnostics, stderr } = await stream(
      ['apply', '-json', '-input=false', `-lock-timeout=${lockTimeoutSeconds}s`, planFile],
      [0],
      onStep,
    )
    if (exitCode !== 0) throw failed(`${tool.name} apply failed`, diagnostics, stderr, await taintedObjects())
    return diagnostics
  }

  async function outputs(): Promise<readonly RootOutput[]> {
    const { stdout } = await run(['output', '-json', '-no-color'])
    const document = parseJson(stdout)
    if (!isObject(document)) throw new ActionError(`${tool.name} output did not print JSON`)
    return Object.entries(document).map(([name, output]) => ({
      name,
      sensitive: member(output, 'sensitive') === true,
      value: member(output, 'value') ?? null,
    }))
  }

  /**
   * Who holds the lock of the state; `undefined` when nobody does. Every backend is asked the same way: by a command that
   * takes the lock for a moment and has nothing to do, for the object that it names is not there.
   */
  async function lockHolder(): Promise<StateLock | undefined> {
    const { exitCode, stderr } = await run(['untaint', '-allow-missing', '-lock-timeout=0s', '-no-color', NO_OBJECT], {
      okExitCodes: [0, 1],
    })
    if (exitCode === 0) return undefined
    // A backend that makes the workspace first says it in a message of its own.
    const lock = readLock(stderr.replace(/^[╷│╵] ?/gm, ''))
    if (lock === undefined) throw failed(`${tool.name} could not be asked who holds the lock`, [], stderr)
    return lock
  }

  /** Saves a state from a file. Terraform refuses one that is older than what is there, or of another lineage. */
  async function pushState(path: string, isLocked: boolean): Promise<void> {
    await explained(
      () => run(['state', 'push', '-no-color', `-lock=${isLocked}`, path]),
      `${tool.name} could not save the state`,
    )
  }

  async function validate(): Promise<{ valid: boolean; diagnostics: readonly Diagnostic[] }> {
    const { stdout, stderr } = await run(['validate', '-json', '-no-color'], { okExitCodes: [0, 1] })
    const report = jsonOrNothing(stdout)
    if (!isObject(report)) throw failed(`${tool.name} validate could not run`, [], stderr || stdout)
    const listed = report['diagnostics']
    return { valid: report['valid'] === true, diagnostics: isList(listed) ? listed.map(readDiagnostic) : [] }
  }

  /** The difference to the canonical format, as a patch; empty when there is none. */
  async function formatDifference(): Promise<string> {
    const { exitCode, stdout, stderr } = await run(['fmt', '-check', '-diff', '-recursive', '-no-color'], {
      okExitCodes: [0, 2, 3],
    })
    // A file that cannot be parsed is reported by validate, at its line.
    if (exitCode === 2 && stderr.trim() === '') throw failed(`${tool.name} fmt failed`, [], stdout)
    return exitCode === 3 || exitCode === 2 ? stdout : ''
  }

  /** Runs the root's tests, which may make real objects; `onLine` gets each event. Exit code 1 says that one failed. */
  async function test(onLine: (line: string) => void): Promise<Pick<Completed, 'exitCode' | 'stderr'>> {
    return run(['test', '-json', '-no-color'], { okExitCodes: [0, 1], onStdoutLine: onLine })
  }

  return {
    ...{ init, selectWorkspace, plan, show, showState, apply, outputs },
    ...{ lockHolder, pushState, validate, formatDifference, test },
  }
}

const NO_OBJECT = 'terraform_data.slipway_asks_for_the_lock'

interface RunOptions {
  readonly okExitCodes?: readonly number[]
  readonly onStdoutLine?: (line: string) => void
  readonly maxOutputBytes?: number
  readonly outputFolder?: string
}

const MUCH_OUTPUT = { maxOutputBytes: 512 * 1024 * 1024 }

function taintedIn(module: Json | undefined): readonly string[] {
  const listed = (key: string) => {
    const found = member(module, key)
    return isList(found) ? found : []
  }
  return [
    ...listed('resources')
      .filter(object => member(object, 'tainted') === true)
      .map(object => member(object, 'address'))
      .filter(address => typeof address === 'string'),
    ...listed('child_modules').flatMap(taintedIn),
  ]
}

export interface RootOutput {
  readonly name: string
  readonly sensitive: boolean
  readonly value: Json
}

function failureOf(
  what: string,
  diagnostics: readonly Diagnostic[],
  stderr: string,
  { signIn, tainted }: { readonly signIn: SignIn | undefined; readonly tainted: readonly string[] },
): TerraformError {
  const told = diagnostics.some(({ severity }) => severity === 'error') ? diagnostics : readMessages(stderr)
  if (told.length > 0) return new TerraformError(what, told, { ...hintFor(told, signIn), tainted })
  return new TerraformError(`${what}: ${stderr.trim()}`, diagnostics, { tainted })
}

function hintFor(diagnostics: readonly Diagnostic[], signIn: SignIn | undefined): { hint?: string } {
  if (diagnostics.some(isUnfetchedProvider))
    return {
      hint: 'Check the source and version in "required_providers", and that this runner reaches the provider\'s registry, or the mirror that TF_CLI_CONFIG_FILE names.',
    }
  const hint = signIn && credentialHint(diagnostics, signIn)
  return hint === undefined ? lockHint(diagnostics) : { hint }
}

/** The configuration may be right: it is the provider that could not be had. */
export function isUnfetchedProvider({ severity, summary }: Diagnostic): boolean {
  return severity === 'error' && /^Failed to (?:query|install|resolve) .*provider/.test(summary)
}

/** Terraform's own advice is to go without the lock; a run that is gone can be freed from it instead. */
function lockHint(diagnostics: readonly Diagnostic[]): { hint?: string } {
  if (!diagnostics.some(isLockProblem)) return {}
  const lock = lockOf(diagnostics)
  const who = lock === undefined ? 'Somebody else' : lock.who
  return {
    hint: `${who} works on this state. Wait longer with "lock-timeout"; the post step of this action says more of who it is, and how to free a lock whose run has ended.`,
  }
}

function isLockProblem({ summary }: Diagnostic): boolean {
  return /acquiring the state lock/i.test(summary)
}

function lockOf(diagnostics: readonly Diagnostic[]): StateLock | undefined {
  return diagnostics
    .filter(isLockProblem)
    .map(({ detail }) => readLock(detail))
    .find(lock => lock !== undefined)
}
