/** Enters the concurrency groups of a job or a call, one after the other, and leaves them together. */
import { unlessCancelled, type CancellationSource } from './cancellation-source.ts'
import type { ConcurrencySetting } from './concurrency-groups.ts'
import type { Work } from './activity.ts'
import type { RunState } from './run-state.ts'

export interface GroupEntry {
  readonly state: RunState
  /** Groups that the run or a caller holds, and who holds them. */
  readonly held: ReadonlyMap<string, string>
  /** Name of the one that enters. */
  readonly holder: string
  readonly work: Work
  readonly cancellation: CancellationSource
  /** It has to wait for this group. */
  readonly onWait: (group: string) => void
  /** A newer one takes its place. */
  readonly onReplaced: (reason: string) => void
}

export type GroupEntryResult =
  | { readonly entered: true; readonly held: ReadonlyMap<string, string>; leave(): void }
  | { readonly entered: false; readonly reason: string | null; leave(): void }

export async function enterGroups(
  settings: readonly (ConcurrencySetting | null)[],
  entry: GroupEntry,
): Promise<GroupEntryResult> {
  const { state, cancellation } = entry
  const held = new Map(entry.held)
  const leaves: (() => void)[] = []
  const leave = (): void => {
    for (const leaveOne of leaves.splice(0).reverse()) leaveOne()
  }
  for (const setting of settings) {
    if (!setting) continue
    const key = setting.group.toLowerCase()
    const other = held.get(key)
    if (other !== undefined) {
      const reason = `Canceling since a deadlock for concurrency group '${setting.group}' was detected between '${other}' and '${entry.holder}'`
      return { entered: false, reason, leave }
    }
    held.set(key, entry.holder)
    const membership = state.engine.groups.enter(state.run.repositoryId, setting, { cancel: entry.onReplaced })
    leaves.push(() => membership.leave())
    if (membership.waits) {
      entry.onWait(setting.group)
      await entry.work.pauseFor(unlessCancelled(membership.granted, cancellation))
    }
    if (cancellation.requested) return { entered: false, reason: null, leave }
  }
  return { entered: true, held, leave }
}
