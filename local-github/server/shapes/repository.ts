import type { Repository, RepositoryRole } from '../../model.ts'
import { simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'

export function repositoryUrl(github: ShapeContext, repository: Repository): string {
  return `${github.apiUrl}/repos/${repository.fullName}`
}

export function repositoryHtmlUrl(github: ShapeContext, repository: Repository): string {
  return `${github.url}/${repository.fullName}`
}

function addresses(github: ShapeContext, repository: Repository) {
  const url = repositoryUrl(github, repository)
  return {
    html_url: repositoryHtmlUrl(github, repository),
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    hooks_url: `${url}/hooks`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
  }
}

/** The short form inside commits, runs and lists. */
export function minimalRepository(github: ShapeContext, repository: Repository) {
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: repository.fullName,
    owner: simpleUserById(github, repository.ownerId),
    private: repository.private,
    description: repository.description || null,
    fork: repository.forkOf !== undefined,
    ...addresses(github, repository),
  }
}

/** As in `head.repo` of a pull request and in the payload of every event. */
export function repositoryShape(github: ShapeContext, repository: Repository) {
  const html = repositoryHtmlUrl(github, repository)
  const openIssues = github.store.issues.filter(
    issue => issue.repositoryId === repository.id && issue.state === 'open',
  ).length
  const forks = github.store.repositories.filter(other => other.forkOf === repository.id).length
  return {
    ...minimalRepository(github, repository),
    git_url: `${html}.git`,
    ssh_url: `${html}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks,
    forks_count: forks,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 0,
    default_branch: repository.defaultBranch,
    open_issues: openIssues,
    open_issues_count: openIssues,
    is_template: false,
    topics: [],
    has_issues: repository.hasIssues ?? true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: repository.pushedAt,
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
  }
}

/** `GET /repos/{owner}/{repo}`; `role` is the caller's, absent for the anonymous. */
export function fullRepository(github: ShapeContext, repository: Repository, role?: RepositoryRole) {
  const parent = repository.forkOf === undefined ? undefined : github.store.repositories.get(repository.forkOf)
  const shape = repositoryShape(github, repository)
  return {
    ...shape,
    allow_merge_commit: repository.allowMergeCommit,
    allow_squash_merge: repository.allowSquashMerge,
    allow_rebase_merge: repository.allowRebaseMerge,
    allow_auto_merge: false,
    allow_update_branch: false,
    delete_branch_on_merge: repository.deleteBranchOnMerge,
    subscribers_count: 0,
    network_count: shape.forks,
    ...(role ? { permissions: rolePermissions(role) } : {}),
    ...(parent ? { parent: repositoryShape(github, parent), source: repositoryShape(github, parent) } : {}),
  }
}

const roles: readonly RepositoryRole[] = ['read', 'triage', 'write', 'maintain', 'admin']

export function roleReaches(role: RepositoryRole | undefined, needed: RepositoryRole): boolean {
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(needed)
}

export function rolePermissions(role: RepositoryRole) {
  return {
    admin: roleReaches(role, 'admin'),
    maintain: roleReaches(role, 'maintain'),
    push: roleReaches(role, 'write'),
    triage: roleReaches(role, 'triage'),
    pull: true,
  }
}
