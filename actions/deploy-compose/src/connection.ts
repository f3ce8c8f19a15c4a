import { ActionError, CommandError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { framesOf, type Release, type Task } from './frames.ts'
import { hostText, type Host } from './host.ts'
import { BOOTSTRAP_ARGUMENTS } from './host-program.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { smokeTest } from './smoke.ts'
import { explainConnection, sshArguments, type Keys } from './ssh.ts'

/** How a host is reached. */
export interface Connection {
  readonly host: Host
  readonly keys: Keys
  /** Where the child starts; always there. */
  readonly folder: string
}

type Needed = Pick<Ports, 'log' | 'clock' | 'exec' | 'http'>

/** Exit code of ssh for its own errors. */
const SSH_FAILED = 255
const ASK_AGAIN_SECONDS = 5
const PULL_SECONDS = 1800
/** What the program waits for beside pull, health and drain, with room. */
const SPARE_SECONDS = 600

const PHASES: Readonly<Record<string, string>> = {
  check: 'Checks the compose file',
  pull: 'Pulls the images',
  start: 'Starts the release and waits until everything is healthy',
  overlap: 'Lets the proxy find the new containers',
  drain: 'Asks the old containers to end',
  smoke: 'Waits for the smoke test',
  rollback: 'Restores the previous release',
  remove: 'Takes the release down: there is none before it',
}

/**
 * Sends the release and returns how it ended. When the connection is cut, the host goes on by itself and is asked.
 * @throws ActionError when the host could not be reached at all, so that nothing was changed
 */
export async function deployTo(connection: Connection, release: Release, ports: Needed): Promise<Outcome> {
  let smoke: Promise<string> | undefined
  const said = await converse(connection, 'deploy', release, ports, phase => {
    if (phase !== 'smoke' || smoke) return
    smoke = reportSmoke(connection, release, ports)
    // It is awaited when the release has ended, and may fail before.
    smoke.catch(() => undefined)
  })
  return { ...(await outcomeOf(said, connection, release, ports)), smoke: (await smoke) ?? '' }
}

/** Asks the application, and tells the host, which waits for it. Returns what was wrong. */
async function reportSmoke(connection: Connection, release: Release, ports: Needed): Promise<string> {
  const wrong = await smokeTest(release.smokeUrl, release.smokeSeconds, ports)
  ports.log.info(wrong === '' ? 'The smoke test passed' : `The smoke test failed: ${wrong}`)
  await converse(connection, wrong === '' ? 'smoke-passed' : 'smoke-failed', release, ports)
  return wrong
}

async function outcomeOf(
  said: Awaited<ReturnType<typeof converse>>,
  connection: Connection,
  release: Release,
  ports: Needed,
): Promise<Outcome> {
  const outcome = readOutcome(said.lines)
  if (outcome.result !== undefined) return outcome
  if (said.failure !== undefined && !outcome.accepted && !explainConnection(said.failure.stderr).reached)
    throw unreachable(connection.host, said.failure)
  ports.log.warning(
    `${hostText(connection.host)}: the connection ended before the release did; the host finishes alone and is asked for the outcome`,
  )
  return ask(connection, release, said.lines, ports)
}

/** Asks until the host knows how it ended, for as long as the release may take. */
async function ask(
  connection: Connection,
  release: Release,
  before: readonly string[],
  ports: Needed,
): Promise<Outcome> {
  const end = ports.clock.now() + longestSeconds(release) * 1000
  for (;;) {
    const said = await converse(connection, 'outcome', release, ports)
    const outcome = readOutcome([...before, ...said.lines])
    if (outcome.result !== undefined || outcome.unknown) return outcome
    if (ports.clock.now() >= end) return outcome
    await ports.clock.sleep(ASK_AGAIN_SECONDS * 1000)
  }
}

async function converse(
  { host, keys, folder }: Connection,
  task: Task,
  release: Release,
  { exec, log }: Needed,
  onPhase: (name: string) => void = () => {},
): Promise<{ readonly lines: readonly string[]; readonly failure: CommandError | undefined }> {
  const lines: string[] = []
  try {
    await exec.run({
      file: host.kind === 'local' ? 'sh' : 'ssh',
      args: host.kind === 'local' ? BOOTSTRAP_ARGUMENTS : sshArguments(host, keys),
      cwd: folder,
      stdin: framesOf(task, release),
      timeoutMilliseconds: longestSeconds(release) * 1000,
      onStdoutLine(line) {
        lines.push(line)
        const [, phase = ''] = /^@phase ([a-z]+)$/.exec(line) ?? []
        if (PHASES[phase] !== undefined) log.info(PHASES[phase])
        onPhase(phase)
      },
    })
    return { lines, failure: undefined }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (error.cancelled)
      throw new CommandError({
        ...error,
        message: `${error.message}. ${hostText(host)} finishes the release or takes it back by itself`,
        hint: 'The next run tells what is stable; until then its lock keeps other deploys away',
      })
    if (error.exitCode !== SSH_FAILED || host.kind === 'local') throw broken(host, error)
    return { lines, failure: error }
  }
}

/** Each group starts and gets healthy, and so does what is restored; old containers end before or after. */
function longestSeconds({ healthSeconds, drainSeconds, smokeSeconds, plan }: Release): number {
  return PULL_SECONDS + smokeSeconds + (plan.groups.length + 2) * (2 * healthSeconds + 2 * drainSeconds) + SPARE_SECONDS
}

function unreachable(host: Host, failure: CommandError): ActionError {
  return new ActionError(`${hostText(host)} could not be reached, nothing was changed: ${lastLine(failure.stderr)}`, {
    hint: explainConnection(failure.stderr).hint,
  })
}

/** The login shell, or `sh` itself, could not start the program. */
function broken(host: Host, failure: CommandError): ActionError {
  const known: Readonly<Record<number, string>> = {
    90: 'it has no base64, or the message was damaged',
    91: 'it has no setsid: install util-linux',
  }
  const why = known[failure.exitCode ?? 0] ?? (lastLine(failure.stderr) || failure.message)
  return new ActionError(`${hostText(host)} could not run the deployment: ${why}`, {
    hint: 'The host needs a POSIX sh, docker with compose, and util-linux; the user needs access to the engine',
  })
}

const lastLine = (stderr: string) => stderr.trim().split('\n').at(-1)?.trim() ?? ''
