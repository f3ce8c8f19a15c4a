import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { GitHubClient } from '../../../kit/adapters/github-client.ts'
import { githubPullRequests } from '../../../kit/adapters/github-pull-requests.ts'
import type { Check } from '../../../kit/ports.ts'
import { openApiScene, owner, pushBranch, repo, type ApiScene } from './github-scene.ts'

let scene: ApiScene
let number: number
let head: string

beforeAll(async () => {
  scene = await openApiScene()
  await pushBranch(scene, 'topic', { 'x.txt': 'x', 'rules/protect': 'protect aws_x\n' })
  head = await scene.work.commit('Second', { 'y.txt': 'y' })
  await scene.work.git('push', '-q', 'origin', 'topic')
  number = (await scene.as('bob').pulls.create({ owner, repo, base: 'main', head: 'topic', title: 'T' })).data.number
})
afterAll(() => scene.close())
afterEach(() => expect(scene.github.violations).toEqual([]))

const comment = async (login: 'alice' | 'bob', body: string) =>
  (await scene.as(login).issues.createComment({ owner, repo, issue_number: number, body })).data.id

describe('a pull request', () => {
  it('is read as it is now', async () => {
    const { pullRequests } = scene.job().api
    expect(await pullRequests.read(number)).toMatchObject({ isOpen: true, headSha: head, author: 'bob' })
    expect(await pullRequests.commits(number, 1)).toEqual([head])
    expect(await pullRequests.commits(number, 20)).toHaveLength(2)
  })

  it('has files, of renamed ones both names', async () => {
    const { pullRequests } = scene.job().api
    expect(await pullRequests.changedFiles(number)).toEqual(['rules/protect', 'x.txt', 'y.txt'])
    const text = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('')
    await pushBranch(scene, 'named', { 'old/name.txt': text })
    await scene.work.git('push', '-q', 'origin', 'named:base')
    await scene.work.git('checkout', '-q', '-b', 'renamed')
    await scene.work.git('rm', '-q', 'old/name.txt')
    await scene.work.commit('Rename', { 'new/name.txt': text })
    await scene.work.git('push', '-q', 'origin', 'renamed')
    const pull = { owner, repo, base: 'base', head: 'renamed', title: 'R' }
    const renamed = (await scene.as('bob').pulls.create(pull)).data.number
    expect(await pullRequests.changedFiles(renamed)).toEqual(['new/name.txt', 'old/name.txt'])
  })

  it.each([
    [2_999, 2_999],
    [3_000, undefined],
  ])('of %i files has %p names: GitHub lists no more than 3,000 and does not say so', async (files, names) => {
    const client = {
      async *pages() {
        for (let at = 0; at < files; at += 100)
          yield Array.from({ length: Math.min(100, files - at) }, (_, index) => ({ filename: `f${at + index}` }))
      },
    } as unknown as GitHubClient
    expect((await githubPullRequests(client, client, { owner, repo }).changedFiles(1))?.length).toBe(names)
  })

  it('has comments of people and of apps, edited or not', async () => {
    const { pullRequests } = scene.job().api
    const id = await comment('alice', '/ack 1')
    const author = { login: 'alice', type: 'User', viaApp: false }
    expect(await pullRequests.comment(id)).toMatchObject({
      issueNumber: number,
      author,
      body: '/ack 1',
      isEdited: false,
    })
    scene.github.store.comments.update(id, { updatedAt: '2100-01-01T00:00:00Z' })
    expect(await pullRequests.comment(id)).toMatchObject({ isEdited: true })
    const job = scene.asJob({ 'pull-requests': 'write' })
    const { data } = await job.issues.createComment({ owner, repo, issue_number: number, body: 'x' })
    expect((await pullRequests.comment(data.id)).author).toMatchObject({ type: 'Bot', viaApp: true })
  })

  it('has labels that somebody set last', async () => {
    const { pullRequests } = scene.job().api
    const [label, issue] = ['ack:4f2a91c07be31d55', { owner, repo, issue_number: number }]
    expect(await pullRequests.labelledBy(number, label)).toBeUndefined()
    await scene.as('bob').issues.addLabels({ ...issue, labels: [label, 'other'] })
    expect(await pullRequests.labelledBy(number, label)).toMatchObject({ login: 'bob', viaApp: false })
    await scene.as('alice').issues.removeLabel({ ...issue, name: label })
    expect(await pullRequests.labelledBy(number, label)).toBeUndefined()
    await scene.as('alice').issues.addLabels({ ...issue, labels: [label] })
    expect(await pullRequests.labelledBy(number, label)).toMatchObject({ login: 'alice' })
  })

  it('is of people who may do something here, or may not', async () => {
    const { pullRequests } = scene.job().api
    const asked = await Promise.all(['alice', 'bob', 'carol', 'dan'].map(login => pullRequests.permissionOf(login)))
    expect(asked).toEqual(['admin', 'write', 'read', 'read'])
  })

  it('has approvals, until they are dismissed', async () => {
    const { pullRequests } = scene.job().api
    const pull = { owner, repo, pull_number: number }
    await scene.as('carol').pulls.createReview({ ...pull, event: 'COMMENT', body: 'x' })
    for (const login of ['alice', 'dan'] as const)
      await scene.as(login).pulls.createReview({ ...pull, event: 'APPROVE' })
    const [newest, ...rest] = await pullRequests.approvals(number)
    expect([newest, ...rest]).toMatchObject([
      { login: 'dan', commitSha: head },
      { login: 'alice', commitSha: head },
    ])
    await pullRequests.dismissApproval(number, newest!.id, 'The plan changed.')
    expect((await pullRequests.approvals(number)).map(({ login }) => login)).toEqual(['alice'])
  })

  it('gets a reaction, once', async () => {
    const { pullRequests } = scene.job().api
    const id = await comment('bob', 'x')
    for (const reaction of ['+1', '+1', '-1'] as const) await pullRequests.react(id, reaction)
    const { data } = await scene.as('dan').reactions.listForIssueComment({ owner, repo, comment_id: id })
    expect(data.map(({ content, user }) => [content, user?.login])).toEqual([
      ['+1', 'github-actions[bot]'],
      ['-1', 'github-actions[bot]'],
    ])
    await scene.as('bob').issues.deleteComment({ owner, repo, comment_id: id })
    expect(scene.github.store.reactions.find(({ commentId }) => commentId === id)).toBeUndefined()
  })
})

describe('our own checks', () => {
  const check = (change: Partial<Check> = {}): Check => ({
    ...{
      sha: head,
      name: 'Terraform protection dev',
      externalId: 'one',
      conclusion: 'failure',
      title: 't',
      summary: 's',
    },
    ...change,
  })

  it('are those of the app behind the token, the newest first, with their text', async () => {
    const { checks } = scene.job().api
    await checks.complete(check({ text: 'the record' }))
    await checks.complete(check({ name: 'other', externalId: 'two' }))
    scene.github.createAccount({ login: 'rival[bot]', type: 'Bot', appSlug: 'rival' })
    const settings = {
      token: scene.github.mintToken({ login: 'rival[bot]', kind: 'app', permissions: { checks: 'write' } }),
    }
    const rival = scene.job({}, { settings }).api.checks
    await rival.complete(check({ text: 'a forged record', conclusion: 'success' }))
    expect((await checks.own(head)).map(({ name, text, conclusion }) => [name, text, conclusion])).toEqual([
      ['other', '', 'failure'],
      ['Terraform protection dev', 'the record', 'failure'],
    ])
    expect((await rival.own(head)).map(({ text }) => text)).toEqual(['a forged record'])
  })

  it('keep their text when they are completed without one', async () => {
    const { checks } = scene.job().api
    await checks.complete(check({ conclusion: 'success' }))
    expect((await checks.own(head)).at(-1)).toMatchObject({ conclusion: 'success', text: 'the record' })
  })

  it('of a commit that is not there are an error', async () => {
    await expect(scene.job().api.checks.own('0'.repeat(40))).rejects.toMatchObject({ status: 422 })
  })
})

it('reads an ordinary file at a commit', async () => {
  const { repository } = scene.job().api
  const text = async (path: string) => {
    const bytes = await repository.readFile(head, path)
    return bytes && new TextDecoder().decode(bytes)
  }
  expect([await text('rules/protect'), await text('rules/none'), await text('none/protect')]).toEqual([
    ...['protect aws_x\n', undefined, undefined],
  ])
  await expect(text('rules')).rejects.toThrow('a folder')
})

it('reads a folder at a commit, and knows when it is another one', async () => {
  const { repository } = scene.job().api
  const folder = await repository.readFolder(head, 'rules')
  const files = await folder!.readFiles()
  expect([...files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])).toEqual([
    ['protect', 'protect aws_x\n'],
  ])
  expect(await repository.readFolder(head, 'none')).toBeUndefined()
  await expect(repository.readFolder(head, 'x.txt')).rejects.toThrow('no ordinary file')
  const other = await pushBranch(scene, 'other', { 'rules/protect': 'allow *\n', 'rules/deep/er': '1' })
  const changed = await repository.readFolder(other, 'rules')
  expect(changed?.id).not.toBe(folder?.id)
  expect([...(await changed!.readFiles()).keys()]).toEqual(['deep/er', 'protect'])
})
