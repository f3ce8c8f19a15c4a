import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ApiError } from '../../../kit/errors.ts'
import type { Comment } from '../../../local-github/model.ts'
import type { Budget, StickyComment } from '../../../kit/ports.ts'
import { formatMarker } from '../../../kit/report/marker.ts'
import { openApiScene, owner, repo, type ApiScene } from './github-scene.ts'

let scene: ApiScene
let issueNumber: number

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())
afterEach(() => {
  expect(scene.github.violations).toEqual([])
  scene.github.faults.clear()
})

async function openIssue(on: ApiScene = scene): Promise<void> {
  issueNumber = (await on.as('alice').issues.create({ owner, repo, title: 'A change' })).data.number
}

const sticky = (body: string | StickyComment['body'], change: Partial<StickyComment> = {}): StickyComment => ({
  issueNumber,
  action: 'terraform-plan',
  key: 'shop/prod',
  body: typeof body === 'string' ? () => body : body,
  mode: 'update',
  ...change,
})
const bodies = () =>
  scene.github.store.comments.filter(comment => comment.issueNumber === issueNumber).map(({ body }) => body)
const say = (login: 'alice' | 'bob' | 'carol', body: string) =>
  scene.as(login).issues.createComment({ owner, repo, issue_number: issueNumber, body })

describe('a sticky comment', () => {
  it('R18: takes two requests besides the identity, to make, to change and to leave', async () => {
    await openIssue()
    const { api } = scene.job()
    const requests = async (body: string) => {
      const before = scene.routes().length
      const { outcome } = await api.comments.upsert(sticky(body))
      return [
        outcome,
        scene
          .routes()
          .slice(before)
          .map(route => route.split(' ')[0]),
      ]
    }
    expect(await requests('one')).toEqual(['created', ['POST', 'GET', 'POST']])
    expect(scene.routes()).toContain('POST /graphql')
    expect(await requests('two')).toEqual(['updated', ['GET', 'PATCH']])
    expect(await requests('two')).toEqual(['unchanged', ['GET']])
    expect(bodies()).toEqual([
      expect.stringMatching(/^<!-- slipway:terraform-plan key=shop%2Fprod run=50 attempt=1 -->\ntwo$/),
    ])
  })

  it('R1: a comment with our marker by somebody else is left as it is, and one warning is given', async () => {
    await openIssue()
    const marker = formatMarker({ action: 'terraform-plan', key: 'shop/prod', runId: 999, runAttempt: 1 })
    await say('bob', `${marker}\nforged`)
    await say('carol', `${marker}\nforged too`)
    await say('alice', `look:\n\`\`\`\n${marker}\n\`\`\``)
    const before = bodies()
    const { api, log } = scene.job()
    expect((await api.comments.upsert(sticky('ours'))).outcome).toBe('created')
    expect((await api.comments.upsert(sticky('ours again'))).outcome).toBe('updated')
    expect(bodies().slice(0, 3)).toEqual(before)
    expect(bodies()).toHaveLength(4)
    expect(log.warnings).toHaveLength(2)
    for (const warning of log.warnings) expect(warning).toMatch(/left alone: \S+ by bob, \S+ by carol$/)
  })

  it('R3: is found on the third page, and own duplicates there are removed', async () => {
    await openIssue()
    const { api } = scene.job()
    const { comments } = scene.github.store
    await say('alice', 'talk')
    const talk = comments.find(comment => comment.issueNumber === issueNumber)
    const again = (record: Comment | undefined) => {
      if (record === undefined) throw new Error('there is no comment to copy')
      const { id: _id, ...copy } = record
      comments.insert(copy)
    }
    for (let index = 0; index < 230; index += 1) again(talk)
    await api.comments.upsert(sticky('ours'))
    const ours = comments.find(({ body }) => body.endsWith('\nours'))
    again(ours)
    expect((await api.comments.upsert(sticky('newer'))).outcome).toBe('updated')
    expect(bodies().filter(body => body.startsWith('<!-- slipway'))).toEqual([expect.stringMatching(/\nnewer$/)])
    expect(comments.get(ours?.id ?? 0)?.body).toMatch(/\nnewer$/)
  })

  it('R8: an older run does not overwrite a newer run’s comment', async () => {
    await openIssue()
    await scene.job({ runId: 60 }).api.comments.upsert(sticky('of run 60'))
    const before = scene.routes().length
    const written = await scene.job({ runId: 59 }).api.comments.upsert(sticky('of run 59'))
    expect(written).toEqual({ url: expect.stringContaining('#issuecomment-'), outcome: 'outdated' })
    expect(
      scene
        .routes()
        .slice(before)
        .filter(route => /^(?:PATCH|DELETE)|comments$/.test(route)),
    ).toHaveLength(1)
    expect(bodies()).toEqual([expect.stringMatching(/\nof run 60$/)])
  })

  it('is made anew at the end of the conversation when asked, and only then the old one goes', async () => {
    await openIssue()
    const { api } = scene.job()
    await api.comments.upsert(sticky('one', { mode: 'recreate' }))
    await say('alice', 'talk')
    const before = scene.routes().length
    expect((await api.comments.upsert(sticky('two', { mode: 'recreate' }))).outcome).toBe('created')
    expect(
      scene
        .routes()
        .slice(before)
        .map(route => route.split(' ')[0]),
    ).toEqual(['GET', 'POST', 'DELETE'])
    expect(bodies()).toEqual(['talk', expect.stringMatching(/\ntwo$/)])
  })

  it('is not made when only an update is wanted', async () => {
    await openIssue()
    expect(await scene.job().api.comments.upsert(sticky('x', { onlyUpdate: true }))).toEqual({
      url: '',
      outcome: 'absent',
    })
    expect(bodies()).toEqual([])
  })

  it('R5: is stored with 262,144 bytes on github.com', async () => {
    await openIssue()
    const { api } = scene.job()
    await api.comments.upsert(sticky(({ bytes }) => 'x'.repeat(bytes)))
    expect(Buffer.byteLength(bodies()[0] ?? '')).toBe(262_144 - ' part=9999'.length)
    await api.comments.upsert(sticky(({ bytes }) => `first line\n${'é\n'.repeat(bytes)}`))
    expect(Buffer.byteLength(bodies()[0] ?? '')).toBeLessThanOrEqual(262_144)
    expect(bodies()[0]).toMatch(/-->\nfirst line\n/)
  })

  it('R10: holds no secret, and none of a body that our own code made too long', async () => {
    await openIssue()
    const { api } = scene.job({}, { secrets: ['hunter22'] })
    await api.comments.upsert(sticky(`password hunter22, ${Buffer.from('hunter22').toString('base64')}`))
    expect(bodies()[0]).toMatch(/-->\npassword \*\*\*, \*\*\*$/)
  })

  it('R7: a read-only token gets an error that names the line to add', async () => {
    await openIssue()
    const { api } = scene.job({}, { permissions: { 'pull-requests': 'read', issues: 'read' } })
    const error = await api.comments.upsert(sticky('x')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 403, permission: 'pull-requests: write' })
    expect(bodies()).toEqual([])
  })
})

describe('a comment that is continued', () => {
  const shown = () => bodies().map(body => body.replace(/^<!-- .*? attempt=1(.*) -->\n/, '$1: ').trim())

  it('is as many comments, each of which is updated in place, and those that are not needed any more go', async () => {
    await openIssue()
    const { api } = scene.job()
    const three = await api.comments.upsert(sticky(() => ['one', 'two', 'three']))
    expect(shown()).toEqual([': one', 'part=2: two', 'part=3: three'])
    expect(three.url).toBe((await api.comments.upsert(sticky(() => ['one', 'two', 'three']))).url)
    expect((await api.comments.upsert(sticky(() => ['one', 'TWO', 'three']))).outcome).toBe('unchanged')
    expect(shown()).toEqual([': one', 'part=2: TWO', 'part=3: three'])
    await api.comments.upsert(sticky(() => ['one', 'TWO']))
    expect(shown()).toEqual([': one', 'part=2: TWO'])
    await api.comments.upsert(sticky('only one'))
    expect(shown()).toEqual([': only one'])
  })

  it('takes no request more than it has comments, besides the list and the identity', async () => {
    await openIssue()
    const { api } = scene.job()
    await api.comments.upsert(sticky(() => ['one', 'two']))
    const before = scene.routes().length
    await api.comments.upsert(sticky(() => ['one', 'changed', 'three']))
    const routes = scene.routes().slice(before)
    expect(routes.map(route => route.split(' ')[0])).toEqual(['GET', 'PATCH', 'POST'])
  })

  it('R1: leaves what somebody else wrote under the marker of a further one', async () => {
    await openIssue()
    const marker = formatMarker({ action: 'terraform-plan', key: 'shop/prod', runId: 1, runAttempt: 1, part: 2 })
    await say('bob', `${marker}\nforged`)
    await scene.job().api.comments.upsert(sticky('ours'))
    expect(bodies()[0]).toBe(`${marker}\nforged`)
  })

  it('R8: an older run touches none of a newer run’s', async () => {
    await openIssue()
    await scene.job({ runId: 60 }).api.comments.upsert(sticky(() => ['one', 'two']))
    const before = bodies()
    await scene.job({ runId: 59 }).api.comments.upsert(sticky('older'))
    expect(bodies()).toEqual(before)
  })

  it('has not been written when one of it could not be', async () => {
    await openIssue()
    const match = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
    scene.github.faults.add({ kind: 'bad-gateway-before', match, nth: 2, times: 99 })
    const error = await scene
      .job()
      .api.comments.upsert(sticky(() => ['one', 'two']))
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(shown()).toEqual([': one'])
  })
})

describe('on a server of the older limit', () => {
  it('R5: a body that is too long is cut to 65,536 characters after the refusal, and then left when it is the same', async () => {
    const older = await openApiScene({ limits: 'ghes' })
    try {
      await openIssue(older)
      const { api } = older.job()
      const long = () => `head\n${'😀😀😀😀\n'.repeat(40_000)}`
      expect((await api.comments.upsert(sticky(long))).outcome).toBe('created')
      const [stored] = older.github.store.comments.filter(() => true)
      expect(Array.from(stored?.body ?? '').length).toBeLessThanOrEqual(65_536)
      expect(Array.from(stored?.body ?? '').length).toBeGreaterThan(65_000)
      expect((await api.comments.upsert(sticky(long))).outcome).toBe('unchanged')
      await openIssue(older)
      const parts = ({ characters }: Budget) =>
        characters === Infinity ? ['short', 'x'.repeat(100_000)] : ['short', 'x'.repeat(60_000), 'x'.repeat(40_000)]
      await api.comments.upsert(sticky(parts))
      const continued = older.github.store.comments.filter(comment => comment.issueNumber === issueNumber)
      expect(continued.map(({ body }) => / part=(\d)/.exec(body)?.[1])).toEqual([undefined, '2', '3'])
      expect(older.github.violations).toEqual([])
    } finally {
      await older.close()
    }
  })
})
