import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { matchesPattern } from '../../../local-github/server/branch-protection.ts'
import { failureOf, openScene, owner, pushBranch, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

describe('releases', () => {
  it('bring their tag, and are found by it', async () => {
    const { repos } = scene.as('bob').rest
    scene.told()
    const { data } = await repos.createRelease({ owner, repo, tag_name: 'v1.0.0', name: 'One', body: 'First' })
    expect(data).toMatchObject({ tag_name: 'v1.0.0', draft: false, immutable: false, author: { login: 'bob' } })
    const sha = await scene.work.git('rev-parse', 'main')
    expect(await scene.work.git('ls-remote', 'origin', 'refs/tags/v1.0.0')).toMatch(sha)
    expect(scene.told()).toEqual(['push', 'create', 'release.published', 'release.released'])
    expect((await repos.getReleaseByTag({ owner, repo, tag: 'v1.0.0' })).data.id).toBe(data.id)
    expect((await repos.getLatestRelease({ owner, repo })).data.id).toBe(data.id)
    expect(await failureOf(repos.createRelease({ owner, repo, tag_name: 'v1.0.0' }))).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'already_exists', field: 'tag_name' }] },
    })
    const update = repos.updateRelease({ owner, repo, release_id: data.id, name: 'Uno' })
    expect((await update).data.name).toBe('Uno')
    await repos.deleteRelease({ owner, repo, release_id: data.id })
    expect(await failureOf(repos.getRelease({ owner, repo, release_id: data.id }))).toMatchObject({ status: 404 })
  })

  it('as drafts are seen by writers only and make no tag until they are published', async () => {
    const { repos } = scene.as('bob').rest
    const { data } = await repos.createRelease({ owner, repo, tag_name: 'v2.0.0', draft: true })
    expect(data.published_at).toBeNull()
    expect(await scene.work.git('ls-remote', 'origin', 'refs/tags/v2.0.0')).toBe('')
    expect((await scene.as('dan').rest.repos.listReleases({ owner, repo })).data).toEqual([])
    await repos.updateRelease({ owner, repo, release_id: data.id, draft: false, prerelease: true })
    expect(await scene.work.git('ls-remote', 'origin', 'refs/tags/v2.0.0')).not.toBe('')
    expect((await scene.as('dan').rest.repos.listReleases({ owner, repo })).data).toHaveLength(1)
    expect(await failureOf(repos.getLatestRelease({ owner, repo }))).toMatchObject({ status: 404 })
    expect(await failureOf(repos.createRelease({ owner, repo, tag_name: 'bad tag' }))).toMatchObject({ status: 422 })
  })

  it('that are immutable keep their tag', async () => {
    const { repos } = scene.as('bob').rest
    const { data } = await repos.createRelease({ owner, repo, tag_name: 'v3.0.0' })
    scene.github.store.releases.update(data.id, { immutable: true })
    const at = { owner, repo, release_id: data.id }
    expect(await failureOf(repos.updateRelease({ ...at, tag_name: 'v4' }))).toMatchObject({ status: 422 })
    expect(await failureOf(repos.deleteRelease(at))).toMatchObject({ status: 422 })
    expect((await repos.updateRelease({ ...at, body: 'Notes' })).data).toMatchObject({ body: 'Notes', immutable: true })
  })
})

describe('branch rules', () => {
  it.each([
    ['main', 'main', true],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/2', false],
    ['release/**', 'release/1/2', true],
    ['*', 'main', true],
    ['v[0-9]', 'v1', true],
    ['infra.main', 'infraxmain', false],
  ])('of the pattern %s and the branch %s: %s', (pattern, branch, expected) => {
    expect(matchesPattern(pattern, branch)).toBe(expected)
  })

  it('are set, shown in both forms and taken away', async () => {
    const { repos } = scene.as('alice').rest
    const at = { owner, repo, branch: 'main' }
    expect(await failureOf(repos.getBranchProtection(at))).toMatchObject({
      status: 404,
      message: 'Branch not protected',
    })
    const rule = {
      required_status_checks: { strict: true, contexts: ['plan'], checks: [{ context: 'cost' }] },
      required_pull_request_reviews: { required_approving_review_count: 2 },
      enforce_admins: true,
      restrictions: null,
    }
    await repos.updateBranchProtection({ ...at, ...rule })
    const { data } = await repos.getBranchProtection(at)
    expect(data).toMatchObject({
      required_status_checks: { strict: true, contexts: ['plan', 'cost'] },
      required_pull_request_reviews: { required_approving_review_count: 2 },
      enforce_admins: { enabled: true },
    })
    const { data: rules } = await scene.as('dan').rest.repos.getBranchRules(at)
    expect(rules.map(one => one.type)).toEqual([
      'deletion',
      'non_fast_forward',
      'pull_request',
      'required_status_checks',
    ])
    expect((await scene.as('dan').rest.repos.getRepoRulesets({ owner, repo })).data).toMatchObject([{ name: 'main' }])
    const refused = repos.updateBranchProtection({ ...at, ...rule, required_linear_history: true })
    expect(await failureOf(refused)).toMatchObject({
      status: 422,
      message: 'The local GitHub does not enforce required_linear_history.',
    })
    expect(await failureOf(scene.as('bob').rest.repos.getBranchProtection(at))).toMatchObject({ status: 403 })
    await repos.deleteBranchProtection(at)
    expect((await scene.as('dan').rest.repos.getBranchRules(at)).data).toEqual([])
  })

  it('hold for a push: no force, no deletion, only checked commits', async () => {
    const sha = await pushBranch(scene, 'guarded', { 'g.txt': 'g\n' })
    await scene.as('alice').rest.repos.updateBranchProtection({
      owner,
      repo,
      branch: 'guarded',
      required_status_checks: { strict: false, contexts: ['test'] },
      required_pull_request_reviews: null,
      enforce_admins: true,
      restrictions: null,
    })
    const push = (...args: string[]) => scene.work.git('push', '-q', ...args)
    const pass = (commit: string) =>
      scene.as('bob').rest.repos.createCommitStatus({ owner, repo, sha: commit, state: 'success', context: 'test' })
    await expect(push('origin', ':guarded')).rejects.toThrow('Cannot delete a protected branch')
    await scene.work.git('commit', '-q', '--amend', '-m', 'Other')
    const other = await scene.work.git('rev-parse', 'HEAD')
    await push('origin', 'guarded:other')
    await pass(other)
    await expect(push('--force', 'origin', 'guarded')).rejects.toThrow('Cannot force-push to this branch')
    await scene.work.git('reset', '-q', '--hard', sha)
    const next = await scene.work.commit('Next', { 'g.txt': 'h\n' })
    await expect(push('origin', 'guarded')).rejects.toThrow('Required status check "test" is expected')
    await push('origin', 'guarded:trial')
    await pass(next)
    await push('origin', 'guarded')
    expect(await scene.work.git('ls-remote', 'origin', 'refs/heads/guarded')).toMatch(next)
  })
})
