import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Masks } from './masks.ts'

/**
 * A job's log on disk as it comes: `logs/<job>.log` is the whole, `logs/<job>/<step number>.log` each step's part. Every line
 * starts with its time; secrets are masked before anything is written.
 */
export class JobLog {
  readonly #masks: Masks
  readonly #now: () => number
  readonly #onWrite: () => void
  readonly #folder: string
  readonly #whole: number
  #step: number | null = null

  constructor(options: {
    readonly stateFolder: string
    readonly jobId: number
    readonly masks: Masks
    readonly now: () => number
    readonly onWrite: () => void
  }) {
    this.#masks = options.masks
    this.#now = options.now
    this.#onWrite = options.onWrite
    this.#folder = join(options.stateFolder, 'logs', String(options.jobId))
    mkdirSync(this.#folder, { recursive: true })
    this.#whole = openSync(`${this.#folder}.log`, 'w')
  }

  /** What is written from here on belongs to this step. */
  startStep(number: number): void {
    this.endStep()
    this.#step = openSync(join(this.#folder, `${number}.log`), 'a')
  }

  endStep(): void {
    if (this.#step !== null) closeSync(this.#step)
    this.#step = null
  }

  write(text: string): void {
    const time = new Date(this.#now()).toISOString()
    const lines = text
      .split(/\r\n|\r|\n/)
      .map(line => `${time} ${this.#masks.apply(line)}\n`)
      .join('')
    writeSync(this.#whole, lines)
    if (this.#step !== null) writeSync(this.#step, lines)
    this.#onWrite()
  }

  close(): void {
    this.endStep()
    closeSync(this.#whole)
  }
}
