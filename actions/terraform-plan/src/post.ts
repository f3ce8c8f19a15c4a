import type { Ports } from '#kit/ports'
import { settle } from '#kit/terraform/settle'
import type { Inputs } from './inputs.ts'
import { onlyRoot } from './roots.ts'

/** Name of the state that leads to the folder of the plan. */
export const SECRET_FOLDER = 'secret-folder'

/** Sees to a Terraform that was stopped and to its lock, and takes away what holds the plan's secrets. */
export async function post(state: (name: string) => string, ports: Ports, inputs?: Inputs): Promise<void> {
  try {
    // Nothing runs, and nothing is to be settled, where several are named.
    const planned = inputs?.roots.length === 1 ? onlyRoot(inputs) : undefined
    await settle(state, ports, planned, async lock => ({
      kind: 'unknown',
      why: `the lock names ${lock.who || 'nobody'} and no more.`,
    }))
  } finally {
    const folder = state(SECRET_FOLDER)
    if (folder !== '') await ports.files.remove(folder)
  }
}
