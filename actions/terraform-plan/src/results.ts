import type { RecordedPart } from '#kit/terraform/contract-differences'
import { diffLines } from '#kit/terraform/diff-text'
import { compareAttributes } from '#kit/terraform/diff'
import type { Counts, Plan } from '#kit/terraform/plan'
import { isEffective } from '#kit/terraform/plan'

export interface RecordFacts {
  readonly root: string
  readonly workspace: string
  /** 0 where the run does not say. */
  readonly repositoryId: number
  /** 0 outside of a pull request. */
  readonly pullRequest: number
  readonly headSha: string
  readonly runId: number
  readonly runAttempt: number
  readonly contract: string
  /** Sensitive values entered the contract under a key. */
  readonly keyed: boolean
  readonly ignorePaths: readonly string[]
  /** By which an apply says what is not as it was reviewed. */
  readonly contractParts: readonly RecordedPart[]
  readonly counts: Counts
}

/** What later jobs may know of a plan: no secret is in it. */
export function planRecord(plan: Plan, facts: RecordFacts, hide: (text: string) => string): string {
  const record = {
    version: 1,
    ...facts,
    terraformVersion: plan.terraformVersion ?? '',
    changes: plan.changes.filter(isEffective).map(change => ({
      address: change.address,
      kind: change.kind,
      actions: change.actions,
      ...(change.previousAddress === undefined ? {} : { previousAddress: change.previousAddress }),
      ...(change.importId === undefined ? {} : { importId: hide(change.importId) }),
      ...(change.deposed === undefined ? {} : { deposed: change.deposed }),
      lines: diffLines(compareAttributes(change), hide),
    })),
    outputs: plan.outputs.filter(({ kind }) => kind !== 'no-op').map(({ name, kind }) => ({ name, kind })),
  }
  return `${JSON.stringify(record, null, 2)}\n`
}
