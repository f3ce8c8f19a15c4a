/** Logs that the runner left in the state folder: one file a job, one a step. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import type { Job } from '../model.ts'

export const jobLogFile = (stateFolder: string, jobId: number): string => join(stateFolder, 'logs', `${jobId}.log`)

const stepLogFile = (stateFolder: string, jobId: number, step: number): string =>
  join(stateFolder, 'logs', String(jobId), `${step}.log`)

/** No name of a job or step leads out of the archive, or differs only by what some file system forbids. */
const entryName = (name: string): string => name.replace(/[\\/:<>"|?*\p{Cc}]/gu, '').replace(/^\.+/, '') || '_'

/** The archive of a run attempt, as GitHub lays it out: a file for each job, and a folder with one for each step. */
export async function zipLogs(stateFolder: string, jobs: readonly Job[]): Promise<Buffer> {
  const zip = new ZipFile()
  jobs.forEach((job, index) => {
    add(zip, jobLogFile(stateFolder, job.id), `${index}_${entryName(job.name)}.txt`)
    for (const step of job.steps) {
      const name = `${entryName(job.name)}/${step.number}_${entryName(step.name)}.txt`
      add(zip, stepLogFile(stateFolder, job.id, step.number), name)
    }
  })
  zip.end()
  return buffer(zip.outputStream)
}

/** Read whole: a log that still grows would not have the size that a streamed entry promised. */
function add(zip: ZipFile, path: string, name: string): void {
  if (existsSync(path)) zip.addBuffer(readFileSync(path), name)
}
