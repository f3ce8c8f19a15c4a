import { describe, expect, it } from '@jest/globals'
import { BrokenConnection } from '../../../kit/adapters/github-transport.ts'
import { explain } from '../../../kit/action.ts'
import { ApiError } from '../../../kit/errors.ts'
import { scriptedClient, type Reply } from './github-rig.ts'

const place = { owner: 'acme', repo: 'shop' }
const LABELS = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels'
const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const read = { ...place, issue_number: 7 }
const ok: Reply = { body: '[]' }
const limited = (headers: Record<string, string>, status = 429): Reply => ({
  status,
  headers,
  body: '{"message":"slow down"}',
})
const inSeconds = (seconds: number) => String(Date.UTC(2026, 10, 21) / 1000 + seconds)

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ApiError)) throw error
  return error
}

describe('a read', () => {
  it.each<[string, Reply, readonly number[]]>([
    ['429 with retry-after in seconds', limited({ 'retry-after': '7' }), [7_000]],
    [
      '429 with retry-after as a date',
      limited({ 'retry-after': new Date(Date.UTC(2026, 10, 21, 0, 0, 9)).toUTCString() }),
      [9_000],
    ],
    ['403 with retry-after', limited({ 'retry-after': '60' }, 403), [60_000]],
    ['429 without retry-after', limited({}), [60_000]],
    [
      '403 secondary without retry-after',
      { status: 403, body: '{"message":"You have exceeded a secondary rate limit"}' },
      [60_000],
    ],
    [
      'a used up limit that resets in 30 s',
      limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(30) }, 403),
      [30_000],
    ],
    ['502', { status: 502, body: '<html>' }, [750]],
    ['503', { status: 503 }, [750]],
    ['504', { status: 504 }, [750]],
    ['a reset connection', new BrokenConnection('a connection that was reset'), [750]],
    ['truncated JSON', { body: '[{"id":1' }, [750]],
  ])('R16: waits and comes through after %s', async (_, trouble, sleeps) => {
    const { client, clock, requests } = scriptedClient([trouble, ok])
    await expect(client.request(LABELS, read)).resolves.toEqual([])
    expect(clock.sleeps).toEqual(sleeps)
    expect(requests).toHaveLength(2)
  })

  it('R16: judges a reset by the server’s clock, not by ours', async () => {
    const date = new Date(Date.UTC(2026, 10, 21, 1)).toUTCString()
    const headers = { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(3_600 + 20) }
    const { client, clock } = scriptedClient([limited(headers), ok])
    await client.request(LABELS, read)
    expect(clock.sleeps).toEqual([20_000])
  })

  it.each<[string, Reply, number, RegExp]>([
    ['a wait of 61 s', limited({ 'retry-after': '61' }), 1, /asks to wait 61 s; a call waits 60 s at most/],
    [
      'a reset in 50 minutes',
      limited({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(3_000) }, 403),
      1,
      /hourly limit of this token is used up and asks to wait 50 minutes/,
    ],
    ['a limit that stays', limited({}), 2, /limits how fast this token may call/],
    ['a wait of nothing that never ends', limited({ 'retry-after': '0' }), 6, /limits how fast/],
    ['502 for ever', { status: 502 }, 6, /no usable answer to GET \S+ in 6 attempts; the last was status 502/],
    [
      'a connection that never comes',
      new BrokenConnection('a refused connection'),
      6,
      /the last was a refused connection/,
    ],
  ])('R16: gives up on %s within its cap and says why', async (_, trouble, attempts, message) => {
    const { client, clock, requests } = scriptedClient([trouble])
    const error = await failure(client.request(LABELS, read))
    expect(error.message).toMatch(message)
    expect(requests).toHaveLength(attempts)
    expect(clock.slept).toBeLessThanOrEqual(60_000)
  })

  it('R16: slow attempts use up the patience too', async () => {
    const { client, clock, requests } = scriptedClient([new BrokenConnection('no answer within 30 s')], {})
    const start = clock.time
    const original = clock.now.bind(clock)
    clock.now = () => original() + requests.length * 30_000
    await failure(client.request(LABELS, read))
    expect(requests.length).toBeLessThanOrEqual(2)
    expect(clock.time - start).toBeLessThanOrEqual(60_000)
  })

  it('is not repeated when GitHub refuses it', async () => {
    const { client, requests } = scriptedClient([
      { status: 422, body: '{"message":"Validation Failed","errors":[{"field":"x","code":"invalid"}]}' },
    ])
    expect((await failure(client.request(LABELS, read))).message).toBe(
      `GitHub refused ${LABELS} with 422: Validation Failed; x invalid`,
    )
    expect(requests).toHaveLength(1)
  })

  it('R3: follows every page, on our host only', async () => {
    const next = (page: number) => ({
      link: `<https://elsewhere.test/x?per_page=100&page=${page}>; rel="next", <https://x.test?page=9>; rel="last"`,
    })
    const { client, requests } = scriptedClient([
      { body: '[1]', headers: next(2) },
      { body: '[2]', headers: next(3) },
      { body: '[3]', headers: { link: '<https://x.test?page=1>; rel="first"' } },
    ])
    const pages: unknown[] = []
    for await (const page of client.pages(LABELS, { ...read, per_page: 100 })) pages.push(...page)
    expect(pages).toEqual([1, 2, 3])
    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.github.test/repos/acme/shop/issues/7/labels?per_page=100',
      'https://api.github.test/repos/acme/shop/issues/7/labels?per_page=100&page=2',
      'https://api.github.test/repos/acme/shop/issues/7/labels?per_page=100&page=3',
    ])
  })
})

describe('every request', () => {
  it('R15: names the API version, us and the action, and goes where it was told', async () => {
    const { client, requests } = scriptedClient([{ body: '[]' }, { body: '{"data":{"viewer":{"login":"x"}}}' }])
    await client.request(LABELS, read)
    await client.query('viewer', 'query { viewer { login } }', {})
    for (const { headers } of requests)
      expect(headers).toMatchObject({
        'x-github-api-version': '2022-11-28',
        'user-agent': 'slipway/0.1.0 (test)',
        authorization: 'Bearer top-secret-token',
      })
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual(['/repos/acme/shop/issues/7/labels', '/graphql'])
  })

  it('R10: sends no secret in its body, but keeps the API’s own words', async () => {
    const { client, requests } = scriptedClient([{ status: 201, body: '{}' }])
    await client.createOnce(
      'POST /repos/{owner}/{repo}/statuses/{sha}',
      { ...place, sha: 'a', state: 'success', description: 'is hunter22' },
      async () => undefined,
    )
    expect(requests[0]?.body).toBe('{"state":"success","description":"is ***"}')
  })

  it('R13: an error tells neither headers nor URLs nor the token', async () => {
    const answers: Reply[] = [
      { status: 401, body: '{"message":"Bad credentials"}' },
      {
        status: 403,
        body: '{"message":"Resource not accessible by integration"}',
        headers: { 'set-cookie': 'session=1' },
      },
      { status: 404, body: '{"message":"Not Found"}' },
      { status: 422, body: '{"message":"see https://api.github.test/x?token=top-secret-token for more"}' },
      { status: 500, body: 'top-secret-token' },
      new BrokenConnection('a connection that was reset'),
      limited({ 'retry-after': '999' }),
    ]
    for (const answer of answers) {
      const { client } = scriptedClient([answer])
      const said = explain(await failure(client.request(LABELS, { ...read, per_page: 33 })))
      expect(said).not.toMatch(/top-secret-token|https?:|per_page|bearer|cookie|acme/i)
      expect(said).toContain(LABELS)
    }
  })

  it.each([
    [LABELS, 'pull-requests: read'],
    [COMMENT, 'pull-requests: write'],
    ['POST /repos/{owner}/{repo}/statuses/{sha}', 'statuses: write'],
    ['GET /repos/{owner}/{repo}/commits/{ref}/status', 'statuses: read'],
    ['POST /repos/{owner}/{repo}/check-runs', 'checks: write'],
    ['POST /repos/{owner}/{repo}/deployments', 'deployments: write'],
    ['GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', 'actions: read'],
    ['GET /repos/{owner}/{repo}/git/commits/{commit_sha}', 'contents: read'],
    ['GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', 'pull-requests: read'],
  ] as const)('R7: a refused %s names the line "%s" that the job lacks', async (route, permission) => {
    const { client } = scriptedClient([{ status: 403, body: '{"message":"Resource not accessible by integration"}' }])
    const parameters = { ...place, issue_number: 1, sha: 'a', ref: 'a', workflow_id: 'a.yml', commit_sha: 'a' }
    const call = route.startsWith('POST')
      ? client.createOnce(route as typeof COMMENT, parameters as never, async () => undefined)
      : client.request(route as typeof LABELS, parameters as never)
    const error = await failure(call)
    expect(error.permission).toBe(permission)
    expect(explain(error)).toContain(`permissions:\n  ${permission}`)
  })

  it('R7: a read that a write begins with names the line that the write needs', async () => {
    const { client } = scriptedClient([{ status: 403, body: '{"message":"Resource not accessible by integration"}' }], {
      writes: true,
    })
    expect((await failure(client.request(LABELS, read))).permission).toBe('pull-requests: write')
  })
})

describe('what creates', () => {
  const create = { ...read, body: 'text' }

  it.each<[string, Reply]>([
    ['502', { status: 502 }],
    ['a reset', new BrokenConnection('a connection that was reset')],
    ['a cut answer', { status: 201, body: '{"id":' }],
  ])('R17: is not sent again after %s when a look finds it', async (_, trouble) => {
    const { client, requests } = scriptedClient([trouble])
    await expect(client.createOnce(COMMENT, create, async () => 'found')).resolves.toBe('found')
    expect(requests).toHaveLength(1)
  })

  it('R17: is sent again only after a look that finds nothing', async () => {
    const order: string[] = []
    const { client, requests } = scriptedClient([{ status: 502 }, { status: 201, body: '{"id":1}' }])
    await client.createOnce(COMMENT, create, async () => {
      order.push(`look after ${requests.length}`)
      return undefined
    })
    expect(order).toEqual(['look after 1'])
    expect(requests).toHaveLength(2)
  })

  it('R17: is not sent again when the look fails', async () => {
    const { client, requests } = scriptedClient([
      { status: 502 },
      { status: 401, body: '{"message":"Bad credentials"}' },
    ])
    await failure(client.createOnce(COMMENT, create, reader => reader.request(LABELS, read)))
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  it('R16: its looks share its patience', async () => {
    const { client, clock } = scriptedClient([{ status: 502 }])
    await failure(client.createOnce(COMMENT, create, reader => reader.request(LABELS, read)))
    expect(clock.slept).toBeLessThanOrEqual(60_000)
  })
})

describe('GraphQL', () => {
  it.each<[string, string, RegExp, string | undefined]>([
    [
      'no permission',
      '{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}',
      /may not do this: mutation createCommitOnBranch/,
      'contents: write',
    ],
    [
      'a lost race',
      '{"data":null,"errors":[{"type":"STALE_DATA","message":"Expected branch to point to a"}]}',
      /refused mutation createCommitOnBranch: Expected branch/,
      undefined,
    ],
  ])('says what %s means', async (_, body, message, permission) => {
    const { client, requests } = scriptedClient([{ body }])
    const error = await failure(client.mutateOnce('createCommitOnBranch', 'mutation', {}, async () => undefined))
    expect(error.message).toMatch(message)
    expect(error.permission).toBe(permission)
    expect(requests).toHaveLength(1)
  })

  it('waits out its limits, and repeats what passes', async () => {
    const { client, clock } = scriptedClient([
      { body: '{"errors":[{"message":"Something went wrong while executing your query"}]}' },
      { body: '{"data":{"viewer":{"login":"x"}}}' },
    ])
    await expect(client.query('viewer', 'query', {})).resolves.toEqual({ viewer: { login: 'x' } })
    expect(clock.sleeps).toEqual([750])
    const other = scriptedClient([
      { body: '{"errors":[{"type":"RATE_LIMITED","message":"x"}]}' },
      { body: '{"data":{}}' },
    ])
    await other.client.query('viewer', 'query', {})
    expect(other.clock.sleeps).toEqual([60_000])
  })
})
