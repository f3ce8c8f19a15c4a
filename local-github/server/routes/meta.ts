/** Who am I, who is that, what is there, how much is left. */
import { type Context, defineRoutes, type Routes } from '../context.ts'
import { type RateLimiter, requestLimit } from '../rate-limit.ts'
import { forbidden, json, notFound } from '../reply.ts'
import { privateUser, publicUser } from '../shapes/account.ts'

export const metaRoutes = (rateLimiter: RateLimiter): Routes =>
  defineRoutes({
    'GET /': { needs: null, handle: ({ core }) => json(200, rootOf(core.apiUrl)) },
    'GET /meta': { needs: null, handle: () => json(200, { verifiable_password_authentication: false }) },
    'GET /rate_limit': { needs: null, handle: context => json(200, rateOf(context, rateLimiter)) },
    'GET /user': {
      needs: null,
      handle: ({ core, actor, token }) => {
        if (token?.kind !== 'user') throw forbidden('Resource not accessible by integration')
        return json(200, privateUser(core, actor))
      },
    },
    'GET /users/{username}': {
      needs: null,
      handle: ({ core, param }) => {
        const account = core.account(param('username'))
        if (!account) throw notFound()
        return json(200, publicUser(core, account))
      },
    },
  })

function rateOf({ core, token }: Context, rateLimiter: RateLimiter): object {
  const anonymousId = 0
  const limit = requestLimit(token)
  const read = (resource: 'core' | 'graphql'): object => {
    const { resource: _resource, ...rate } = rateLimiter.spend(token?.id ?? anonymousId, limit, resource, 0)
    return rate
  }
  const searchLimit = 30
  const search = { limit: searchLimit, used: 0, remaining: searchLimit, reset: Math.floor(core.now() / 1000) + 60 }
  return { resources: { core: read('core'), graphql: read('graphql'), search }, rate: read('core') }
}

const rootPaths: Readonly<Record<string, string>> = {
  current_user: '/user',
  current_user_authorizations_html: '/settings/connections/applications{/client_id}',
  authorizations: '/authorizations',
  code_search: '/search/code?q={query}{&page,per_page,sort,order}',
  commit_search: '/search/commits?q={query}{&page,per_page,sort,order}',
  emails: '/user/emails',
  emojis: '/emojis',
  events: '/events',
  feeds: '/feeds',
  followers: '/user/followers',
  following: '/user/following{/target}',
  gists: '/gists{/gist_id}',
  issue_search: '/search/issues?q={query}{&page,per_page,sort,order}',
  issues: '/issues',
  keys: '/user/keys',
  label_search: '/search/labels?q={query}&repository_id={repository_id}{&page,per_page}',
  notifications: '/notifications',
  organization: '/orgs/{org}',
  organization_repositories: '/orgs/{org}/repos{?type,page,per_page,sort}',
  organization_teams: '/orgs/{org}/teams',
  public_gists: '/gists/public',
  rate_limit: '/rate_limit',
  repository: '/repos/{owner}/{repo}',
  repository_search: '/search/repositories?q={query}{&page,per_page,sort,order}',
  current_user_repositories: '/user/repos{?type,page,per_page,sort}',
  starred: '/user/starred{/owner}{/repo}',
  starred_gists: '/gists/starred',
  user: '/users/{user}',
  user_organizations: '/user/orgs',
  user_repositories: '/users/{user}/repos{?type,page,per_page,sort}',
  user_search: '/search/users?q={query}{&page,per_page,sort,order}',
}

const rootOf = (apiUrl: string): object =>
  Object.fromEntries(Object.entries(rootPaths).map(([name, path]) => [`${name}_url`, `${apiUrl}${path}`]))
