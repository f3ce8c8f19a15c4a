import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { addItem, listItems, removeItem } from './api.ts'

const compass = { id: 1, name: 'Brass compass', price_cents: 4900 }

/** The backend's answer to the next call. */
function answer(test: TestContext, status: number, body?: unknown) {
  return test.mock.method(globalThis, 'fetch', async () =>
    status === 204 ? new Response(null, { status }) : Response.json(body ?? null, { status }),
  ).mock
}

describe('the backend', () => {
  it('is asked for its items', async test => {
    const backend = answer(test, 200, [compass])
    assert.deepEqual(await listItems(), [compass])
    assert.equal(backend.calls[0]?.arguments[0], '/api/items')
  })

  it('is given a new item', async test => {
    const backend = answer(test, 201, compass)
    assert.deepEqual(await addItem({ name: 'Brass compass', price_cents: 4900 }), compass)
    const [path, { method, body, headers } = {}] = backend.calls[0]!.arguments
    assert.deepEqual([method, path, headers], ['POST', '/api/items', { 'content-type': 'application/json' }])
    assert.deepEqual(JSON.parse(String(body)), { name: 'Brass compass', price_cents: 4900 })
  })

  it('removes an item, and answers with nothing', async test => {
    const backend = answer(test, 204)
    await removeItem(7)
    assert.deepEqual(
      [backend.calls[0]?.arguments[1]?.method, backend.calls[0]?.arguments[0]],
      ['DELETE', '/api/items/7'],
    )
  })

  it('refuses, and the user reads what to do', async test => {
    answer(test, 503)
    await assert.rejects(listItems(), /The shop did not do it \(503\)\. Try again in a moment\./)
  })

  it('is away, and the user reads what to do', async test => {
    test.mock.method(globalThis, 'fetch', () => Promise.reject(new TypeError('fetch failed')))
    await assert.rejects(listItems(), /The shop cannot be reached\. Is your connection up\?/)
  })
})
