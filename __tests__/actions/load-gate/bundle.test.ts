import { afterEach, expect, it } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runBundle, type BundleRun } from '../../support/run-bundle.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A shop whose list of items takes `milliseconds`. */
async function shop(milliseconds: number): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    setTimeout(() => response.writeHead(200).end('[]'), url.startsWith('/api/items') ? milliseconds : 0)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function gate(host: string, inputs: Readonly<Record<string, string>> = {}): Promise<BundleRun> {
  const workspace = temporaryFolder()
  writeFileSync(
    join(workspace, 'load.yml'),
    'requests:\n  - path: /api/items?page=1\n  - path: /health\n    expect: [200, 204]\n',
  )
  return runBundle('load-gate', {
    workspace,
    inputs: {
      ...{ target: `http://${host}`, script: 'load.yml', 'allowed-hosts': '127.0.0.1' },
      ...{ rate: '40', duration: '1s', users: '50', 'status-context': '' },
      thresholds: 'p95(latency) < 900ms\nerror_rate < 1%',
      ...inputs,
    },
  })
}

// The limits leave room for a machine that does other work too: it is the verdict that is tested, not the machine.
it('a fast application passes: outputs, summary and JSON say so', async () => {
  const run = await gate(await shop(0))
  expect([run.exitCode, run.outputs['verdict']]).toEqual([0, 'pass'])
  expect(run.stdout).toMatch(/^::notice::shop: load test passed, nearest to its limit /m)
  expect(run.summary).toMatch(/^✅ \*\*shop\*\*: load test passed, /)
  expect(readFileSync(run.outputs['report'] ?? '', 'utf8').trim()).toBe(run.summary.trim())
  const results = JSON.parse(readFileSync(run.outputs['summary-json'] ?? '', 'utf8')) as {
    total: object
    endpoints: { name: string; requests: number }[]
  }
  expect(results.total).toMatchObject({ requests: 40, failed: 0, answered: 40, rate: 40 })
  expect(results.endpoints.map(({ name, requests }) => [name, requests])).toEqual([
    ['GET /api/items', 20],
    ['GET /health', 20],
  ])
})

it('a slow endpoint fails the gate, and the headline names it', async () => {
  const run = await gate(await shop(1_200))
  expect([run.exitCode, run.outputs['verdict']]).toEqual([1, 'fail'])
  expect(run.stdout).toMatch(
    /^::error::shop: load test failed: p95\(latency\) [12],\d{3} ms, limit < 900 ms, worst on GET \/api\/items/m,
  )
  expect(run.summary).toMatch(/^❌ \*\*shop\*\*: load test failed: p95\(latency\) [12],/)
})

it('R38: a dead application is invalid, although it refuses very quickly', async () => {
  const host = await shop(0)
  await new Promise(resolve => servers.pop()!.close(resolve))
  const run = await gate(host, { thresholds: 'p95(latency) < 900ms' })
  expect([run.exitCode, run.outputs['verdict']]).toEqual([1, 'invalid'])
  expect(run.stdout).toContain('load test invalid: none of 40 requests was answered (ECONNREFUSED)')
  expect(run.summary).toMatch(/^⛔ /)
})

it('R38: a host that is not on the list gets no request', async () => {
  let visits = 0
  const host = await shop(0)
  servers.at(-1)!.on('request', () => (visits += 1))
  const run = await gate(host, { 'allowed-hosts': 'staging.example.com\n127.0.0.1:1' })
  expect([run.exitCode, run.outputs['verdict'], visits]).toEqual([1, 'invalid', 0])
  expect(run.stdout).toContain(`the target's host "${host}" is not in "allowed-hosts"`)
})

it('judges a results file of JMeter', async () => {
  const workspace = temporaryFolder()
  const rows = Array.from({ length: 100 }, (_, index) => `${1_000 + index * 10},${index},GET /,${index !== 7}\n`)
  writeFileSync(join(workspace, 'r.jtl'), `timeStamp,elapsed,label,success\n${rows.join('')}`)
  const inputs = {
    ...{ engine: 'none', results: 'r.jtl', 'status-context': '' },
    thresholds: 'p95(latency) <= 94ms\nerror_rate <= 1%\nrate > 90/s',
  }
  const run = await runBundle('load-gate', { workspace, inputs })
  expect([run.stdout, run.exitCode, run.outputs['verdict']]).toEqual([expect.any(String), 0, 'pass'])
  writeFileSync(join(workspace, 'r.jtl'), `timeStamp,elapsed,label,success\n${rows.join('').slice(0, -4)}`)
  const cut = await runBundle('load-gate', { workspace, inputs })
  expect([cut.exitCode, cut.outputs['verdict']]).toEqual([1, 'invalid'])
  expect(cut.stdout).toContain('r.jtl: it is truncated')
})
