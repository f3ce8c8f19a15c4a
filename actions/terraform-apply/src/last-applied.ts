import { ActionError, adviceOf, GateError, reasonOf, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { rootPath } from '#kit/terraform/root'
import type { RootInputs } from './inputs.ts'

const TASK = 'terraform-apply'
/** Where the job names none; only the page of deployments shows it. */
const DEFAULT_ENVIRONMENT = 'terraform'

/** A root in a workspace, whatever the environment is called. */
function subjectOf(inputs: RootInputs): string {
  return `${rootPath(inputs)} ${inputs.workspace}`
}

type LastPorts = Pick<Ports, 'deployments' | 'repository' | 'run' | 'log'>

/**
 * A commit is applied once, and never after one that contains it.
 * @throws GateError when the commit was applied before, or is an ancestor of the one that was applied last
 */
export async function refuseApplied(inputs: RootInputs, ports: LastPorts): Promise<void> {
  const refusal = await findApplied(inputs, ports)
  if (refusal !== undefined) throw refusal
}

/**
 * Why a root may not be applied again at this commit; `undefined` when it was not yet.
 * @throws GateError when the commit is an ancestor of the one that was applied last
 */
export async function findApplied(
  inputs: RootInputs,
  { deployments, repository, run, log }: LastPorts,
): Promise<GateError | undefined> {
  const last = await deployments.lastSuccess(TASK, subjectOf(inputs))
  if (last === undefined) return undefined
  const [own, other] = [run.sha.slice(0, 7), last.sha.slice(0, 7)]
  const where = last.url === '' ? '' : ` (${last.url})`
  if (last.sha === run.sha)
    return new GateError(`${own} was applied already${where}, and a contract is applied once`, {
      verdict: 'fail',
      hint: 'Nothing was applied. What is left to do, or to take back, goes into a new pull request.',
    })
  const position = await repository.compare(last.sha, run.sha)
  if (position === 'behind')
    throw new GateError(`${own} is older than ${other}, which was applied last${where}`, {
      verdict: 'fail',
      hint: 'Nothing was applied. To go back, open a pull request that reverts the newer changes: it gets a plan of its own.',
    })
  if (position === 'diverged')
    log.warning(`${own} does not contain ${other}, which was applied last: another branch applies this root too`)
  return undefined
}

/**
 * Leaves on GitHub what is applied, from before it begins: an apply that cannot be recorded does not start.
 * @returns what does the work, and records how it ended
 */
export async function startRecord(
  inputs: RootInputs,
  contract: string,
  { deployments, log, run }: Pick<Ports, 'deployments' | 'log' | 'run'>,
): Promise<<T>(work: () => Promise<T>) => Promise<T>> {
  const subject = subjectOf(inputs)
  const short = contract.slice(0, 16)
  const { id } = await deployments.create({
    ref: run.sha,
    environment: inputs.environment || DEFAULT_ENVIRONMENT,
    description: `Terraform apply of ${rootPath(inputs)}, contract ${short}`,
    idempotencyKey: `${TASK} ${subject} ${run.sha} ${contract}`,
    ...{ task: TASK, subject },
  })
  const say = (state: 'in_progress' | 'success' | 'failure') =>
    deployments.setStatus(id, state, { description: `contract ${short}`, logUrl: run.runUrl })
  await say('in_progress')
  return async work => {
    const result = await work().catch(async (error: unknown) => {
      await say('failure').catch((failure: unknown) =>
        log.warning(`The failure could not be recorded: ${reasonOf(failure)}`),
      )
      throw error
    })
    await say('success').catch((error: unknown) => {
      throw error instanceof ActionError ? unrecorded(error) : error
    })
    return result
  }
}

/** Nothing is wrong with the apply, and running it again would find nothing to do. */
function unrecorded(cause: ActionError): ActionError {
  const hint = adviceOf(cause)
  const error = new ActionError('it was applied, and that could not be recorded on GitHub', {
    cause,
    ...(hint === undefined ? {} : { hint }),
  })
  return withOutputs(error, { applied: 'true', verdict: 'fail' })
}
