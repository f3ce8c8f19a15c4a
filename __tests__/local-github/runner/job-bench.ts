import type { data } from '@actions/expressions'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalGitHub } from '../../../local-github/local-github.ts'
import type { Job, Repository } from '../../../local-github/model.ts'
import { createCancellation, type CancellationSource } from '../../../local-github/runner/cancellation-source.ts'
import { evaluateStringMap, toExpressionData, type Scope } from '../../../local-github/runner/evaluate.ts'
import { createJobExecutor, type ExecutorOptions, type JobExecutor } from '../../../local-github/runner/execute-job.ts'
import type { JobPlan, JobResult } from '../../../local-github/runner/job-plan.ts'
import { parseWorkflowFile } from '../../../local-github/runner/workflow-file.ts'
import { startServer } from '../../../local-github/server/server.ts'

export type Files = Readonly<Record<string, string>>

export interface JobOptions {
  readonly secrets?: Readonly<Record<string, string>>
  readonly permissions?: JobPlan['permissions']
  readonly github?: Readonly<Record<string, unknown>>
  readonly payload?: Readonly<Record<string, unknown>>
  readonly repository?: Repository
  /** Where `$/` leads; the run's own repository when left out. */
  readonly source?: { readonly repository: Repository; readonly sha: string }
  readonly sha?: string
  readonly cancellation?: CancellationSource
  readonly environment?: string
  /** Of an earlier job, so that both are jobs of one run. */
  readonly runId?: number
  readonly executor?: ExecutorOptions
}

export interface Ran {
  readonly result: JobResult
  readonly job: Job
  /** Without times. */
  readonly log: string
  readonly runId: number
  step(name: string): Job['steps'][number] | undefined
}

/** A local GitHub with one repository, on which single jobs run without the scheduling around them. */
export interface JobBench {
  readonly github: LocalGitHub
  readonly repository: Repository
  /** Commits these files to `main` of a repository, made when it is not there. */
  commit(
    fullName: string,
    files: Files,
    options?: { private?: boolean; actionsShared?: boolean },
  ): { repository: Repository; sha: string }
  /** Runs the first job of a workflow, or one with these steps. */
  run(workflow: string, options?: JobOptions): Promise<Ran>
  close(): Promise<void>
}

export async function openBench(): Promise<JobBench> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-jobs-'))
  const github = await startServer({ stateFolder: join(folder, 'state') })
  github.createAccount({ login: 'octo', type: 'User' })
  const { repository, sha } = commit(github, 'octo/app', { 'README.md': 'hello\n' })
  const executors: JobExecutor[] = []
  const byDefault = createJobExecutor(github)
  executors.push(byDefault)
  return {
    github,
    repository,
    commit: (fullName, files, options) => commit(github, fullName, files, options),
    run: async (workflow, options = {}) => {
      const executor = options.executor ? createJobExecutor(github, options.executor) : byDefault
      if (options.executor) executors.push(executor)
      const plan = makePlan(github, asWorkflow(workflow), { repository, sha, ...options })
      const result = await executor.execute(plan, options.cancellation ?? createCancellation())
      return readRan(github, plan, result)
    },
    close: async () => {
      for (const executor of executors) await executor.close()
      await github.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function asWorkflow(text: string): string {
  if (/^jobs:/m.test(text)) return text.replace(/^(?!on:)/, 'on: push\n')
  const indented = text.replace(/^/gm, '      ')
  return `on: push\njobs:\n  only:\n    runs-on: ubuntu-latest\n    steps:\n${indented}\n`
}

function commit(
  github: LocalGitHub,
  fullName: string,
  files: Files,
  options: { private?: boolean; actionsShared?: boolean } = {},
): { repository: Repository; sha: string } {
  const owner = fullName.split('/')[0] ?? ''
  if (!github.store.accounts.find(account => account.login === owner))
    github.createAccount({ login: owner, type: 'Organization' })
  const repository =
    github.store.repositories.find(candidate => candidate.fullName === fullName) ??
    github.createRepository({ fullName, ...options })
  const folder = github.gitFolder(repository.id)
  const has = spawnSync('git', ['rev-parse', '--verify', '--quiet', 'refs/heads/main'], { cwd: folder }).status === 0
  const blobs = Object.entries(files).map(([path, content]) => {
    const mode = path.endsWith('.sh') ? '100755' : '100644'
    return `M ${mode} inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`
  })
  const input = `commit refs/heads/main\ncommitter Octo <octo@example.com> 1750000000 +0000\ndata 4\nwork\n${
    has ? 'from refs/heads/main^0\n' : ''
  }${blobs.join('')}\n`
  const done = spawnSync('git', ['fast-import', '--quiet', '--force'], { cwd: folder, input, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  const sha = spawnSync('git', ['rev-parse', 'refs/heads/main'], { cwd: folder, encoding: 'utf8' }).stdout.trim()
  return { repository, sha }
}

function makePlan(
  github: LocalGitHub,
  workflow: string,
  options: JobOptions & { repository: Repository; sha: string },
): JobPlan {
  const path = '.github/workflows/ci.yml'
  const definition = parseWorkflowFile(path, workflow)
  const [first] = definition.jobs
  if (!first) throw new Error('no job')
  const { repository, sha, permissions = { contents: 'read' }, secrets = {} } = options
  const time = new Date(github.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const payload = { ...options.payload }
  const run =
    (options.runId === undefined ? undefined : github.store.runs.get(options.runId)) ??
    github.store.runs.insert({
      repositoryId: repository.id,
      workflowId: 1,
      path,
      name: 'CI',
      displayTitle: 'CI',
      runNumber: 1,
      attempt: 1,
      event: 'push',
      headBranch: 'main',
      headSha: sha,
      headRepositoryId: repository.id,
      actorId: repository.ownerId,
      triggeringActorId: repository.ownerId,
      pullRequestNumbers: [],
      status: 'in_progress',
      conclusion: null,
      createdAt: time,
      startedAt: time,
      updatedAt: time,
      checkSuiteId: 0,
      payload,
      referencedWorkflows: [],
    })
  const job = github.store.jobs.insert({
    repositoryId: repository.id,
    runId: run.id,
    attempt: 1,
    name: first.key,
    status: 'in_progress',
    conclusion: null,
    createdAt: time,
    startedAt: time,
    completedAt: null,
    needs: [],
    labels: ['ubuntu-latest'],
    runnerName: 'local-1',
    environment: options.environment ?? null,
    environmentUrl: null,
    steps: [],
    checkRunId: 0,
    permissions,
    concurrencyGroup: null,
    annotations: [],
    summaries: [],
  })
  const token = github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: repository.id,
    permissions,
    runId: run.id,
    jobId: job.id,
  })
  const source = options.source ?? { repository, sha }
  const workflowRef = `${repository.fullName}/${path}@refs/heads/main`
  const contexts = toExpressionData({
    github: {
      token,
      job: first.key,
      event_name: 'push',
      event: payload,
      ref: 'refs/heads/main',
      ref_name: 'main',
      ref_type: 'branch',
      ref_protected: false,
      sha,
      head_ref: '',
      base_ref: '',
      repository: repository.fullName,
      repository_id: String(repository.id),
      repository_owner: repository.fullName.split('/')[0],
      repository_owner_id: String(repository.ownerId),
      actor: 'octo',
      actor_id: String(repository.ownerId),
      triggering_actor: 'octo',
      workflow: 'CI',
      workflow_ref: workflowRef,
      workflow_sha: sha,
      run_id: String(run.id),
      run_number: '1',
      run_attempt: '1',
      server_url: github.url,
      api_url: github.apiUrl,
      graphql_url: github.graphqlUrl,
      retention_days: '90',
      ...options.github,
    },
    needs: {},
    matrix: null,
    strategy: {},
    inputs: {},
    vars: {},
    secrets: { GITHUB_TOKEN: token, ...secrets },
    job: { workflow_ref: workflowRef, workflow_sha: source.sha },
  }) as data.Dictionary
  const scope = { contexts }
  return {
    run,
    job,
    key: first.key,
    steps: first.steps,
    contexts,
    env: { ...evaluateStringMap(definition.env, scope), ...evaluateStringMap(first.env, scope) },
    defaults: readDefaults(first.defaults, scope),
    outputs: first.outputs,
    environment: options.environment === undefined ? null : { name: options.environment, url: null },
    source: { repositoryId: source.repository.id, sha: source.sha, ref: 'refs/heads/main', path },
    callerSha: sha,
    token,
    permissions,
    timeoutMinutes: Number(first.timeoutMinutes?.toString() ?? 360),
    secrets: { GITHUB_TOKEN: token, ...secrets },
  }
}

function readDefaults(token: TemplateToken | null, scope: Scope): JobPlan['defaults'] {
  const run = token?.assertMapping('defaults').find('run')
  const { shell, 'working-directory': workingDirectory } = evaluateStringMap(run, scope)
  return { ...(shell === undefined ? {} : { shell }), ...(workingDirectory === undefined ? {} : { workingDirectory }) }
}

function readRan(github: LocalGitHub, plan: JobPlan, result: JobResult): Ran {
  const job = github.store.jobs.get(plan.job.id)
  if (!job) throw new Error('the job is gone')
  const file = join(github.stateFolder, 'logs', `${job.id}.log`)
  const log = existsSync(file) ? readFileSync(file, 'utf8').replace(/^\S+ /gm, '') : ''
  return { result, job, log, runId: plan.run.id, step: name => job.steps.find(step => step.name === name) }
}
