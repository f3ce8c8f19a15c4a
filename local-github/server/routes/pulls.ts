import type { Account, Repository } from '../../model.ts'
import { hasRole, roleOf } from '../access.ts'
import { mergeableState } from '../branch-protection.ts'
import { defineRoutes } from '../context.ts'
import type { Context, Routes } from '../context.ts'
import { RefRace } from '../core.ts'
import type { Core } from '../core.ts'
import { diffText } from '../diff-text.ts'
import { diffFiles } from '../diff.ts'
import { identityOf } from '../git-identity.ts'
import { baseRepository, byOf, findPull, headRepository, isPull, sameName, updatePull } from '../issue-records.ts'
import type { PullIssue } from '../issue-records.ts'
import { mergeCommit } from '../merge.ts'
import { emitPull } from '../pull-events.ts'
import { mergePull } from '../pull-merge.ts'
import type { MergeMethod } from '../pull-merge.ts'
import type { PullRequests } from '../pull-requests.ts'
import { forbidden, invalidField, json, noContent, notFound, unprocessable } from '../reply.ts'
import { flagOf, textOf, textsOf } from '../request-body.ts'
import { findAccount } from '../shapes/account.ts'
import { commitShape, diffEntry } from '../shapes/commit.ts'
import { usersByLogin } from '../shapes/issue.ts'
import { forkPoint, pullShape, pullSimpleShape } from '../shapes/pull.ts'
import { checkBody, checkTitle } from '../text-limits.ts'

const path = '/repos/{owner}/{repo}/pulls'
const one = `${path}/{pull_number}`

export const pullFull = async (core: Core, issue: PullIssue) =>
  pullShape(core, issue, await mergeableState(core, issue))

const pullIn = (context: Context): PullIssue => findPull(context.core, context.repo, context.id('pull_number'))

export const pullRoutes = (pulls: PullRequests): Routes =>
  defineRoutes({
    [`GET ${path}`]: {
      needs: 'pull_requests:read',
      handle: context => context.list(listPulls(context), issue => pullSimpleShape(context.core, issue)),
    },
    [`POST ${path}`]: {
      needs: 'pull_requests:write',
      role: 'read',
      handle: async context => {
        const made = await openPull(context, pulls)
        return json(201, await pullFull(context.core, made), { location: pullSimpleShape(context.core, made).url })
      },
    },
    [`GET ${one}`]: {
      needs: 'pull_requests:read',
      handle: async context => {
        const issue = pullIn(context)
        const text = await diffText(context, async () => [
          await forkPoint(context.core, issue),
          issue.pullRequest.headSha,
        ])
        return text ?? json(200, await pullFull(context.core, issue))
      },
    },
    [`PATCH ${one}`]: {
      needs: 'pull_requests:write',
      role: 'read',
      handle: async context => json(200, await pullFull(context.core, await editPull(context, pulls))),
    },
    [`PUT ${one}/update-branch`]: {
      needs: 'pull_requests:write',
      role: 'read',
      handle: async context => {
        const issue = pullIn(context)
        await updateBranch(context, issue)
        return json(202, {
          message: 'Updating pull request branch.',
          url: pullSimpleShape(context.core, issue).url,
        })
      },
    },
    [`GET ${one}/files`]: {
      needs: 'pull_requests:read',
      handle: async context => {
        const issue = pullIn(context)
        const { headSha } = issue.pullRequest
        const git = context.core.git(issue.repositoryId)
        const files = await diffFiles(git, await forkPoint(context.core, issue), headSha)
        const head = headRepository(context.core, issue)
        return context.list(files.slice(0, 3000), file => diffEntry(context.core, head, headSha, file))
      },
    },
    [`GET ${one}/commits`]: {
      needs: 'pull_requests:read',
      handle: async context => {
        const issue = pullIn(context)
        const start = await forkPoint(context.core, issue)
        const range = `${start}..${issue.pullRequest.headSha}`
        const commits = await context.core.git(issue.repositoryId).log(['--reverse', '--topo-order', range, '--'])
        return context.list(commits.slice(0, 250), commit => commitShape(context.core, context.repo, commit))
      },
    },
    [`GET ${one}/merge`]: {
      needs: 'contents:read',
      handle: context => {
        if (!pullIn(context).pullRequest.merged) throw notFound()
        return noContent()
      },
    },
    [`PUT ${one}/merge`]: {
      needs: 'contents:write',
      handle: async context => {
        const { core, body } = context
        const method = textOf(body, 'merge_method') ?? 'merge'
        const sha = await mergePull(core, pulls, pullIn(context).id, byOf(context), {
          method: method as MergeMethod,
          title: textOf(body, 'commit_title'),
          message: textOf(body, 'commit_message'),
          sha: textOf(body, 'sha'),
        })
        return json(200, { sha, merged: true, message: 'Pull Request successfully merged' })
      },
    },
    [`GET ${one}/requested_reviewers`]: {
      needs: 'pull_requests:read',
      handle: context => {
        const { requestedReviewers } = pullIn(context).pullRequest
        return json(200, { users: usersByLogin(context.core, requestedReviewers), teams: [] })
      },
    },
    [`POST ${one}/requested_reviewers`]: {
      needs: 'pull_requests:write',
      handle: async context => json(201, pullSimpleShape(context.core, await requestReviewers(context))),
    },
    [`DELETE ${one}/requested_reviewers`]: {
      needs: 'pull_requests:write',
      handle: context => {
        const issue = pullIn(context)
        const gone = textsOf(context.body, 'reviewers')
        const left = issue.pullRequest.requestedReviewers.filter(login => !gone.some(name => sameName(name, login)))
        return json(
          200,
          pullSimpleShape(context.core, updatePull(context.core, issue.id, { requestedReviewers: left })),
        )
      },
    },
    'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': {
      needs: 'pull_requests:read',
      handle: async context => {
        const found = await pullsOfCommit(context)
        return context.list(found, issue => pullSimpleShape(context.core, issue))
      },
    },
  })

function listPulls(context: Context): PullIssue[] {
  const { core, repo, query } = context
  const state = query.get('state') ?? 'open'
  const head = query.get('head')
  const base = query.get('base')
  const sort = query.get('sort') ?? 'created'
  const direction = query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc')
  const found = core.store.issues
    .filter(issue => issue.repositoryId === repo.id)
    .filter(isPull)
    .filter(issue => state === 'all' || issue.state === state)
    .filter(issue => base === null || issue.pullRequest.baseRef === base)
    .filter(issue => !head?.includes(':') || sameName(headLabel(core, issue), head))
  const key = (issue: PullIssue): string => (sort === 'updated' ? issue.updatedAt : issue.createdAt)
  found.sort((a, b) => key(a).localeCompare(key(b)) || a.number - b.number)
  return direction === 'desc' ? found.reverse() : found
}

function headLabel(core: Core, issue: PullIssue): string {
  const owner = core.store.accounts.get(headRepository(core, issue).ownerId)?.login ?? ''
  return `${owner}:${issue.pullRequest.headRef}`
}

/** `branch` or `owner:branch`; the owner's repository must be of the same network of forks. */
function findHead(core: Core, base: Repository, label: string): { repository: Repository; ref: string } | null {
  const colon = label.indexOf(':')
  if (colon < 0) return { repository: base, ref: label }
  const owner = findAccount(core, label.slice(0, colon))
  const root = base.forkOf ?? base.id
  const repository = core.store.repositories.find(
    candidate => candidate.ownerId === owner?.id && (candidate.id === root || candidate.forkOf === root),
  )
  return repository ? { repository, ref: label.slice(colon + 1) } : null
}

async function openPull(context: Context, pulls: PullRequests): Promise<PullIssue> {
  const { core, repo, body } = context
  const title = textOf(body, 'title') ?? ''
  const text = textOf(body, 'body') ?? null
  checkTitle('PullRequest', title)
  checkBody('PullRequest', text ?? '')
  const baseRef = textOf(body, 'base') ?? ''
  const label = textOf(body, 'head') ?? ''
  const head = findHead(core, repo, label)
  const baseSha = await core.git(repo.id).readRef(`refs/heads/${baseRef}`)
  if (baseSha === null) throw invalidField('PullRequest', 'base')
  const headSha = head && (await core.git(head.repository.id).readRef(`refs/heads/${head.ref}`))
  if (!head || !headSha) throw invalidField('PullRequest', 'head')
  checkMayOpen(context, head.repository)
  const same = core.store.issues.find(
    issue =>
      issue.repositoryId === repo.id &&
      issue.state === 'open' &&
      issue.pullRequest?.headRepositoryId === head.repository.id &&
      issue.pullRequest.headRef === head.ref &&
      issue.pullRequest.baseRef === baseRef,
  )
  const owner = core.store.accounts.get(head.repository.ownerId)?.login ?? ''
  if (same) throw customError(`A pull request already exists for ${owner}:${head.ref}.`)
  if (headSha === baseSha || (await isContained(core, repo, head.repository, headSha, baseSha))) {
    throw customError(`No commits between ${baseRef} and ${label}`)
  }
  return pulls.open(
    {
      base: repo,
      baseRef,
      head: head.repository,
      headRef: head.ref,
      title,
      body: text,
      draft: flagOf(body, 'draft') ?? false,
    },
    byOf(context),
  )
}

const customError = (message: string) =>
  unprocessable('Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }])

/** A head of a fork that the base does not know cannot be contained in it. */
async function isContained(
  core: Core,
  base: Repository,
  head: Repository,
  headSha: string,
  baseSha: string,
): Promise<boolean> {
  const git = core.git(base.id)
  if (head.id !== base.id && (await git.commitOf(headSha)) === null) return false
  return git.isAncestor(headSha, baseSha)
}

function checkMayOpen(context: Context, head: Repository): void {
  const { actor, token } = context
  if (token === null || token.kind !== 'user') return
  if (!hasRole(roleOf(head, { account: actor, token }), 'write')) {
    throw forbidden('Must have push access to the head repository.')
  }
}

const mayEdit = (context: Context, authorId: number): boolean => context.may('write') || context.actor.id === authorId

async function editPull(context: Context, pulls: PullRequests): Promise<PullIssue> {
  const { core, body } = context
  const issue = pullIn(context)
  if (!mayEdit(context, issue.authorId)) throw forbidden('Must have write access to Repository.')
  const title = textOf(body, 'title')
  const text = textOf(body, 'body')
  const base = textOf(body, 'base')
  const state = textOf(body, 'state')
  if (title !== undefined) checkTitle('PullRequest', title)
  if (text !== undefined) checkBody('PullRequest', text)
  const changes: Record<string, unknown> = {}
  if (base !== undefined && base !== issue.pullRequest.baseRef) {
    await changeBase(core, issue, base)
    changes['base'] = { ref: { from: issue.pullRequest.baseRef }, sha: { from: issue.pullRequest.baseSha } }
  }
  if (title !== undefined && title !== issue.title) changes['title'] = { from: issue.title }
  if (text !== undefined && text !== issue.body) changes['body'] = { from: issue.body ?? '' }
  if (Object.keys(changes).length > 0) {
    core.store.issues.update(issue.id, {
      updatedAt: core.timestamp(),
      ...(title === undefined ? {} : { title }),
      ...(text === undefined ? {} : { body: text }),
    })
    await emitPull(core, await pulls.refresh(issue.id), 'edited', byOf(context), { changes })
  }
  if (state !== undefined && state !== issue.state) await setState(context, pulls, issue, state)
  return pullIn(context)
}

async function setState(context: Context, pulls: PullRequests, issue: PullIssue, state: string): Promise<void> {
  if (state === 'closed') {
    await pulls.close(issue.id, byOf(context))
    return
  }
  const { merged, headRef } = issue.pullRequest
  const head = headRepository(context.core, issue)
  if (merged || (await context.core.git(head.id).readRef(`refs/heads/${headRef}`)) === null) {
    throw invalidField(
      'PullRequest',
      'state',
      'invalid',
      'state cannot be changed. The pull request cannot be reopened.',
    )
  }
  await pulls.reopen(issue.id, byOf(context))
}

async function changeBase(core: Core, issue: PullIssue, baseRef: string): Promise<void> {
  const tip = await core.git(issue.repositoryId).readRef(`refs/heads/${baseRef}`)
  if (tip === null || issue.state === 'closed') throw invalidField('PullRequest', 'base')
  updatePull(core, issue.id, { baseRef, baseSha: tip })
}

/** Merges the base into the head, as the button of that name does. */
async function updateBranch(context: Context, issue: PullIssue): Promise<void> {
  const { core, actor, token, body } = context
  const { headSha, headRef, baseRef } = issue.pullRequest
  const expected = textOf(body, 'expected_head_sha')
  const head = headRepository(core, issue)
  const git = core.git(issue.repositoryId)
  if (expected !== undefined && expected !== headSha) {
    throw unprocessable('expected head sha didn’t match current head ref.')
  }
  if (head.id !== issue.repositoryId) throw forbidden('The head repository does not let its branch be updated.')
  if (token?.kind === 'user' && !context.may('write')) throw forbidden('Must have push access to Repository.')
  const tip = await git.readRef(`refs/heads/${baseRef}`)
  if (tip === null || (await git.isAncestor(tip, headSha))) {
    throw unprocessable('There are no new commits on the base branch.')
  }
  const made = await mergeCommit(git, {
    base: headSha,
    head: tip,
    message: `Merge branch '${baseRef}' into ${headRef}`,
    author: identityOf(actor),
    date: core.timestamp(),
  })
  if (made === null) throw unprocessable('merge conflict between base and head')
  try {
    await core.updateRef(head, { ref: `refs/heads/${headRef}`, to: made, from: headSha }, byOf(context))
  } catch (error) {
    if (error instanceof RefRace) throw unprocessable('expected head sha didn’t match current head ref.')
    throw error
  }
}

async function requestReviewers(context: Context): Promise<PullIssue> {
  const { core, repo, body } = context
  const issue = pullIn(context)
  const reviewers = textsOf(body, 'reviewers').map(login => {
    const account = findAccount(core, login)
    const known = account && (repo.ownerId === account.id || repo.collaborators[account.login] !== undefined)
    if (!known) {
      throw unprocessable(
        'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.',
      )
    }
    if (account.id === issue.authorId) throw unprocessable('Review cannot be requested from pull request author.')
    return account
  })
  const already = issue.pullRequest.requestedReviewers
  const added = reviewers.filter(account => !already.includes(account.login))
  const updated = updatePull(core, issue.id, { requestedReviewers: [...already, ...added.map(login)] })
  for (const account of added) {
    const [requested] = usersByLogin(core, [account.login])
    await emitPull(core, updated, 'review_requested', byOf(context), { requested_reviewer: requested })
  }
  return updated
}

const login = (account: Account): string => account.login

/**
 * The merged pull request that brought a commit to its base; for a commit that is on no base yet, the open ones that
 * hold it.
 */
async function pullsOfCommit(context: Context): Promise<PullIssue[]> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const wanted = context.param('commit_sha')
  const sha = await git.commitOf(wanted)
  if (sha === null) throw unprocessable(`No commit found for SHA: ${wanted}`)
  const candidates = core.store.issues.filter(issue => issue.repositoryId === repo.id).filter(isPull)
  const found: PullIssue[] = []
  for (const issue of candidates) {
    const { merged, mergeCommitSha, headSha } = issue.pullRequest
    const isMerge = merged && mergeCommitSha === sha
    if (isMerge || ((merged || issue.state === 'open') && (await isOfPull(core, issue, sha, headSha))))
      found.push(issue)
  }
  return found
}

async function isOfPull(core: Core, issue: PullIssue, sha: string, headSha: string): Promise<boolean> {
  const git = core.git(baseRepository(core, issue).id)
  if (sha === headSha) return true
  if (!(await git.isAncestor(sha, headSha))) return false
  return !(await git.isAncestor(sha, await forkPoint(core, issue)))
}
