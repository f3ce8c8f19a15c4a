/** Repositories: made, read, changed, forked, shared with others. */
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import type { Account, Repository, RepositoryRole } from '../../model.ts'
import { authorizeRepository, hasRole, roleOf, roleOfUser } from '../access.ts'
import { emptyRepository } from '../assembly.ts'
import { type Context, defineRoutes } from '../context.ts'
import type { Core } from '../core.ts'
import { identityOf } from '../git-identity.ts'
import { forbidden, invalidField, json, noContent, notFound, type Reply, unprocessable } from '../reply.ts'
import { flagOf, textOf } from '../request-body.ts'
import { simpleUser } from '../shapes/account.ts'
import { fullRepository, minimalRepository, repositoryShape, rolePermissions } from '../shapes/repository.ts'
import { editTree } from '../tree-edit.ts'

const one = '/repos/{owner}/{repo}'

export const repositoryRoutes = defineRoutes({
  [`GET ${one}`]: { needs: 'metadata:read', handle: context => json(200, fullOf(context, context.repo)) },
  [`PATCH ${one}`]: { needs: 'administration:write', handle: changeRepository },
  [`DELETE ${one}`]: {
    needs: 'administration:write',
    handle: ({ core, repo }) => {
      core.store.repositories.delete(repo.id)
      rmSync(core.gitFolder(repo.id), { recursive: true, force: true })
      return noContent()
    },
  },
  'POST /user/repos': {
    needs: 'administration:write',
    handle: context => createFor(context, context.actor),
  },
  'POST /orgs/{org}/repos': {
    needs: 'administration:write',
    handle: context => {
      const organization = context.core.account(context.param('org'))
      if (organization?.type !== 'Organization') throw notFound()
      return createFor(context, organization)
    },
  },
  'GET /user/repos': {
    needs: 'metadata:read',
    handle: context => {
      const { core, actor } = context
      const mine = core.store.repositories.filter(
        repository => roleOfUser(repository, actor) !== 'read' && roleOfUser(repository, actor) !== 'none',
      )
      return context.list(mine, repository => repositoryShape(core, repository))
    },
  },
  'GET /users/{username}/repos': { needs: null, handle: context => listOf(context, context.param('username')) },
  'GET /orgs/{org}/repos': { needs: null, handle: context => listOf(context, context.param('org')) },
  'GET /installation/repositories': {
    needs: 'metadata:read',
    handle: context => {
      const { core, token } = context
      if (token?.kind === 'user') throw forbidden('You must authenticate with an installation access token.')
      const { repositoryId } = token ?? {}
      const reached = core.store.repositories.filter(({ id }) => repositoryId === undefined || id === repositoryId)
      return context.listIn('repositories', reached, repository => repositoryShape(core, repository))
    },
  },
  [`GET ${one}/forks`]: {
    needs: 'metadata:read',
    handle: context => {
      const { core, repo } = context
      const forks = core.store.repositories.filter(({ forkOf }) => forkOf === repo.id)
      return context.list(forks.reverse(), fork => minimalRepository(core, fork))
    },
  },
  [`POST ${one}/forks`]: { needs: ['administration:write', 'contents:read'], role: 'read', handle: fork },
  [`GET ${one}/collaborators`]: {
    needs: 'metadata:read',
    role: 'write',
    handle: context => {
      const { core, repo } = context
      const people = core.store.accounts.filter(account => {
        return (
          account.type === 'User' && (repo.ownerId === account.id || repo.collaborators[account.login] !== undefined)
        )
      })
      return context.list(people, account => collaboratorShape(core, repo, account))
    },
  },
  [`GET ${one}/collaborators/{username}`]: {
    needs: 'metadata:read',
    role: 'write',
    handle: ({ core, repo, param }) => {
      const account = core.account(param('username'))
      if (!account || (repo.ownerId !== account.id && !givenRole(repo, account))) throw notFound()
      return noContent()
    },
  },
  [`PUT ${one}/collaborators/{username}`]: {
    needs: 'administration:write',
    handle: ({ core, repo, param, body }) => {
      const account = core.account(param('username'))
      if (!account) throw notFound()
      const role = roleNames[textOf(body, 'permission') ?? 'push']
      if (!role) throw invalidField('Repository', 'permission')
      core.store.repositories.update(repo.id, { collaborators: { ...repo.collaborators, [account.login]: role } })
      return noContent()
    },
  },
  [`DELETE ${one}/collaborators/{username}`]: {
    needs: 'administration:write',
    handle: ({ core, repo, param }) => {
      const login = core.account(param('username'))?.login
      const left = Object.entries(repo.collaborators).filter(([name]) => name !== login)
      core.store.repositories.update(repo.id, { collaborators: Object.fromEntries(left) })
      return noContent()
    },
  },
  [`GET ${one}/collaborators/{username}/permission`]: {
    needs: 'metadata:read',
    role: 'read',
    handle: ({ core, repo, param }) => {
      const account = core.account(param('username'))
      if (!account) throw notFound()
      const role = roleOfUser(repo, account)
      return json(200, {
        permission: coarseNames[role],
        role_name: role,
        user: collaboratorShape(core, repo, account),
      })
    },
  },
})

const roleNames: Readonly<Record<string, RepositoryRole>> = {
  pull: 'read',
  triage: 'triage',
  push: 'write',
  maintain: 'maintain',
  admin: 'admin',
}

const coarseNames: Readonly<Record<RepositoryRole | 'none', string>> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

const givenRole = (repository: Repository, account: Account): RepositoryRole | undefined =>
  repository.collaborators[account.login]

function collaboratorShape(core: Core, repository: Repository, account: Account): object {
  const role = roleOfUser(repository, account)
  return {
    ...simpleUser(core, account),
    permissions: role === 'none' ? { ...rolePermissions('read'), pull: false } : rolePermissions(role),
    role_name: role,
  }
}

function fullOf({ core, role }: Context, repository: Repository): object {
  return fullRepository(core, repository, role === 'none' ? undefined : role)
}

function listOf(context: Context, login: string): Promise<Reply> {
  const { core, token } = context
  const owner = core.account(login)
  if (!owner) throw notFound()
  const actor = token === null ? null : { account: context.actor, token }
  const visible = core.store.repositories.filter(
    repository => repository.ownerId === owner.id && roleOf(repository, actor) !== 'none',
  )
  return context.list(visible, repository => minimalRepository(core, repository))
}

async function createFor(context: Context, owner: Account): Promise<Reply> {
  const { core, body } = context
  const name = textOf(body, 'name') ?? ''
  if (core.repository(`${owner.login}/${name}`)) {
    throw invalidField('Repository', 'name', 'custom', 'name already exists on this account')
  }
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(name)) throw invalidField('Repository', 'name')
  const repository = core.createRepository({
    fullName: `${owner.login}/${name}`,
    private: flagOf(body, 'private') ?? textOf(body, 'visibility') === 'private',
    description: textOf(body, 'description') ?? '',
    settings: {
      allowMergeCommit: flagOf(body, 'allow_merge_commit') ?? true,
      allowSquashMerge: flagOf(body, 'allow_squash_merge') ?? true,
      allowRebaseMerge: flagOf(body, 'allow_rebase_merge') ?? true,
      deleteBranchOnMerge: flagOf(body, 'delete_branch_on_merge') ?? false,
      ...(owner.type === 'Organization' ? { collaborators: { [context.actor.login]: 'admin' as const } } : {}),
    },
  })
  if (flagOf(body, 'auto_init') === true) await addFirstCommit(context, repository)
  return json(201, fullRepository(core, repository, 'admin'))
}

async function addFirstCommit({ core, actor, token }: Context, repository: Repository): Promise<void> {
  const git = core.git(repository.id)
  const text = `# ${repository.name}${repository.description ? `\n${repository.description}` : ''}\n`
  const tree = await editTree(git, {
    base: null,
    additions: [{ path: 'README.md', content: Buffer.from(text) }],
    deletions: [],
  })
  const commit = await git.commitTree({
    tree,
    parents: [],
    message: 'Initial commit',
    author: identityOf(actor),
    date: core.timestamp(),
  })
  await core.updateRef(
    repository,
    { ref: `refs/heads/${repository.defaultBranch}`, to: commit },
    { account: actor, token },
  )
}

async function changeRepository(context: Context): Promise<Reply> {
  const { core, repo, body } = context
  const defaultBranch = textOf(body, 'default_branch') ?? repo.defaultBranch
  const git = core.git(repo.id)
  if (defaultBranch !== repo.defaultBranch) {
    if ((await git.readRef(`refs/heads/${defaultBranch}`)) === null) {
      throw unprocessable('Validation Failed', [
        {
          resource: 'Repository',
          code: 'invalid',
          field: 'default_branch',
          message: `The branch ${defaultBranch} was not found.`,
        },
      ])
    }
    await git.text(['symbolic-ref', 'HEAD', `refs/heads/${defaultBranch}`])
  }
  const name = textOf(body, 'name') ?? repo.name
  const [owner = ''] = repo.fullName.split('/')
  if (name !== repo.name && core.repository(`${owner}/${name}`)) {
    throw invalidField('Repository', 'name', 'custom', 'name already exists on this account')
  }
  const visibility = textOf(body, 'visibility')
  const changed = core.store.repositories.update(repo.id, {
    name,
    fullName: `${owner}/${name}`,
    defaultBranch,
    description: textOf(body, 'description') ?? repo.description,
    private: visibility === undefined ? (flagOf(body, 'private') ?? repo.private) : visibility === 'private',
    allowMergeCommit: flagOf(body, 'allow_merge_commit') ?? repo.allowMergeCommit,
    allowSquashMerge: flagOf(body, 'allow_squash_merge') ?? repo.allowSquashMerge,
    allowRebaseMerge: flagOf(body, 'allow_rebase_merge') ?? repo.allowRebaseMerge,
    deleteBranchOnMerge: flagOf(body, 'delete_branch_on_merge') ?? repo.deleteBranchOnMerge,
    hasIssues: flagOf(body, 'has_issues') ?? repo.hasIssues ?? true,
  })
  return json(200, fullOf(context, changed))
}

/** GitHub answers 202 and copies later; here the fork is complete when the answer comes. */
async function fork(context: Context): Promise<Reply> {
  const { core, repo, body, actor } = context
  authorizeRepository(repo, context.token && { account: actor, token: context.token })
  const organization = textOf(body, 'organization')
  const owner = organization === undefined ? actor : core.account(organization)
  if (!owner) throw notFound()
  if (owner.id === repo.ownerId) throw forbidden('A repository cannot be forked into its own account')
  const known = core.store.repositories.find(({ forkOf, ownerId }) => forkOf === repo.id && ownerId === owner.id)
  if (known) return json(202, fullRepository(core, known, 'admin'))
  const fullName = `${owner.login}/${textOf(body, 'name') ?? repo.name}`
  if (core.repository(fullName))
    throw invalidField('Repository', 'name', 'custom', 'name already exists on this account')
  const wanted = await core.git(repo.id).refs('refs/heads/')
  const onlyDefault = flagOf(body, 'default_branch_only') === true
  const taken = [...wanted].filter(([ref]) => !onlyDefault || ref === `refs/heads/${repo.defaultBranch}`)
  const preparedFolder = emptyRepository(core, repo.defaultBranch)
  cpSync(`${core.gitFolder(repo.id)}/objects`, `${preparedFolder}/objects`, { recursive: true })
  writeFileSync(`${preparedFolder}/packed-refs`, taken.map(([ref, sha]) => `${sha} ${ref}\n`).join(''))
  const copy = core.createRepository({
    fullName,
    private: repo.private,
    defaultBranch: repo.defaultBranch,
    description: repo.description,
    settings: { forkOf: repo.id },
    preparedFolder,
  })
  const sha = wanted.get(`refs/heads/${repo.defaultBranch}`) ?? ''
  const payload = { forkee: fullRepository(core, copy) }
  context.emit({ name: 'fork', action: '', payload, ref: `refs/heads/${repo.defaultBranch}`, sha })
  return json(202, fullRepository(core, copy, hasRole(roleOfUser(copy, actor), 'admin') ? 'admin' : 'read'))
}
