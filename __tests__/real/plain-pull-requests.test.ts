/** What a team does with pull requests, by Octokit and git alone: nothing here knows the server's inside. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Octokit } from '@octokit/rest'
import type { LocalGitHub } from '../../local-github/local-github.ts'
import { startServer } from '../../local-github/server/server.ts'
import { plainGit } from '../local-github/server/plain-git.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const at = { owner: 'mona', repo: 'site' }
const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')

let folder: string
let github: LocalGitHub
let work: string
let mona: Octokit
let hubot: Octokit
let hubotToken: string

const git = (cwd: string, ...args: string[]): Promise<string> => plainGit(folder, cwd, ...args)

const remoteOf = (login: string, token: string): string =>
  `${github.url.replace('http://', `http://${login}:${token}@`)}/${login}/site.git`

const commit = async (message: string, files: Readonly<Record<string, string>>): Promise<string> => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true })
    writeFileSync(join(work, path), text)
  }
  await git(work, 'add', '-A')
  await git(work, 'commit', '-q', '-m', message)
  return git(work, 'rev-parse', 'HEAD')
}

/** A branch on the tip of `main`, with one commit for each map of files, pushed. */
const branch = async (name: string, ...commits: Readonly<Record<string, string>>[]): Promise<string> => {
  await git(work, 'fetch', '-q', 'origin')
  await git(work, 'checkout', '-q', '-B', name, 'origin/main')
  for (const [index, files] of commits.entries()) await commit(`${name} ${index + 1}`, files)
  await git(work, 'push', '-q', 'origin', name)
  return git(work, 'rev-parse', 'HEAD')
}

const open = async (head: string): Promise<number> =>
  (await mona.pulls.create({ ...at, title: `Take ${head}`, head, base: 'main', body: 'Please.' })).data.number

const statusOf = (call: Promise<unknown>): Promise<[number, string]> =>
  call.then(
    () => [0, 'it was accepted'],
    (error: { status?: number; response?: { data?: { message?: string } } }) => [
      error.status ?? -1,
      error.response?.data?.message ?? '',
    ],
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-plain-pulls-'))
  github = await startServer({ stateFolder: join(folder, 'state') })
  github.createAccount({ login: 'mona', type: 'User', email: 'mona@example.com' })
  github.createAccount({ login: 'hubot', type: 'User', email: 'hubot@example.com' })
  const token = github.mintToken({ login: 'mona', kind: 'user' })
  hubotToken = github.mintToken({ login: 'hubot', kind: 'user' })
  mona = new Octokit({ auth: token, baseUrl: github.apiUrl, log: silent })
  hubot = new Octokit({ auth: hubotToken, baseUrl: github.apiUrl, log: silent })
  await mona.repos.createForAuthenticatedUser({ name: 'site', auto_init: true })
  work = join(folder, 'work')
  await git(folder, 'clone', '-q', remoteOf('mona', token), work)
  await commit('Write the pages', { 'pages/long.txt': lines, 'app.txt': 'one\ntwo\nthree\n' })
  await git(work, 'push', '-q', 'origin', 'main')
})

afterAll(async () => {
  await github.close()
  rmSync(folder, { recursive: true, force: true })
  // What is not served is asked for on purpose, once.
  expect(github.violations.filter(({ route }) => !route.endsWith('/public-key'))).toEqual([])
})

describe('a pull request', () => {
  it('from a fork is opened, fetched by its number and merged', async () => {
    await hubot.repos.createFork(at)
    const fork = join(folder, 'fork')
    await git(folder, 'clone', '-q', remoteOf('hubot', hubotToken), fork)
    await git(fork, 'checkout', '-q', '-b', 'topic')
    writeFileSync(join(fork, 'from-fork.txt'), 'fork\n')
    await git(fork, 'add', '-A')
    await git(fork, 'commit', '-q', '-m', 'From a fork')
    await git(fork, 'push', '-q', 'origin', 'topic')
    const sha = await git(fork, 'rev-parse', 'HEAD')
    const { data: pull } = await hubot.pulls.create({ ...at, title: 'Fork', head: 'hubot:topic', base: 'main' })
    expect(pull).toMatchObject({ head: { sha, label: 'hubot:topic', repo: { fork: true } }, base: { ref: 'main' } })
    await git(work, 'fetch', '-q', 'origin', `refs/pull/${pull.number}/head`, `refs/pull/${pull.number}/merge`)
    expect(await git(work, 'rev-parse', 'FETCH_HEAD')).toBe(sha)
    const may = { ...at, pull_number: pull.number }
    expect(await statusOf(hubot.pulls.merge(may))).toEqual([403, expect.any(String)])
    const { data: merged } = await mona.pulls.merge(may)
    const { data: main } = await mona.repos.getBranch({ ...at, branch: 'main' })
    expect(main.commit).toMatchObject({
      sha: merged.sha,
      commit: { message: expect.stringMatching(/^Merge pull request #\d+ from hubot\/topic\n\nFork$/) },
    })
    expect((await mona.pulls.get(may)).data).toMatchObject({
      merged: true,
      state: 'closed',
      merged_by: { login: 'mona' },
    })
  })

  it('squashed is one commit with the words of all; rebased, each commit again with its author', async () => {
    await branch('squashed', { 's1.txt': '1\n' }, { 's2.txt': '2\n' })
    const first = await open('squashed')
    const { data: squash } = await mona.pulls.merge({ ...at, pull_number: first, merge_method: 'squash' })
    await branch('rebased', { 'r1.txt': '1\n' }, { 'r2.txt': '2\n' })
    const second = await open('rebased')
    // The base moves on, so that a rebase has something to do.
    await mona.repos.createOrUpdateFileContents({ ...at, path: 'moved.txt', message: 'Move on', content: 'eA==' })
    const { data: rebase } = await mona.pulls.merge({ ...at, pull_number: second, merge_method: 'rebase' })
    await git(work, 'fetch', '-q', 'origin')
    const log = await git(work, 'log', '-4', '--format=%H %p|%an|%s', 'origin/main')
    const [two, one, moved, squashed] = log.split('\n')
    expect(two).toMatch(new RegExp(`^${rebase.sha} [0-9a-f]{7,}\\|Mona\\|rebased 2$`))
    expect(one).toMatch(/\|rebased 1$/)
    expect(moved).toMatch(/\|Move on$/)
    expect(squashed).toMatch(new RegExp(`^${squash.sha} [0-9a-f]{7,}\\|mona\\|Take squashed \\(#${first}\\)$`))
    expect(await git(work, 'log', '-1', '--format=%b', squash.sha)).toBe('* squashed 1\n\n* squashed 2')
  })

  it('in conflict is 405 to merge and 409 to bring up to date; a head that moved is 409', async () => {
    await branch('left', { 'app.txt': 'left\n' })
    await branch('right', { 'app.txt': 'right\n' })
    const [left, right] = [await open('left'), await open('right')]
    expect(await statusOf(mona.pulls.merge({ ...at, pull_number: left, sha: '0'.repeat(40) }))).toEqual([
      409,
      'Head branch was modified. Review and try the merge again.',
    ])
    await mona.pulls.merge({ ...at, pull_number: left })
    expect((await mona.pulls.get({ ...at, pull_number: right })).data).toMatchObject({
      mergeable: false,
      mergeable_state: 'dirty',
    })
    expect(await statusOf(mona.pulls.merge({ ...at, pull_number: right }))).toEqual([
      405,
      'Pull Request is not mergeable',
    ])
    expect(await statusOf(mona.repos.merge({ ...at, base: 'right', head: 'main' }))).toEqual([409, 'Merge conflict'])
  })

  it('whose base somebody else moves first is merged or is not, and says which', async () => {
    for (let index = 0; index < 4; index++) {
      const name = `raced-${index}`
      await branch(name, { [name]: 'x\n' })
      const pull = { ...at, pull_number: await open(name) }
      const [merge] = await Promise.all([
        statusOf(mona.pulls.merge({ ...pull, merge_method: index % 2 === 0 ? 'merge' : 'squash' })),
        ...[0, 1, 2].map(writer =>
          statusOf(
            mona.repos.createOrUpdateFileContents({ ...at, path: `${name}-${writer}`, message: name, content: 'eA==' }),
          ),
        ),
      ])
      const merged = (await mona.pulls.get(pull)).data.merged
      const [onMain] = await statusOf(mona.repos.getContent({ ...at, path: name }))
      expect([merged, onMain]).toEqual(merge[0] === 0 ? [true, 0] : [false, 404])
      if (!merged) expect(merge).toEqual([405, 'Base branch was modified. Review and try the merge again.'])
    }
  })

  it('is shown as a diff and as a patch to who asks for them', async () => {
    await branch('formats', { 'formats.txt': 'x\n' })
    const number = await open('formats')
    const ask = async (format: string): Promise<string> =>
      String((await mona.pulls.get({ ...at, pull_number: number, mediaType: { format } })).data)
    expect(await ask('diff')).toMatch(/^diff --git a\/formats\.txt b\/formats\.txt\nnew file mode 100644/)
    expect(await ask('patch')).toMatch(/^From [0-9a-f]{40} .*\n(.*\n)*Subject: \[PATCH\] formats 1/)
    const compared = await mona.repos.compareCommitsWithBasehead({
      ...at,
      basehead: 'main...formats',
      mediaType: { format: 'patch' },
    })
    expect(String(compared.data)).toContain('Subject: [PATCH] formats 1')
  })

  it('takes labels and reviews, and comments on its lines', async () => {
    await branch('reviewed', { 'pages/long.txt': lines.replace('line 20', 'line twenty') })
    const number = await open('reviewed')
    const pull = { ...at, pull_number: number }
    const { data: labels } = await mona.issues.addLabels({ ...at, issue_number: number, labels: ['plan', 'cost'] })
    expect(labels.map(({ name }) => name)).toEqual(['plan', 'cost'])
    await mona.issues.removeLabel({ ...at, issue_number: number, name: 'cost' })
    expect((await mona.pulls.get(pull)).data.labels.map(({ name }) => name)).toEqual(['plan'])
    const { data: review } = await hubot.pulls.createReview({
      ...pull,
      event: 'COMMENT',
      body: 'One thing',
      comments: [{ path: 'pages/long.txt', line: 21, side: 'RIGHT', body: 'Why in words?' }],
    })
    const { data: ofReview } = await mona.pulls.listCommentsForReview({ ...pull, review_id: review.id })
    expect(ofReview.map(({ body, path }) => [body, path])).toEqual([['Why in words?', 'pages/long.txt']])
    const [asked] = (await mona.pulls.listReviewComments(pull)).data
    expect(asked).toMatchObject({
      line: 21,
      side: 'RIGHT',
      pull_request_review_id: review.id,
      user: { login: 'hubot' },
    })
    expect(asked?.diff_hunk).toMatch(/^@@ .*\n[^]*\+line twenty$/)
    const { data: reply } = await mona.pulls.createReplyForReviewComment({
      ...pull,
      comment_id: asked?.id ?? 0,
      body: 'Taste.',
    })
    expect(reply).toMatchObject({ in_reply_to_id: asked?.id, line: 21 })
    const sha = (await mona.pulls.get(pull)).data.head.sha
    const onLine = { ...pull, commit_id: sha, path: 'pages/long.txt', body: 'x', side: 'RIGHT' as const }
    expect((await statusOf(mona.pulls.createReviewComment({ ...onLine, line: 2 })))[0]).toBe(422)
    const { data: single } = await mona.pulls.createReviewComment({ ...onLine, line: 20, body: 'Context is fine' })
    await mona.pulls.updateReviewComment({ ...at, comment_id: single.id, body: 'Edited' })
    expect((await mona.pulls.getReviewComment({ ...at, comment_id: single.id })).data.body).toBe('Edited')
    await mona.pulls.deleteReviewComment({ ...at, comment_id: single.id })
    expect((await mona.pulls.listReviewCommentsForRepo(at)).data.map(({ body }) => body)).toEqual([
      'Why in words?',
      'Taste.',
    ])
    expect((await mona.pulls.get(pull)).data.review_comments).toBe(2)
  })
})

describe('a comparison', () => {
  it('knows a file that was renamed, and gives the last 250 commits when no page is asked for', async () => {
    await git(work, 'fetch', '-q', 'origin')
    await git(work, 'checkout', '-q', '-B', 'renamed', 'origin/main')
    renameSync(join(work, 'pages/long.txt'), join(work, 'pages/längst.txt'))
    await commit('Rename', { 'pages/längst.txt': `${lines}\nmore` })
    for (let index = 0; index < 40; index++) await git(work, 'commit', '-q', '--allow-empty', '-m', `Step ${index}`)
    await git(work, 'push', '-q', 'origin', 'renamed')
    const { data } = await mona.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...renamed' })
    expect(data.files?.map(file => [file.status, file.filename, file.previous_filename])).toEqual([
      ['renamed', 'pages/längst.txt', 'pages/long.txt'],
    ])
    expect([data.status, data.ahead_by, data.commits.length]).toEqual(['ahead', 41, 41])
    expect(data.commits.at(-1)?.commit.message).toBe('Step 39')
    const paged = await mona.repos.compareCommitsWithBasehead({
      ...at,
      basehead: 'main...renamed',
      per_page: 10,
      page: 2,
    })
    expect(paged.data.commits.map(({ commit }) => commit.message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `Step ${index + 9}`),
    )
    expect(paged.headers.link).toContain('rel="next"')
  })
})

describe('lists', () => {
  it('come in pages that Octokit follows, and are answered 304 at no cost when nothing changed', async () => {
    const { data: issue } = await mona.issues.create({ ...at, title: 'Many' })
    const on = { ...at, issue_number: issue.number }
    for (let index = 0; index < 7; index++) await mona.issues.createComment({ ...on, body: `${index}` })
    const all = await mona.paginate(mona.issues.listComments, { ...on, per_page: 3 })
    expect(all.map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    const first = await mona.issues.listComments({ ...on, per_page: 3 })
    expect(first.headers.link).toMatch(/page=2>; rel="next".*page=3>; rel="last"/)
    const used = async (): Promise<number> => (await mona.rateLimit.get()).data.rate.used
    const before = await used()
    const again = mona.issues.listComments({ ...on, per_page: 3, headers: { 'if-none-match': first.headers.etag } })
    expect(await statusOf(again)).toEqual([304, ''])
    expect(await used()).toBe(before)
  })
})

describe('a protected branch', () => {
  it('keeps its history from a forced push, and its content from a write by API, in words', async () => {
    await branch('kept', { 'kept.txt': '1\n' })
    await mona.repos.updateBranchProtection({
      ...at,
      branch: 'kept',
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1 },
      restrictions: null,
    })
    await git(work, 'commit', '-q', '--amend', '-m', 'Other words')
    await expect(git(work, 'push', '--force', 'origin', 'kept')).rejects.toThrow(/\[remote rejected\] kept -> kept/)
    const put = mona.repos.createOrUpdateFileContents({
      ...at,
      branch: 'kept',
      path: 'n',
      message: 'm',
      content: 'eA==',
    })
    expect(await statusOf(put)).toEqual([409, expect.stringContaining('Changes must be made through a pull request')])
    const { data: main } = await mona.git.getRef({ ...at, ref: 'heads/main' })
    const move = mona.git.updateRef({ ...at, ref: 'heads/kept', sha: main.object.sha, force: true })
    expect(await statusOf(move)).toEqual([422, expect.stringContaining('Cannot force-push')])
  })

  it('has its protection changed part by part', async () => {
    await branch('parts', { 'parts.txt': '1\n' })
    const on = { ...at, branch: 'parts' }
    await mona.repos.updateBranchProtection({
      ...on,
      required_status_checks: { strict: false, contexts: ['ci'] },
      enforce_admins: null,
      required_pull_request_reviews: { required_approving_review_count: 2 },
      restrictions: null,
    })
    expect(
      (await mona.repos.updatePullRequestReviewProtection({ ...on, required_approving_review_count: 1 })).data,
    ).toMatchObject({ required_approving_review_count: 1 })
    expect((await mona.repos.updateStatusCheckProtection({ ...on, strict: true })).data).toMatchObject({
      strict: true,
      contexts: ['ci'],
    })
    expect((await mona.repos.addStatusCheckContexts({ ...on, contexts: ['plan', 'ci'] })).data).toEqual(['ci', 'plan'])
    expect((await mona.repos.removeStatusCheckContexts({ ...on, contexts: ['ci'] })).data).toEqual(['plan'])
    expect((await mona.repos.setStatusCheckContexts({ ...on, contexts: ['gate'] })).data).toEqual(['gate'])
    expect((await mona.repos.getAllStatusCheckContexts(on)).data).toEqual(['gate'])
    expect((await mona.repos.setAdminBranchProtection(on)).data.enabled).toBe(true)
    await mona.repos.deleteAdminBranchProtection(on)
    expect((await mona.repos.getAdminBranchProtection(on)).data.enabled).toBe(false)
    await mona.repos.deletePullRequestReviewProtection(on)
    await mona.repos.removeStatusCheckProtection(on)
    expect((await statusOf(mona.repos.getPullRequestReviewProtection(on)))[0]).toBe(404)
    expect(await statusOf(mona.repos.getStatusChecksProtection(on))).toEqual([
      404,
      'Required status checks not enabled',
    ])
    expect((await mona.repos.getBranch(on)).data.protected).toBe(true)
  })
})

describe('contents', () => {
  it('are written only over what the caller saw', async () => {
    const file = { ...at, path: 'stale.txt', message: 'm', content: 'eA==' }
    const { data: made } = await mona.repos.createOrUpdateFileContents(file)
    await mona.repos.createOrUpdateFileContents({ ...file, content: 'eQ==', sha: made.content?.sha ?? '' })
    const stale = mona.repos.createOrUpdateFileContents({ ...file, content: 'eg==', sha: made.content?.sha ?? '' })
    expect(await statusOf(stale)).toEqual([409, `stale.txt does not match ${made.content?.sha}`])
    expect(await statusOf(mona.repos.createOrUpdateFileContents({ ...file, content: 'eg==' }))).toEqual([
      422,
      `Invalid request.\n\n"sha" wasn't supplied.`,
    ])
  })
})

describe('a release', () => {
  it('carries files, as they were, under names of their own', async () => {
    const { data: release } = await mona.repos.createRelease({ ...at, tag_name: 'v1' })
    const bytes = Buffer.from([0, 255, 13, 10, 123])
    const upload = (name: string): Promise<{ data: { id: number; digest: string } }> =>
      mona.request({
        method: 'POST',
        url: release.upload_url,
        name,
        label: 'Bundle',
        headers: { 'content-type': 'application/zip' },
        data: bytes,
      })
    const { data: asset } = await upload('bundle.zip')
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    expect(asset).toMatchObject({ name: 'bundle.zip', label: 'Bundle', size: 5, digest, state: 'uploaded' })
    expect((await statusOf(upload('bundle.zip')))[0]).toBe(422)
    const one = { ...at, asset_id: asset.id }
    const { data } = await mona.repos.getReleaseAsset({ ...one, headers: { accept: 'application/octet-stream' } })
    expect(Buffer.from(data as unknown as ArrayBuffer)).toEqual(bytes)
    await mona.repos.updateReleaseAsset({ ...one, name: 'other.zip' })
    const { data: tagged } = await mona.repos.getReleaseByTag({ ...at, tag: 'v1' })
    expect(tagged.assets.map(({ name, download_count }) => [name, download_count])).toEqual([['other.zip', 1]])
    await mona.repos.deleteReleaseAsset(one)
    expect((await mona.repos.listReleaseAssets({ ...at, release_id: release.id })).data).toEqual([])
  })
})

describe('what the local GitHub does not serve', () => {
  it('says so, and what to do instead', async () => {
    const [status, words] = await statusOf(mona.actions.getRepoPublicKey(at))
    expect(status).toBe(501)
    expect(words).toMatch(/does not serve it\. Give it secrets by a file: --secrets FILE\.$/)
    expect((await mona.meta.get()).data.verifiable_password_authentication).toBe(false)
  })
})
