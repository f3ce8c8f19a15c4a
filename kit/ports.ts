/**
 * What an action may ask of the world. `main` takes the few it needs (`Pick<Ports, 'log' | 'exec'>`), so that a test hands
 * it fakes and a terminal host hands it other adapters. No type of a library appears here.
 */

import type {
  Checks,
  Comments,
  Commits,
  Deployments,
  Issues,
  Labels,
  PullRequests,
  Repository,
  Statuses,
  WorkflowRuns,
} from './github-ports.ts'

export type * from './github-ports.ts'

export interface Log {
  debug(text: string): void
  info(text: string): void
  /** The result of the run, in one line. */
  notice(text: string, place?: Place): void
  /** The user should act. */
  warning(text: string, place?: Place): void
  error(text: string, place?: Place): void
  /** Folds what `work` logs; closed also when it throws. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Hides `value` in the log from here on, whole and by line (rule R9). */
  secret(value: string): void
}

/** Where an annotation points: a path from the repository's root, lines from 1. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly endLine?: number
  readonly column?: number
  readonly endColumn?: number
  readonly title?: string
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  sleep(milliseconds: number): Promise<void>
}

export interface Random {
  /** From 0 up to but without 1. */
  next(): number
  bytes(count: number): Uint8Array
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** Absolute. The workspace when left out. */
  readonly cwd?: string
  /** Added to the allow-listed environment; the only way for a secret into a child, besides `stdin` (rule R11). */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  /** Called for each line as it comes; a line over 64 KiB comes in pieces. */
  readonly onStdoutLine?: (line: string) => void
  readonly onStderrLine?: (line: string) => void
  /** What is kept of each stream, in bytes; the end wins. 64 MiB when left out. */
  readonly maxOutputBytes?: number
  readonly timeoutMilliseconds?: number
  /** Which exit codes are no error. `[0]` when left out. */
  readonly okExitCodes?: readonly number[]
  /** Only the first SIGINT reaches the child; Terraform exits at once on a second one. False when left out. */
  readonly firstSignalOnly?: boolean
  /**
   * Absolute. The child writes its output to files in this folder instead of pipes, so that it can finish its work when
   * this process is killed: a write to a broken pipe would end it. The port LeftChildren finds it by the folder.
   */
  readonly outputFolder?: string
}

export interface Completed {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** Bytes of stdout that were dropped to stay within `maxOutputBytes`. */
  readonly droppedBytes: number
}

export interface Exec {
  /** Runs without a shell. Throws CommandError on another exit code than allowed, on a signal and on time-out. */
  run(command: Command): Promise<Completed>
}

/** What became of a command with `outputFolder` whose process was killed while it ran. */
export interface LeftChild {
  /** It was still at work when it was looked for. */
  readonly waited: boolean
  /** It did not end in time and was killed. */
  readonly killed: boolean
  readonly stdout: string
}

export interface LeftChildren {
  /** Waits for what an earlier process of this job left at work with `outputFolder`, and kills what is then left of it. */
  wait(outputFolder: string, milliseconds: number): Promise<LeftChild>
}

export interface Files {
  /** The workspace: inputs' paths are relative to `working-directory` in it and stay inside. Absolute. */
  readonly workspace: string
  /** A fresh folder in the job's temporary folder. */
  temporaryFolder(prefix: string): Promise<string>
  /** Absolute path for an input's path; throws InputError when it leaves the workspace, also through a link. */
  resolve(input: string, path: string, workingDirectory?: string): Promise<string>
  exists(path: string): Promise<boolean>
  readText(path: string): Promise<string>
  readBytes(path: string): Promise<Uint8Array>
  /** The file from its beginning, a piece at a time: for files that may be larger than memory. */
  readChunks(path: string): AsyncIterable<Uint8Array>
  /** Size in bytes. */
  size(path: string): Promise<number>
  list(folder: string): Promise<readonly string[]>
  /**
   * Every file below `folder`, in no order. Folders whose name `enters` denies are left out, and links to folders.
   */
  walk(folder: string, enters: (name: string) => boolean): Promise<readonly WalkedFile[]>
  /** Written beside and renamed, so that nobody sees half of it. `mode` is 0o600 when left out. */
  write(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  remove(path: string): Promise<void>
}

export interface WalkedFile {
  /** From the folder that was walked, with `/`. */
  readonly path: string
  /** Where it really is, from there too: another path for a link, `undefined` for one that leads out or nowhere. */
  readonly target: string | undefined
}

/** What started this run. From the event and the runner's variables; nothing a pull request's text can forge. */
export interface RunContext {
  /** `owner/name`. */
  readonly repository: string
  readonly repositoryId: number | undefined
  readonly sha: string
  readonly ref: string
  readonly eventName: string
  readonly runId: number
  readonly runNumber: number
  readonly runAttempt: number
  readonly job: string
  readonly workflow: string
  readonly actor: string
  readonly serverUrl: string
  readonly apiUrl: string
  /** Page of this run. */
  readonly runUrl: string
  /** Name of the machine that this job runs on, as programs see it. */
  readonly hostName: string
  /** The machine is GitHub's and runs no other job. */
  readonly hostIsOurs: boolean
  readonly pullRequest: PullRequestRef | undefined
}

export interface PullRequestRef {
  readonly number: number
  readonly headSha: string
  readonly baseSha: string
  readonly headRef: string
  readonly baseRef: string
  /** The head is in another repository: no secrets, read-only token. */
  readonly fork: boolean
  /** The head before the push that this event tells of; `undefined` for another event. */
  readonly previousHeadSha?: string
}

export interface Summary {
  /** Appends to the step's summary; kept within 1 MiB of the step's total, whatever others wrote. */
  write(markdown: string): Promise<void>
  /** Bytes that are left. */
  remaining(): Promise<number>
}

export interface Tools {
  /**
   * Absolute path of a tool: on PATH when its version fits `range` (`auto`: what is there, else the newest known), else
   * installed with its checksum proved.
   */
  find(tool: ToolName, options: { readonly range: string; readonly downloadUrl?: string }): Promise<Tool>
}

export type ToolName =
  'terraform' | 'tofu' | 'kubectl' | 'helm' | 'kustomize' | 'k6' | 'infracost' | 'tflint' | 'conftest'

export interface Tool {
  readonly name: ToolName
  readonly path: string
  readonly version: string
  readonly origin: 'path' | 'cache' | 'download'
}

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

/** Identity tokens of this job (`id-token: write`). */
export interface Identity {
  /** Throws ActionError naming the permission line when the job has none. */
  token(audience: string): Promise<string>
}

/** An HTTP call outside GitHub, with the runner's proxies. For STS and the like; never retried blindly. */
export interface Http {
  request(request: {
    readonly method: 'GET' | 'POST'
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    readonly timeoutMilliseconds?: number
  }): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }>
}

export interface LoadRequest {
  readonly method: string
  /** Absolute, `http:` or `https:`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** A load that starts requests by the clock, whatever becomes of the ones before (open model). */
export interface Load {
  /** Sent in turn, over and over. */
  readonly requests: readonly LoadRequest[]
  readonly ratePerSecond: number
  readonly durationSeconds: number
  /** Requests that may be in flight at once. One that is due beyond it waits, and its latency counts on. */
  readonly users: number
  /** Of one request, from when it is sent to the end of its answer. */
  readonly timeoutMilliseconds: number
}

/** What became of a request. Times are milliseconds. */
export interface LoadSample {
  /** Index in `requests`. */
  readonly request: number
  /** From when it was meant to start to the end of the answer, so that waiting for a place counts. */
  readonly latency: number
  /** The part of `latency` in which it could have been started and was not: the generator's own fault. */
  readonly ownDelay: number
  /** False when all users were busy to the end: its latency would have been at least this long. */
  readonly sent: boolean
  /** `undefined` when it was not answered in full; then `failure` says why. */
  readonly status: number | undefined
  readonly failure: string | undefined
}

export interface LoadResult {
  /** Requests that the schedule holds. */
  readonly scheduled: number
  /** Requests that were sent before the time was over. */
  readonly started: number
  /** Requests that found all users busy when they were due, whether they were sent later or not. */
  readonly waited: number
  /** Requests that were reset on a kept connection before any answer, and were sent once more over a new one. */
  readonly retried: number
  /** Share of the time in which the generator itself was at work; near 1 its own slowness is in every latency. */
  readonly busyShare: number
}

export interface LoadGenerator {
  /**
   * Runs a load and waits for what is in flight at its end. Redirects are not followed (rule R38), the runner's proxies not
   * used. Never throws for what a target does.
   */
  run(load: Load, onSample: (sample: LoadSample) => void): Promise<LoadResult>
}

/** What `main` keeps for the post step. No secret goes in. */
export interface State {
  save(name: string, value: string): void
}

export interface Environment {
  /** A variable of the runner's or user's environment; `undefined` when unset or empty. */
  get(name: string): string | undefined
}

export interface Ports {
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly exec: Exec
  readonly leftChildren: LeftChildren
  readonly files: Files
  readonly run: RunContext
  readonly comments: Comments
  readonly issues: Issues
  readonly statuses: Statuses
  readonly checks: Checks
  readonly deployments: Deployments
  readonly labels: Labels
  readonly commits: Commits
  readonly repository: Repository
  readonly pullRequests: PullRequests
  readonly workflowRuns: WorkflowRuns
  readonly summary: Summary
  readonly tools: Tools
  readonly identity: Identity
  readonly http: Http
  readonly loadGenerator: LoadGenerator
  readonly state: State
  readonly environment: Environment
}
