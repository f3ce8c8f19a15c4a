/** A local GitHub with a runner whose jobs are answered by the test. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Job, LocalGitHub, Repository, WorkflowRun } from '../../../local-github/model.ts'
import type { Cancellation, ExecuteJob, JobPlan, JobResult } from '../../../local-github/runner/job-plan.ts'
import { startRunner, type Runner, type RunnerOptions } from '../../../local-github/runner/runner.ts'
import { startServer } from '../../../local-github/server/server.ts'

export interface Stage {
  readonly github: LocalGitHub
  readonly runner: Runner
  readonly repository: Repository
  readonly problems: unknown[]
  /** Plans in the order in which they were executed. */
  readonly executed: JobPlan[]
  /** Answers the jobs of this key; others succeed at once. */
  answer(key: string, answer: (plan: JobPlan, cancellation: Cancellation) => Promise<JobResult> | JobResult): void
  /** Writes files, commits and pushes them; the commit's SHA. */
  push(files: Record<string, string>, options?: PushOptions): Promise<string>
  /** Pushes one workflow and waits until everything is over. */
  run(workflow: string, options?: PushOptions): Promise<WorkflowRun>
  runs(): WorkflowRun[]
  jobs(run?: WorkflowRun): Job[]
  /** `name: conclusion` of each job, in the order of their names. */
  summary(run?: WorkflowRun): string[]
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
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
  const github = await startServer({ stateFolder })
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
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        GIT_CONFIG_GLOBAL: devNull,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'Mona',
        GIT_AUTHOR_EMAIL: 'mona@example.com',
        GIT_COMMITTER_NAME: 'Mona',
        GIT_COMMITTER_EMAIL: 'mona@example.com',
      },
    }).trim()

  const push: Stage['push'] = async (files, { branch = 'main', message = 'Change', repository: into } = {}) => {
    const target = into ?? repository
    const clone = join(folder, 'clones', target.fullName)
    const remote = github.gitFolder(target.id)
    const exists = git(remote, 'for-each-ref', `refs/heads/${branch}`) !== ''
    rmSync(clone, { recursive: true, force: true })
    mkdirSync(clone, { recursive: true })
    git(clone, 'init', '-q', '-b', branch)
    const from = exists ? branch : target.defaultBranch
    if (git(remote, 'for-each-ref', `refs/heads/${from}`) !== '') {
      git(clone, 'fetch', '-q', remote, from)
      git(clone, 'reset', '-q', '--hard', 'FETCH_HEAD')
    }
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      writeFileSync(join(clone, path), content)
    }
    git(clone, 'add', '-A')
    git(clone, 'commit', '-q', '--allow-empty', '-m', message)
    const url = `${github.url.replace('://', `://x:${token}@`)}/${target.fullName}.git`
    await pushOver(clone, url, branch, folder)
    return git(clone, 'rev-parse', 'HEAD')
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
    api: async (method, path, body) => {
      const response = await fetch(`${github.apiUrl}${path}`, {
        method,
        headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
    },
    close: async () => {
      await runner.close()
      await github.close()
      if (options.stateFolder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function pushOver(clone: string, url: string, branch: string, home: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  await new Promise<void>((resolve, reject) => {
    const child = spawn('git', ['push', '-q', url, `HEAD:refs/heads/${branch}`], {
      cwd: clone,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        GIT_CONFIG_GLOBAL: devNull,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
      },
    })
    let output = ''
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', status => (status === 0 ? resolve() : reject(new Error(output))))
  })
}
