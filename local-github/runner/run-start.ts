/** Runs: made, queued in their group, played, concluded, and played again. */
import { data } from '@actions/expressions'
import type { Conclusion, RunStatus, WorkflowRun } from '../model.ts'
import { createCancellation, unlessCancelled, type CancellationSource } from './cancellation-source.ts'
import { readConcurrency, type Membership } from './concurrency-groups.ts'
import { evaluateString, fromExpressionData, toExpressionData } from './evaluate.ts'
import type { Work } from './activity.ts'
import { createLevelControl, type LevelControl } from './level-control.ts'
import { githubContext, readSecrets, readVariables } from './run-contexts.ts'
import type { RunJournal, RunJournals } from './run-journal.ts'
import type { Engine, Level, RunState } from './run-state.ts'
import type { Trigger } from './trigger.ts'
import type { WorkflowCatalog } from './workflow-catalog.ts'
import { WorkflowFileError } from './workflow-file.ts'
import type { RunRequest } from './workflow-start.ts'
import { runLevel } from './workflow-level.ts'
import { resolveWorkflow, type ResolvedWorkflow } from './workflow-tree.ts'

export interface RunStarter {
  /** Makes the run and plays it; resolves when it is over. */
  start(request: RunRequest): Promise<void>
  rerun(runId: number, failedOnly: boolean, actorId: number): Promise<void>
  /** Goes on with a run that waited when the server stopped. */
  resume(runId: number): Promise<void>
  cancel(runId: number, force: boolean): void
  /** Cancels what executes and waits for it; what waits for people stays as it is. */
  close(): Promise<void>
}

interface ActiveRun {
  readonly control: LevelControl
  /** Of the run in its own group's queue. */
  readonly cancellation: CancellationSource
  readonly done: Promise<void>
}

export function createRunStarter(
  engine: Engine,
  catalog: WorkflowCatalog,
  journals: RunJournals,
  onRunChange: (run: WorkflowRun, action: 'requested' | 'in_progress' | 'completed', trigger: Trigger) => void,
): RunStarter {
  const { github, records } = engine
  const { store } = github
  const active = new Map<number, ActiveRun>()

  const track = (
    run: WorkflowRun,
    play: (control: LevelControl, cancellation: CancellationSource) => Promise<void>,
  ): Promise<void> => {
    const control = createLevelControl()
    const cancellation = createCancellation()
    const done = play(control, cancellation).finally(() => active.delete(run.id))
    active.set(run.id, { control, cancellation, done })
    return done
  }

  const play = async (run: WorkflowRun, kept: RunJournal['outcomes'], problem?: string): Promise<void> => {
    const journal = journals.read(run.id)
    if (!journal) throw new Error(`There is no journal of run ${run.id}.`)
    await track(run, async (control, cancellation) => {
      const work = engine.activity.begin()
      try {
        const playing = { engine, catalog, journals, onRunChange, run, journal, kept, control, cancellation, work }
        if (problem === undefined) await playRun(playing)
        else conclude(playing, 'startup_failure', problem)
      } finally {
        work.end()
      }
    })
  }

  return {
    start: async ({ trigger, path, name, inputs, problem }) => {
      const workflow = catalog.register(trigger.repositoryId, path, name)
      const run = insertRun(engine, trigger, workflow.id, path, name)
      journals.write(run.id, { trigger, inputs: fromExpressionData(inputs) as RunJournal['inputs'], outcomes: {} })
      onRunChange(run, 'requested', trigger)
      await play(run, {}, problem)
    },
    rerun: async (runId, failedOnly, actorId) => {
      const before = store.runs.get(runId)
      if (!before || active.has(runId)) return
      const run = records.updateRun(runId, {
        attempt: before.attempt + 1,
        triggeringActorId: actorId,
        status: 'queued',
        conclusion: null,
        startedAt: records.time(),
      })
      await play(run, failedOnly ? (journals.read(runId)?.outcomes ?? {}) : {})
    },
    resume: async runId => {
      const run = store.runs.get(runId)
      if (!run) return
      const outcomes = journals.read(runId)?.outcomes ?? {}
      dropUnfinished(engine, run, new Set(Object.values(outcomes).map(outcome => outcome.jobId)))
      await play(run, outcomes)
    },
    cancel: (runId, force) => {
      const running = active.get(runId)
      running?.cancellation.request(force)
      running?.control.cancel(force, 'The run was canceled.')
    },
    close: async () => {
      const executing = [...active].filter(([runId]) =>
        store.jobs.find(job => job.runId === runId && job.status === 'in_progress'),
      )
      for (const [, run] of executing) {
        run.cancellation.request(true)
        run.control.cancel(true, 'The local GitHub was stopped.')
      }
      await Promise.all(executing.map(([, run]) => run.done))
    },
  }
}

function insertRun(
  { github, records }: Engine,
  trigger: Trigger,
  workflowId: number,
  path: string,
  name: string,
): WorkflowRun {
  const { store } = github
  const { repositoryId, headSha, headBranch } = trigger
  const now = records.time()
  const suite = store.checkSuites.insert({
    repositoryId,
    headSha,
    headBranch,
    appSlug: 'github-actions',
    createdAt: now,
  })
  const earlier = store.runs.filter(run => run.workflowId === workflowId).map(run => run.runNumber)
  const run = store.runs.insert({
    repositoryId,
    workflowId,
    path,
    name,
    displayTitle: trigger.title || name,
    runNumber: Math.max(0, ...earlier) + 1,
    attempt: 1,
    event: trigger.event,
    headBranch,
    headSha,
    headRepositoryId: trigger.headRepositoryId,
    actorId: trigger.actorId,
    triggeringActorId: trigger.actorId,
    pullRequestNumbers: trigger.pullRequestNumbers,
    status: 'queued',
    conclusion: null,
    createdAt: now,
    startedAt: now,
    updatedAt: now,
    checkSuiteId: suite.id,
    payload: trigger.payload,
    referencedWorkflows: [],
  })
  github.changed()
  return run
}

interface Playing {
  readonly engine: Engine
  readonly catalog: WorkflowCatalog
  readonly journals: RunJournals
  readonly onRunChange: Parameters<typeof createRunStarter>[3]
  readonly run: WorkflowRun
  readonly journal: RunJournal
  readonly kept: RunJournal['outcomes']
  readonly control: LevelControl
  readonly cancellation: CancellationSource
  readonly work: Work
}

async function playRun(playing: Playing): Promise<void> {
  const { engine, catalog, journal, control, onRunChange } = playing
  const { records, report } = engine
  const { trigger } = journal
  report({ kind: 'run-started', run: playing.run })
  let resolved: ResolvedWorkflow
  try {
    resolved = await resolveWorkflow(catalog, {
      repositoryId: trigger.repositoryId,
      sha: trigger.sha,
      ref: trigger.ref,
      path: playing.run.path,
    })
  } catch (error) {
    if (!(error instanceof WorkflowFileError)) throw error
    return conclude(playing, 'startup_failure', error.message)
  }
  const inputs = toExpressionData(journal.inputs) as data.Dictionary
  const run = records.updateRun(playing.run.id, {
    referencedWorkflows: resolved.referenced,
  })
  const context = githubContext(engine.github, run, trigger)
  const contexts = new data.Dictionary(
    { key: 'github', value: toExpressionData(context) },
    { key: 'inputs', value: inputs },
    { key: 'vars', value: readVariables(engine.github, run.repositoryId, null) },
  )
  const { definition } = resolved.tree
  let membership: Membership | null = null
  try {
    const title = definition.runName ? evaluateString(definition.runName, { contexts }).trim() : ''
    if (title !== '') records.updateRun(run.id, { displayTitle: title })
    const setting = readConcurrency(definition.concurrency, { contexts })
    const held = new Map(setting ? [[setting.group.toLowerCase(), 'top level workflow']] : [])
    if (setting) {
      membership = engine.groups.enter(run.repositoryId, setting, {
        cancel: reason => {
          playing.cancellation.request()
          control.cancel(false, reason)
        },
      })
      if (membership.waits) {
        records.updateRun(run.id, { status: 'pending' })
        await playing.work.pauseFor(unlessCancelled(membership.granted, playing.cancellation))
        if (playing.cancellation.requested) return conclude(playing, 'cancelled')
      }
    }
    records.updateRun(run.id, { status: 'queued', startedAt: records.time() })
    onRunChange(run, 'in_progress', trigger)
    const state = createState(playing, run, context)
    const outcome = await playing.work.pauseFor(runLevel(state, topLevel(playing, resolved, run, inputs, held)))
    const cancelled = control.cancelled && outcome.result !== 'success'
    conclude(playing, cancelled ? 'cancelled' : outcome.result)
  } catch (error) {
    conclude(playing, 'startup_failure', error instanceof Error ? error.message : String(error))
  } finally {
    membership?.leave()
  }
}

function topLevel(
  { engine, journal, control }: Playing,
  resolved: ResolvedWorkflow,
  run: WorkflowRun,
  inputs: data.Dictionary,
  heldGroups: Level['heldGroups'],
): Level {
  return {
    tree: resolved.tree,
    control,
    namePrefix: '',
    path: '',
    outerNeeds: [],
    inputs,
    heldGroups,
    mayKeep: true,
    secretsFor: environment =>
      journal.trigger.restricted ? {} : readSecrets(engine.github, run.repositoryId, environment),
  }
}

function createState(playing: Playing, run: WorkflowRun, github: Record<string, unknown>): RunState {
  const { engine, journals, journal, kept } = playing
  const outcomes = { ...kept }
  return {
    engine,
    run,
    trigger: journal.trigger,
    github,
    kept,
    remember: (path, outcome) => {
      outcomes[path] = outcome
      journals.write(run.id, { ...journal, outcomes })
    },
    refresh: () => {
      const status = statusOf(engine, run)
      if (engine.github.store.runs.get(run.id)?.status !== status) engine.records.updateRun(run.id, { status })
    },
  }
}

/** Of a run whose jobs are on their way. */
function statusOf({ github }: Engine, run: WorkflowRun): RunStatus {
  const jobs = github.store.jobs.filter(job => job.runId === run.id && job.attempt === run.attempt)
  const has = (status: RunStatus): boolean => jobs.some(job => job.status === status)
  if (has('in_progress')) return 'in_progress'
  if (has('waiting')) return 'waiting'
  if (has('queued')) return has('completed') ? 'in_progress' : 'queued'
  return has('pending') ? 'pending' : 'in_progress'
}

function conclude({ engine, run, journal, onRunChange }: Playing, conclusion: Conclusion, startupError?: string): void {
  const ended = engine.records.updateRun(run.id, {
    status: 'completed',
    conclusion,
    ...(startupError === undefined ? {} : { startupError }),
  })
  engine.report({ kind: 'run-finished', run: ended })
  onRunChange(ended, 'completed', journal.trigger)
}

/** What a stopped server left of an attempt: it is made anew. */
function dropUnfinished({ github }: Engine, run: WorkflowRun, keptJobs: ReadonlySet<number>): void {
  const { store } = github
  const jobs = store.jobs.filter(
    job => job.runId === run.id && job.attempt === run.attempt && !(job.status === 'completed' && keptJobs.has(job.id)),
  )
  for (const job of jobs) {
    for (const pending of store.pendingDeployments.filter(
      ({ jobId, state }) => jobId === job.id && state === 'waiting',
    )) {
      store.pendingDeployments.delete(pending.id)
    }
    store.checkRuns.delete(job.checkRunId)
    store.jobs.delete(job.id)
  }
}
