import type { ApplyStep } from '#kit/terraform/events'
import { isEffective, type Plan, type ResourceChange } from '#kit/terraform/plan'

export interface DoneStep {
  readonly address: string
  readonly action: string
  readonly elapsedSeconds: number
}

export interface Progress {
  /** Also those that change the state only. */
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
export function followApply(plan: Plan): {
  note(step: ApplyStep): string | undefined
  /** `34/120`. */
  title(): string
  progress(): Progress
} {
  const planned = plan.changes.filter(isEffective)
  const total = planned.flatMap(stepsOf).length
  const done: DoneStep[] = []
  const failed: DoneStep[] = []
  const title = () => `${done.length}/${total}`
  return {
    note({ kind, address, action, elapsedSeconds }) {
      if (kind === 'complete') {
        // A data source is read along the way, and is no part of what was planned to change.
        if (action === 'read') return `${address} read after ${elapsedSeconds} s`
        done.push({ address, action, elapsedSeconds })
        return `[${title()}] ${address} ${PAST[action] ?? action} after ${elapsedSeconds} s`
      }
      if (kind === 'error') {
        failed.push({ address, action, elapsedSeconds })
        return `${address}: ${action} failed after ${elapsedSeconds} s`
      }
      return kind === 'progress' && elapsedSeconds % 30 === 0
        ? `${address}: still at it after ${elapsedSeconds} s`
        : undefined
    },
    title,
    progress: () => ({ planned, done, failed }),
  }
}

/** The actions that Terraform reports for a change, one by one. Nothing is reported of what changes the state only. */
function stepsOf({ kind, replaceOrder, actions }: ResourceChange): readonly string[] {
  if (kind === 'no-op' || kind === 'forget') return []
  if (kind !== 'replace') return actions
  return replaceOrder === 'forget-first' ? ['create'] : ['delete', 'create']
}

/** Objects that were planned and are not done, in the order of the plan. */
export function left({ planned, done }: Progress): readonly ResourceChange[] {
  const steps = new Map<string, string[]>()
  for (const { address, action } of done) steps.set(address, [...(steps.get(address) ?? []), action])
  return planned.filter(change => {
    const rest = steps.get(change.address) ?? []
    // The object of an address and those that it left behind (deposed) share it: each takes its own steps.
    return stepsOf(change).some(action => {
      const at = rest.indexOf(action)
      if (at >= 0) rest.splice(at, 1)
      return at < 0
    })
  })
}
