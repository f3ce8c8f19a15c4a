/** Keeps pull requests true to their branches: head, test merge, reviews, and the ends that a push may bring. */
import type { Account, Issue, PullRequestPart, Repository } from '../model.ts'
import { ruleOf } from './branch-protection.ts'
import { zeroSha } from './core.ts'
import type { Core, RefUpdate } from './core.ts'
import type { GitRepository } from './git.ts'
import { identityOf } from './git-identity.ts'
import { addTimeline, baseRepository, headRepository, isPull, nextNumber, updatePull } from './issue-records.ts'
import type { By, PullIssue } from './issue-records.ts'
import { mergeCommit } from './merge.ts'
import { createExclusive } from './exclusive.ts'
import { emitPull } from './pull-events.ts'
import { reviewShape } from './shapes/review.ts'

export interface NewPull {
  readonly base: Repository
  readonly baseRef: string
  readonly head: Repository
  readonly headRef: string
  readonly title: string
  readonly body: string | null
  readonly draft: boolean
}

export interface MergeRecord {
  readonly sha: string
  readonly by: Account
  readonly method: NonNullable<PullRequestPart['mergeMethod']>
}

export interface PullRequests {
  open(pull: NewPull, by: By): Promise<PullIssue>
  /** Brings head, test merge and their refs up to date; no event. */
  refresh(id: number): Promise<PullIssue>
  close(id: number, by: By): Promise<PullIssue>
  reopen(id: number, by: By): Promise<PullIssue>
  /** A move of the base branch to this commit is this merge: it is recorded before the push event is told. */
  expectMerge(id: number, merge: MergeRecord): void
  forgetMerge(id: number): void
  /** Merges of one pull request wait for each other; the second finds it closed. */
  mergeAlone<T>(id: number, task: () => Promise<T>): Promise<T>
}

export function trackPullRequests(core: Core): PullRequests {
  const expected = new Map<number, MergeRecord>()
  const inLane = createExclusive()
  const mergeAlone = createExclusive()

  const pullOf = (id: number): PullIssue => {
    const issue = core.store.issues.get(id)
    if (!issue || !isPull(issue)) throw new Error(`There is no pull request ${id}`)
    return issue
  }

  const refresh = (id: number): Promise<PullIssue> => inLane(id, () => refreshPull(core, pullOf(id)))

  const close = async (id: number, by: By): Promise<PullIssue> => {
    const closed = setClosed(core, pullOf(id), by.account)
    await emitPull(core, closed, 'closed', by)
    return closed
  }

  const reopen = async (id: number, by: By): Promise<PullIssue> => {
    core.store.issues.update(id, { state: 'open', closedAt: null, updatedAt: core.timestamp() })
    addTimeline(core, pullOf(id), 'reopened', by.account, '')
    const tip = await core.git(pullOf(id).repositoryId).readRef(`refs/heads/${pullOf(id).pullRequest.baseRef}`)
    if (tip) updatePull(core, id, { baseSha: tip })
    const opened = await refresh(id)
    await emitPull(core, opened, 'reopened', by)
    return opened
  }

  const headMoved = async (issue: PullIssue, update: RefUpdate, by: By): Promise<void> => {
    if (update.after === zeroSha) {
      await close(issue.id, by)
      return
    }
    const tip = await core.git(issue.repositoryId).readRef(`refs/heads/${issue.pullRequest.baseRef}`)
    updatePull(core, issue.id, { headSha: update.after, ...(tip === null ? {} : { baseSha: tip }) })
    core.store.issues.update(issue.id, { updatedAt: core.timestamp() })
    const fresh = await refresh(issue.id)
    await recordCommits(core, fresh, update, by.account)
    await emitPull(core, fresh, 'synchronize', by, { before: update.before, after: update.after })
    await dismissStaleReviews(core, fresh, by)
  }

  const baseMoved = async (issue: PullIssue, update: RefUpdate, by: By): Promise<void> => {
    if (update.after === zeroSha) {
      await close(issue.id, by)
      return
    }
    const merge = expected.get(issue.id)
    // Somebody else's write may get to the base first.
    if (merge?.sha === update.after) {
      setMerged(core, issue, merge)
      return
    }
    const mergeSha = await mergedByPush(core, issue, update)
    if (mergeSha === null) {
      await refresh(issue.id)
      return
    }
    setMerged(core, issue, { sha: mergeSha, by: by.account, method: 'merge' })
    await emitPull(core, pullOf(issue.id), 'closed', by)
  }

  core.onRefUpdated(async update => {
    const by: By = { account: update.actor, token: update.token }
    const touched = (matches: (issue: PullIssue) => boolean): PullIssue[] =>
      core.store.issues.filter(issue => isPull(issue) && issue.state === 'open' && matches(issue)).filter(isPull)
    const { id } = update.repository
    const isHead = (issue: PullIssue): boolean =>
      issue.pullRequest.headRepositoryId === id && update.ref === `refs/heads/${issue.pullRequest.headRef}`
    const isBase = (issue: PullIssue): boolean =>
      issue.repositoryId === id && update.ref === `refs/heads/${issue.pullRequest.baseRef}`
    for (const issue of touched(isHead)) await headMoved(issue, update, by)
    for (const issue of touched(isBase)) await baseMoved(issue, update, by)
  })

  const open = async (pull: NewPull, by: By): Promise<PullIssue> => {
    const headSha = await core.git(pull.head.id).readRef(`refs/heads/${pull.headRef}`)
    const baseSha = await core.git(pull.base.id).readRef(`refs/heads/${pull.baseRef}`)
    if (headSha === null || baseSha === null) throw new Error('The branches were not checked before')
    const made = insertPull(core, pull, by, headSha, baseSha)
    const fresh = await refresh(made.id)
    await recordCommits(core, fresh, { before: baseSha, after: headSha, forced: false }, by.account)
    await emitPull(core, fresh, 'opened', by)
    return fresh
  }

  return {
    open,
    refresh,
    close,
    reopen,
    expectMerge: (id, merge) => {
      expected.set(id, merge)
      updatePull(core, id, { merging: { sha: merge.sha, byId: merge.by.id, method: merge.method } })
    },
    forgetMerge: id => {
      expected.delete(id)
      if (pullOf(id).pullRequest.merging) updatePull(core, id, { merging: null })
    },
    mergeAlone,
  }
}

/** Closed in the records; no event. */
export function setClosed(core: Core, issue: PullIssue, by: Account): PullIssue {
  const at = core.timestamp()
  core.store.issues.update(issue.id, { state: 'closed', closedAt: at, updatedAt: at })
  addTimeline(core, issue, 'closed', by, '')
  return updatePull(core, issue.id, {})
}

/** Merged in the records, all at once; no event. */
export function setMerged(core: Core, issue: PullIssue, merge: MergeRecord): void {
  const at = core.timestamp()
  const merged = {
    merged: true,
    mergedAt: at,
    mergedById: merge.by.id,
    mergeMethod: merge.method,
    mergeCommitSha: merge.sha,
    merging: null,
  }
  const { pullRequest } = core.store.issues.get(issue.id) ?? issue
  const closed = { state: 'closed', closedAt: at, updatedAt: at } as const
  core.store.issues.update(issue.id, {
    ...closed,
    pullRequest: { ...issue.pullRequest, ...pullRequest, ...merged },
  })
  addTimeline(core, issue, 'merged', merge.by, merge.sha)
  addTimeline(core, issue, 'closed', merge.by, '')
}

function insertPull(core: Core, pull: NewPull, by: By, headSha: string, baseSha: string): Issue {
  const at = core.timestamp()
  return core.store.issues.insert({
    repositoryId: pull.base.id,
    number: nextNumber(core, pull.base),
    title: pull.title,
    body: pull.body,
    state: 'open',
    stateReason: null,
    authorId: by.account.id,
    labels: [],
    assignees: [],
    locked: false,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    pullRequest: {
      headRepositoryId: pull.head.id,
      headRef: pull.headRef,
      headSha,
      baseRef: pull.baseRef,
      baseSha,
      draft: pull.draft,
      mergeable: null,
      testMergeSha: null,
      merged: false,
      mergedAt: null,
      mergedById: null,
      mergeMethod: null,
      mergeCommitSha: null,
      requestedReviewers: [],
    },
  })
}

/** `refs/pull/N/head` and `refs/pull/N/merge`: the latter is the test merge into the base's tip, gone on conflict. */
export async function refreshPull(core: Core, issue: PullIssue): Promise<PullIssue> {
  if (issue.state === 'closed') return issue
  const git = core.git(issue.repositoryId)
  const { headRepositoryId, headRef, baseRef, testMergeSha } = issue.pullRequest
  const headSha = await core.git(headRepositoryId).readRef(`refs/heads/${headRef}`)
  const tip = await git.readRef(`refs/heads/${baseRef}`)
  if (headSha === null || tip === null) return issue
  if (headRepositoryId !== issue.repositoryId) await fetchCommit(core, issue, headSha)
  await putRef(git, `refs/pull/${issue.number}/head`, headSha)

  const merge = await testMerge(core, issue, tip, headSha, testMergeSha)
  await putRef(git, `refs/pull/${issue.number}/merge`, merge)
  return updatePull(core, issue.id, { headSha, mergeable: merge !== null, testMergeSha: merge })
}

/** Reading a ref is cheap, moving one is not. */
async function putRef(git: GitRepository, ref: string, sha: string | null): Promise<void> {
  if ((await git.readRef(ref)) !== sha) await git.moveRef(ref, sha)
}

/** A fork's objects come into the base's repository, so that its diffs and merges need no other. */
async function fetchCommit(core: Core, issue: PullIssue, sha: string): Promise<void> {
  const { headRef } = issue.pullRequest
  await core
    .git(issue.repositoryId)
    .text([
      '-c',
      'gc.auto=0',
      '-c',
      'maintenance.auto=false',
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      core.gitFolder(headRepository(core, issue).id),
      `+refs/heads/${headRef}:refs/pull/${issue.number}/head`,
    ])
  if ((await core.git(issue.repositoryId).commitOf(sha)) === null) {
    throw new Error(`The head of pull request ${issue.number} moved while it was fetched`)
  }
}

async function testMerge(
  core: Core,
  issue: PullIssue,
  base: string,
  head: string,
  known: string | null,
): Promise<string | null> {
  const git = core.git(issue.repositoryId)
  if (known !== null) {
    const { parents } = await git.commit(known)
    if (parents[0] === base && parents[1] === head) return known
  }
  const author = core.store.accounts.get(issue.authorId)
  if (!author) throw new Error(`Pull request ${issue.id} has no author`)
  const message = `Merge ${head} into ${base}`
  return mergeCommit(git, { base, head, message, author: identityOf(author), date: core.timestamp() })
}

/** The commit by which a push brought the head into the base; null when it did not. */
async function mergedByPush(core: Core, issue: PullIssue, update: RefUpdate): Promise<string | null> {
  const git = core.git(issue.repositoryId)
  const { headSha } = issue.pullRequest
  if (!(await git.isAncestor(headSha, update.after))) return null
  if (update.before !== zeroSha && (await git.isAncestor(headSha, update.before))) return null
  const after = await git.text(['rev-list', '--first-parent', '--ancestry-path', `${headSha}..${update.after}`, '--'])
  return after.split('\n').filter(Boolean).at(-1) ?? headSha
}

async function recordCommits(
  core: Core,
  issue: PullIssue,
  update: Pick<RefUpdate, 'before' | 'after' | 'forced'>,
  actor: Account,
): Promise<void> {
  if (update.forced) {
    addTimeline(core, issue, 'head_ref_force_pushed', actor, update.after)
    return
  }
  const { baseSha } = issue.pullRequest
  const exclude = [`^${baseSha}`, ...(update.before === zeroSha ? [] : [`^${update.before}`])]
  const listed = await core
    .git(issue.repositoryId)
    .text(['rev-list', '--reverse', '--topo-order', '--max-count=250', update.after, ...exclude, '--'])
  for (const sha of listed.split('\n').filter(Boolean)) addTimeline(core, issue, 'committed', actor, sha)
}

async function dismissStaleReviews(core: Core, issue: PullIssue, by: By): Promise<void> {
  const repository = baseRepository(core, issue)
  const rule = ruleOf(core, repository, issue.pullRequest.baseRef)
  if (!rule?.dismissStaleReviews) return
  const stale = core.store.reviews.filter(
    review =>
      review.repositoryId === repository.id && review.issueNumber === issue.number && review.state === 'APPROVED',
  )
  for (const review of stale) {
    const dismissed = core.store.reviews.update(review.id, { state: 'DISMISSED' })
    const extra = { review: reviewShape(core, repository, issue, dismissed) }
    await emitPull(core, issue, 'dismissed', by, extra, 'pull_request_review')
  }
}
