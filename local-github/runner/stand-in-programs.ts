import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../server/error-code.ts'

/** A program that takes the place of one that this machine does not have. */
export interface StandInProgram {
  /** What steps call it. */
  readonly name: string
  /** Absolute path of the script that Node runs. */
  readonly script: string
  /** How it differs from the real one; shown on the page of every step that called it. */
  readonly words: string
  /** Given to the program alone, whatever its caller lets through. */
  readonly variables: Readonly<Record<string, string>>
}

/** Programs on the `PATH` of one job, which tell the runner that they were called: nobody has to say it for them. */
export class StandInPrograms {
  /** Comes first in `PATH`; `null` when there are none. */
  readonly folder: string | null
  readonly #programs: readonly StandInProgram[]
  readonly #calls: string

  /** @param folder of this job */
  constructor(programs: readonly StandInProgram[], folder: string, node: string) {
    this.#programs = programs
    this.#calls = join(folder, 'calls')
    this.folder = programs.length === 0 ? null : join(folder, 'bin')
    if (this.folder === null) return
    mkdirSync(this.folder, { recursive: true })
    for (const program of programs) {
      const file = join(this.folder, program.name)
      writeFileSync(file, launcher(program, this.#calls, node))
      chmodSync(file, 0o755)
    }
  }

  /** Words of the programs that were called since the last time, each once. */
  takeCalls(): string[] {
    if (this.folder === null) return []
    const taken = `${this.#calls}.taken`
    try {
      // Moved first: what a background process adds meanwhile is for the next time.
      renameSync(this.#calls, taken)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
    const names = new Set(readFileSync(taken, 'utf8').split('\n'))
    rmSync(taken)
    return this.#programs.filter(program => names.has(program.name)).map(program => program.words)
  }
}

function launcher({ name, script, variables }: StandInProgram, calls: string, node: string): string {
  const assigned = Object.entries(variables).map(([key, value]) => `${key}=${quote(value)} `)
  return `#!/bin/sh
printf '%s\\n' ${quote(name)} >> ${quote(calls)}
${assigned.join('')}exec ${quote(node)} ${quote(script)} "$@"
`
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
