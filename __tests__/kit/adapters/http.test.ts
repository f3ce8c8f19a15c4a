import { afterEach, describe, expect, it } from '@jest/globals'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { environmentOf } from '../../../kit/adapters/environment.ts'
import { systemHttp } from '../../../kit/adapters/http.ts'
import { githubIdentity } from '../../../kit/adapters/identity.ts'
import { explain } from '../../../kit/action.ts'
import { FakeLog } from '../../support/fakes.ts'

const before = { ...process.env }
afterEach(() => {
  process.env = { ...before }
})

async function serve(answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing failed',
    (thrown: unknown) => explain(thrown),
  )
}

describe('a call outside GitHub', () => {
  it('sends method, headers and body, and gives what came back whatever its status', async () => {
    await using server = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () =>
        response.writeHead(403, { 'x-a': 'b' }).end(`${request.method} ${request.headers['x-k']} ${body}`),
      )
    })
    const http = systemHttp('slipway test')
    const answer = await http.request({ method: 'POST', url: server.url, headers: { 'x-k': 'v' }, body: 'a=b' })
    expect(answer).toMatchObject({ status: 403, body: 'POST v a=b', headers: { 'x-a': 'b' } })
  })

  it('does not follow a redirect, and is not sent twice', async () => {
    let calls = 0
    await using server = await serve((_, response) => {
      calls++
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
    })
    expect((await systemHttp('x').request({ method: 'GET', url: server.url })).status).toBe(302)
    expect(calls).toBe(1)
  })

  it('R13: names the host and nothing of the query when it fails', async () => {
    await using server = await serve(request => request.socket.destroy())
    const said = await failure(systemHttp('x').request({ method: 'GET', url: `${server.url}/?token=hunter2` }))
    expect(said).toMatch(/127\.0\.0\.1:\d+ could not be reached/)
    expect(said).not.toContain('hunter2')
  })

  it('gives up on a server that is silent', async () => {
    await using server = await serve(() => undefined)
    const said = await failure(systemHttp('x').request({ method: 'GET', url: server.url, timeoutMilliseconds: 50 }))
    expect(said).toMatch(/could not be reached/)
  })
})

describe('the identity of a job', () => {
  it('is asked of GitHub for an audience, and hidden', async () => {
    await using server = await serve((request, response) => {
      const authorised = request.headers.authorization === 'Bearer ticket'
      response.end(JSON.stringify({ value: authorised ? `token for ${request.url}` : 'no' }))
    })
    process.env['ACTIONS_ID_TOKEN_REQUEST_URL'] = `${server.url}/?x=1`
    process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] = 'ticket'
    const log = new FakeLog()
    const token = await githubIdentity(environmentOf(process.env), log).token('sts.amazonaws.com')
    expect(token).toBe('token for /?x=1&audience=sts.amazonaws.com')
    expect(log.secrets).toEqual([token])
  })

  it('says which permission is missing', async () => {
    const identity = githubIdentity(environmentOf({}), new FakeLog())
    expect(await failure(identity.token('x'))).toBe(
      'this job has no identity to sign in with\nAdd to the job:\npermissions:\n  id-token: write',
    )
  })
})
