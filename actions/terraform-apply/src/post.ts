import { ActionError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { isList, jsonOrNothing } from '#kit/terraform/json'
import { rootPath } from '#kit/terraform/root'
import { onlyRoot } from '#kit/terraform/select-roots'
import { settle } from '#kit/terraform/settle'
import { checkName, findHolder, recordOf } from './holder.ts'
import type { Inputs, RootInputs } from './inputs.ts'

/** Names of the states that lead to the folder of the plan and to that of the outputs. */
export const SECRET_FOLDER = 'secret-folder'
export const RESULT_FOLDER = 'result-folder'
/** Set while the check run of the apply is in progress. */
export const OPEN_CHECK = 'open-check'

/** Set to the roots, as JSON, where several are applied; what is kept for each is kept under `ofRoot`. */
export const SEVERAL_ROOTS = 'several-roots'

/** Name of a state of one of several roots, by its place among them. */
export function ofRoot(name: string, index: number): string {
  return `${name}-${index}`
}

type ReadState = (name: string) => string

/**
 * Sees to a Terraform that was stopped and to its lock, ends the check run that it left, and takes away the plan and what was
 * made from the outputs; later steps of the job have read it by now.
 */
export async function post(state: ReadState, ports: Ports, inputs?: Inputs): Promise<void> {
  const failures: unknown[] = []
  for (const { read, roots } of rootsOf(state, inputs))
    await postRoot(read, ports, inputs === undefined || roots === undefined ? undefined : { ...inputs, roots }).catch(
      // What fails for one root leaves the others to be seen to.
      (error: unknown) => failures.push(error),
    )
  if (state(RESULT_FOLDER) !== '') await ports.files.remove(state(RESULT_FOLDER))
  if (failures.length > 0) throw failures[0]
}

/** Every root with its own states; the inputs cannot be told where none was chosen. */
function rootsOf(state: ReadState, inputs: Inputs | undefined) {
  const several = jsonOrNothing(state(SEVERAL_ROOTS))
  if (!isList(several)) return [{ read: state, roots: inputs && onlyRoot(inputs.roots) }]
  return several.map((root, index) => ({
    read: (name: string) => state(ofRoot(name, index)),
    roots: typeof root === 'string' ? root : undefined,
  }))
}

async function postRoot(read: ReadState, ports: Ports, inputs: RootInputs | undefined): Promise<void> {
  try {
    if (inputs !== undefined && read(OPEN_CHECK) !== '') await endCheck(inputs, ports)
    await settle(read, ports, inputs, lock => findHolder(lock, checkOf(inputs), ports))
  } finally {
    if (read(SECRET_FOLDER) !== '') await ports.files.remove(read(SECRET_FOLDER))
  }
}

function checkOf(inputs: RootInputs | undefined): string {
  return inputs === undefined ? '' : checkName(rootPath(inputs), inputs.workspace)
}

async function endCheck(inputs: RootInputs, { checks, run, log }: Ports): Promise<void> {
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
