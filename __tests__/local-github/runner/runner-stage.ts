/** A local GitHub with a runner whose jobs are answered by the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job, Repository, WorkflowRun } from '../../../local-github/model.ts'
import type { Cancellation, ExecuteJob, JobPlan, JobResult } from '../../../local-github/runner/job-plan.ts'
import { startRunner, type Runner, type RunnerOptions } from '../../../local-github/runner/runner.ts'
import { zeroSha, type Core } from '../../../local-github/server/core.ts'
import { openGit, type GitRepository } from '../../../local-github/server/git.ts'
import { startServer } from '../../../local-github/server/server.ts'

export interface Stage {
  /** The server itself, so that tests can make events without the way through git. */
  readonly github: Core
  readonly runner: Runner
  readonly repository: Repository
  readonly problems: unknown[]
  /** Plans in the order in which they were executed. */
  readonly executed: JobPlan[]
  /** Answers the jobs of this key; others succeed at once. */
  answer(key: string, answer: (plan: JobPlan, cancellation: Cancellation) => Promise<JobResult> | JobResult): void
  /** Commits files and says that they were pushed; the commit's SHA. */
  push(files: Record<string, string>, options?: PushOptions): Promise<string>
  /** Pushes one workflow and waits until everything is over. */
  run(workflow: string, options?: PushOptions): Promise<WorkflowRun>
  runs(): WorkflowRun[]
  jobs(run?: WorkflowRun): Job[]
  /** `name: conclusion` of each job, in the order of their names. */
  summary(run?: WorkflowRun): string[]
  /** With the owner's token, unless another is given. */
  api(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: unknown }>
  /** Forgets answers and plans. */
  reset(): void
  close(): Promise<void>
}

export interface PushOptions {
  readonly branch?: string
  readonly message?: string
  readonly repository?: Repository
}

export const success = (outputs: Record<string, string> = {}): JobResult => ({
  conclusion: 'success',
  outputs,
  environmentUrl: null,
})
export const failure: JobResult = { conclusion: 'failure', outputs: {}, environmentUrl: null }

/** A job that goes on until the test or a cancellation ends it. */
export function createHeldJob() {
  const { promise, resolve } = Promise.withResolvers<JobResult>()
  let begin: () => void = () => {}
  const started = new Promise<void>(done => (begin = done))
  const execute: ExecuteJob = (_plan, cancellation) => {
    begin()
    cancellation.onRequest(() => resolve({ conclusion: 'cancelled', outputs: {}, environmentUrl: null }))
    return promise
  }
  return { started, execute, finish: (result: JobResult = success()) => resolve(result) }
}

interface StageOptions extends RunnerOptions {
  readonly stateFolder?: string
  /** Steps run as processes of this machine. */
  readonly real?: boolean
}

export async function setStage({ real = false, ...options }: StageOptions = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-stage-'))
  const stateFolder = options.stateFolder ?? join(folder, 'state')
  const github = (await startServer({ stateFolder })) as Core
  const owner =
    github.store.accounts.find(account => account.login === 'mona') ??
    github.createAccount({ login: 'mona', type: 'User', name: 'Mona', email: 'mona@example.com' })
  const repository =
    github.store.repositories.find(found => found.fullName === 'mona/shop') ??
    github.createRepository({ fullName: 'mona/shop' })
  const token = github.mintToken({ login: owner.login, kind: 'user' })
  const answers = new Map<string, ExecuteJob>()
  const executed: JobPlan[] = []
  const problems: unknown[] = []
  const runner = startRunner(github, {
    concurrency: 8,
    onProblem: problem => problems.push(problem),
    ...options,
    ...(real
      ? {}
      : {
          execute: async (plan: JobPlan, cancellation: Cancellation) => {
            executed.push(plan)
            return (await answers.get(plan.key)?.(plan, cancellation)) ?? success()
          },
        }),
  })
  const push: Stage['push'] = async (files, { branch = 'main', message = 'Change', repository: into } = {}) => {
    const target = into ?? repository
    const git = openGit(github.gitFolder(target.id))
    const ref = `refs/heads/${branch}`
    const before = await git.readRef(ref)
    const from = before ?? (await git.readRef(`refs/heads/${target.defaultBranch}`))
    const after = await importCommit(git, { ref, from, message, files })
    github.emit({
      repositoryId: target.id,
      name: 'push',
      action: '',
      ref,
      sha: after,
      actorId: owner.id,
      byJobToken: false,
      payload: { ref, before: before ?? zeroSha, after, head_commit: { id: after, message } },
    })
    return after
  }

  const runs = (): WorkflowRun[] => github.store.runs.filter(() => true)
  const newest = (): WorkflowRun => {
    const run = runs().at(-1)
    if (!run) throw new Error('Nothing has run.')
    return run
  }
  const jobs = (run = newest()): Job[] =>
    github.store.jobs.filter(job => job.runId === run.id && job.attempt === github.store.runs.get(run.id)?.attempt)

  return {
    github,
    runner,
    repository,
    problems,
    executed,
    push,
    runs,
    jobs,
    answer: (key, answer) => answers.set(key, async (plan, cancellation) => answer(plan, cancellation)),
    run: async (workflow, pushOptions) => {
      await push({ '.github/workflows/ci.yml': workflow }, pushOptions)
      await runner.idle()
      return newest()
    },
    summary: run =>
      jobs(run)
        .map(job => `${job.name}: ${job.conclusion ?? job.status}`)
        .sort(),
    api: async (method, path, body, other = token) => {
      const response = await fetch(`${github.apiUrl}${path}`, {
        method,
        headers: { authorization: `token ${other}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
    },
    reset: () => {
      answers.clear()
      executed.length = 0
      problems.length = 0
    },
    close: async () => {
      await runner.close()
      await github.close()
      if (options.stateFolder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What a push would leave, in one process instead of a dozen. */
async function importCommit(
  git: GitRepository,
  commit: { ref: string; from: string | null; message: string; files: Record<string, string> },
): Promise<string> {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`
  const files = Object.entries(commit.files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`)
  const from = commit.from === null ? '' : `from ${commit.from}\n`
  const identity = 'committer Mona <mona@example.com> 1700000000 +0000\n'
  await git.text(['fast-import', '--quiet', '--force'], {
    input: `commit ${commit.ref}\n${identity}${data(commit.message)}${from}${files.join('')}\ndone\n`,
  })
  return git.text(['rev-parse', commit.ref])
}
