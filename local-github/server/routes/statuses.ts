import type { CommitStatus } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { pageOf } from '../paging.ts'
import { invalidField, json, unprocessable } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { commitShape } from '../shapes/commit.ts'
import { repositoryUrl } from '../shapes/repository.ts'
import { combinedStatus, newestStatuses, statusShape } from '../shapes/status.ts'
import { checkDescription } from '../text-limits.ts'

const statusesPerContext = 1000

export const statusRoutes = defineRoutes({
  'POST /repos/{owner}/{repo}/statuses/{sha}': {
    needs: 'statuses:write',
    handle: async context => {
      const status = await createStatus(context)
      await tell(context, status)
      const made = statusShape(context.core, context.repo, status)
      return json(201, made, { location: made.url })
    },
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/statuses': {
    needs: 'statuses:read',
    handle: async context => {
      const statuses = statusesOf(context, await shaOf(context)).reverse()
      return context.list(statuses, status => statusShape(context.core, context.repo, status))
    },
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/status': {
    needs: 'statuses:read',
    handle: async context => {
      const { core, repo, query } = context
      const sha = await shaOf(context)
      const newest = newestStatuses(statusesOf(context, sha))
      const url = new URL(`${repositoryUrl(core, repo)}/commits/${encodeURIComponent(context.param('ref'))}/status`)
      query.forEach((value, name) => url.searchParams.set(name, value))
      const page = pageOf(newest, url)
      return json(200, combinedStatus(core, repo, sha, newest, page.items), page.headers)
    },
  },
})

async function shaOf(context: Context): Promise<string> {
  const ref = context.param('ref')
  const sha = await context.core.git(context.repo.id).commitOf(ref)
  if (sha === null) throw unprocessable(`No commit found for SHA: ${ref}`)
  return sha
}

const statusesOf = (context: Context, sha: string): CommitStatus[] =>
  context.core.store.statuses.filter(status => status.repositoryId === context.repo.id && status.sha === sha)

async function createStatus(context: Context): Promise<CommitStatus> {
  const { core, repo, body, actor } = context
  const wanted = context.param('sha')
  const sha = /^[0-9a-f]{40}$/.test(wanted) ? await core.git(repo.id).commitOf(wanted) : null
  if (sha === null) throw unprocessable(`No commit found for SHA: ${wanted}`)
  const name = textOf(body, 'context') ?? 'default'
  const description = textOf(body, 'description') ?? null
  const targetUrl = textOf(body, 'target_url') ?? null
  checkDescription('Status', description ?? '')
  if ([...name].length > 255 || name === '') throw invalidField('Status', 'context')
  if (targetUrl !== null && targetUrl !== '' && !/^https?:\/\//.test(targetUrl)) {
    throw invalidField('Status', 'target_url', 'custom', 'target_url must use http(s) scheme')
  }
  const before = statusesOf(context, sha).filter(status => status.context === name)
  if (before.length >= statusesPerContext) {
    throw unprocessable('Validation Failed', [
      {
        resource: 'Status',
        code: 'custom',
        message: 'This SHA and context has reached the maximum number of statuses.',
      },
    ])
  }
  return core.store.statuses.insert({
    repositoryId: repo.id,
    sha,
    context: name,
    state: textOf(body, 'state') as CommitStatus['state'],
    description,
    targetUrl: targetUrl === '' ? null : targetUrl,
    creatorId: actor.id,
    createdAt: core.timestamp(),
  })
}

async function tell(context: Context, status: CommitStatus): Promise<void> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const ref = `refs/heads/${repo.defaultBranch}`
  const head = await git.readRef(ref)
  if (head === null) return
  const { id, sha, state, description, targetUrl, createdAt } = status
  context.emit({
    name: 'status',
    action: '',
    payload: {
      id,
      sha,
      name: repo.fullName,
      target_url: targetUrl,
      context: status.context,
      description,
      state,
      commit: commitShape(core, repo, await git.commit(sha)),
      branches: [],
      created_at: createdAt,
      updated_at: createdAt,
    },
    ref,
    sha: head,
  })
}
