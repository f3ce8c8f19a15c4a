import type { Account, Repository, Time } from '../../model.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'

const epoch: Time = '2020-01-01T00:00:00Z'

export interface SimpleUser {
  login: string
  id: number
  node_id: string
  avatar_url: string
  gravatar_id: string
  url: string
  html_url: string
  followers_url: string
  following_url: string
  gists_url: string
  starred_url: string
  subscriptions_url: string
  organizations_url: string
  repos_url: string
  events_url: string
  received_events_url: string
  type: string
  site_admin: boolean
}

export function simpleUser(github: ShapeContext, account: Account): SimpleUser {
  const url = `${github.apiUrl}/users/${encodeURIComponent(account.login)}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type, account.id),
    avatar_url: `${github.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${github.url}/${account.type === 'Bot' ? `apps/${account.appSlug}` : account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
  }
}

export function simpleUserById(github: ShapeContext, accountId: number): SimpleUser {
  const account = github.store.accounts.get(accountId)
  if (!account) throw new Error(`There is no account ${accountId}`)
  return simpleUser(github, account)
}

export function simpleUserByLogin(github: ShapeContext, login: string): SimpleUser | null {
  const account = findAccount(github, login)
  return account ? simpleUser(github, account) : null
}

/** Logins are compared without case, as on GitHub. */
export function findAccount(github: ShapeContext, login: string): Account | undefined {
  const wanted = login.toLowerCase()
  return github.store.accounts.find(account => account.login.toLowerCase() === wanted)
}

/** `GET /users/{username}`. */
export function publicUser(github: ShapeContext, account: Account) {
  const own = github.store.repositories.filter(repository => repository.ownerId === account.id)
  return {
    ...simpleUser(github, account),
    name: account.name ?? null,
    company: null,
    blog: '',
    location: null,
    email: account.email ?? null,
    hireable: null,
    bio: null,
    public_repos: own.filter(repository => !repository.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: epoch,
    updated_at: epoch,
  }
}

/** `GET /user`. */
export function privateUser(github: ShapeContext, account: Account) {
  const own = github.store.repositories.filter(repository => repository.ownerId === account.id && repository.private)
  return {
    ...publicUser(github, account),
    private_gists: 0,
    total_private_repos: own.length,
    owned_private_repos: own.length,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
  }
}

/** The app behind a bot's token, as `performed_via_github_app` and in check runs. */
export function app(github: ShapeContext, slug: string) {
  const bot = github.store.accounts.find(account => account.appSlug === slug)
  const owner = github.store.accounts.find(account => account.type === 'Organization') ?? bot
  if (!bot || !owner) throw new Error(`There is no app ${slug}`)
  return {
    id: bot.id,
    slug,
    node_id: nodeId('App', bot.id),
    owner: simpleUser(github, owner),
    name: slug === 'github-actions' ? 'GitHub Actions' : slug,
    description: null,
    external_url: github.url,
    html_url: `${github.url}/apps/${slug}`,
    created_at: epoch,
    updated_at: epoch,
    permissions: {},
    events: [],
  }
}

export type AuthorAssociation = 'OWNER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE'

export function authorAssociation(github: ShapeContext, repository: Repository, accountId: number): AuthorAssociation {
  if (repository.ownerId === accountId) return 'OWNER'
  const account = github.store.accounts.get(accountId)
  if (account && repository.collaborators[account.login]) return 'COLLABORATOR'
  const merged = github.store.issues.find(
    issue => issue.repositoryId === repository.id && issue.authorId === accountId && issue.pullRequest?.merged === true,
  )
  return merged ? 'CONTRIBUTOR' : 'NONE'
}
