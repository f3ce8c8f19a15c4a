/** What every webhook carries, and the payload of a push. */
import type { RepositoryEvent } from '../local-github.ts'
import type { Account, Repository } from '../model.ts'
import type { Actor } from './context.ts'
import { type Core, type RefUpdate, zeroSha } from './core.ts'
import type { CommitInfo, GitRepository } from './git.ts'
import { simpleUser, simpleUserById } from './shapes/account.ts'
import { repositoryHtmlUrl, repositoryShape } from './shapes/repository.ts'

type Happening = Pick<RepositoryEvent, 'name' | 'action' | 'payload' | 'ref' | 'sha'>

export const createEmitter =
  (core: Core) =>
  (repository: Repository, event: Happening, actor: Actor | null): void => {
    const account = actor?.account
    core.emit({
      ...event,
      repositoryId: repository.id,
      actorId: account?.id ?? repository.ownerId,
      byJobToken: actor?.token.kind === 'job',
      payload: {
        ...(event.action === '' ? {} : { action: event.action }),
        ...event.payload,
        ...senderAndRepository(core, repository, account),
      },
    })
  }

const senderAndRepository = (core: Core, repository: Repository, account: Account | undefined): object => ({
  repository: repositoryShape(core, repository),
  sender: account ? simpleUser(core, account) : simpleUserById(core, repository.ownerId),
  ...organizationOf(core, repository),
})

function organizationOf(core: Core, repository: Repository): object {
  const owner = core.store.accounts.get(repository.ownerId)
  return owner?.type === 'Organization' ? { organization: { login: owner.login, id: owner.id } } : {}
}

/** Push, create and delete events of one update, in GitHub's order. */
export async function emitRefEvents(core: Core, update: RefUpdate): Promise<void> {
  const { repository, ref, before, after, actor, token } = update
  const emit = createEmitter(core)
  const by = token ? { account: actor, token } : null
  const kind = ref.startsWith('refs/tags/') ? 'tag' : 'branch'
  const shortName = ref.replace(/^refs\/(heads|tags)\//, '')
  const named = {
    ref: shortName,
    ref_type: kind,
    pusher_type: 'user',
    description: repository.description || null,
    master_branch: repository.defaultBranch,
  }
  const push = await pushPayload(core, update)
  emit(repository, { name: 'push', action: '', payload: push, ref, sha: after }, by)
  if (before === zeroSha) emit(repository, { name: 'create', action: '', payload: named, ref, sha: after }, by)
  if (after === zeroSha) {
    const { master_branch: _branch, description: _description, ...deleted } = named
    emit(
      repository,
      { name: 'delete', action: '', payload: deleted, ref: `refs/heads/${repository.defaultBranch}`, sha: before },
      by,
    )
  }
}

const mostCommits = 2048

async function pushPayload(core: Core, update: RefUpdate): Promise<Record<string, unknown>> {
  const { repository, ref, before, after, actor, forced } = update
  const git = core.git(repository.id)
  const html = repositoryHtmlUrl(core, repository)
  const commits = after === zeroSha || ref.startsWith('refs/tags/') ? [] : await pushedCommits(git, update)
  const shaped = await Promise.all(commits.map(commit => pushedCommit(git, html, commit)))
  const headCommit = after === zeroSha ? null : await headOf(git, html, after)
  const range = before === zeroSha ? after.slice(0, 12) : `${before.slice(0, 12)}...${after.slice(0, 12)}`
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === zeroSha,
    deleted: after === zeroSha,
    forced,
    compare: `${html}/compare/${range}`,
    commits: shaped,
    head_commit: headCommit,
    pusher: { name: actor.login, email: actor.email ?? null },
  }
}

async function headOf(git: GitRepository, html: string, after: string): Promise<object | null> {
  const sha = await git.commitOf(after)
  return sha === null ? null : pushedCommit(git, html, await git.commit(sha))
}

/** Oldest first. A new branch brings the commits that no other branch had. */
async function pushedCommits(git: GitRepository, update: RefUpdate): Promise<CommitInfo[]> {
  const limit = `--max-count=${mostCommits}`
  const { before, after, ref } = update
  if (before !== zeroSha && (await git.try(['cat-file', '-e', before])).status === 0) {
    return (await git.log([limit, `${before}..${after}`])).reverse()
  }
  return (
    await git.log([limit, after, '--not', `--exclude=${ref.slice('refs/heads/'.length)}`, '--branches'])
  ).reverse()
}

async function pushedCommit(git: GitRepository, html: string, commit: CommitInfo): Promise<object> {
  const listing = await git.text([
    'diff-tree',
    '--root',
    '--no-commit-id',
    '--name-status',
    '-r',
    '-z',
    '--no-renames',
    commit.sha,
  ])
  const fields = listing.split('\0')
  const changed = (letters: string): string[] =>
    fields.filter((_path, index) => index % 2 === 1 && letters.includes(fields[index - 1] ?? '?'))
  const person = (who: CommitInfo['author']): object => ({ name: who.name, email: who.email, date: who.date })
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${html}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: changed('A'),
    removed: changed('D'),
    modified: changed('MT'),
  }
}
