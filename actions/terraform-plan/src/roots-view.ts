import { countChanges, hasChanges, type Counts } from '#kit/terraform/plan'
import { clusterPlans, type Cluster } from './clusters.ts'
import type { Gathered } from './gather-records.ts'
import { protectionLines, type ProtectionLines } from './protection-report.ts'
import { isPlanned, type RecordedPlan, type RootRecord } from './read-record.ts'
import type { Failure } from './record.ts'
import { nameRoots } from './root-names.ts'
import type { Hide } from './words.ts'

/** A root whose plan is known. */
export interface PlannedRoot {
  readonly name: string
  readonly record: RootRecord
  readonly outcome: RecordedPlan
  readonly counts: Counts
  readonly changesAnything: boolean
  readonly protection: ProtectionLines | undefined
}

/** A root that could not be planned. */
export interface FailedRoot {
  readonly name: string
  readonly failure: Failure
}

/** What is told of several roots. */
export interface RootsView extends Pick<Gathered, 'missing' | 'refused' | 'unexpected'> {
  readonly planned: readonly PlannedRoot[]
  readonly failed: readonly FailedRoot[]
  /** Of those that are planned, by their index in `planned`. */
  readonly clusters: readonly Cluster[]
}

export function viewRoots({ records, ...rest }: Gathered, hide: Hide): RootsView {
  const names = nameRoots(records)
  const named = records.map((record, index) => ({ record, name: names[index] ?? record.root }))
  const planned = named.flatMap(({ record, name }): PlannedRoot[] => {
    const { outcome } = record
    if (!isPlanned(outcome)) return []
    const { plan, protection } = outcome
    return [
      {
        ...{ name, record, outcome, counts: countChanges(plan), changesAnything: hasChanges(plan) },
        protection: protection && protectionLines(protection, hide),
      },
    ]
  })
  const failed = named.flatMap(({ record: { outcome }, name }) =>
    isPlanned(outcome) ? [] : [{ name, failure: outcome }],
  )
  return { ...rest, planned, failed, clusters: clusterPlans(planned.map(({ outcome }) => outcome.plan)) }
}
