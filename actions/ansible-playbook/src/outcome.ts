import type { Verdict } from '#kit/errors'
import type { HostCounts, PlaybookRun, TaskResult } from './events.ts'

/** What became of a run. */
export interface Outcome {
  readonly verdict: Verdict
  readonly hosts: readonly (HostCounts & { readonly name: string })[]
  /** Tasks, over all hosts. */
  readonly changed: number
  readonly failed: number
  /** Hosts. */
  readonly unreachable: number
  /** What stopped each host that was stopped, in the order that it happened. */
  readonly causes: readonly TaskResult[]
  /** Why it could not be decided; `''` otherwise. */
  readonly invalid: string
}

/**
 * Judges a run by Ansible's own counts. It passes only when Ansible ended well, some host did something, and no host failed
 * or was out of reach; without a recap, or without a host, nothing can be said.
 * @param exitCode of ansible-playbook
 */
export function judge(run: PlaybookRun, exitCode: number): Outcome {
  const hosts = [...(run.recap ?? [])].map(([name, counts]) => ({ name, ...counts }))
  const sum = (count: (host: HostCounts) => number) => hosts.reduce((total, host) => total + count(host), 0)
  const failed = sum(host => host.failed)
  const unreachable = hosts.filter(host => host.unreachable > 0).length
  const causes = run.recap === undefined ? [] : causesOf(run.results, hosts)
  const known = { hosts, changed: sum(host => host.changed), failed, unreachable, causes }
  if (run.recap === undefined) return { ...known, verdict: 'invalid', invalid: 'Ansible ended without a recap' }
  if (failed > 0 || unreachable > 0) return { ...known, verdict: 'fail', invalid: '' }
  if (hosts.length === 0)
    return { ...known, verdict: 'invalid', invalid: 'no host of the inventory matched, so nothing was done' }
  if (exitCode !== 0)
    return { ...known, verdict: 'invalid', invalid: `no host failed, but ansible-playbook ended with ${exitCode}` }
  return { ...known, verdict: 'pass', invalid: '' }
}

/** For each host that failed, the first failure that was not rescued; of a loop the first item, which says more than the loop. */
function causesOf(
  results: readonly TaskResult[],
  hosts: readonly (HostCounts & { readonly name: string })[],
): TaskResult[] {
  const causes = hosts.flatMap(host => {
    if (host.failed === 0 && host.unreachable === 0) return []
    const bad = results.filter(result => result.host === host.name && result.outcome !== 'changed' && !result.ignored)
    const task = bad.filter(result => !result.item).slice(host.rescued)[0]
    if (task === undefined) return []
    const end = bad.indexOf(task)
    const start = bad.findLastIndex((result, index) => index < end && !result.item) + 1
    return [bad.slice(start, end).find(result => result.task === task.task) ?? task]
  })
  return causes.sort((one, other) => results.indexOf(one) - results.indexOf(other))
}

/** The recap as JSON, hosts by name. */
export function recapJson({ hosts }: Outcome): string {
  return JSON.stringify(Object.fromEntries(hosts.map(({ name, ...counts }) => [name, counts])))
}
