import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { failureOf, openScene, owner, pushBranch, repo, withToken, workingCopy } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene

beforeEach(async () => {
  scene = await openScene()
})

afterEach(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const openPull = async (branch = 'feature', title = 'Add a feature') => {
  const { data } = await scene
    .as('bob')
    .rest.pulls.create({ owner, repo, head: branch, base: 'main', title, body: 'Why' })
  return data
}

const at = (number: number) => ({ owner, repo, pull_number: number })

const refOf = (ref: string): Promise<string> =>
  scene.work.git('ls-remote', 'origin', ref).then(line => line.slice(0, 40))

describe('a pull request', () => {
  it('is opened with its numbers, its refs and an event on the test merge', async () => {
    const sha = await pushBranch(scene, 'feature', { 'app.txt': 'one\n2\nthree\nfour\n' })
    scene.told()
    const pull = await openPull()
    expect(pull).toMatchObject({
      number: 1,
      state: 'open',
      user: { login: 'bob' },
      head: { ref: 'feature', sha, label: 'acme:feature', repo: { full_name: 'acme/shop', fork: false } },
      base: { ref: 'main' },
      commits: 1,
      additions: 2,
      deletions: 1,
      changed_files: 1,
      mergeable: true,
      mergeable_state: 'clean',
      author_association: 'COLLABORATOR',
    })
    expect(await refOf('refs/pull/1/head')).toBe(sha)
    expect(await refOf('refs/pull/1/merge')).toBe(pull.merge_commit_sha)
    const [event] = scene.events
    expect(event).toMatchObject({
      name: 'pull_request',
      action: 'opened',
      ref: 'refs/pull/1/merge',
      sha: pull.merge_commit_sha,
      byJobToken: false,
      payload: { number: 1, pull_request: { head: { sha }, merged: false }, sender: { login: 'bob' } },
    })
  })

  it('shows its files with patches, renames and counts, and its commits', async () => {
    await scene.work.git('checkout', '-q', '-B', 'feature', 'origin/main')
    await scene.work.git('mv', 'README.md', 'docs.md')
    await scene.work.commit('Rename', {})
    await scene.work.commit('Change', { 'app.txt': 'one\ntwo\n3\n', 'new file.txt': 'hello\n' })
    await scene.work.git('push', '-q', 'origin', 'feature')
    const pull = await openPull()
    const { data: files } = await scene.as('dan').rest.pulls.listFiles(at(pull.number))
    expect(files.map(file => [file.filename, file.status, file.additions, file.deletions])).toEqual([
      ['app.txt', 'modified', 1, 1],
      ['docs.md', 'renamed', 0, 0],
      ['new file.txt', 'added', 1, 0],
    ])
    expect(files[0]?.patch).toBe('@@ -1,3 +1,3 @@\n one\n two\n-three\n+3')
    expect(files[1]).toMatchObject({ previous_filename: 'README.md' })
    expect(files[1]?.patch).toBeUndefined()
    const { data: commits } = await scene.as('dan').rest.pulls.listCommits(at(pull.number))
    expect(commits.map(commit => [commit.commit.message, commit.author?.login])).toEqual([
      ['Rename', 'bob'],
      ['Change', 'bob'],
    ])
  })

  it('follows a push to its head: new head, new test merge, synchronize with before and after', async () => {
    const before = await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    const pull = await openPull()
    const merge = pull.merge_commit_sha
    const after = await scene.work.commit('More', { 'b.txt': 'b\n' })
    scene.told()
    await scene.work.git('push', '-q', 'origin', 'feature')
    const { data } = await scene.as('bob').rest.pulls.get(at(pull.number))
    expect(data).toMatchObject({ head: { sha: after }, commits: 2 })
    expect(data.merge_commit_sha).not.toBe(merge)
    const event = scene.events.find(one => one.name === 'pull_request')
    expect(event).toMatchObject({ action: 'synchronize', sha: data.merge_commit_sha, payload: { before, after } })
    expect(scene.told().sort()).toEqual(['pull_request.synchronize', 'push'])
  })

  it('keeps its test merge on the tip of its base', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    const pull = await openPull()
    await scene.work.git('checkout', '-q', 'main')
    const tip = await scene.work.commit('On main', { 'm.txt': 'm\n' })
    await scene.work.git('push', '-q', 'origin', 'main')
    await scene.work.git('fetch', '-q', 'origin', 'refs/pull/1/merge')
    expect(await scene.work.git('rev-parse', 'FETCH_HEAD^1')).toBe(tip)
    const { data } = await scene.as('bob').rest.pulls.get(at(pull.number))
    expect(data.base.sha).toBe(pull.base.sha)
  })

  it('in conflict has no test merge and cannot be merged until the conflict is gone', async () => {
    await pushBranch(scene, 'feature', { 'app.txt': 'mine\n' })
    const pull = await openPull()
    await scene.work.git('checkout', '-q', 'main')
    await scene.work.commit('On main', { 'app.txt': 'theirs\n' })
    await scene.work.git('push', '-q', 'origin', 'main')
    const { data } = await scene.as('bob').rest.pulls.get(at(pull.number))
    expect(data).toMatchObject({ mergeable: false, mergeable_state: 'dirty', merge_commit_sha: null })
    expect(await refOf('refs/pull/1/merge')).toBe('')
    expect(await failureOf(scene.as('bob').rest.pulls.merge(at(pull.number)))).toMatchObject({
      status: 405,
      message: 'Pull Request is not mergeable',
    })
    scene.told()
    await scene.work.git('checkout', '-q', 'feature')
    await scene.work.commit('Still', { 'app.txt': 'still mine\n' })
    await scene.work.git('push', '-q', 'origin', 'feature')
    expect(scene.told()).toEqual(['push'])
    await scene.work.git('reset', '-q', '--hard', 'origin/main')
    await scene.work.commit('Solved', { 'b.txt': 'b\n' })
    await scene.work.git('push', '-q', '--force', 'origin', 'feature')
    expect(scene.told().sort()).toEqual(['pull_request.synchronize', 'push'])
    const { data: solved } = await scene.as('bob').rest.pulls.get(at(pull.number))
    expect(solved).toMatchObject({ mergeable: true, mergeable_state: 'clean' })
  })

  it('is refused in words: no such branch, nothing new, twice the same', async () => {
    const { pulls } = scene.as('bob').rest
    const create = (head: string, base = 'main') => failureOf(pulls.create({ owner, repo, head, base, title: 'x' }))
    expect(await create('nowhere')).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'head', code: 'invalid' }] },
    })
    expect(await create('main', 'nowhere')).toMatchObject({ body: { errors: [{ field: 'base', code: 'invalid' }] } })
    await scene.work.git('push', '-q', 'origin', 'main:same')
    expect(await create('same')).toMatchObject({ body: { errors: [{ message: 'No commits between main and same' }] } })
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    expect(await create('feature')).toMatchObject({
      body: { errors: [{ message: 'A pull request already exists for acme:feature.' }] },
    })
  })

  it('is closed, reopened, edited and listed', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    const pull = await openPull()
    scene.told()
    const { pulls } = scene.as('bob').rest
    await pulls.update({ ...at(pull.number), state: 'closed' })
    expect((await pulls.list({ owner, repo })).data).toEqual([])
    await pulls.update({ ...at(pull.number), state: 'open' })
    await pulls.update({ ...at(pull.number), title: 'Better', body: 'Longer' })
    expect(scene.told()).toEqual(['pull_request.closed', 'pull_request.reopened', 'pull_request.edited'])
    const { data: found } = await pulls.list({ owner, repo, head: 'acme:feature', base: 'main', state: 'all' })
    expect(found.map(one => one.title)).toEqual(['Better'])
    const { data: none } = await pulls.list({ owner, repo, head: 'acme:other' })
    expect(none).toEqual([])
  })

  it('is closed when its branch goes away', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    const pull = await openPull()
    scene.told()
    await scene.work.git('push', '-q', 'origin', ':feature')
    expect(scene.told()).toContain('pull_request.closed')
    const { data } = await scene.as('bob').rest.pulls.get(at(pull.number))
    expect(data).toMatchObject({ state: 'closed', merged: false })
  })

  it('comes from a fork, whose commits the base then has', async () => {
    const fork = scene.github.createRepository({ fullName: 'dan/shop' })
    scene.github.store.repositories.update(fork.id, { forkOf: scene.repository.id })
    const theirs = workingCopy(join(scene.work.folder, '..', 'fork'))
    await theirs.git('clone', '-q', withToken(scene.github, scene.token('dan')), '.')
    await theirs.git('remote', 'set-url', 'origin', withToken(scene.github, scene.token('dan'), 'dan/shop'))
    const sha = await theirs.commit('From outside', { 'fork.txt': 'hi\n' })
    await theirs.git('push', '-q', 'origin', 'main')
    const { data: pull } = await scene
      .as('dan')
      .rest.pulls.create({ owner, repo, head: 'dan:main', base: 'main', title: 'From a fork' })
    expect(pull).toMatchObject({
      head: { sha, label: 'dan:main', repo: { full_name: 'dan/shop', fork: true } },
      base: { repo: { full_name: 'acme/shop' } },
      author_association: 'NONE',
    })
    expect(await refOf('refs/pull/1/head')).toBe(sha)
    const next = await theirs.commit('Again', { 'fork.txt': 'hello\n' })
    scene.told()
    await theirs.git('push', '-q', 'origin', 'main')
    expect(await refOf('refs/pull/1/head')).toBe(next)
    expect(scene.told()).toContain('pull_request.synchronize')
    await scene.as('bob').rest.pulls.merge(at(pull.number))
    await scene.work.git('fetch', '-q', 'origin')
    expect(await scene.work.git('show', 'origin/main:fork.txt')).toBe('hello')
  })
})

describe('a merge', () => {
  it.each([
    ['merge', 'Merge pull request #1 from acme/feature\n\nAdd a feature', 2],
    ['squash', 'Add a feature (#1)\n\n* First\n\n* Second', 1],
    ['rebase', 'Second', 1],
  ] as const)('by %s moves the base with the right words and parents', async (method, message, parents) => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' }, 'First')
    const headSha = await scene.work.commit('Second', { 'b.txt': 'b\n' })
    await scene.work.git('push', '-q', 'origin', 'feature')
    const pull = await openPull()
    await scene.work.git('checkout', '-q', 'main')
    await scene.work.commit('On main', { 'm.txt': 'm\n' })
    await scene.work.git('push', '-q', 'origin', 'main')
    scene.told()
    const { data } = await scene.as('alice').rest.pulls.merge({ ...at(1), merge_method: method, sha: headSha })
    expect(data).toMatchObject({ merged: true })
    await scene.work.git('fetch', '-q', 'origin')
    expect(await scene.work.git('rev-parse', 'origin/main')).toBe(data.sha)
    expect(await scene.work.git('log', '-1', '--format=%B', 'origin/main')).toBe(message)
    const parentLine = await scene.work.git('log', '-1', '--format=%P', 'origin/main')
    expect(parentLine.split(' ')).toHaveLength(parents)
    expect(await scene.work.git('ls-tree', '--name-only', 'origin/main')).toBe(
      'README.md\na.txt\napp.txt\nb.txt\nm.txt',
    )
    const closed = scene.events.find(event => event.action === 'closed')
    expect(closed).toMatchObject({
      name: 'pull_request',
      ref: 'refs/heads/main',
      sha: data.sha,
      payload: { pull_request: { merged: true, merge_commit_sha: data.sha, merged_by: { login: 'alice' } } },
    })
    expect(scene.told()).toEqual(['push', 'pull_request.closed'])
    expect((await scene.as('dan').rest.pulls.checkIfMerged(at(pull.number))).status).toBe(204)
    const { data: pulls } = await scene
      .as('dan')
      .rest.repos.listPullRequestsAssociatedWithCommit({ owner, repo, commit_sha: data.sha })
    expect(pulls.map(one => one.number)).toEqual([1])
  })

  it('is known to whoever hears of its push', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    const states: unknown[] = []
    scene.github.onEvent(event => {
      if (event.name !== 'push') return
      states.push(
        scene.github.store.issues.find(issue => issue.number === 1)?.pullRequest?.mergeCommitSha === event.sha,
      )
    })
    await scene.as('bob').rest.pulls.merge(at(1))
    expect(states).toEqual([true])
  })

  it('is refused for a head that has moved, by a method that is not allowed, and twice', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    scene.github.store.repositories.update(scene.repository.id, { allowRebaseMerge: false })
    const { pulls } = scene.as('bob').rest
    expect(await failureOf(pulls.merge({ ...at(1), sha: '1'.repeat(40) }))).toMatchObject({
      status: 409,
      message: 'Head branch was modified. Review and try the merge again.',
    })
    expect(await failureOf(pulls.merge({ ...at(1), merge_method: 'rebase' }))).toMatchObject({
      status: 405,
      message: 'Rebase merges are not allowed on this repository.',
    })
    const both = await Promise.allSettled([pulls.merge(at(1)), pulls.merge(at(1))])
    expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await failureOf(scene.as('carol').rest.pulls.merge(at(1)))).toMatchObject({ status: 403 })
  })

  it('deletes the head branch where the repository says so', async () => {
    scene.github.store.repositories.update(scene.repository.id, { deleteBranchOnMerge: true })
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    await scene.as('bob').rest.pulls.merge(at(1))
    expect(await refOf('refs/heads/feature')).toBe('')
  })

  it('by a push to the base is recorded too', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    await scene.work.git('checkout', '-q', 'main')
    await scene.work.git('merge', '-q', '--no-ff', '-m', 'By hand', 'feature')
    await scene.work.git('push', '-q', 'origin', 'main')
    const sha = await scene.work.git('rev-parse', 'HEAD')
    const { data } = await scene.as('bob').rest.pulls.get(at(1))
    expect(data).toMatchObject({ merged: true, merge_commit_sha: sha, merged_by: { login: 'bob' } })
  })

  it('of the base into the head brings the head up to date', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    await openPull()
    await scene.work.git('checkout', '-q', 'main')
    await scene.work.commit('On main', { 'm.txt': 'm\n' })
    await scene.work.git('push', '-q', 'origin', 'main')
    scene.told()
    const { pulls } = scene.as('bob').rest
    expect(await failureOf(pulls.updateBranch({ ...at(1), expected_head_sha: '1'.repeat(40) }))).toMatchObject({
      status: 422,
    })
    await pulls.updateBranch(at(1))
    expect(scene.told().sort()).toEqual(['pull_request.synchronize', 'push'])
    expect(await failureOf(pulls.updateBranch(at(1)))).toMatchObject({
      message: 'There are no new commits on the base branch.',
    })
  })

  it('waits for approvals, checks and an up-to-date head where the branch has rules', async () => {
    await pushBranch(scene, 'feature', { 'a.txt': 'a\n' })
    const pull = await openPull()
    await scene.as('alice').rest.repos.updateBranchProtection({
      owner,
      repo,
      branch: 'main',
      required_status_checks: { strict: true, contexts: ['test'] },
      required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
      enforce_admins: true,
      restrictions: null,
    })
    const refusal = async (): Promise<string> => (await failureOf(scene.as('alice').rest.pulls.merge(at(1)))).message
    expect(await refusal()).toBe('At least 1 approving review is required by reviewers with write access.')
    await scene.as('carol').rest.pulls.createReview({ ...at(1), event: 'APPROVE' })
    expect(await refusal()).toMatch('At least 1')
    await scene.as('alice').rest.pulls.createReview({ ...at(1), event: 'APPROVE' })
    expect(await refusal()).toBe('Required status check "test" is expected.')
    const status = (state: 'pending' | 'success') =>
      scene.as('bob').rest.repos.createCommitStatus({ owner, repo, sha: pull.head.sha, context: 'test', state })
    await status('pending')
    expect(await refusal()).toBe('Required status check "test" is pending.')
    await status('success')
    expect((await scene.as('bob').rest.pulls.get(at(1))).data.mergeable_state).toBe('clean')
    await expect(scene.work.git('push', 'origin', 'feature:main')).rejects.toThrow(
      'Changes must be made through a pull request',
    )
    await scene.as('alice').rest.pulls.merge(at(1))
  })
})
