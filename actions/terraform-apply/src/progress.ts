import type { ApplyStep } from '#kit/terraform/events'
import { isEffective, type Plan, type ResourceChange } from '#kit/terraform/plan'

export interface DoneStep {
  readonly address: string
  readonly action: string
  readonly elapsedSeconds: number
}

export interface Progress {
  readonly planned: readonly ResourceChange[]
  readonly done: readonly DoneStep[]
  readonly failed: readonly DoneStep[]
}

const PAST: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'changed',
  delete: 'destroyed',
  read: 'read',
}

/** Follows an apply. `note` returns the line for the log, or nothing when there is nothing to say. */
export function followApply(plan: Plan): { note(step: ApplyStep): string | undefined; progress(): Progress } {
  const planned = plan.changes.filter(
    change => isEffective(change) && change.kind !== 'no-op' && change.kind !== 'forget',
  )
  const total = planned.reduce((sum, { kind }) => sum + (kind === 'replace' ? 2 : 1), 0)
  const done: DoneStep[] = []
  const failed: DoneStep[] = []
  return {
    note({ kind, address, action, elapsedSeconds }) {
      if (kind === 'complete') {
        if (action !== 'read') done.push({ address, action, elapsedSeconds })
        return `[${done.length}/${total}] ${address} ${PAST[action] ?? action} after ${elapsedSeconds} s`
      }
      if (kind === 'error') {
        failed.push({ address, action, elapsedSeconds })
        return `${address}: ${action} failed after ${elapsedSeconds} s`
      }
      return kind === 'progress' && elapsedSeconds % 30 === 0
        ? `${address}: still at it after ${elapsedSeconds} s`
        : undefined
    },
    progress: () => ({ planned, done, failed }),
  }
}

/** Objects that were planned and are not done, in the order of the plan. */
export function left({ planned, done }: Progress): readonly ResourceChange[] {
  return planned.filter(({ address, kind }) => {
    const steps = done.filter(step => step.address === address).length
    return steps < (kind === 'replace' ? 2 : 1)
  })
}
