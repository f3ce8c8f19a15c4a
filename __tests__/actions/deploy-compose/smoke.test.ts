import { describe, expect, it } from '@jest/globals'
import { smokeTest } from '../../../actions/deploy-compose/src/smoke.ts'
import { ActionError } from '../../../kit/errors.ts'
import { composeOf, makeWorld, thrownBy } from './world.ts'

const URL = 'https://shop.example/healthz'

describe('the smoke test', () => {
  async function test(statuses: readonly number[], seconds = 30) {
    const left = [...statuses]
    let now = 0
    let asked = 0
    const wrong = await smokeTest(URL, seconds, {
      clock: { now: () => now, sleep: async milliseconds => void (now += milliseconds) },
      http: {
        async request() {
          asked += 1
          const status = left.length > 1 ? (left.shift() ?? 0) : (left[0] ?? 0)
          if (status === 0) throw new ActionError('no answer')
          return { status, headers: {}, body: '' }
        },
      },
    })
    return { wrong, asked, now }
  }

  it('asks ten times, and all answers must be good', async () => {
    expect(await test([200])).toEqual({ wrong: '', asked: 10, now: 0 })
  })

  it('waits for the first good answer', async () => {
    expect(await test([0, 503, 503, 200])).toEqual({ wrong: '', asked: 13, now: 3_000 })
  })

  it('does not take one good answer among old and new for a good release', async () => {
    expect((await test([200, 200, 502, 200])).wrong).toBe('shop.example answered 502 to one of 3 requests')
  })

  it.each([
    [[503], 'shop.example answered 503 within 5 s'],
    [[301], 'shop.example answered 301 within 5 s'],
    [[0], 'shop.example did not answer within 5 s'],
  ])('is lost with %j', async (statuses, wrong) => {
    expect((await test(statuses, 5)).wrong).toBe(wrong)
  })
})

describe('a release with a smoke test', () => {
  it('succeeds when the application answers, and the host was told', async () => {
    const world = makeWorld()
    const outputs = await world.deploy(composeOf('ok-1'), { 'smoke-url': URL })
    expect(outputs['result']).toBe('succeeded')
    expect(world.asked).toEqual(Array.from({ length: 10 }, () => URL))
  })

  it('is rolled back when the application does not, while the old container still serves', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'), { 'smoke-url': URL })
    const before = world.containers()
    world.answers.splice(0, 1, 502)
    const error = await thrownBy(world.deploy(composeOf('ok-2'), { 'smoke-url': URL }))
    expect(error.message).toBe(
      'shop/production: release 2-fffffff-0202 was rolled back and 1-fffffff-0101 runs again: smoke test: shop.example answered 502 within 1 s',
    )
    expect(error.outputs).toMatchObject({ result: 'rolled-back', 'stable-release': '1-fffffff-0101' })
    expect(world.containers()).toEqual(before)
    expect(world.traces()).toEqual([])
  })

  it('takes a verdict only of a release that is under way', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'), { 'smoke-url': URL })
    world.answers.splice(0, 1, 502)
    // What was told of the first release is nothing for the second.
    const error = await thrownBy(world.deploy(composeOf('ok-2'), { 'smoke-url': URL }))
    expect(error.outputs).toMatchObject({ result: 'rolled-back' })
  })
})
