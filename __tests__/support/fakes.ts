import { isAbsolute, join } from 'node:path/posix'
import { CommandError } from '../../kit/errors.ts'
import type {
  Check,
  CheckProgress,
  Checks,
  Clock,
  Command,
  Comments,
  CommitStatus,
  Completed,
  Exec,
  Files,
  Issues,
  Load,
  LoadGenerator,
  LoadResult,
  LoadSample,
  Log,
  OwnCheck,
  Place,
  Random,
  RunContext,
  StandingIssue,
  Statuses,
  StickyComment,
  Summary,
  WalkedFile,
  WrittenIssue,
} from '../../kit/ports.ts'
import { ISSUE_BUDGET } from '../../kit/report/budget.ts'

/** A log that remembers. */
export class FakeLog implements Log {
  readonly lines: string[] = []
  readonly notices: string[] = []
  readonly warnings: string[] = []
  readonly errors: string[] = []
  readonly places: (Place | undefined)[] = []
  readonly secrets: string[] = []

  debug(): void {}
  info(text: string): void {
    this.lines.push(text)
  }
  notice(text: string, place?: Place): void {
    this.notices.push(text)
    this.places.push(place)
  }
  warning(text: string, place?: Place): void {
    this.warnings.push(text)
    this.places.push(place)
  }
  error(text: string, place?: Place): void {
    this.errors.push(text)
    this.places.push(place)
  }
  async group<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.lines.push(title)
    return work()
  }
  secret(value: string): void {
    this.secrets.push(value)
  }
  text(): string {
    return [...this.lines, ...this.notices, ...this.warnings, ...this.errors].join('\n')
  }
}

/** Files in memory; `/workspace` is the workspace. */
export class FakeFiles implements Files {
  readonly workspace = '/workspace'
  readonly content = new Map<string, string | Uint8Array>()
  readonly removed: string[] = []
  #folders = 0

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.content.set(this.#absolute(path), content)
  }
  async temporaryFolder(prefix: string): Promise<string> {
    return `/temporary/${prefix}-${++this.#folders}`
  }
  async resolve(_input: string, path: string, workingDirectory = '.'): Promise<string> {
    return isAbsolute(path) ? path : join(this.workspace, workingDirectory, path)
  }
  async exists(path: string): Promise<boolean> {
    return this.content.has(path) || [...this.content.keys()].some(file => file.startsWith(`${path}/`))
  }
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(this.#read(path))
  }
  async readBytes(path: string): Promise<Uint8Array> {
    return this.#read(path)
  }
  /** In pieces of 7 bytes: a reader that needs whole lines in one piece is found out. */
  async *readChunks(path: string): AsyncGenerator<Uint8Array> {
    const bytes = this.#read(path)
    for (let at = 0; at < bytes.length; at += 7) yield bytes.slice(at, at + 7)
  }
  async size(path: string): Promise<number> {
    return this.#read(path).length
  }
  async list(folder: string): Promise<readonly string[]> {
    const inside = [...this.content.keys()].filter(file => file.startsWith(`${folder}/`))
    return [...new Set(inside.map(file => file.slice(folder.length + 1).split('/')[0]!))].sort()
  }
  async walk(folder: string, enters: (name: string) => boolean): Promise<readonly WalkedFile[]> {
    return [...this.content.keys()]
      .filter(file => file.startsWith(`${folder}/`))
      .map(file => file.slice(folder.length + 1))
      .filter(path => path.split('/').slice(0, -1).every(enters))
      .map(path => ({ path, target: path }))
  }
  async write(path: string, content: string | Uint8Array): Promise<void> {
    this.content.set(path, content)
  }
  async remove(path: string): Promise<void> {
    this.removed.push(path)
    for (const file of [...this.content.keys()])
      if (file === path || file.startsWith(`${path}/`)) this.content.delete(file)
  }
  #absolute(path: string): string {
    return isAbsolute(path) ? path : join(this.workspace, path)
  }
  #read(path: string): Uint8Array {
    const content = this.content.get(path)
    if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
    return typeof content === 'string' ? new TextEncoder().encode(content) : content
  }
}

export class FakeSummary implements Summary {
  readonly parts: string[] = []
  room = 1024 * 1024

  async write(markdown: string): Promise<void> {
    this.parts.push(markdown)
  }
  async remaining(): Promise<number> {
    return this.room
  }
  text(): string {
    return this.parts.join('\n')
  }
}

/** Commands that remember; `answer` says how each ends. Another exit code than allowed throws, as the real one does. */
export class FakeExec implements Exec {
  readonly commands: Command[] = []
  readonly answer: (command: Command) => Partial<Completed>

  constructor(answer: (command: Command) => Partial<Completed> = () => ({})) {
    this.answer = answer
  }
  async run(command: Command): Promise<Completed> {
    this.commands.push(command)
    const completed = { exitCode: 0, stdout: '', stderr: '', droppedBytes: 0, ...this.answer(command) }
    const linesOf = (text: string) => text.split('\n').filter(line => line !== '')
    linesOf(completed.stdout).forEach(line => command.onStdoutLine?.(line))
    linesOf(completed.stderr).forEach(line => command.onStderrLine?.(line))
    if (!(command.okExitCodes ?? [0]).includes(completed.exitCode))
      throw new CommandError({ ...command, exitCode: completed.exitCode, stderr: completed.stderr })
    return completed
  }
  lines(): readonly string[] {
    return this.commands.map(({ file, args }) => [file, ...args].join(' '))
  }
}

export class FakeComments implements Comments {
  readonly written: (Omit<StickyComment, 'body'> & { readonly body: string; readonly further: readonly string[] })[] =
    []

  async upsert(comment: StickyComment): Promise<{ url: string; outcome: 'created' }> {
    const [body = '', ...further] = [comment.body({ bytes: 262_144, characters: Infinity })].flat()
    this.written.push({ ...comment, body, further })
    return { url: `https://github.example/comment/${this.written.length}`, outcome: 'created' }
  }
}

export class FakeIssues implements Issues {
  readonly raised: (Omit<StandingIssue, 'body'> & { readonly body: string })[] = []
  readonly resolved: Parameters<Issues['resolve']>[0][] = []

  async raise(issue: StandingIssue): Promise<WrittenIssue> {
    this.raised.push({ ...issue, body: issue.body(ISSUE_BUDGET) })
    return { url: 'https://github.example/acme/shop/issues/7', outcome: 'opened' }
  }
  async resolve(issue: Parameters<Issues['resolve']>[0]): Promise<WrittenIssue> {
    this.resolved.push(issue)
    return { url: 'https://github.example/acme/shop/issues/7', outcome: 'closed' }
  }
}

export class FakeStatuses implements Statuses {
  readonly written: CommitStatus[] = []

  async set(status: CommitStatus): Promise<void> {
    this.written.push(status)
  }
}

export class FakeChecks implements Checks {
  readonly begun: CheckProgress[] = []
  readonly completed: Check[] = []

  async progress(check: CheckProgress): Promise<void> {
    this.begun.push(check)
  }
  async complete(check: Check): Promise<{ readonly url: string }> {
    this.completed.push(check)
    return { url: `https://github.example/check/${this.completed.length}` }
  }
  async own(sha: string, wanted?: string): Promise<readonly OwnCheck[]> {
    const found = this.completed.filter(check => check.sha === sha && (wanted ?? check.name) === check.name)
    const newest = new Map(found.map(check => [`${check.name} ${check.externalId}`, check]))
    return [...newest.values()].reverse().map(({ text = '', ...check }) => ({ ...check, text, url: '' }))
  }
}

/** Answers every request of a load at once; `answer` says how, by the request's number in the schedule. */
export class FakeLoadGenerator implements LoadGenerator {
  readonly loads: Load[] = []
  readonly answer: (index: number) => Partial<LoadSample>
  readonly result: Partial<LoadResult>

  constructor(answer: (index: number) => Partial<LoadSample> = () => ({}), result: Partial<LoadResult> = {}) {
    this.answer = answer
    this.result = result
  }
  async run(load: Load, onSample: (sample: LoadSample) => void): Promise<LoadResult> {
    this.loads.push(load)
    const scheduled = Math.round(load.ratePerSecond * load.durationSeconds)
    for (let index = 0; index < scheduled; index += 1)
      onSample({
        ...{ request: index % load.requests.length, latency: 20, ownDelay: 0, sent: true },
        ...{ status: 200, failure: undefined },
        ...this.answer(index),
      })
    return { scheduled, started: scheduled, waited: 0, retried: 0, busyShare: 0.1, ...this.result }
  }
}

/** A clock that only sleeping moves. */
export class FakeClock implements Clock {
  milliseconds: number
  readonly slept: number[] = []

  constructor(milliseconds = Date.UTC(2026, 10, 21)) {
    this.milliseconds = milliseconds
  }
  now(): number {
    return this.milliseconds
  }
  async sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds)
    this.milliseconds += milliseconds
  }
}

export class FakeRandom implements Random {
  next(): number {
    return 0.5
  }
  bytes(count: number): Uint8Array {
    return new Uint8Array(count).fill(7)
  }
}

/** A run of a pull request in `acme/shop`. */
export function makeRun(changes: Partial<RunContext> = {}): RunContext {
  return {
    repository: 'acme/shop',
    repositoryId: 7,
    sha: 'f'.repeat(40),
    ref: 'refs/pull/42/merge',
    eventName: 'pull_request',
    runId: 99,
    runNumber: 3,
    runAttempt: 1,
    job: 'plan',
    workflow: 'Plan',
    actor: 'ada',
    serverUrl: 'https://github.example',
    apiUrl: 'https://github.example/api/v3',
    runUrl: 'https://github.example/acme/shop/actions/runs/99/attempts/1',
    hostName: 'runner-1',
    hostIsOurs: true,
    pullRequest: {
      number: 42,
      headSha: 'a'.repeat(40),
      baseSha: 'b'.repeat(40),
      headRef: 'topic',
      baseRef: 'infra_main',
      fork: false,
    },
    ...changes,
  }
}
