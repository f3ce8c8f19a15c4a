/** How branches and tags move: compare and swap, then everything that follows from a move. */
import type { Account, Repository, Token } from '../model.ts'
import { type Core, type RefChange, RefRace, type RefUpdate, zeroSha } from './core.ts'
import { emitRefEvents } from './event-payload.ts'
import type { Exclusive } from './exclusive.ts'
import { RuleRefusal, unprocessable } from './reply.ts'

export type By = { readonly account: Account; readonly token: Token | null }

export interface RefUpdates {
  /** All of them or none. */
  update(repository: Repository, changes: readonly RefChange[], by: By): Promise<RefUpdate[]>
  /** Runs what moves refs by itself (receive-pack); every branch and tag that it moved has its consequences. */
  around(repository: Repository, by: By, work: () => Promise<void>): Promise<void>
  onRefUpdated(listener: (update: RefUpdate) => Promise<void>): void
  onRefRule(rule: RefRule): void
  /** The first rule's refusal of an update; null when all allow it. */
  refusalOf(update: RefUpdate): Promise<string | null>
}

export type RefRule = (update: RefUpdate) => Promise<string | null>

/** Listeners run while the repository is held: they move `refs/pull/…` by `moveRef`, and must not call `update`. */
export function createRefUpdates(core: () => Core, exclusive: Exclusive): RefUpdates {
  const listeners: ((update: RefUpdate) => Promise<void>)[] = []

  const rules: RefRule[] = []
  const refusalOf: RefRule = async update => {
    for (const rule of rules) {
      const refusal = await rule(update)
      if (refusal !== null) return refusal
    }
    return null
  }

  const follow = async (update: RefUpdate): Promise<void> => {
    const repository = core().store.repositories.update(update.repository.id, { pushedAt: core().timestamp() })
    const current = { ...update, repository }
    for (const listener of listeners) await listener(current)
    await emitRefEvents(core(), current)
  }

  return {
    onRefUpdated: listener => {
      listeners.push(listener)
    },
    onRefRule: rule => {
      rules.push(rule)
    },
    refusalOf,
    update: (repository, changes, by) =>
      exclusive(repository.id, async () => {
        const updates: RefUpdate[] = []
        for (const change of changes) updates.push(await judge(core(), repository, change, by, refusalOf))
        const moving = updates.filter(({ before, after }) => before !== after)
        if (moving.length > 0) await move(core(), repository, moving)
        for (const update of moving) await follow(update)
        return updates
      }),
    around: (repository, by, work) =>
      exclusive(repository.id, async () => {
        const git = core().git(repository.id)
        const before = await movable(git)
        await work()
        const after = await movable(git)
        for (const ref of new Set([...before.keys(), ...after.keys()])) {
          const from = before.get(ref) ?? zeroSha
          const to = after.get(ref) ?? zeroSha
          if (from === to) continue
          const forced = from !== zeroSha && to !== zeroSha && !(await git.isAncestor(from, to))
          await follow({ repository, ref, before: from, after: to, forced, actor: by.account, token: by.token })
        }
      }),
  }
}

const movable = async (git: ReturnType<Core['git']>): Promise<Map<string, string>> =>
  new Map([...(await git.refs('refs/heads/')), ...(await git.refs('refs/tags/'))])

/** What a change would do; throws what forbids it. Nothing moves. */
async function judge(
  core: Core,
  repository: Repository,
  change: RefChange,
  by: By,
  refusalOf: RefRule,
): Promise<RefUpdate> {
  const git = core.git(repository.id)
  const before = (await git.readRef(change.ref)) ?? zeroSha
  const after = change.to ?? zeroSha
  if (change.from !== undefined && change.from !== before) throw new RefRace(change.ref, before)
  const forced = before !== zeroSha && after !== zeroSha && !(await git.isAncestor(before, after))
  if (forced && change.force !== true) throw unprocessable('Update is not a fast forward')
  const update = { repository, ref: change.ref, before, after, forced, actor: by.account, token: by.token }
  const refusal = change.rulesChecked === true ? null : await refusalOf(update)
  if (refusal !== null) throw new RuleRefusal(refusal)
  return update
}

/** All of them or none, by one transaction of git. */
async function move(core: Core, repository: Repository, updates: readonly RefUpdate[]): Promise<void> {
  const git = core.git(repository.id)
  const lines = updates.map(({ ref, before, after }) =>
    after === zeroSha ? `delete ${ref} ${before}\n` : `update ${ref} ${after} ${before}\n`,
  )
  const moved = await git.try(['update-ref', '--stdin'], { input: lines.join('') })
  if (moved.status === 0) return
  for (const { ref, before } of updates) {
    const actual = (await git.readRef(ref)) ?? zeroSha
    if (actual !== before) throw new RefRace(ref, actual)
  }
  throw new RefRace(updates[0]?.ref ?? '', updates[0]?.before ?? zeroSha)
}
