import type { FailedContainer, Outcome, Result } from './outcome.ts'

/** How a release ended on one host. */
export interface Ended {
  /** As `hostText` writes it. */
  readonly host: string
  readonly outcome: Outcome
}

/** How a release ended in all. */
export interface Verdict {
  readonly result: Result
  /** One sentence in plain text, without the names of project and environment. */
  readonly answer: string
  /** What to do; empty when there is nothing to do. */
  readonly hint: string
  /** Where every host agrees; `''` when there is none or they differ. */
  readonly stable: string
  /** The host that stopped it. */
  readonly failed: Ended | undefined
  /** It cannot be said what runs. */
  readonly invalid: boolean
}

/**
 * Judges hosts in their order: the first one that did not take the release stops it, and the ones before keep it, which is
 * no rollback as a whole.
 * @param ended at least one
 * @param hostCount of all that were asked for
 */
export function judge(release: string, ended: readonly Ended[], hostCount: number): Verdict {
  const failed = ended.find(({ outcome }) => outcome.result !== 'succeeded')
  const stables = new Set(ended.map(({ outcome }) => outcome.stable))
  const stable = ended.length === hostCount || failed !== undefined ? only(stables) : ''
  if (failed === undefined) {
    const before = only(new Set(ended.map(({ outcome }) => outcome.previous)))
    const place = hostCount === 1 ? ended.map(({ host }) => host).join() : `${hostCount} hosts`
    const answer = `release ${release} runs on ${place}${before === '' ? '' : `, before it ${before}`}`
    return { result: 'succeeded', answer, hint: '', stable, failed, invalid: false }
  }
  const { outcome } = failed
  const taken = ended.filter(one => one.outcome.result === 'succeeded').map(({ host }) => host)
  const where = hostCount === 1 ? '' : ` on ${failed.host}`
  const kept =
    taken.length === 0 ? '' : `; ${taken.join(', ')} took it before and keep${taken.length === 1 ? 's' : ''} it`
  return {
    result: taken.length === 0 ? (outcome.result ?? 'failed') : 'failed',
    answer: `release ${release} ${endText(outcome)}${where}${kept}: ${causeText(outcome)}`,
    hint: hintFor(outcome),
    stable,
    failed,
    invalid: outcome.result === undefined,
  }
}

const only = (values: ReadonlySet<string>) => (values.size === 1 ? ([...values][0] ?? '') : '')

function endText({ result, left, previous, stable }: Outcome): string {
  if (result === undefined) return 'ended in a way that is not known'
  if (result === 'rolled-back') return `was rolled back and ${previous} runs again`
  if (left === 'nothing') return 'was taken down; there was no release before it to go back to'
  if (left === 'old') return 'serves, and what it replaced does too'
  if (left === 'running') return 'failed and could not be taken back; what it started was left as it is'
  return `was not started and ${stable === '' ? 'nothing was changed' : `${stable} still runs`}`
}

/** The first cause, in plain text. */
function causeText({ cause, containers, tool, holder, smoke, unpinned, result, unknown }: Outcome): string {
  const [first] = containers
  switch (cause) {
    case 'health':
    case 'up':
      if (first !== undefined) return containerText(first)
      return cause === 'up' ? 'docker compose up failed' : 'not every container could be seen healthy'
    case 'drain':
      return 'the old containers could not be ended'
    case 'smoke':
      return `smoke test: ${smoke || 'nobody told the host that it passed'}`
    case 'pin':
      return `the image of service ${unpinned.replace(' ', ', ')}, has no digest on the host`
    case 'config':
      return 'docker compose refuses the file'
    case 'pull':
      return 'an image could not be pulled'
    case 'lock':
      return `another deploy holds the lock (${holder.trim().split('\n').join(', ') || 'it does not say who'})`
    case 'hold':
      return 'its folder for secrets in memory belongs to somebody else on the host, or may be read by others'
    case 'memory':
      return 'the host has no memory file system for the .env, which may not lie on a disk'
    case 'tool':
      return `the host has no ${tool}`
    case 'incomplete':
      return 'the connection ended before the release was sent'
    default:
      if (result !== undefined) return 'the host did not say why'
      return unknown ? 'the host has no record of its end' : 'the connection ended and the host could not be asked'
  }
}

/** What is wrong with a container, in plain text. */
export function containerText({ service, status, exitCode, restarts, health }: FailedContainer): string {
  if (status === 'running' && health === 'none')
    return `service ${service} runs without a health check and kept changing`
  if (status === 'running') return `service ${service} runs but its health check says ${health}`
  if (status === 'exited' || status === 'restarting' || status === 'dead') {
    const again = restarts > 0 ? ` after ${restarts} restart${restarts === 1 ? '' : 's'}` : ''
    const why = exitCode === 137 ? ' (killed: out of memory, or it did not stop in time)' : ''
    return `service ${service} ended with exit code ${exitCode}${why}${again}`
  }
  return `service ${service} is ${status}`
}

function hintFor({ cause, containers, left, result }: Outcome): string {
  const [first] = containers
  if (result === undefined)
    return 'Look at "docker ps" and ~/.slipway on the host; the next deploy starts from the last stable release.'
  const hand = left === 'running' ? ' Look at the host: it needs a hand before the next deploy.' : ''
  switch (cause) {
    case 'health':
    case 'up':
      return `Correct ${first === undefined ? 'what docker says' : `service ${first.service}`} and deploy again; its last lines are in the step summary.${hand}`
    case 'drain':
      return 'Look at the host why docker cannot stop them; the next deploy ends them too.'
    case 'config':
      return 'Correct the compose file, or add the variable that it asks for to "dotenv".'
    case 'pull':
      return 'Check that the image was pushed with that digest, and that its registry lets the host pull: with "registry" and its login, or by "docker login" on the host.'
    case 'smoke':
      return 'Ask the address yourself: the release was healthy by its own checks, and what stands before it may not be.'
    case 'pin':
      return 'Push it to a registry and let the compose file name that, or name it with its digest.'
    case 'lock':
      return 'Wait for that run. In a workflow, "concurrency" with "queue: max" lets deploys wait for each other.'
    case 'hold':
      return 'Look at the folders that begin with "slipway-" in /dev/shm, and who made them; remove the one that ends in "-held" and deploy again.'
    case 'memory':
      return 'Mount a tmpfs at /dev/shm.'
    case 'tool':
      return 'Install it (flock is in util-linux), and let it be on the PATH of a shell that ssh starts.'
    default:
      return 'Run the job again.'
  }
}
