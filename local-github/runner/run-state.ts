/** What the parts of one running run share. */
import type { data } from '@actions/expressions'
import type { LocalGitHub } from '../local-github.ts'
import type { Job, WorkflowRun } from '../model.ts'
import type { Activity } from './activity.ts'
import type { ConcurrencyGroups } from './concurrency-groups.ts'
import type { EnvironmentGates } from './environment-gates.ts'
import type { JobDefinition } from './job-definition.ts'
import type { Needed, Result } from './job-graph.ts'
import type { ExecuteJob } from './job-plan.ts'
import type { JobInstance } from './job-strategy.ts'
import type { LevelControl } from './level-control.ts'
import type { RunJournal } from './run-journal.ts'
import type { RunRecords } from './run-records.ts'
import type { Slots } from './slots.ts'
import type { Trigger } from './trigger.ts'
import type { WorkflowTree } from './workflow-tree.ts'

/** What all runs share. */
export interface Engine {
  readonly github: LocalGitHub
  readonly records: RunRecords
  readonly execute: ExecuteJob
  readonly slots: Slots
  readonly groups: ConcurrencyGroups
  readonly gates: EnvironmentGates
  readonly activity: Activity
  readonly report: (progress: Progress) => void
}

/** For people who watch. */
export type Progress =
  | { readonly kind: 'run-started' | 'run-finished'; readonly run: WorkflowRun }
  | { readonly kind: 'job-started' | 'job-waiting' | 'job-finished'; readonly run: WorkflowRun; readonly job: Job }

export interface RunState {
  readonly engine: Engine
  readonly run: WorkflowRun
  readonly trigger: Trigger
  /** The `github` context, but for what belongs to one job. */
  readonly github: Record<string, unknown>
  /** Jobs of the attempt before that need not run again, by path. */
  readonly kept: RunJournal['outcomes']
  /** Written to the journal, and the run's status is brought up to date. */
  remember(path: string, outcome: RunJournal['outcomes'][string]): void
  /** A job's status changed. */
  refresh(): void
}

/** One workflow file in a run: the run's own, or one that a job calls. */
export interface Level {
  readonly tree: WorkflowTree
  readonly control: LevelControl
  /** `deploy / `; empty at the top. */
  readonly namePrefix: string
  /** `deploy#0/`; empty at the top. Built of keys, so that names may change between attempts. */
  readonly path: string
  /** What the calling job needs: its own first jobs wait for that. */
  readonly outerNeeds: string[]
  readonly inputs: data.Dictionary
  /** For a job of this level in an environment; null: in none. */
  secretsFor(environment: string | null): Record<string, string>
  /** Concurrency groups that the run or a caller holds, in lower case, and who holds them. */
  readonly heldGroups: ReadonlyMap<string, string>
  /** False when what the caller needs ran again: then everything here does. */
  readonly mayKeep: boolean
}

/** One instance of a job of a level. */
export interface InstancePart {
  readonly state: RunState
  readonly level: Level
  readonly job: JobDefinition
  readonly instance: JobInstance
  /** Names of the records that it waited for. */
  readonly needs: string[]
  readonly needed: Needed
  readonly mayKeep: boolean
  /** `max-parallel` of its matrix. */
  readonly turns: Slots
  /** Its `if`, asked with `cancelled()` true. */
  isWantedWhenCancelled(): boolean
}

export interface InstanceOutcome {
  readonly result: Result
  readonly outputs: Record<string, string>
  readonly names: string[]
  readonly kept: boolean
}
