/** The git database: blobs, trees, commits, tags and refs as git holds them. */
import { type Context, defineRoutes } from '../context.ts'
import { RefRace, zeroSha } from '../core.ts'
import type { GitRepository, Identity } from '../git.ts'
import { identityOf } from '../git-identity.ts'
import { byOf } from '../issue-records.ts'
import { conflict, json, noContent, notFound, type Reply, unprocessable } from '../reply.ts'
import { flagOf, isObject, listOf, objectOf, textOf, textsOf } from '../request-body.ts'
import { gitCommitShape } from '../shapes/commit.ts'
import { nodeId } from '../shapes/node-id.ts'
import { repositoryUrl } from '../shapes/repository.ts'
import { type TreeEntryChange, writeTree } from '../tree-write.ts'

const path = '/repos/{owner}/{repo}/git'

const gitOf = ({ core, repo }: Context): GitRepository => core.git(repo.id)

async function typeOf(git: GitRepository, sha: string): Promise<string | null> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return null
  const found = await git.text(['cat-file', '--batch-check=%(objecttype)'], { input: `${sha}\n` })
  return found.endsWith('missing') ? null : found
}

async function requireObject(git: GitRepository, sha: string, type: string): Promise<void> {
  if ((await typeOf(git, sha)) !== type) throw notFound()
}

export const gitDataRoutes = defineRoutes({
  [`GET ${path}/blobs/{file_sha}`]: {
    needs: 'contents:read',
    handle: async context => {
      const sha = context.param('file_sha')
      await requireObject(gitOf(context), sha, 'blob')
      const content = await gitOf(context).bytes(['cat-file', 'blob', sha])
      return json(200, {
        sha,
        node_id: nodeId('Commit', sha),
        size: content.length,
        url: `${repositoryUrl(context.core, context.repo)}/git/blobs/${sha}`,
        content: wrapBase64(content),
        encoding: 'base64',
      })
    },
  },
  [`POST ${path}/blobs`]: {
    needs: 'contents:write',
    handle: async context => {
      const encoding = textOf(context.body, 'encoding') ?? 'utf-8'
      const content = textOf(context.body, 'content') ?? ''
      if (encoding !== 'utf-8' && encoding !== 'base64') throw unprocessable(`encoding ${encoding} is not supported`)
      const sha = await gitOf(context).writeBlob(Buffer.from(content, encoding))
      return json(201, { sha, url: `${repositoryUrl(context.core, context.repo)}/git/blobs/${sha}` })
    },
  },
  [`GET ${path}/trees/{tree_sha}`]: {
    needs: 'contents:read',
    handle: async context => {
      const git = gitOf(context)
      const asked = context.param('tree_sha')
      const tree = (await typeOf(git, asked)) === 'tree' ? asked : await treeOf(git, asked)
      return json(200, await treeShape(context, tree, context.query.has('recursive')))
    },
  },
  [`POST ${path}/trees`]: {
    needs: 'contents:write',
    handle: async context => {
      const git = gitOf(context)
      const base = textOf(context.body, 'base_tree') ?? null
      if (base !== null && (await typeOf(git, base)) === null) throw notFound()
      const changes = (listOf(context.body, 'tree') ?? []).filter(isObject).map(readEntry)
      return json(201, await treeShape(context, await writeTree(git, base, changes), false))
    },
  },
  [`GET ${path}/commits/{commit_sha}`]: {
    needs: 'contents:read',
    handle: async context => {
      const sha = context.param('commit_sha')
      await requireObject(gitOf(context), sha, 'commit')
      return json(200, gitCommitShape(context.core, context.repo, await gitOf(context).commit(sha)))
    },
  },
  [`POST ${path}/commits`]: { needs: 'contents:write', handle: createCommit },
  [`GET ${path}/ref/{ref}`]: {
    needs: 'contents:read',
    handle: async context => {
      const ref = `refs/${context.param('ref')}`
      const sha = await gitOf(context).readRef(ref)
      if (sha === null) throw notFound()
      return json(200, await refShape(context, ref, sha))
    },
  },
  [`GET ${path}/matching-refs/{ref}`]: {
    needs: 'contents:read',
    handle: async context => {
      const prefix = `refs/${context.param('ref')}`
      const refs = [...(await gitOf(context).refs('refs/'))].filter(([ref]) => ref.startsWith(prefix))
      return json(200, await Promise.all(refs.map(([ref, sha]) => refShape(context, ref, sha))))
    },
  },
  [`POST ${path}/refs`]: {
    needs: 'contents:write',
    handle: async context => {
      const ref = textOf(context.body, 'ref') ?? ''
      const sha = textOf(context.body, 'sha') ?? ''
      if (!/^refs\/(heads|tags)\/./.test(ref))
        throw unprocessable('Reference name must start with refs/heads/ or refs/tags/')
      if ((await gitOf(context).try(['check-ref-format', ref])).status !== 0)
        throw unprocessable('Reference name is not valid')
      await requireTarget(context, ref, sha)
      await moveRef(context, ref, sha, { from: zeroSha })
      return json(201, await refShape(context, ref, sha))
    },
  },
  [`PATCH ${path}/refs/{ref}`]: {
    needs: 'contents:write',
    handle: async context => {
      const ref = `refs/${context.param('ref')}`
      const sha = textOf(context.body, 'sha') ?? ''
      if ((await gitOf(context).readRef(ref)) === null) throw unprocessable('Reference does not exist')
      await requireTarget(context, ref, sha)
      await moveRef(context, ref, sha, { force: flagOf(context.body, 'force') ?? false })
      return json(200, await refShape(context, ref, sha))
    },
  },
  [`DELETE ${path}/refs/{ref}`]: {
    needs: 'contents:write',
    handle: async context => {
      const ref = `refs/${context.param('ref')}`
      if ((await gitOf(context).readRef(ref)) === null) throw unprocessable('Reference does not exist')
      await moveRef(context, ref, null, {})
      return noContent()
    },
  },
  [`GET ${path}/tags/{tag_sha}`]: {
    needs: 'contents:read',
    handle: async context => json(200, await tagShape(context, context.param('tag_sha'))),
  },
  [`POST ${path}/tags`]: { needs: 'contents:write', handle: createTag },
})

/** Moves a ref for the API: a race is GitHub's 422 or 409. */
export async function moveRef(
  context: Context,
  ref: string,
  to: string | null,
  how: { readonly from?: string; readonly force?: boolean },
): Promise<void> {
  try {
    await context.core.updateRef(context.repo, { ref, to, ...how }, byOf(context))
  } catch (error) {
    if (!(error instanceof RefRace)) throw error
    if (how.from === zeroSha) throw unprocessable('Reference already exists')
    throw conflict(`Reference cannot be updated: ${error.message}`)
  }
}

async function requireTarget(context: Context, ref: string, sha: string): Promise<void> {
  const type = await typeOf(gitOf(context), sha)
  if (type === null) throw unprocessable('Object does not exist')
  if (ref.startsWith('refs/heads/') && type !== 'commit') throw unprocessable('Reference cannot be a non-commit')
}

async function refShape({ core, repo }: Context, ref: string, sha: string): Promise<object> {
  const type = (await typeOf(core.git(repo.id), sha)) ?? 'commit'
  const url = repositoryUrl(core, repo)
  return {
    ref,
    node_id: nodeId('Commit', `${repo.id} ${ref}`),
    url: `${url}/git/${ref}`,
    object: { type, sha, url: `${url}/git/${type}s/${sha}` },
  }
}

async function treeOf(git: GitRepository, rev: string): Promise<string> {
  const commit = await git.commitOf(rev)
  if (commit === null) throw notFound()
  return git.text(['rev-parse', `${commit}^{tree}`])
}

async function treeShape({ core, repo }: Context, tree: string, recursive: boolean): Promise<object> {
  const listing = await core.git(repo.id).text(['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), tree])
  const url = `${repositoryUrl(core, repo)}/git`
  return {
    sha: tree,
    url: `${url}/trees/${tree}`,
    tree: listing
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [mode = '', type = '', sha = '', size = '-'] = line.slice(0, line.indexOf('\t')).split(/ +/)
        return {
          path: line.slice(line.indexOf('\t') + 1),
          mode,
          type,
          sha,
          ...(size === '-' ? {} : { size: Number(size) }),
          ...(type === 'commit' ? {} : { url: `${url}/${type}s/${sha}` }),
        }
      }),
    truncated: false,
  }
}

function readEntry(entry: Readonly<Record<string, unknown>>): TreeEntryChange {
  const sha = entry['sha']
  return {
    path: textOf(entry, 'path') ?? '',
    mode: textOf(entry, 'mode') ?? '100644',
    sha: typeof sha === 'string' || sha === null ? sha : undefined,
    content: textOf(entry, 'content') ?? null,
  }
}

async function createCommit(context: Context): Promise<Reply> {
  const git = gitOf(context)
  const tree = textOf(context.body, 'tree') ?? ''
  const parents = textsOf(context.body, 'parents')
  if ((await typeOf(git, tree)) !== 'tree') throw unprocessable('Tree SHA does not exist')
  for (const parent of parents) {
    if ((await typeOf(git, parent)) !== 'commit')
      throw unprocessable('Parent SHA does not exist or is not a commit object')
  }
  const author = identityIn(context, 'author') ?? { ...identityOf(context.actor), date: context.core.timestamp() }
  const committer = identityIn(context, 'committer') ?? author
  const sha = await git.commitTree({
    tree,
    parents,
    message: textOf(context.body, 'message') ?? '',
    author,
    committer,
    date: author.date,
  })
  return json(201, gitCommitShape(context.core, context.repo, await git.commit(sha)))
}

function identityIn(context: Context, field: string): (Identity & { date: string }) | null {
  const given = objectOf(context.body, field)
  const name = given && textOf(given, 'name')
  const email = given && textOf(given, 'email')
  if (!given || name === undefined || email === undefined) return null
  return { name, email, date: textOf(given, 'date') ?? context.core.timestamp() }
}

async function createTag(context: Context): Promise<Reply> {
  const git = gitOf(context)
  const object = textOf(context.body, 'object') ?? ''
  const type = textOf(context.body, 'type') ?? ''
  if ((await typeOf(git, object)) !== type) throw unprocessable('Object does not exist or has another type')
  const tagger = identityIn(context, 'tagger') ?? { ...identityOf(context.actor), date: context.core.timestamp() }
  const seconds = Math.floor(Date.parse(tagger.date) / 1000)
  const head = `object ${object}\ntype ${type}\ntag ${textOf(context.body, 'tag') ?? ''}\n`
  const input = `${head}tagger ${tagger.name} <${tagger.email}> ${seconds} +0000\n\n${textOf(context.body, 'message') ?? ''}\n`
  const made = await git.try(['mktag', '--no-strict'], { input })
  if (made.status !== 0) throw unprocessable('The tag is not valid')
  return json(201, await tagShape(context, made.stdout.toString().trim()))
}

async function tagShape({ core, repo }: Context, sha: string): Promise<object> {
  const git = core.git(repo.id)
  await requireObject(git, sha, 'tag')
  const [head = '', ...message] = (await git.text(['cat-file', 'tag', sha])).split('\n\n')
  const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? ''
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+)/.exec(field('tagger')) ?? []
  const url = `${repositoryUrl(core, repo)}/git`
  return {
    node_id: nodeId('Commit', sha),
    sha,
    url: `${url}/tags/${sha}`,
    tag: field('tag'),
    message: message.join('\n\n'),
    tagger: { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z') },
    object: { type: field('type'), sha: field('object'), url: `${url}/${field('type')}s/${field('object')}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

/** GitHub breaks Base64 into lines of 60. */
export const wrapBase64 = (content: Buffer): string => content.toString('base64').replace(/(.{60})/g, '$1\n')
