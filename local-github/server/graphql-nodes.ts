/** Records and git objects as GraphQL's values: fields that cost something are functions. */
import type { Account, Comment, Issue, Repository } from '../model.ts'
import { authorizeRoute } from './access.ts'
import type { Actor } from './context.ts'
import type { Core } from './core.ts'
import { nodeId } from './shapes/node-id.ts'
import { repositoryHtmlUrl } from './shapes/repository.ts'

export const accountNode = (core: Core, account: Account): object => ({
  __typename: account.type,
  id: nodeId(account.type, account.id),
  databaseId: account.id,
  login: account.login,
  name: account.name ?? null,
  email: account.email ?? '',
  url: `${core.url}/${account.login}`,
})

const authorOf = (core: Core, accountId: number): object | null => {
  const account = core.store.accounts.get(accountId)
  return account ? accountNode(core, account) : null
}

export const repositoryNode = (core: Core, repository: Repository, actor: Actor): object => ({
  __typename: 'Repository',
  id: nodeId('Repository', repository.id),
  databaseId: repository.id,
  name: repository.name,
  nameWithOwner: repository.fullName,
  owner: () => authorOf(core, repository.ownerId),
  description: repository.description || null,
  url: repositoryHtmlUrl(core, repository),
  isPrivate: repository.private,
  isFork: repository.forkOf !== undefined,
  createdAt: repository.createdAt,
  pushedAt: repository.pushedAt,
  defaultBranchRef: () => refNode(core, repository, actor, `refs/heads/${repository.defaultBranch}`),
  ref: async ({ qualifiedName }: { qualifiedName: string }) => {
    const full = qualifiedName.startsWith('refs/')
      ? [qualifiedName]
      : [`refs/heads/${qualifiedName}`, `refs/tags/${qualifiedName}`]
    for (const candidate of full) {
      const node = await refNode(core, repository, actor, candidate)
      if (node) return node
    }
    return null
  },
  object: ({ oid, expression }: { oid?: string; expression?: string }) =>
    objectNode(core, repository, actor, oid ?? expression ?? ''),
  pullRequest: ({ number }: { number: number }) => {
    const issue = issueOf(core, repository, number)
    return issue?.pullRequest ? pullNode(core, repository, actor, issue) : null
  },
  issue: ({ number }: { number: number }) => {
    const issue = issueOf(core, repository, number)
    return issue && !issue.pullRequest ? issueNode(core, repository, actor, issue) : null
  },
})

const issueOf = (core: Core, repository: Repository, number: number): Issue | undefined =>
  core.store.issues.find(issue => issue.repositoryId === repository.id && issue.number === number)

const requireContents = (repository: Repository, actor: Actor): void =>
  authorizeRoute({ needs: 'contents:read' }, 'GET', repository, actor)

export async function refNode(core: Core, repository: Repository, actor: Actor, ref: string): Promise<object | null> {
  requireContents(repository, actor)
  const sha = await core.git(repository.id).readRef(ref)
  if (sha === null) return null
  const prefix = /^refs\/[^/]+\//.exec(ref)?.[0] ?? 'refs/'
  return {
    __typename: 'Ref',
    id: `Ref_${Buffer.from(`${repository.id} ${ref}`).toString('base64url')}`,
    name: ref.slice(prefix.length),
    prefix,
    target: () => objectNode(core, repository, actor, sha),
    repository: () => repositoryNode(core, repository, actor),
  }
}

const typeNames: Readonly<Record<string, string>> = { commit: 'Commit', tree: 'Tree', blob: 'Blob', tag: 'Tag' }

async function objectNode(
  core: Core,
  repository: Repository,
  actor: Actor,
  expression: string,
): Promise<object | null> {
  requireContents(repository, actor)
  const git = core.git(repository.id)
  const found = await git.text(['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    input: `${expression.replace(/[\r\n]/g, '')}\n`,
  })
  const [oid = '', type = '', size = ''] = found.split(' ')
  const typeName = typeNames[type]
  if (typeName === undefined || expression === '') return null
  if (typeName === 'Commit') return commitNode(core, repository, actor, oid)
  const base = gitObject(core, repository, actor, typeName, oid)
  if (typeName === 'Blob') {
    const content = await git.bytes(['cat-file', 'blob', oid])
    const isBinary = content.subarray(0, 8000).includes(0)
    return { ...base, byteSize: Number(size), isBinary, isTruncated: false, text: isBinary ? null : content.toString() }
  }
  if (typeName === 'Tag') {
    const tag = await git.text(['cat-file', 'tag', oid])
    const [head = '', ...message] = tag.split('\n\n')
    const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? ''
    return {
      ...base,
      name: field('tag'),
      message: message.join('\n\n'),
      target: () => objectNode(core, repository, actor, field('object')),
    }
  }
  return { ...base, entries: () => treeEntries(core, repository, actor, oid) }
}

const gitObject = (core: Core, repository: Repository, actor: Actor, typeName: string, oid: string): object => ({
  __typename: typeName,
  id: `${typeName}_${Buffer.from(`${repository.id} ${oid}`).toString('base64url')}`,
  oid,
  abbreviatedOid: oid.slice(0, 7),
  commitUrl: `${repositoryHtmlUrl(core, repository)}/commit/${oid}`,
  repository: () => repositoryNode(core, repository, actor),
})

async function treeEntries(core: Core, repository: Repository, actor: Actor, tree: string): Promise<object[]> {
  const listing = await core.git(repository.id).text(['ls-tree', '-z', tree])
  return listing
    .split('\0')
    .filter(Boolean)
    .map(line => {
      const [mode = '', type = '', oid = ''] = line.slice(0, line.indexOf('\t')).split(' ')
      const path = line.slice(line.indexOf('\t') + 1)
      const object = (): Promise<object | null> => objectNode(core, repository, actor, oid)
      return { name: path, path, mode: Number.parseInt(mode, 8), type, oid, object }
    })
}

export async function commitNode(core: Core, repository: Repository, actor: Actor, sha: string): Promise<object> {
  const commit = await core.git(repository.id).commit(sha)
  const [headline = '', ...rest] = commit.message.split('\n')
  const base = gitObject(core, repository, actor, 'Commit', sha)
  return {
    ...base,
    url: `${repositoryHtmlUrl(core, repository)}/commit/${sha}`,
    message: commit.message,
    messageHeadline: headline,
    messageBody: rest.join('\n').trim(),
    committedDate: commit.committer.date,
    authoredDate: commit.author.date,
    tree: () => objectNode(core, repository, actor, commit.tree),
  }
}

const issueFields = (core: Core, repository: Repository, actor: Actor, issue: Issue, kind: string): object => ({
  databaseId: issue.id,
  number: issue.number,
  title: issue.title,
  body: issue.body ?? '',
  url: `${repositoryHtmlUrl(core, repository)}/${kind}/${issue.number}`,
  author: () => authorOf(core, issue.authorId),
  createdAt: issue.createdAt,
  updatedAt: issue.updatedAt,
  viewerDidAuthor: issue.authorId === actor.account.id,
})

export function issueNode(core: Core, repository: Repository, actor: Actor, issue: Issue): object {
  authorizeRoute({ needs: 'issues:read' }, 'GET', repository, actor)
  return {
    __typename: 'Issue',
    id: nodeId('Issue', issue.id),
    state: issue.state.toUpperCase(),
    ...issueFields(core, repository, actor, issue, 'issues'),
  }
}

export function pullNode(core: Core, repository: Repository, actor: Actor, issue: Issue): object {
  authorizeRoute({ needs: 'pull_requests:read' }, 'GET', repository, actor)
  const { pullRequest } = issue
  if (!pullRequest) throw new Error(`issue ${issue.number} is no pull request`)
  return {
    __typename: 'PullRequest',
    id: nodeId('PullRequest', issue.id),
    ...issueFields(core, repository, actor, issue, 'pull'),
    state: pullRequest.merged ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pullRequest.draft,
    merged: pullRequest.merged,
    mergedAt: pullRequest.mergedAt,
    mergeable: pullRequest.mergeable === null ? 'UNKNOWN' : pullRequest.mergeable ? 'MERGEABLE' : 'CONFLICTING',
    mergeCommit: () =>
      pullRequest.mergeCommitSha === null ? null : commitNode(core, repository, actor, pullRequest.mergeCommitSha),
    baseRefName: pullRequest.baseRef,
    baseRefOid: pullRequest.baseSha,
    headRefName: pullRequest.headRef,
    headRefOid: pullRequest.headSha,
    isCrossRepository: pullRequest.headRepositoryId !== issue.repositoryId,
  }
}

export function commentNode(core: Core, actor: Actor, comment: Comment): object {
  const repository = core.store.repositories.get(comment.repositoryId)
  const issue = repository && issueOf(core, repository, comment.issueNumber)
  const kind = issue?.pullRequest ? 'pull' : 'issues'
  const reason = comment.minimizedReason ?? null
  return {
    __typename: 'IssueComment',
    id: nodeId('IssueComment', comment.id),
    databaseId: comment.id,
    body: comment.body,
    url: `${core.url}/${repository?.fullName}/${kind}/${comment.issueNumber}#issuecomment-${comment.id}`,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    author: () => authorOf(core, comment.authorId),
    viewerDidAuthor: comment.authorId === actor.account.id,
    viewerCanMinimize: true,
    isMinimized: reason !== null,
    minimizedReason: reason,
  }
}
