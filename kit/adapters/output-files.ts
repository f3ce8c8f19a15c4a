import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LeftChild, LeftChildren } from '../ports.ts'

/** In the environment of a child with an output folder and of all that it starts. */
export const OUTPUT_FOLDER = 'SLIPWAY_OUTPUT_FOLDER'

const POLL_MILLISECONDS = 100
/** One that the kernel does not let go of, on a dead disk, must not hold the job. */
const KILLS = 50
const PIECE_BYTES = 256 * 1024

type Consumer = (piece: Buffer) => void

/** Two files that a child writes its output to and this process reads as they grow. */
export interface OutputFiles {
  /** For `spawn`. */
  readonly stdio: readonly [number, number]
  /** Reads what is there from now on, until `finish`. `pid` leads the group that is looked for where there is no /proc. */
  follow(pid: number | undefined, onStdout: Consumer, onStderr: Consumer): void
  /** Reads the rest and closes the files. */
  finish(): void
}

export function openOutputFiles(folder: string): OutputFiles {
  const files = ['stdout', 'stderr'].map(name => openSync(join(folder, name), 'w+', 0o600)) as [number, number]
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  const positions = [0, 0]
  let consumers: readonly Consumer[] = []
  const read = () => {
    for (const [index, consume] of consumers.entries())
      for (;;) {
        const length = readSync(files[index]!, piece, 0, PIECE_BYTES, positions[index]!)
        if (length === 0) break
        positions[index]! += length
        consume(Buffer.from(piece.subarray(0, length)))
      }
  }
  let timer: NodeJS.Timeout | undefined
  return {
    stdio: files,
    follow(pid, ...given) {
      consumers = given
      if (pid !== undefined) writeFileSync(join(folder, 'pid'), String(pid))
      timer = setInterval(read, POLL_MILLISECONDS)
    },
    finish() {
      clearInterval(timer)
      read()
      for (const file of files) closeSync(file)
    },
  }
}

export const systemLeftChildren: LeftChildren = { wait: waitForLeft }

async function waitForLeft(folder: string, milliseconds: number): Promise<LeftChild> {
  const file = join(folder, 'stdout')
  const waited = atWork(folder).length > 0
  const end = performance.now() + milliseconds
  while (atWork(folder).length > 0 && performance.now() < end) await wait(POLL_MILLISECONDS)
  const killed = atWork(folder).length > 0
  for (let kills = 0; kills < KILLS && atWork(folder).length > 0; kills++) {
    for (const target of atWork(folder)) kill(target)
    await wait(POLL_MILLISECONDS)
  }
  return { waited, killed, stdout: existsSync(file) ? readFileSync(file, 'utf8') : '' }
}

/** What `kill` takes: processes that carry the mark, or the group where their environment cannot be read. */
function atWork(folder: string): readonly number[] {
  const mark = `${OUTPUT_FOLDER}=${folder}`
  if (existsSync('/proc/self/environ'))
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .filter(name => readProcess(name, 'environ').split('\0').includes(mark))
      .map(Number)
  const pid = existsSync(join(folder, 'pid')) ? Number(readFileSync(join(folder, 'pid'), 'utf8')) : 0
  return pid > 0 && kill(-pid, 0) ? [-pid] : []
}

/** Empty for one that has ended, waited for by nobody, and for one of another user. */
function readProcess(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** False when it is gone. */
function kill(target: number, signal: NodeJS.Signals | 0 = 'SIGKILL'): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch {
    return false
  }
}
