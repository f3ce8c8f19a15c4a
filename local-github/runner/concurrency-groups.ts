/** `concurrency`: who runs in a group, who waits, and who has to go. Names are compared without case, as on GitHub. */
import { data } from '@actions/expressions'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { coerceString, evaluateToken, isTruthy, type Scope } from './evaluate.ts'

export interface ConcurrencySetting {
  readonly group: string
  readonly cancelInProgress: boolean
  readonly queue: 'single' | 'max'
}

export interface Member {
  /** Told once, when a newer member takes its place. It must still leave the group. */
  cancel(reason: string): void
}

export interface Membership {
  /** Resolves when the member may run. Never, when it is cancelled before. */
  readonly granted: Promise<void>
  readonly waits: boolean
  leave(): void
}

interface Entry {
  readonly member: Member
  readonly grant: () => void
}

interface Group {
  running: Entry | null
  pending: Entry[]
}

const maxPending = 100

export interface ConcurrencyGroups {
  enter(repositoryId: number, setting: ConcurrencySetting, member: Member): Membership
}

export function createConcurrencyGroups(): ConcurrencyGroups {
  const groups = new Map<string, Group>()

  return {
    enter: (repositoryId, setting, member) => {
      const key = `${repositoryId}/${setting.group.toLowerCase()}`
      const group = groups.get(key) ?? { running: null, pending: [] }
      groups.set(key, group)
      const { promise: granted, resolve: grant } = Promise.withResolvers<void>()
      const entry: Entry = { member, grant }
      const waits = group.running !== null
      if (waits) queueUp(group, entry, setting)
      else {
        group.running = entry
        grant()
      }
      return {
        granted,
        waits,
        leave: () => {
          group.pending = group.pending.filter(other => other !== entry)
          if (group.running !== entry) return
          group.running = group.pending.shift() ?? null
          if (group.running) group.running.grant()
          else groups.delete(key)
        },
      }
    },
  }
}

function queueUp(group: Group, entry: Entry, setting: ConcurrencySetting): void {
  const reason = `Canceling since a higher priority waiting request for ${setting.group} exists`
  const replaced =
    setting.queue === 'max' ? group.pending.slice(0, Math.max(0, group.pending.length + 1 - maxPending)) : group.pending
  group.pending = [...group.pending.filter(other => !replaced.includes(other)), entry]
  for (const other of replaced) other.member.cancel(reason)
  if (setting.cancelInProgress) group.running?.member.cancel(reason)
}

/** Throws when the setting is one that GitHub refuses. An empty group is no group. */
export function readConcurrency(token: TemplateToken | null, scope: Scope): ConcurrencySetting | null {
  if (!token) return null
  const value = evaluateToken(token, scope)
  const part = (key: string): data.ExpressionData | undefined =>
    value instanceof data.Dictionary ? value.get(key) : undefined
  const group = value instanceof data.Dictionary ? coerceString(part('group') ?? new data.Null()) : coerceString(value)
  const cancelInProgress = isTruthy(part('cancel-in-progress') ?? new data.Null())
  const queue = coerceString(part('queue') ?? new data.StringData('single'))
  if (queue !== 'single' && queue !== 'max') throw new Error(`\`queue\` is '${queue}'; it can be 'single' or 'max'.`)
  if (queue === 'max' && cancelInProgress) {
    throw new Error('`queue: max` and `cancel-in-progress: true` exclude each other: remove one of the two.')
  }
  return group === '' ? null : { group, cancelInProgress, queue }
}
