/** Commits: listed, read, compared, merged, packed. */
import type { Repository } from '../../model.ts'
import { authorizeRepository } from '../access.ts'
import { type Context, defineRoutes, type Routes } from '../context.ts'
import { RefRace } from '../core.ts'
import { diffText } from '../diff-text.ts'
import { diffFiles, emptyTree, totalsOf } from '../diff.ts'
import type { Downloads } from '../downloads.ts'
import { identityOf } from '../git-identity.ts'
import type { GitRepository } from '../git.ts'
import { byOf } from '../issue-records.ts'
import { mergeCommit } from '../merge.ts'
import { bytes, conflict, json, noContent, notFound, redirect, Refusal, type Reply } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { commitShape, diffEntry } from '../shapes/commit.ts'
import { repositoryHtmlUrl, repositoryUrl } from '../shapes/repository.ts'

const path = '/repos/{owner}/{repo}'

export const commitRoutes = (downloads: Downloads): Routes =>
  defineRoutes({
    [`GET ${path}/commits`]: { needs: 'contents:read', handle: listCommits },
    [`GET ${path}/commits/{ref}`]: { needs: 'contents:read', handle: showCommit },
    [`GET ${path}/commits/{commit_sha}/branches-where-head`]: {
      needs: 'contents:read',
      handle: async ({ core, repo, param }) => {
        const sha = await requireCommit(core.git(repo.id), param('commit_sha'))
        const heads = [...(await core.git(repo.id).refs('refs/heads/'))].filter(([, tip]) => tip === sha)
        const commit = { sha, url: `${repositoryUrl(core, repo)}/commits/${sha}` }
        return json(
          200,
          heads.map(([ref]) => ({ name: ref.slice('refs/heads/'.length), commit, protected: false })),
        )
      },
    },
    [`GET ${path}/compare/{basehead}`]: { needs: 'contents:read', handle: compare },
    [`POST ${path}/merges`]: { needs: 'contents:write', handle: mergeBranches },
    [`GET ${path}/tarball/{ref}`]: {
      needs: 'contents:read',
      handle: context => archive(context, downloads, 'tar.gz', 'application/gzip'),
    },
    [`GET ${path}/zipball/{ref}`]: {
      needs: 'contents:read',
      handle: context => archive(context, downloads, 'zip', 'application/zip'),
    },
  })

async function requireCommit(git: GitRepository, rev: string): Promise<string> {
  const sha = await git.commitOf(rev)
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${rev}`)
  return sha
}

async function listCommits(context: Context): Promise<Reply> {
  const { core, repo, query } = context
  const git = core.git(repo.id)
  if ((await git.refs('refs/heads/')).size === 0) throw conflict('Git Repository is empty.')
  const start = await git.commitOf(query.get('sha') ?? repo.defaultBranch)
  if (start === null) throw notFound()
  const byPerson = ['author', 'committer'].flatMap(field => {
    const wanted = query.get(field)
    return wanted === null ? [] : [`--${field}=${addressOf(context, wanted)}`]
  })
  const times = ['since', 'until'].flatMap(field => {
    const time = query.get(field)
    return time === null ? [] : [`--${field}=${time}`]
  })
  const filePath = query.get('path')
  const paths = filePath === null ? [] : [`:(literal)${filePath}`]
  const commits = await git.log(['--fixed-strings', ...byPerson, ...times, start, '--', ...paths])
  return context.list(commits, commit => commitShape(core, repo, commit))
}

/** Commits are found by address: a login stands for those of its account. */
function addressOf({ core }: Context, wanted: string): string {
  if (wanted.includes('@')) return `<${wanted}>`
  const account = core.account(wanted)
  return account?.email ? `<${account.email}>` : `${wanted}@users.noreply.`
}

async function showCommit(context: Context): Promise<Reply> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const sha = await requireCommit(git, context.param('ref'))
  const accept = String(context.headers['accept'] ?? '')
  if (accept.includes('.sha')) return bytes('application/vnd.github.sha; charset=utf-8', Buffer.from(sha))
  const commit = await git.commit(sha)
  const parent = commit.parents[0] ?? emptyTree
  if (accept.includes('.diff')) {
    return bytes('application/vnd.github.diff; charset=utf-8', await git.bytes(['diff', parent, sha, '--']))
  }
  if (accept.includes('.patch')) {
    const patch = await git.bytes(['format-patch', '-1', '--stdout', sha])
    return bytes('application/vnd.github.patch; charset=utf-8', patch)
  }
  const files = await diffFiles(git, parent, sha)
  const { additions, deletions } = totalsOf(files)
  return json(200, {
    ...commitShape(core, repo, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.map(file => diffEntry(core, repo, sha, file)),
  })
}

const mostFiles = 300
/** Of a comparison whose caller asks for no page. */
const mostCommits = 250

async function compare(context: Context): Promise<Reply> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const [baseName = '', headName = ''] = context.param('basehead').split('...')
  const [base, head] = [await sideOf(context, baseName), await sideOf(context, headName)]
  const common = await git.try(['merge-base', base, head])
  if (common.status !== 0) throw notFound(`No common ancestor between ${baseName} and ${headName}.`)
  const mergeBase = common.stdout.toString().trim()
  const text = await diffText(context, () => Promise.resolve([mergeBase, head]))
  if (text) return text
  const [ahead, files, behind] = await Promise.all([
    git.log(['--reverse', '--topo-order', `${base}..${head}`, '--']),
    diffFiles(git, mergeBase, head),
    git.text(['rev-list', '--count', `${head}..${base}`]).then(Number),
  ])
  const paging = context.query.has('page') || context.query.has('per_page')
  const listed = await context.list(ahead, commit => commitShape(core, repo, commit))
  const page = listed.body && 'json' in listed.body ? listed.body.json : []
  const newest = (): object[] => ahead.slice(-mostCommits).map(commit => commitShape(core, repo, commit))
  const html = `${repositoryHtmlUrl(core, repo)}/compare/${baseName}...${headName}`
  const answer = {
    url: `${repositoryUrl(core, repo)}/compare/${encodeURIComponent(baseName)}...${encodeURIComponent(headName)}`,
    html_url: html,
    permalink_url: `${repositoryHtmlUrl(core, repo)}/compare/${base}...${head}`,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitShape(core, repo, await git.commit(base)),
    merge_base_commit: commitShape(core, repo, await git.commit(mergeBase)),
    status: statusOf(ahead.length, behind),
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: paging ? page : newest(),
    files: files.slice(0, mostFiles).map(file => diffEntry(core, repo, head, file)),
  }
  return json(200, answer, paging ? listed.headers : {})
}

const statusOf = (ahead: number, behind: number): string => {
  if (ahead > 0 && behind > 0) return 'diverged'
  if (ahead > 0) return 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

/** `branch`, or `owner:branch` of a repository in the same family; its objects are brought here when they are missing. */
async function sideOf(context: Context, name: string): Promise<string> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const [owner, branch] = name.includes(':')
    ? [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)]
    : [null, name]
  const other = owner === null ? repo : familyOf(context, owner)
  const sha = await core.git(other.id).commitOf(branch)
  if (sha === null) throw notFound()
  if (other.id !== repo.id) await git.text(['fetch', '-q', '--no-write-fetch-head', core.gitFolder(other.id), sha])
  return sha
}

function familyOf(context: Context, login: string): Repository {
  const { core, repo, token } = context
  const owner = core.account(login)
  const root = repo.forkOf ?? repo.id
  const found = core.store.repositories.find(
    other => other.ownerId === owner?.id && (other.id === root || other.forkOf === root),
  )
  return authorizeRepository(found, token && { account: context.actor, token })
}

async function mergeBranches(context: Context): Promise<Reply> {
  const { core, repo, body, actor } = context
  const git = core.git(repo.id)
  const [base, head] = [textOf(body, 'base') ?? '', textOf(body, 'head') ?? '']
  const ref = `refs/heads/${base}`
  const tip = await git.readRef(ref)
  const other = await git.commitOf(head)
  if (tip === null) throw notFound('Base does not exist')
  if (other === null) throw notFound('Head does not exist')
  if (await git.isAncestor(other, tip)) return noContent()
  const message = textOf(body, 'commit_message') ?? `Merge ${head} into ${base}`
  const author = identityOf(actor)
  const merged = await mergeCommit(git, { base: tip, head: other, message, author, date: core.timestamp() })
  if (merged === null) throw conflict('Merge conflict')
  try {
    await core.updateRef(repo, { ref, to: merged, from: tip }, byOf(context))
  } catch (error) {
    if (error instanceof RefRace) throw conflict(`Base was modified: ${error.message}`)
    throw error
  }
  return json(201, commitShape(core, repo, await git.commit(merged)))
}

async function archive(
  context: Context,
  downloads: Downloads,
  format: 'tar.gz' | 'zip',
  contentType: string,
): Promise<Reply> {
  const { core, repo } = context
  const sha = await core.git(repo.id).commitOf(context.param('ref') || repo.defaultBranch)
  if (sha === null) throw notFound()
  const folder = `${repo.fullName.replace('/', '-')}-${sha.slice(0, 7)}`
  const content = await core.git(repo.id).bytes(['archive', `--format=${format}`, `--prefix=${folder}/`, sha])
  return redirect(302, downloads.link({ contentType, fileName: `${folder}.${format}`, content: { bytes: content } }))
}
