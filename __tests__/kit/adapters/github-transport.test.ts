import { afterEach, describe, expect, it } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { graphqlUrlOf, githubApi } from '../../../kit/adapters/github-api.ts'
import { BrokenConnection, httpTransport, type HttpRequest } from '../../../kit/adapters/github-transport.ts'
import { runContextOf } from '../../../kit/adapters/run-context.ts'
import { createScrubber } from '../../../kit/scrub.ts'
import { VERSION } from '../../../kit/version.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { FakeLog } from '../../support/fakes.ts'
import { StillClock, steadyRandom } from './github-rig.ts'

const servers: Server[] = []
const sockets = new Set<Socket>()

async function serve(make: () => Server): Promise<number> {
  const server = make()
  servers.push(server)
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

afterEach(async () => {
  delete process.env['http_proxy']
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await Promise.all(servers.splice(0).map(server => new Promise(resolve => server.close(resolve))))
})

const get = (url: string, timeoutMilliseconds = 2_000) =>
  httpTransport()({ method: 'GET', url, headers: { authorization: 'Bearer t' }, body: undefined, timeoutMilliseconds })

describe('the transport', () => {
  it('R15: goes through the runner’s proxy', async () => {
    const tunnels: string[] = []
    const target = await serve(() => createServer((request, response) => response.end(`asked for ${request.url}`)))
    const proxy = await serve(() =>
      createServer().on('connect', (request, client: Socket) => {
        tunnels.push(request.url ?? '')
        const upstream = connect(target, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n')
          upstream.pipe(client).pipe(upstream)
        })
        sockets.add(upstream)
      }),
    )
    process.env['http_proxy'] = `http://127.0.0.1:${proxy}`
    expect(await get('http://github.example.test/api/v3/x')).toMatchObject({ status: 200, body: 'asked for /api/v3/x' })
    expect(tunnels).toEqual(['github.example.test:80'])
  })

  it('takes no answer that begins after its time for a whole one, though the connection is alive', async () => {
    const port = await serve(() =>
      createServer((_, response) => {
        setTimeout(() => response.writeProcessing(), 200)
        setTimeout(() => response.end('{"whole":true}'), 400)
      }),
    )
    await expect(get(`http://127.0.0.1:${port}/`, 300)).rejects.toThrow('no answer within 0.3 s')
  })

  it('R13: keeps the token from another host that it is redirected to', async () => {
    const seen: (string | undefined)[] = []
    const other = await serve(() =>
      createServer((request, response) => {
        seen.push(request.headers.authorization)
        response.end('moved')
      }),
    )
    const first = await serve(() =>
      createServer((_, response) => response.writeHead(302, { location: `http://localhost:${other}/` }).end()),
    )
    expect((await get(`http://127.0.0.1:${first}/`)).body).toBe('moved')
    expect(seen).toEqual([undefined])
  })

  it.each<[string, Parameters<typeof createServer>[1], RegExp]>([
    [
      'a body that comes too slowly',
      (_, response) => void response.writeHead(200).write('{'),
      /^no answer within 0\.3 s$/,
    ],
    ['no answer at all', () => {}, /^(?:silence|no answer within 0\.3 s)$/],
    [
      'a reset in the middle of a body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"a":')
        setImmediate(() => response.destroy())
      },
      /^a connection that/,
    ],
  ])('R16: calls %s a broken connection, in time', async (_, handler, message) => {
    const port = await serve(() => createServer(handler ?? (() => {})))
    const error = await get(`http://127.0.0.1:${port}/secret?path`, 300).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BrokenConnection)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toMatch(/secret|path/)
  })

  it('R13: a refused connection tells no address', async () => {
    const port = await serve(() => createServer())
    await new Promise(resolve => servers.splice(0)[0]?.close(resolve))
    await expect(get(`http://127.0.0.1:${port}/`)).rejects.toThrow(/^a refused connection$/)
  })
})

describe('the addresses', () => {
  it.each([
    ['https://api.github.com', 'https://api.github.com/graphql'],
    ['https://github.example.com/api/v3', 'https://github.example.com/api/graphql'],
    ['https://github.example.com/api/v3/', 'https://github.example.com/api/graphql'],
    ['https://api.acme.ghe.com', 'https://api.acme.ghe.com/graphql'],
  ])('R15: GraphQL beside %s is %s', (api, graphql) => {
    expect(graphqlUrlOf(api)).toBe(graphql)
  })

  it.each([
    [undefined, 'https://ghes.test/api/graphql'],
    ['https://ghes.test/elsewhere', 'https://ghes.test/elsewhere'],
  ])(
    'R15: with GITHUB_GRAPHQL_URL=%s a step asks its own server only, and says who asks',
    async (graphqlUrl, asked) => {
      const seen: HttpRequest[] = []
      const api = githubApi({
        ...{ token: 't', action: 'terraform-plan', version: VERSION, graphqlUrl, log: new FakeLog() },
        ...{ scrub: createScrubber([]), clock: new StillClock(), random: steadyRandom },
        run: runContextOf({ GITHUB_REPOSITORY: 'a/b', GITHUB_API_URL: 'https://ghes.test/api/v3' }),
        transport: async request => {
          seen.push(request)
          return { status: 200, headers: {}, body: request.url === asked ? '{"data":{"viewer":{"login":"x"}}}' : '[]' }
        },
      })
      const comment = {
        issueNumber: 1,
        action: 'x',
        key: '',
        body: () => '',
        mode: 'update',
        onlyUpdate: true,
      } as const
      await api.comments.upsert(comment)
      expect(seen.map(({ url }) => url)).toEqual([
        asked,
        'https://ghes.test/api/v3/repos/a/b/issues/1/comments?per_page=100',
      ])
      for (const { headers } of seen)
        expect(headers).toMatchObject({
          'user-agent': `slipway/${VERSION} (terraform-plan)`,
          'x-github-api-version': '2022-11-28',
        })
    },
  )

  it('R15: the user agent names the version of the package', () => {
    expect(VERSION).toBe(manifest.version)
  })

  it('an empty token is an input that must be given, said before anything is sent', async () => {
    const never = () => {
      throw new Error('something was sent')
    }
    const api = githubApi({
      token: '',
      scrub: createScrubber([]),
      run: { repository: 'a/b', apiUrl: 'http://x.test' } as never,
      transport: never,
    } as never)
    await expect(api.statuses.set({ sha: 'a', context: 'b', state: 'success', description: '' })).rejects.toThrow(
      'input "github-token": it is empty',
    )
  })
})
