import type { Acknowledgement } from '#kit/terraform/acknowledgement'
import type { Protection } from '#kit/terraform/protection'

/** What is known of a plan's protected changes before anything is written. */
export interface Judgement extends Protection {
  readonly digest: string
  readonly acknowledgement: Acknowledgement | undefined
  /** The file of rules when it is not the same at the head as at the base, whose rules hold. */
  readonly changedRules: string | undefined
  /** Acknowledgements of earlier heads, which go along. */
  readonly carried: readonly Acknowledgement[]
  /** Why nothing can be acknowledged, and what to do about it: the check that would hold it is out of reach. */
  readonly unrecorded: string | undefined
  readonly isComplete: boolean
}

/** Whether the plan must be held back. */
export function isHeld({ changes, acknowledgement }: Pick<Judgement, 'changes' | 'acknowledgement'>): boolean {
  return changes.length > 0 && acknowledgement === undefined
}
