import { describe, expect, it } from '@jest/globals'
import { main, refused } from '../../../actions/load-gate/src/main.ts'
import { ApiError, GateError } from '../../../kit/errors.ts'
import { FakeLoadGenerator } from '../../support/fakes.ts'
import { given, world } from './world.ts'

const slow = () => new FakeLoadGenerator(index => ({ latency: index % 10 === 0 ? 412 : 20 }))
const failing = (action: Promise<unknown>) =>
  action.then(
    () => Promise.reject(new Error('it passed')),
    error => error as unknown,
  )

describe('a load test that passes', () => {
  it('is pending while it runs and then a success on the commit, with the report as a check', async () => {
    const ports = world()
    const outputs = await main(given(), ports)
    expect(outputs).toEqual({
      ...{ verdict: 'pass', 'check-url': 'https://github.example/check/1' },
      ...{ 'summary-json': '/temporary/load-gate-1/summary.json', report: '/temporary/load-gate-1/report.md' },
    })
    const shared = { sha: 'a'.repeat(40), context: 'load-gate' }
    expect(ports.statuses.written).toEqual([
      { ...shared, state: 'pending', description: 'load test is running', targetUrl: ports.run.runUrl },
      {
        ...{ ...shared, state: 'success', targetUrl: 'https://github.example/check/1' },
        description: 'load test passed, nearest to its limit p95(latency) 20 ms, limit < 300 ms',
      },
    ])
    expect(ports.checks.completed).toMatchObject([
      {
        ...{ sha: 'a'.repeat(40), name: 'load-gate report', externalId: 'load-gate/99', conclusion: 'success' },
        title: 'load test passed, nearest to its limit p95(latency) 20 ms, limit < 300 ms',
      },
    ])
  })

  it('goes to the commit that it is told, and to none without a context', async () => {
    const told = world()
    await main(given({ sha: 'c'.repeat(40) }), told)
    expect(told.statuses.written.map(({ sha }) => sha)).toEqual(['c'.repeat(40), 'c'.repeat(40)])
    const silent = world()
    expect(await main(given({ 'status-context': '' }), silent)).toMatchObject({ verdict: 'pass', 'check-url': '' })
    expect([silent.statuses.written, silent.checks.completed]).toEqual([[], []])
  })

  it('sends the requests of the script, each from the path of the target on', async () => {
    const script =
      'timeout: 3s\nrequests:\n  - path: /items?page=1\n  - {method: POST, path: /items, body: {name: x}}\n'
    const ports = world(undefined, { 'tests/load.yml': script })
    await main(
      given({ target: 'https://staging.example/shop/', script: 'load.yml', 'working-directory': 'tests' }),
      ports,
    )
    expect(ports.loadGenerator.loads).toEqual([
      {
        requests: [
          { method: 'GET', url: 'https://staging.example/shop/items?page=1', headers: {}, body: undefined },
          {
            ...{ method: 'POST', url: 'https://staging.example/shop/items', body: '{"name":"x"}' },
            headers: { 'content-type': 'application/json' },
          },
        ],
        ...{ ratePerSecond: 50, durationSeconds: 2, users: 10, timeoutMilliseconds: 3_000 },
      },
    ])
  })
})

describe('a load test that does not', () => {
  it('fails the step, the status and the check, each with the limit that decides it', async () => {
    const ports = world(slow())
    const error = await failing(main(given(), ports))
    const answer = 'load test failed: p95(latency) 412 ms, limit < 300 ms'
    expect(error).toBeInstanceOf(GateError)
    expect(error).toMatchObject({ message: `shop: ${answer}`, verdict: 'fail', outputs: { verdict: 'fail' } })
    expect(ports.statuses.written.at(-1)).toMatchObject({ state: 'failure', description: answer })
    expect(ports.checks.completed[0]).toMatchObject({ conclusion: 'failure', title: answer })
  })

  it('R38: is an error and never neutral when it is invalid', async () => {
    const ports = world(new FakeLoadGenerator(() => ({ status: undefined, failure: 'ECONNREFUSED' })))
    const error = await failing(main(given(), ports))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid' } })
    expect(ports.statuses.written.at(-1)?.state).toBe('error')
    expect(ports.checks.completed[0]?.conclusion).toBe('failure')
  })

  it('is told although the commit cannot be written to; a passed one that cannot say so is red', async () => {
    const refused = () => Promise.reject(new ApiError('may not', { route: 'POST /x', status: 403 }))
    const failed = world(slow())
    failed.checks.complete = refused
    expect(await failing(main(given(), failed))).toMatchObject({ verdict: 'fail' })
    expect(failed.log.warnings).toEqual(['The verdict could not be written to the commit: may not'])
    const passed = world()
    passed.checks.complete = refused
    expect(await failing(main(given(), passed))).toBeInstanceOf(ApiError)
  })
})

describe('inputs that cannot be read', () => {
  it('leave no older success on the commit', async () => {
    const ports = world()
    await refused({ sha: '', 'status-context': 'load-gate' }, ports)
    expect(ports.statuses.written).toEqual([
      {
        ...{ sha: 'a'.repeat(40), context: 'load-gate', state: 'error', targetUrl: ports.run.runUrl },
        description: 'load test invalid: an input cannot be read',
      },
    ])
  })

  it.each([{ sha: 'c'.repeat(40) }, { 'status-context': 'load-gate' }, { sha: '', 'status-context': '' }])(
    'write nothing where it is not known which commit and which context are meant: %j',
    async inputs => {
      const ports = world()
      await refused(inputs, ports)
      expect(ports.statuses.written).toEqual([])
    },
  )
})
