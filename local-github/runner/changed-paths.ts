/** The files that path filters look at. */
import type { GitRepository } from '../server/git.ts'
import { child, text, type Trigger } from './trigger.ts'

/** Null when GitHub could not tell either: then filters hold nothing back. */
export async function findChangedPaths(git: GitRepository, trigger: Trigger): Promise<string[] | null> {
  if (trigger.baseRef !== '') {
    const base = text(child(child(trigger.payload, 'pull_request'), 'base'), 'sha')
    const mergeBase = await git.try(['merge-base', base, trigger.headSha])
    return mergeBase.status === 0 ? diff(git, mergeBase.stdout.toString().trim(), trigger.headSha) : null
  }
  if (trigger.event !== 'push') return null
  const before = text(trigger.payload, 'before')
  const known = !/^0*$/.test(before) && (await git.try(['cat-file', '-e', `${before}^{commit}`])).status === 0
  return diff(git, known ? before : await findStart(git, trigger), trigger.sha)
}

/** Of a new branch: the commit below the first one that no other branch has; null for a whole new history. */
async function findStart(git: GitRepository, trigger: Trigger): Promise<string | null> {
  const own = trigger.ref.replace(/^refs\/heads\//, '')
  const fresh = await git.try(['rev-list', '--reverse', trigger.sha, '--not', `--exclude=${own}`, '--branches'])
  const oldest = fresh.stdout.toString().split('\n')[0] ?? ''
  if (oldest === '') return trigger.sha
  const parent = await git.try(['rev-parse', '--verify', '--quiet', `${oldest}^`])
  return parent.status === 0 ? parent.stdout.toString().trim() : null
}

async function diff(git: GitRepository, from: string | null, to: string): Promise<string[] | null> {
  const args =
    from === null
      ? ['ls-tree', '-r', '-z', '--name-only', to]
      : ['diff', '--name-only', '-z', '--no-renames', from, to, '--']
  const listed = await git.try(args)
  return listed.status === 0 ? listed.stdout.toString().split('\0').filter(Boolean) : null
}
