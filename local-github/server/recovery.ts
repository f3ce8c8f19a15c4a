/**
 * After a server was killed within its work: what was under way is either taken back or brought to its end, so that
 * records and git agree again. Nobody was told that it was done; what follows from it (events, runs) is not made up for.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../model.ts'
import type { Core } from './core.ts'
import { isPull, type PullIssue } from './issue-records.ts'
import { refreshPull, setClosed, setMerged } from './pull-requests.ts'

/** Before anything is served: half-made repositories, half-received packs, and the locks of processes that are gone. */
export function clearLeftovers(stateFolder: string, store: Store): void {
  rmSync(join(stateFolder, 'incoming'), { recursive: true, force: true })
  const all = join(stateFolder, 'git')
  const folderOf = (id: number): string => `${id}.git`
  const known = new Map(store.repositories.filter(() => true).map(repository => [folderOf(repository.id), repository]))
  for (const name of existsSync(all) ? readdirSync(all) : []) {
    const repository = known.get(name)
    if (!repository) {
      rmSync(join(all, name), { recursive: true, force: true })
      continue
    }
    clearRepository(join(all, name))
    writeFileSync(join(all, name, 'HEAD'), `ref: refs/heads/${repository.defaultBranch}\n`)
  }
  for (const [name, { id }] of known) if (!existsSync(join(all, name))) store.repositories.delete(id)
}

function clearRepository(folder: string): void {
  for (const path of ['packed-refs.lock', 'HEAD.lock', 'config.lock']) rmSync(join(folder, path), { force: true })
  for (const entry of readdirSync(join(folder, 'refs'), { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.lock')) rmSync(join(entry.parentPath, entry.name), { force: true })
  }
  // Packs that were still arriving: git keeps them aside until they are complete.
  for (const name of readdirSync(join(folder, 'objects'))) {
    if (name.startsWith('tmp_objdir-')) rmSync(join(folder, 'objects', name), { recursive: true, force: true })
  }
  for (const name of readdirSync(join(folder, 'objects/pack'))) {
    if (name.startsWith('tmp_')) rmSync(join(folder, 'objects/pack', name), { force: true })
  }
}

/** Branches may have moved without their pull requests hearing of it. */
export async function recoverPullRequests(core: Core): Promise<void> {
  const open = core.store.issues.filter(issue => isPull(issue) && issue.state === 'open').filter(isPull)
  for (const issue of open) await recoverPull(core, issue)
}

async function recoverPull(core: Core, issue: PullIssue): Promise<void> {
  const { baseRef, headRef, headRepositoryId, merging } = issue.pullRequest
  const author = core.store.accounts.get(issue.authorId)
  const base = core.store.repositories.get(issue.repositoryId)
  if (!author || !base) return
  const git = core.git(base.id)
  const tip = await git.readRef(`refs/heads/${baseRef}`)
  if (merging && tip !== null && (await git.isAncestor(merging.sha, tip))) {
    const by = core.store.accounts.get(merging.byId) ?? author
    setMerged(core, issue, { sha: merging.sha, by, method: merging.method })
    return
  }
  const forkGone = !core.store.repositories.get(headRepositoryId)
  const head = forkGone ? null : await core.git(headRepositoryId).readRef(`refs/heads/${headRef}`)
  if (tip === null || head === null) setClosed(core, issue, author)
  else await refreshPull(core, issue)
}
