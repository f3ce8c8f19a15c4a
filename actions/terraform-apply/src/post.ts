import { ActionError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { settle } from '#kit/terraform/settle'
import { rootPath } from '#kit/terraform/root'
import { checkName, findHolder, recordOf } from './holder.ts'
import type { Inputs } from './inputs.ts'

/** Names of the states that lead to the folder of the plan and to that of the outputs. */
export const SECRET_FOLDER = 'secret-folder'
export const RESULT_FOLDER = 'result-folder'
/** Set while the check run of the apply is in progress. */
export const OPEN_CHECK = 'open-check'

/**
 * Sees to a Terraform that was stopped and to its lock, ends the check run that it left, and takes away the plan and what was
 * made from the outputs; later steps of the job have read it by now.
 */
export async function post(state: (name: string) => string, ports: Ports, inputs?: Inputs): Promise<void> {
  try {
    if (inputs !== undefined && state(OPEN_CHECK) !== '') await endCheck(inputs, ports)
    await settle(state, ports, inputs, lock => findHolder(lock, checkOf(inputs), ports))
  } finally {
    for (const name of [SECRET_FOLDER, RESULT_FOLDER]) if (state(name) !== '') await ports.files.remove(state(name))
  }
}

function checkOf(inputs: Inputs | undefined): string {
  return inputs === undefined ? '' : checkName(rootPath(inputs), inputs.workspace)
}

async function endCheck(inputs: Inputs, { checks, run, log }: Ports): Promise<void> {
  try {
    await checks.complete({
      sha: run.sha,
      name: checkOf(inputs),
      externalId: recordOf(run),
      conclusion: 'cancelled',
      title: 'cancelled',
      summary: 'The step was ended before Terraform was. The log of its post step says what became of it.',
    })
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    log.warning(error.message)
  }
}
