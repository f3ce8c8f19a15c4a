import type { data } from '@actions/expressions'
import type { MappingToken, ScalarToken, TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import type { Conclusion, Job, WorkflowRun } from '../model.ts'

/**
 * The boundary between scheduling and execution: everything that a job needs, decided before it starts. Templates that only
 * the steps can evaluate (they read `steps`, `env` or `runner`) stay tokens; `evaluate.ts` turns them into values.
 */
export interface JobPlan {
  readonly run: WorkflowRun
  /** As it was when the plan was made; the executor writes `steps`, `annotations` and `summaries` of this id as it goes. */
  readonly job: Job
  /** Key of the job in its own file: `github.job`. */
  readonly key: string
  readonly steps: StepDefinition[]
  /** `github needs matrix strategy inputs vars secrets job`; the executor adds `env`, `runner`, `steps` and `job.status`. */
  readonly contexts: data.Dictionary
  /** Of the workflow that defines the job and of the job, evaluated, the job's winning. */
  readonly env: Record<string, string>
  /** `defaults.run` of workflow and job, evaluated, the job's winning. */
  readonly defaults: { readonly shell?: string; readonly workingDirectory?: string }
  /** `jobs.<key>.outputs`: read after the last step. */
  readonly outputs: MappingToken | null
  readonly environment: JobEnvironment | null
  /** The file that defines this job, which `$/` and `job.workflow_*` speak of: another repository's for a called workflow. */
  readonly source: JobSource
  /** Commit that the run is about, in the run's repository: `github.sha`. */
  readonly callerSha: string
  /** The job's own, `secrets.GITHUB_TOKEN`. */
  readonly token: string
  readonly permissions: Record<string, 'read' | 'write' | 'none'>
  readonly timeoutMinutes: number
  /** All values to mask, the token among them, by name. */
  readonly secrets: Record<string, string>
}

export interface JobSource {
  readonly repositoryId: number
  readonly sha: string
  /** `refs/heads/main`, or the SHA that the caller named. */
  readonly ref: string
  /** `.github/workflows/x.yml`. */
  readonly path: string
}

export interface JobEnvironment {
  readonly name: string
  /** Read after the last step: it may use `steps`. */
  readonly url: TemplateToken | null
}

export interface StepDefinition {
  /** Empty when the file gives none. */
  readonly id: string
  readonly name: ScalarToken | null
  /** With the status function that GitHub adds when there is none. */
  readonly condition: string
  readonly run: ScalarToken | null
  readonly uses: string | null
  readonly with: MappingToken | null
  readonly env: MappingToken | null
  readonly shell: ScalarToken | null
  readonly workingDirectory: ScalarToken | null
  readonly continueOnError: ScalarToken | null
  readonly timeoutMinutes: ScalarToken | null
}

export interface JobResult {
  readonly conclusion: Extract<Conclusion, 'success' | 'failure' | 'cancelled' | 'timed_out'>
  /** Those that hold a masked value are left out. */
  readonly outputs: Record<string, string>
  readonly environmentUrl: string | null
}

export interface Cancellation {
  readonly requested: boolean
  /** No further step runs, not even `always()` ones. */
  readonly forced: boolean
  /** Called at once when it was requested before; a second call says that it became forced. Returns the way out. */
  onRequest(listener: (forced: boolean) => void): () => void
}

export type ExecuteJob = (plan: JobPlan, cancellation: Cancellation) => Promise<JobResult>
