/** Files of a repository: read, written and deleted one at a time. */
import type { Context } from '../context.ts'
import { defineRoutes } from '../context.ts'
import { RefRace, zeroSha } from '../core.ts'
import type { Identity } from '../git.ts'
import { identityOf } from '../git-identity.ts'
import { byOf } from '../issue-records.ts'
import { bytes, conflict, json, notFound, type Reply, RuleRefusal, unprocessable } from '../reply.ts'
import { objectOf, textOf } from '../request-body.ts'
import { gitCommitShape } from '../shapes/commit.ts'
import { repositoryHtmlUrl, repositoryUrl } from '../shapes/repository.ts'
import { checkPath, editTree } from '../tree-edit.ts'
import { wrapBase64 } from './git-data.ts'

const path = '/repos/{owner}/{repo}/contents/{path}'

export const contentRoutes = defineRoutes({
  [`GET ${path}`]: {
    needs: 'contents:read',
    handle: async context => {
      const filePath = context.param('path').replace(/\/+$/, '')
      const commit = await commitAsked(context)
      const entry = filePath === '' ? null : await entryAt(context, commit, filePath)
      if (filePath !== '' && !entry) throw notFound()
      if (entry === null || entry.type === 'tree') {
        const entries = await entriesOf(context, `${commit}:${filePath}`)
        return json(
          200,
          entries.map(one =>
            entryShape(context, { ...one, path: filePath === '' ? one.path : `${filePath}/${one.path}` }),
          ),
        )
      }
      return fileReply(context, entry)
    },
  },
  'GET /repos/{owner}/{repo}/readme': {
    needs: 'contents:read',
    handle: async context => {
      const commit = await commitAsked(context)
      const entries = await entriesOf(context, `${commit}:`)
      const readme = entries.find(entry => /^readme(\.md|\.txt|\.rst)?$/i.test(entry.path))
      if (!readme) throw notFound()
      return fileReply(context, readme)
    },
  },
  [`PUT ${path}`]: { needs: 'contents:write', handle: context => write(context, 'put') },
  [`DELETE ${path}`]: { needs: 'contents:write', handle: context => write(context, 'delete') },
})

interface Entry {
  readonly mode: string
  readonly type: string
  readonly sha: string
  readonly size: number
  readonly path: string
}

async function commitAsked(context: Context): Promise<string> {
  const ref = context.query.get('ref') ?? context.repo.defaultBranch
  const commit = await context.core.git(context.repo.id).commitOf(ref)
  if (commit === null) throw notFound(`No commit found for the ref ${ref}`)
  return commit
}

async function listEntries(context: Context, args: readonly string[]): Promise<Entry[]> {
  const listing = await context.core.git(context.repo.id).text(['ls-tree', '-z', '-l', ...args])
  return listing
    .split('\0')
    .filter(Boolean)
    .map(line => {
      const [mode = '', type = '', sha = '', size = '0'] = line.slice(0, line.indexOf('\t')).split(/ +/)
      return { mode, type, sha, size: Number(size) || 0, path: line.slice(line.indexOf('\t') + 1) }
    })
}

const entriesOf = (context: Context, treeish: string): Promise<Entry[]> => listEntries(context, [treeish])

async function entryAt(context: Context, commit: string, filePath: string): Promise<Entry | null> {
  const [entry] = await listEntries(context, [commit, '--', filePath])
  return entry?.path === filePath ? entry : null
}

const kindOf = (entry: Entry): 'file' | 'dir' | 'symlink' | 'submodule' => {
  if (entry.type === 'tree') return 'dir'
  if (entry.type === 'commit') return 'submodule'
  return entry.mode === '120000' ? 'symlink' : 'file'
}

function entryShape({ core, repo, query }: Context, entry: Entry) {
  const ref = query.get('ref') ?? repo.defaultBranch
  const encoded = entry.path.split('/').map(encodeURIComponent).join('/')
  const html = `${repositoryHtmlUrl(core, repo)}/${entry.type === 'tree' ? 'tree' : 'blob'}/${ref}/${encoded}`
  const url = `${repositoryUrl(core, repo)}/contents/${encoded}?ref=${encodeURIComponent(ref)}`
  const git = `${repositoryUrl(core, repo)}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`
  const raw = entry.type === 'blob' ? `${repositoryHtmlUrl(core, repo)}/raw/${ref}/${encoded}` : null
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: html,
    git_url: git,
    download_url: raw,
    type: kindOf(entry),
    _links: { self: url, git, html },
  }
}

/** Above this GitHub answers without the content, and above the second limit not at all. */
const inlineLimitBytes = 1024 * 1024
const fileLimitBytes = 100 * inlineLimitBytes

async function fileReply(context: Context, entry: Entry): Promise<Reply> {
  const git = context.core.git(context.repo.id)
  const content = await git.bytes(['cat-file', 'blob', entry.sha])
  if (content.length > fileLimitBytes) throw unprocessable('This file is larger than 100 MB')
  const wantsRaw = /vnd\.github(\.v3)?\.raw/.test(String(context.headers['accept'] ?? ''))
  if (wantsRaw) return bytes('application/vnd.github.raw+json; charset=utf-8', content)
  const shape = entryShape(context, entry)
  if (kindOf(entry) === 'symlink') return json(200, { ...shape, target: content.toString() })
  const inline = content.length <= inlineLimitBytes
  return json(200, { ...shape, content: inline ? wrapBase64(content) : '', encoding: inline ? 'base64' : 'none' })
}

async function write(context: Context, kind: 'put' | 'delete'): Promise<Reply> {
  const { core, repo, body } = context
  const filePath = context.param('path')
  checkPath(filePath)
  const git = core.git(repo.id)
  const branch = textOf(body, 'branch') ?? repo.defaultBranch
  const ref = `refs/heads/${branch}`
  const head = await git.readRef(ref)
  const empty = head === null && kind === 'put' && (await git.refs('refs/heads/')).size === 0
  if (head === null && !empty) throw notFound(`Branch ${branch} not found`)
  const present = head === null ? null : await entryAt(context, head, filePath)
  checkSha(filePath, present, textOf(body, 'sha'), kind)
  const content = textOf(body, 'content') ?? ''
  if (kind === 'put' && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) throw unprocessable('content is not valid Base64')
  const tree = await editTree(git, {
    base: head,
    additions: kind === 'put' ? [{ path: filePath, content: Buffer.from(content, 'base64') }] : [],
    deletions: kind === 'delete' ? [filePath] : [],
  })
  const author = identityIn(context, 'author') ?? identityOf(context.actor)
  const committer = identityIn(context, 'committer')
  const commit = await git.commitTree({
    tree,
    parents: head === null ? [] : [head],
    message: textOf(body, 'message') ?? '',
    author,
    ...(committer ? { committer } : {}),
    date: core.timestamp(),
  })
  try {
    await core.updateRef(repo, { ref, to: commit, from: head ?? zeroSha }, byOf(context))
  } catch (error) {
    if (error instanceof RefRace) throw conflict(`is at ${error.actual} but expected ${head}`)
    if (error instanceof RuleRefusal) throw conflict(error.message)
    throw error
  }
  const written = kind === 'put' ? await entryAt(context, commit, filePath) : null
  return json(kind === 'put' && !present ? 201 : 200, {
    content: written ? entryShape(context, written) : null,
    commit: gitCommitShape(core, repo, await git.commit(commit)),
  })
}

function checkSha(filePath: string, present: Entry | null, sha: string | undefined, kind: 'put' | 'delete'): void {
  if (kind === 'delete' && !present) throw notFound()
  if (present && sha === undefined) throw unprocessable(`Invalid request.\n\n"sha" wasn't supplied.`)
  if (sha !== undefined && present?.sha !== sha) throw conflict(`${filePath} does not match ${sha}`)
}

function identityIn({ body }: Context, field: string): Identity | null {
  const given = objectOf(body, field)
  const name = given && textOf(given, 'name')
  const email = given && textOf(given, 'email')
  return name === undefined || email === undefined ? null : { name, email }
}
