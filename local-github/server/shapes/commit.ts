import type { Account, Repository } from '../../model.ts'
import type { FileDiff } from '../diff.ts'
import type { CommitInfo } from '../git.ts'
import { simpleUser } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { repositoryHtmlUrl, repositoryUrl } from './repository.ts'

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

/** The account that GitHub links to a commit: the one with this address, its own or the no-reply one. */
export function accountOfEmail(github: ShapeContext, email: string): Account | undefined {
  const wanted = email.toLowerCase()
  const alias = /^(?:(\d+)\+)?([^@]+)@users\.noreply\./.exec(wanted)
  return github.store.accounts.find(
    account => account.email?.toLowerCase() === wanted || (alias !== null && account.login.toLowerCase() === alias[2]),
  )
}

const linked = (github: ShapeContext, email: string) => {
  const account = accountOfEmail(github, email)
  return account ? simpleUser(github, account) : null
}

/** `parents` of a commit. */
function parentLinks(github: ShapeContext, repository: Repository, commit: CommitInfo, api: 'commits' | 'git/commits') {
  return commit.parents.map(sha => ({
    sha,
    url: `${repositoryUrl(github, repository)}/${api}/${sha}`,
    html_url: `${repositoryHtmlUrl(github, repository)}/commit/${sha}`,
  }))
}

/** As in lists of commits and in comparisons. */
export function commitShape(github: ShapeContext, repository: Repository, commit: CommitInfo) {
  const url = repositoryUrl(github, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${repositoryHtmlUrl(github, repository)}/commit/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: linked(github, commit.author.email),
    committer: linked(github, commit.committer.email),
    parents: parentLinks(github, repository, commit, 'commits'),
  }
}

/** As the git database answers it, and in a timeline. */
export function gitCommitShape(github: ShapeContext, repository: Repository, commit: CommitInfo) {
  const url = repositoryUrl(github, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${url}/git/commits/${commit.sha}`,
    html_url: `${repositoryHtmlUrl(github, repository)}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: parentLinks(github, repository, commit, 'git/commits'),
    verification: unsigned,
  }
}

/** As `head_commit` of a workflow run or a check suite. */
export function simpleCommit(commit: CommitInfo) {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.committer.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  }
}

/** A file of a pull request, a commit or a comparison; `sha` is the commit after the change. */
export function diffEntry(github: ShapeContext, repository: Repository, sha: string, file: FileDiff) {
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryHtmlUrl(github, repository)}/blob/${sha}/${path}`,
    raw_url: `${repositoryHtmlUrl(github, repository)}/raw/${sha}/${path}`,
    contents_url: `${repositoryUrl(github, repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  }
}
