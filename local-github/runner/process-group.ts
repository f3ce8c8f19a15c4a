import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as delay } from 'node:timers/promises'

/** Waits that tests shorten. */
export interface Timers {
  /** Returns the way to call it off. */
  after(milliseconds: number, callback: () => void): () => void
}

export const realTimers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** Why a step is stopped: `force` kills at once, the others ask first. */
export type StopReason = 'cancel' | 'timeout' | 'force'

export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** Aborted with a `StopReason`. */
  readonly stop: AbortSignal
}

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

const interruptGraceMilliseconds = 7500
const terminateGraceMilliseconds = 2500
/** A background process that holds the pipe open must not hold the step. */
const drainMilliseconds = 500
const maxLineLength = 64 * 1024

/** Runs a job's processes, each in a group of its own, and leaves none behind. */
export class ProcessGroups {
  readonly trackingId: string
  readonly #timers: Timers
  readonly #groups = new Set<number>()

  /** @param trackingId in the environment of every process of the job, by which those that left their group are found */
  constructor(trackingId: string, timers: Timers) {
    this.trackingId = trackingId
    this.#timers = timers
  }

  run(command: ChildCommand): Promise<ChildEnd> {
    return new Promise((resolve, reject) => {
      const child = spawn(command.file, [...command.args], {
        cwd: command.cwd,
        env: { ...command.env, RUNNER_TRACKING_ID: this.trackingId },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const { pid } = child
      if (pid !== undefined) this.#groups.add(pid)
      const callsOff: (() => void)[] = []
      const stop = (): void => {
        callsOff.push(...this.#stop(child, command.stop.reason as StopReason))
      }
      const flushes = [child.stdout, child.stderr].map(stream => readLines(stream, command.onLine))
      let ended: ChildEnd | null = null
      const finish = (end: ChildEnd): void => {
        command.stop.removeEventListener('abort', stop)
        for (const callOff of callsOff) callOff()
        for (const flush of flushes) flush()
        child.stdout.destroy()
        child.stderr.destroy()
        resolve(end)
      }
      child.on('error', reject)
      child.on('exit', (exitCode, signal) => {
        ended = { exitCode, signal }
        const end = ended
        const timer = setTimeout(() => finish(end), drainMilliseconds)
        callsOff.push(() => clearTimeout(timer))
      })
      child.on('close', () => {
        if (ended) finish(ended)
      })
      if (command.stop.aborted) stop()
      else command.stop.addEventListener('abort', stop)
    })
  }

  /**
   * As GitHub documents it: the signals that ask go to the step's own process only (a shell does not pass them on), and
   * what is still there after both is killed with all that it started.
   */
  #stop(child: ChildProcess, reason: StopReason): (() => void)[] {
    const kill = (): void => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL')
    }
    if (reason === 'force') {
      kill()
      return []
    }
    child.kill('SIGINT')
    return [
      this.#timers.after(interruptGraceMilliseconds, () => void child.kill('SIGTERM')),
      this.#timers.after(interruptGraceMilliseconds + terminateGraceMilliseconds, kill),
    ]
  }

  /** Kills what runs, without asking. */
  kill(): void {
    for (const pid of this.#groups) signalGroup(pid, 'SIGKILL')
  }

  /** Kills what the job left running, and waits until it is gone. Returns what it killed, for the log. */
  async killLeftovers(): Promise<{ pid: number; name: string }[]> {
    const killed = new Map<number, string>()
    for (let attempt = 0; attempt < 100; attempt++) {
      const left = this.#leftovers()
      if (left.length === 0) break
      for (const { pid, name } of left) {
        killed.set(pid, name)
        signalProcess(pid, 'SIGKILL')
      }
      await delay(5)
    }
    this.#groups.clear()
    return [...killed].map(([pid, name]) => ({ pid, name }))
  }

  #leftovers(): { pid: number; name: string }[] {
    const processes = listProcesses()
    if (processes === null) {
      return [...this.#groups].filter(pid => signalGroup(pid, 'SIGKILL')).map(pid => ({ pid, name: 'process group' }))
    }
    const marker = `RUNNER_TRACKING_ID=${this.trackingId}`
    return processes.flatMap(pid => {
      const environment = readProcessFile(pid, 'environ')
      if (!environment.split('\0').includes(marker)) return []
      return [{ pid, name: readProcessFile(pid, 'comm').trim() }]
    })
  }
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let flushed = false
  const take = (text: string): void => {
    rest += text
    for (;;) {
      const end = rest.indexOf('\n')
      if (end < 0 && rest.length <= maxLineLength) return
      const cut = end >= 0 && end <= maxLineLength ? end : maxLineLength
      onLine(rest.slice(0, cut).replace(/\r$/, ''))
      rest = rest.slice(cut === end ? cut + 1 : cut)
    }
  }
  stream.on('data', (chunk: Buffer) => {
    if (!flushed) take(decoder.write(chunk))
  })
  return () => {
    if (flushed) return
    flushed = true
    take(decoder.end())
    if (rest !== '') onLine(rest.replace(/\r$/, ''))
  }
}

/** False when there is no such group any more. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return signalProcess(-pid, signal)
}

function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch {
    return false
  }
}

/** Null where the system has no `/proc`. */
function listProcesses(): number[] | null {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return null
  }
}

function readProcessFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
