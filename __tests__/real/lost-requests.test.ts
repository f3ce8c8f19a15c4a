import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startClient, untilAnswers } from '../../bench/lost-requests/client.ts'
import { startShop, type Shop } from '../../bench/lost-requests/shop.ts'
import { startDockerEngine, type DockerEngine } from './docker-engine.ts'

/** The short form of `bench/lost-requests.ts`: the shop behind HAProxy with TLS, on a real engine, while it is deployed. */

let engine: DockerEngine
let shop: Shop

beforeAll(async () => {
  engine = await startDockerEngine()
  shop = await startShop(engine, 2)
  expect(await shop.deploy('v0')).toBe(0)
  await untilAnswers(shop.address)
}, 600_000)

afterAll(async () => {
  shop.close()
  await engine.close()
}, 60_000)

it('loses no request of fifty a second through three deploys and one that is rolled back', async () => {
  const stop = startClient(shop.address, 50)
  for (const version of ['v1', 'v2', 'v3']) {
    expect(await shop.deploy(version)).toBe(0)
    expect(await shop.serving()).toEqual([version])
  }
  expect(await shop.deploy('broken')).toBe(1)
  expect(await shop.serving()).toEqual(['v3'])
  const { requests, failures } = await stop()
  expect([...failures]).toEqual([])
  expect(requests).toBeGreaterThan(500)
})
