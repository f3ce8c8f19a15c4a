import { data } from '@actions/expressions'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import { toExpressionData, type Scope } from './evaluate.ts'
import { hashFilesFunction } from './hash-files.ts'
import { withKeys } from './job-environment.ts'
import type { JobSession } from './job-session.ts'
import type { StepOutput } from './step-output.ts'
import type { Origin } from './uses.ts'

export type StepResult = 'success' | 'failure' | 'cancelled' | 'skipped'

/** What `steps.<id>` says of a step that is over. */
export interface StepOutcome {
  readonly outcome: StepResult
  readonly conclusion: StepResult
  readonly outputs: Readonly<Record<string, string>>
}

/** Where a step shows itself. */
export interface StepPlace {
  readonly output: StepOutput
  /** Called once the step is known to run, before anything of it is logged. */
  begin(name: string): void
  /** Stops with the composite action around the step. */
  readonly outer?: AbortSignal
}

/** Something that an action left to be done after the job's other steps. */
export interface PostStep {
  readonly name: string
  /** Whether its condition holds now. May throw. */
  holds(): boolean
  run(output: StepOutput, stop: AbortSignal): Promise<StepResult>
}

/** A list of steps that see each other: the job's own, or those of one use of a composite action. */
export interface Frame {
  readonly session: JobSession
  /** Null for the job's own steps. */
  readonly action: { readonly folder: string; readonly repository: string; readonly ref: string } | null
  /** Of the composite action; null: the job's. */
  readonly inputs: Readonly<Record<string, string>> | null
  readonly origin: Origin
  readonly depth: number
  /** `env` of the steps around a composite action. */
  readonly env: Readonly<Record<string, string>>
  readonly outcomes: Map<string, StepOutcome>
  /** Of a composite action's own steps so far; the job's own are in the session. */
  status: 'success' | 'failure' | 'cancelled'
  /** Run in reverse. */
  readonly posts: PostStep[]
  readonly names: Map<string, number>
}

/** Everything that one step is evaluated and run with. */
export interface StepScope extends Scope {
  readonly frame: Frame
  readonly output: StepOutput
  /** The `env` context. */
  readonly env: Readonly<Record<string, string>>
  /** Of the step and the steps around it, without the job's. */
  readonly stepEnv: Readonly<Record<string, string>>
  readonly stop: AbortSignal
  /** `github.action`. */
  readonly actionName: string
  /** As the job's page shows the step. */
  readonly displayName: string
}

/** What expressions of a step may name. */
export function scopeOf(
  frame: Frame,
  stepEnv: Readonly<Record<string, string>>,
  actionName: string,
): Scope & {
  readonly env: Readonly<Record<string, string>>
} {
  const { plan, folders, runner } = frame.session.parts
  const env = { ...frame.session.env, ...stepEnv }
  const github = dictionary(plan.contexts, 'github')
  const job = dictionary(plan.contexts, 'job')
  const text = (value: string): data.StringData => new data.StringData(value)
  const contexts = withKeys(plan.contexts, {
    github: withKeys(github, {
      workspace: text(folders.workspace),
      event_path: text(folders.eventFile),
      action: text(actionName),
      ...(frame.action === null
        ? {}
        : {
            action_path: text(frame.action.folder),
            action_ref: text(frame.action.ref),
            action_repository: text(frame.action.repository),
            action_status: text(frame.status),
          }),
    }),
    job: withKeys(job, {
      status: text(frame.session.status),
      check_run_id: new data.NumberData(plan.job.checkRunId),
    }),
    runner: toExpressionData(runner),
    env: toExpressionData(env),
    steps: toExpressionData(Object.fromEntries(frame.outcomes)),
    ...(frame.inputs === null ? {} : { inputs: toExpressionData(frame.inputs) }),
  })
  return { contexts, functions: functionsOf(frame), env }
}

function functionsOf(frame: Frame): Map<string, FunctionDefinition> {
  const statusIs = (name: string, holds: () => boolean): [string, FunctionDefinition] => [
    name,
    { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds()) },
  ]
  const own = (): string => (frame.action === null ? frame.session.status : frame.status)
  return new Map([
    statusIs('success', () => own() === 'success'),
    statusIs('failure', () => own() === 'failure'),
    statusIs('cancelled', () => frame.session.status === 'cancelled'),
    statusIs('always', () => true),
    ['hashfiles', hashFilesFunction(frame.session.parts.folders.workspace)],
  ])
}

function dictionary(contexts: data.Dictionary, key: string): data.Dictionary {
  const value = contexts.get(key)
  return value instanceof data.Dictionary ? value : new data.Dictionary()
}
