import type { LocalGitHub } from '../local-github.ts'
import type { Annotation, Conclusion, Step } from '../model.ts'
import type { JobFolders } from './job-environment.ts'
import type { JobLog } from './job-log.ts'
import type { JobPlan } from './job-plan.ts'
import { JobStop } from './job-stop.ts'
import type { Masks } from './masks.ts'
import type { ProcessGroups, Timers } from './process-group.ts'
import type { StandInPrograms } from './stand-in-programs.ts'
import type { ActionLibrary } from './uses.ts'

export type AnnotationLevel = Annotation['annotation_level']

const annotationsPerLevel = 10
const annotationMessageLength = 4096

/** What the steps of one job share and change while it runs. */
export interface JobParts {
  readonly plan: JobPlan
  readonly github: LocalGitHub
  readonly folders: JobFolders
  readonly masks: Masks
  readonly log: JobLog
  readonly processes: ProcessGroups
  readonly timers: Timers
  readonly library: ActionLibrary
  /** What every process of the job starts from. */
  readonly baseEnvironment: Readonly<Record<string, string>>
  readonly standInOf: (uses: string) => string | undefined
  readonly programs: StandInPrograms
  readonly runner: Readonly<Record<string, string>>
  /** Executable of the Node on which actions run. */
  readonly node: string
}

export class JobSession {
  readonly parts: JobParts
  readonly stop = new JobStop()
  /** `env` of workflow and job, then what steps wrote to `GITHUB_ENV`. */
  readonly env: Record<string, string>
  /** What steps wrote to `GITHUB_PATH`, oldest first. */
  readonly paths: string[] = []
  status: 'success' | 'failure' | 'cancelled' = 'success'
  readonly #steps: Step[] = []
  readonly #annotations: Annotation[] = []
  readonly #summaries: { step: string; markdown: string }[] = []
  readonly #annotationCounts = new Map<string, number>()

  constructor(parts: JobParts) {
    this.parts = parts
    this.env = { ...parts.plan.env }
  }

  get debugs(): boolean {
    const { secrets } = this.parts.plan
    return secrets['ACTIONS_STEP_DEBUG'] === 'true'
  }

  addStep(name: string): number {
    const number = this.#steps.length + 1
    this.#steps.push({
      number,
      name: this.parts.masks.apply(name),
      status: 'queued',
      outcome: null,
      conclusion: null,
      startedAt: null,
      completedAt: null,
    })
    return number
  }

  startStep(number: number, name?: string): void {
    this.parts.log.startStep(number)
    this.#change(number, {
      status: 'in_progress',
      startedAt: this.time(),
      ...(name === undefined ? {} : { name: this.parts.masks.apply(name) }),
    })
  }

  endStep(number: number, outcome: Conclusion, conclusion: Conclusion): void {
    this.parts.log.endStep()
    const step = this.#steps[number - 1]
    this.#change(number, {
      status: 'completed',
      outcome,
      conclusion,
      startedAt: step?.startedAt ?? this.time(),
      completedAt: this.time(),
    })
  }

  /** One step may use several. */
  markStandIn(number: number, words: string): void {
    const masked = this.parts.masks.apply(words)
    const before = this.#steps[number - 1]?.standIn
    if (before?.split('; ').includes(masked)) return
    this.#change(number, { standIn: before === undefined ? masked : `${before}; ${masked}` })
  }

  /** Says of a step which stand-ins its processes called. */
  markPrograms(number: number): void {
    for (const words of this.parts.programs.takeCalls()) this.markStandIn(number, words)
  }

  addSummary(number: number, markdown: string): void {
    if (markdown.trim() === '') return
    const masked = markdown
      .split('\n')
      .map(line => this.parts.masks.apply(line))
      .join('\n')
    this.#summaries.push({ step: this.#steps[number - 1]?.name ?? '', markdown: masked })
    this.save()
  }

  /** False when the step has had its ten of this level, and nothing was kept. */
  annotate(number: number, annotation: Annotation): boolean {
    const key = `${number} ${annotation.annotation_level}`
    const count = this.#annotationCounts.get(key) ?? 0
    if (count >= annotationsPerLevel) return false
    this.#annotationCounts.set(key, count + 1)
    const masks = this.parts.masks
    this.#annotations.push({
      ...annotation,
      message: masks.apply(annotation.message).slice(0, annotationMessageLength).toWellFormed(),
      title: annotation.title === null ? null : masks.apply(annotation.title),
    })
    this.save()
    return true
  }

  time(): string {
    return new Date(this.parts.github.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  }

  save(): void {
    const { github, plan } = this.parts
    github.store.jobs.update(plan.job.id, {
      steps: this.#steps.map(step => ({ ...step })),
      annotations: [...this.#annotations],
      summaries: [...this.#summaries],
    })
    github.changed()
  }

  #change(number: number, change: Partial<Step>): void {
    const step = this.#steps[number - 1]
    if (step) Object.assign(step, change)
    this.save()
  }
}
