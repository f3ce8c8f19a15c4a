/** What a run needs to be run again, or to go on after a restart: kept beside the records, which have no place for it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from './job-graph.ts'
import type { Trigger } from './trigger.ts'

export interface RunJournal {
  readonly trigger: Trigger
  /** Typed inputs of `workflow_dispatch`. */
  readonly inputs: Record<string, unknown>
  /** By the job's path (`deploy/smoke#0`). Of the newest attempt that it ran in. */
  readonly outcomes: Record<string, { result: Result; outputs: Record<string, string>; jobId: number }>
}

export interface RunJournals {
  read(runId: number): RunJournal | null
  write(runId: number, journal: RunJournal): void
}

export function createRunJournals(stateFolder: string): RunJournals {
  const folder = join(stateFolder, 'runs')
  const fileOf = (runId: number): string => join(folder, `${runId}.json`)
  return {
    read: runId => {
      try {
        return JSON.parse(readFileSync(fileOf(runId), 'utf8')) as RunJournal
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    write: (runId, journal) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const temporary = `${fileOf(runId)}.new`
      writeFileSync(temporary, JSON.stringify(journal), { mode: 0o600 })
      renameSync(temporary, fileOf(runId))
    },
  }
}
