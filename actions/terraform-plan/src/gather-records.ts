import { GateError } from '#kit/errors'
import type { Files, RunContext, WalkedFile } from '#kit/ports'
import { rootPath } from '#kit/terraform/root'
import type { Inputs } from './inputs.ts'
import { readRecord, type RootRecord } from './read-record.ts'
import { UnreadableRecord } from './record-fields.ts'
import type { RecordPlace } from './record.ts'

/** What the jobs of a run left of their plans. */
export interface Gathered {
  /** One for each root and workspace, in order. */
  readonly records: readonly RootRecord[]
  readonly refused: readonly { readonly file: string; readonly why: string }[]
  /** Expected, and without a record. */
  readonly missing: readonly string[]
  /** Roots with a record that none is expected of. */
  readonly unexpected: readonly string[]
}

const LARGEST_RECORD_BYTES = 64 * 1024 * 1024
const MOST_BYTES = 512 * 1024 * 1024
const MOST_RECORDS = 1_000
const MEBIBYTE = 1024 * 1024

interface Read {
  readonly file: string
  readonly text: string
  readonly record: RootRecord
}

/**
 * Reads every record below the folder of `plan-results`. Each must be of this repository, pull request, head and run: a job
 * of a pull request may write what it likes. Of a root that was planned again, the newest attempt counts.
 * @throws GateError (`invalid`) when there is no record, and nothing says that there should be none
 */
export async function gatherRecords(
  inputs: Pick<Inputs, 'plan-results' | 'roots' | 'working-directory'>,
  files: Files,
  run: RunContext,
): Promise<Gathered> {
  const folder = await files.resolve('plan-results', inputs['plan-results'], inputs['working-directory'])
  const walked = (await files.exists(folder)) ? await files.walk(folder, () => true) : []
  const found = walked.filter(({ path }) => path.endsWith('.json')).sort((one, other) => order(one.path, other.path))
  const expected = expectedRoots(inputs)
  if (found.length === 0 && expected === undefined)
    throw new GateError(`there is no record of a plan in "plan-results" (${inputs['plan-results']})`, {
      verdict: 'invalid',
      hint: 'Download the artifacts of the jobs that plan into that folder before this step, or name the roots that are expected in "roots".',
    })
  const refused: { file: string; why: string }[] = []
  const read: Read[] = []
  let room = MOST_BYTES
  for (const [index, file] of found.entries()) {
    try {
      if (index >= MOST_RECORDS) throw new UnreadableRecord(`there are more than ${MOST_RECORDS} records`)
      const text = await readFile(`${folder}/${file.path}`, file, files, room)
      room -= text.length
      const record = readRecord(text)
      refuseForeign(record, run)
      read.push({ file: file.path, text, record })
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error
      refused.push({ file: file.path, why: error.message })
    }
  }
  const kept = newest(read, refused)
  const isExpected = (record: RootRecord) =>
    expected === undefined || namesOf(record).some(name => expected.includes(name))
  const named = new Set(kept.flatMap(namesOf))
  return {
    records: kept.filter(isExpected),
    refused,
    missing: (expected ?? []).filter(root => !named.has(root)),
    unexpected: kept.filter(record => !isExpected(record)).map(record => rootAndWorkspace(record)),
  }
}

/** `undefined` where whatever there is is welcome: `.` by itself is the default. */
function expectedRoots(inputs: Pick<Inputs, 'roots' | 'working-directory'>): readonly string[] | undefined {
  const { roots } = inputs
  if (roots.length === 1 && roots[0] === '.') return undefined
  return roots.map(root => rootPath({ roots: root, 'working-directory': inputs['working-directory'] }))
}

async function readFile(path: string, file: WalkedFile, files: Files, room: number): Promise<string> {
  if (file.target !== file.path) throw new UnreadableRecord('it is a link')
  const size = await files.size(path)
  if (size > LARGEST_RECORD_BYTES)
    throw new UnreadableRecord(`it is larger than ${LARGEST_RECORD_BYTES / MEBIBYTE} MiB`)
  if (size > room) throw new UnreadableRecord(`all records together are larger than ${MOST_BYTES / MEBIBYTE} MiB`)
  return files.readText(path)
}

/** @throws UnreadableRecord for a record of something else than this run's commit */
function refuseForeign(record: RecordPlace, run: RunContext): void {
  const headSha = run.pullRequest?.headSha ?? run.sha
  const pullRequest = run.pullRequest?.number ?? 0
  const { runId, runAttempt } = run
  const told = (what: string, own: string | number, ours: string | number) =>
    new UnreadableRecord(`it is of ${what} ${own} and not of ${ours}`)
  if (record.repositoryId !== (run.repositoryId ?? 0))
    throw told('the repository with the id', record.repositoryId, run.repositoryId ?? 0)
  if (record.pullRequest !== pullRequest) throw told('pull request', `#${record.pullRequest}`, `#${pullRequest}`)
  if (record.headSha !== headSha) throw told('commit', record.headSha.slice(0, 12), headSha.slice(0, 12))
  if (record.runId !== runId) throw told('run', record.runId, runId)
  if (record.runAttempt > runAttempt)
    throw told('attempt', record.runAttempt, `this run, which is at attempt ${runAttempt}`)
}

function newest(read: readonly Read[], refused: { file: string; why: string }[]): RootRecord[] {
  const kept: RootRecord[] = []
  for (const same of Map.groupBy(read, ({ record }) => rootAndWorkspace(record)).values()) {
    const attempt = Math.max(...same.map(({ record }) => record.runAttempt))
    const [first, ...others] = same.filter(({ record }) => record.runAttempt === attempt)
    if (first === undefined) continue
    const other = others.find(({ text }) => text !== first.text)
    if (other === undefined) kept.push(first.record)
    else
      refused.push({
        file: other.file,
        why: `${first.file} is of the same root, workspace and attempt, and says something else`,
      })
  }
  return kept.sort((one, other) => order(rootAndWorkspace(one), rootAndWorkspace(other)))
}

/** What tells one record from another: `infra`, `infra@blue`. */
export function rootAndWorkspace({ root, workspace }: Pick<RecordPlace, 'root' | 'workspace'>): string {
  return workspace === 'default' ? root : `${root}@${workspace}`
}

/** How a root may be expected. */
function namesOf({ root, workspace }: RecordPlace): readonly string[] {
  return [root, `${root}@${workspace}`]
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
