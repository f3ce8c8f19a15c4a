import { ActionError } from '#kit/errors'
import type { Ports, RunContext, RunState } from '#kit/ports'
import { hostOf, type LockHolder, type StateLock } from '#kit/terraform/lock'

/** Runs that may have taken a lock; more would cost more requests than the answer is worth. */
const MOST_RUNS = 20

/** Name of the check run of an apply. */
export function checkName(root: string, workspace: string): string {
  return `Terraform apply ${root}${workspace === 'default' ? '' : ` (${workspace})`}`
}

/** What a check run of an apply records: its run and the machine, by which the lock that it takes is known again. */
export function recordOf({
  runId,
  runAttempt,
  hostName,
}: Pick<RunContext, 'runId' | 'runAttempt' | 'hostName'>): string {
  return `slipway-apply/${runId}/${runAttempt}/${hostName}`
}

/**
 * Finds the run that holds a lock. Terraform writes user and machine into a lock and nothing that we could choose, so each
 * apply records its machine in its check run, and the runs that were under way when the lock was taken are asked for it.
 */
export async function findHolder(
  lock: StateLock,
  check: string,
  ports: Pick<Ports, 'checks' | 'repository' | 'run'>,
): Promise<LockHolder> {
  const host = hostOf(lock)
  if (lock.created === undefined) return { kind: 'unknown', why: 'the lock does not tell when it was taken.' }
  try {
    const found: RunState[] = []
    for (const run of (await ports.repository.runsAt(lock.created)).slice(0, MOST_RUNS)) {
      const records = await ports.checks.own(run.headSha, check)
      if (records.some(({ externalId }) => isRecordOf(externalId, run.id, host))) found.push(run)
    }
    // A machine may have run several; one that still works may be the one.
    const others = found.filter(({ id }) => id !== ports.run.runId)
    const holder = others.find(({ ended }) => !ended) ?? (others.length === found.length ? others[0] : undefined)
    if (holder !== undefined) return { kind: 'run', number: holder.number, url: holder.url, ended: holder.ended }
    if (found.length > 0) return { kind: 'this run' }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    return { kind: 'unknown', why: error.message.replace(/\.?$/, '.') }
  }
  return {
    kind: 'unknown',
    why: `no apply of this repository that was under way then ran on ${host || 'its machine'}.`,
  }
}

function isRecordOf(record: string, run: number, host: string): boolean {
  const [kind, id, , ...name] = record.split('/')
  return kind === 'slipway-apply' && id === String(run) && host !== '' && name.join('/') === host
}
