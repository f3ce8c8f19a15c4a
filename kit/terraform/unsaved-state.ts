import { ActionError, reasonOf } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { LockHolder } from './lock.ts'
import type { openRoot } from './terraform.ts'

/** Into which Terraform writes the state, in the folder of the root, when the backend does not take it. */
const LEFT_STATE = 'errored.tfstate'

/** Whether Terraform said so; a file of that name may also come with the checkout. */
export function saysStateIsLeft(said: string): boolean {
  return said.includes(LEFT_STATE)
}

type Root = Pick<ReturnType<typeof openRoot>, 'pushState'>

/**
 * Saves the state that an apply could not, which would be lost with the runner: with credentials of now, since most often those
 * of then have expired. What is newer is not overwritten, which Terraform sees to.
 * @param holder who holds the lock; `undefined` when nobody does. Only this run's own is passed over
 */
export async function saveLeftState(
  root: Root,
  folder: string,
  holder: LockHolder | undefined,
  { files, log, run }: Pick<Ports, 'files' | 'log' | 'run'>,
): Promise<void> {
  const path = `${folder}/${LEFT_STATE}`
  if (!(await files.exists(path))) return
  try {
    if (holder !== undefined && holder.kind !== 'this run')
      throw new ActionError('somebody else holds the lock of the state')
    await root.pushState(path, holder === undefined)
    await files.remove(path)
    log.warning('The state of what was applied had not been saved; it is now, with fresh credentials')
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    await tellStateIsLost(folder, error, { files, log, run })
  }
}

/** Says where the state is that nothing else has, and what to do. */
export async function tellStateIsLost(
  folder: string,
  why: unknown,
  { files, log, run }: Pick<Ports, 'files' | 'log' | 'run'>,
): Promise<void> {
  const path = `${folder}/${LEFT_STATE}`
  if (!(await files.exists(path))) return
  log.error(
    `The state of what was applied is not saved: it is only in ${path} on ${run.hostName}, and lost with that machine. ` +
      'Where it is kept, run "state push errored.tfstate" in the root; elsewhere import what was made, before an apply makes it again. ' +
      `Why: ${reasonOf(why)}`,
  )
}
