import { awsEnvironment, type AwsInputs } from '../aws.ts'
import { ActionError } from '../errors.ts'
import type { LeftChild, Ports } from '../ports.ts'
import { count } from '../report/count.ts'
import { subjectOf } from '../report/headline.ts'
import { signInOf } from './credentials.ts'
import { readEvent } from './events.ts'
import type { RootInputs } from './find-root.ts'
import { isObject, parseJson } from './json.ts'
import { hostOf, lockReport, MARKDOWN, PLAIN, type LockHolder, type StateLock } from './lock.ts'
import { rootName, rootPath } from './root.ts'
import { openRoot, UNSETTLED, type Unsettled } from './terraform.ts'
import { saveLeftState, saysStateIsLeft, tellStateIsLost } from './unsaved-state.ts'

/**
 * GitHub ends a cancelled job after five minutes, and the lock is to be asked for after the wait.
 * Source: https://docs.github.com/en/actions/reference/workflow-cancellation-reference
 */
const WAIT_MILLISECONDS = 3 * 60_000

export type SettleInputs = RootInputs & AwsInputs & { readonly workspace: string }
export type SettlePorts = Pick<
  Ports,
  | 'clock'
  | 'environment'
  | 'exec'
  | 'files'
  | 'http'
  | 'identity'
  | 'leftChildren'
  | 'log'
  | 'run'
  | 'state'
  | 'summary'
>

/**
 * The end of a Terraform command that did not end well, for the post step. Waits for a Terraform that still works since the
 * step was killed, and says who holds the lock of the state when somebody does. Never unlocks.
 * @param findHolder which run holds a lock that is not known to be this run's
 */
export async function settle(
  state: (name: string) => string,
  ports: SettlePorts,
  inputs: SettleInputs | undefined,
  findHolder: (lock: StateLock) => Promise<LockHolder>,
): Promise<void> {
  const unsettled = readUnsettled(state(UNSETTLED))
  if (unsettled === undefined || inputs === undefined) return
  try {
    const left = await ports.log.group(`Waiting for ${unsettled.tool.name} to end`, () =>
      ports.leftChildren.wait(unsettled.outputFolder, WAIT_MILLISECONDS),
    )
    if (left.waited) ports.log.warning(leftText(unsettled.tool.name, left))
    const isStateLeft = unsettled.isStateLeft === true || saysStateIsLeft(left.stdout)
    const { terraform, lock } = await askForLock(unsettled, ports, inputs).catch(async (error: unknown) => {
      if (isStateLeft) await tellStateIsLost(unsettled.folder, error, ports)
      throw error
    })
    const holder = lock && (isThisRuns(lock, unsettled, ports.run) ? THIS_RUN : await findHolder(lock))
    if (isStateLeft) await saveLeftState(terraform, unsettled.folder, holder, ports)
    if (lock === undefined || holder === undefined) return ports.log.info('Nobody holds the lock of the state.')
    const root = rootPath(inputs)
    const place = {
      subject: subjectOf(ports.run.repository, [rootName(root)], 'root'),
      root,
      binary: unsettled.tool.name,
    }
    const now = ports.clock.now()
    ports.log.warning(lockReport(lock, holder, place, now, PLAIN))
    await ports.summary.write(lockReport(lock, holder, place, now, MARKDOWN))
  } finally {
    await ports.files.remove(unsettled.outputFolder)
  }
}

/** On a machine that runs one job, what was done there since the command began was done by it. */
function isThisRuns(lock: StateLock, { since }: Unsettled, run: SettlePorts['run']): boolean {
  // The lock's time has whole seconds here.
  return run.hostIsOurs && hostOf(lock) === run.hostName && (lock.created ?? 0) > since - 1000
}

/** Asks with the credentials of now. */
async function askForLock(
  { tool, folder }: Unsettled,
  ports: SettlePorts,
  inputs: SettleInputs,
): Promise<{ terraform: ReturnType<typeof openRoot>; lock: StateLock | undefined }> {
  try {
    // The step may have been stopped before it had selected the workspace.
    const workspace: Record<string, string> = inputs.workspace === 'default' ? {} : { TF_WORKSPACE: inputs.workspace }
    const environment = { ...(await awsEnvironment(inputs, ports)), ...workspace }
    const terraform = openRoot({ tool, folder, environment, signIn: signInOf(inputs, ports.run) }, ports)
    return { terraform, lock: await terraform.lockHolder() }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    throw new ActionError('whether the state is still locked could not be found out', {
      cause: error,
      hint: `Run "${tool.name} plan" in the root: it says who holds the lock, if somebody does.`,
    })
  }
}

const THIS_RUN: LockHolder = { kind: 'this run' }

function leftText(binary: string, { killed, stdout }: LeftChild): string {
  const done = stdout.split('\n').filter(line => {
    const event = readEvent(line)
    return event.type === 'step' && event.step.kind === 'complete'
  }).length
  const steps = done === 0 ? '' : ` It had finished ${count(done, 'step')}.`
  return killed
    ? `${binary} still worked ${WAIT_MILLISECONDS / 60_000} minutes after this step was killed, and was killed too: what it made last may be missing in the state.${steps}`
    : `${binary} went on after this step was killed, and ended by itself.${steps}`
}

function readUnsettled(saved: string): Unsettled | undefined {
  if (saved === '') return undefined
  const value = parseJson(saved)
  return isObject(value) ? (value as unknown as Unsettled) : undefined
}
