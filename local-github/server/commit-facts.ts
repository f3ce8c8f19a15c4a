/** What git says about two commits never changes, so that it is asked once. */
import { diffTotals as askDiffTotals } from './diff.ts'
import type { GitRepository } from './git.ts'

type Ask<T> = (git: GitRepository, from: string, to: string) => Promise<T>

/** An answer of null is no fact: the commit may still arrive. */
function once<T>(ask: Ask<T>): Ask<T> {
  const known = new WeakMap<GitRepository, Map<string, T>>()
  return async (git, from, to) => {
    const facts = known.get(git) ?? new Map<string, T>()
    known.set(git, facts)
    const key = `${from} ${to}`
    const fact = facts.get(key)
    if (fact !== undefined) return fact
    const answer = await ask(git, from, to)
    if (answer !== null) facts.set(key, answer)
    return answer
  }
}

export const diffTotals = once(askDiffTotals)

/** The newest commit that both have; null where they share none. */
export const mergeBase = once<string | null>(async (git, one, other) => {
  const found = await git.try(['merge-base', one, other])
  return found.status === 0 ? found.stdout.toString().trim() : null
})

/** Commits of `to` that `from` has not. */
export const countCommits = once(async (git, from, to) =>
  Number(await git.text(['rev-list', '--count', `${from}..${to}`, '--'])),
)
