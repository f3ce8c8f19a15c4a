import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openScene, owner, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

afterAll(async () => {
  await scene.close()
})

interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { readonly type?: string; readonly message: string }[]
}

async function ask(query: string, variables: object = {}, token = scene.token('bob')): Promise<Answer> {
  const response = await fetch(scene.github.graphqlUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

const jobToken = (permissions: Record<string, 'read' | 'write'>): string =>
  scene.github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: scene.repository.id,
    permissions,
  })

const mutation = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid message } ref { name } }
}`

const inputOn = (expectedHeadOid: string, path = 'tags.txt', headline = 'Set the tag'): object => ({
  input: {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: 'main' },
    message: { headline, body: 'Because.' },
    expectedHeadOid,
    fileChanges: { additions: [{ path, contents: Buffer.from('1\n').toString('base64') }] },
  },
})

const head = async (): Promise<string> => (await scene.work.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40)

const idOfRepository = async (): Promise<{ repositoryId: string; owner: string; repo: string }> => {
  const { data } = await scene.as('bob').rest.repos.get({ owner, repo })
  return { repositoryId: data.node_id, owner, repo }
}

describe('GraphQL', () => {
  it('says who asks, for users and for jobs', async () => {
    expect(await ask('{ viewer { login } }')).toEqual({ data: { viewer: { login: 'bob' } } })
    const answer = await ask('{ viewer { login } }', {}, jobToken({}))
    expect(answer).toEqual({ data: { viewer: { login: 'github-actions[bot]' } } })
  })

  it('reads a repository, its branches and files', async () => {
    const query = `{ repository(owner: "${owner}", name: "${repo}") {
      nameWithOwner defaultBranchRef { name target { oid ... on Commit { messageHeadline } } }
      object(expression: "main:README.md") { ... on Blob { text } } nothing: object(expression: "main:none") { oid }
    } }`
    expect((await ask(query)).data).toEqual({
      repository: {
        nameWithOwner: `${owner}/${repo}`,
        defaultBranchRef: { name: 'main', target: { oid: await head(), messageHeadline: 'First commit' } },
        object: { text: 'shop\n' },
        nothing: null,
      },
    })
    const { errors } = await ask('{ repository(owner: "acme", name: "none") { id } }')
    expect(errors?.[0]).toMatchObject({ type: 'NOT_FOUND' })
  })

  it('commits on a branch once, and tells the second that the head has moved', async () => {
    const before = await head()
    const told = scene.events.length
    const first = await ask(mutation, inputOn(before), jobToken({ contents: 'write' }))
    expect(first.data).toEqual({
      createCommitOnBranch: {
        commit: { oid: await head(), message: 'Set the tag\n\nBecause.' },
        ref: { name: 'main' },
      },
    })
    expect(scene.events.slice(told).map(({ name, byJobToken }) => [name, byJobToken])).toEqual([['push', true]])
    const second = await ask(mutation, inputOn(before))
    expect(second).toMatchObject({ data: { createCommitOnBranch: null }, errors: [{ type: 'STALE_DATA' }] })
  })

  it('lets one of many racing commits through', async () => {
    const before = await head()
    const answers = await Promise.all([1, 2, 3].map(index => ask(mutation, inputOn(before, `race-${index}`))))
    expect(answers.map(({ errors }) => errors?.[0]?.type ?? 'done').sort()).toEqual([
      'STALE_DATA',
      'STALE_DATA',
      'done',
    ])
  })

  it.each([
    ['a job without the scope', (): string => jobToken({ contents: 'read' })],
    ['a stranger', (): string => scene.token('dan')],
  ])('refuses a commit of %s', async (_name, token) => {
    const before = await head()
    expect((await ask(mutation, inputOn(before), token())).errors?.[0]).toMatchObject({ type: 'FORBIDDEN' })
    expect(await head()).toBe(before)
  })

  it.each(['../out', '.git/config', '/etc/passwd', 'a//b'])('refuses the path %s', async path => {
    expect((await ask(mutation, inputOn(await head(), path))).errors?.[0]).toMatchObject({ type: 'UNPROCESSABLE' })
  })

  it('moves several refs at once, each from where the caller saw it, or none of them', async () => {
    const update = `mutation ($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`
    const { repositoryId } = await idOfRepository()
    const main = await head()
    const { data } = await ask(mutation, inputOn(main, 'refs.txt'))
    expect(data).toBeDefined()
    const moved = await head()
    const zero = '0'.repeat(40)
    const move = (refUpdates: readonly object[]): Promise<Answer> =>
      ask(update, { input: { repositoryId, refUpdates } }, jobToken({ contents: 'write' }))
    const tips = async (): Promise<string[]> =>
      (await scene.work.git('ls-remote', 'origin', 'refs/heads/many-*')).split('\n').filter(Boolean)
    const one = { name: 'refs/heads/many-1', beforeOid: zero, afterOid: moved }
    const two = { name: 'refs/heads/many-2', beforeOid: zero, afterOid: main }
    expect(await move([one, { ...two, beforeOid: moved }])).toMatchObject({ errors: [{ type: 'STALE_DATA' }] })
    expect(await tips()).toEqual([])
    expect(await move([one, two])).toEqual({ data: { updateRefs: { clientMutationId: null } } })
    expect(await tips()).toEqual([`${moved}\trefs/heads/many-1`, `${main}\trefs/heads/many-2`])
    const back = { name: 'refs/heads/many-1', beforeOid: moved, afterOid: main }
    expect((await move([back])).errors?.[0]?.message).toMatch(/not a fast forward/)
    expect(
      (
        await move([
          { ...back, force: true },
          { ...two, beforeOid: main, afterOid: zero },
        ])
      ).errors,
    ).toBeUndefined()
    expect(await tips()).toEqual([`${main}\trefs/heads/many-1`])
  })

  it('says that a rule of the branch forbids the commit', async () => {
    const { repositoryId: _id, ...at } = await idOfRepository()
    await scene.as('alice').rest.repos.updateBranchProtection({
      ...at,
      branch: 'main',
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: { required_approving_review_count: 1 },
      restrictions: null,
    })
    const { errors } = await ask(mutation, inputOn(await head(), 'kept.txt'))
    expect(errors).toMatchObject([
      { type: 'BRANCH_PROTECTION_RULE_VIOLATION', message: expect.stringContaining('through a pull request') },
    ])
    await scene.as('alice').rest.repos.deleteBranchProtection({ ...at, branch: 'main' })
  })

  it('folds a comment away', async () => {
    const { data: issue } = await scene.as('bob').rest.issues.create({ owner, repo, title: 'x' })
    const { data: made } = await scene
      .as('bob')
      .rest.issues.createComment({ owner, repo, issue_number: issue.number, body: 'old' })
    const answer = await ask(
      'mutation ($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized minimizedReason } } }',
      { id: made.node_id },
    )
    expect(answer.data).toEqual({
      minimizeComment: { minimizedComment: { isMinimized: true, minimizedReason: 'outdated' } },
    })
  })

  it('has had no violation so far', () => {
    expect(scene.github.violations).toEqual([])
  })

  it('is for those with a token only', async () => {
    const response = await fetch(scene.github.graphqlUrl, { method: 'POST', body: '{"query":"{ viewer { login } }"}' })
    expect(response.status).toBe(401)
  })
})

it('R14: a field that GraphQL does not have is a violation', async () => {
  const before = scene.github.violations.length
  const { data, errors } = await ask('{ viewer { shoeSize } }')
  expect([data, errors?.[0]?.message]).toEqual([undefined, expect.stringContaining('shoeSize')])
  expect(scene.github.violations.slice(before)).toMatchObject([{ route: 'POST /graphql', side: 'request' }])
})
