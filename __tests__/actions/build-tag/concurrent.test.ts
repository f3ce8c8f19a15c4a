import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openApiScene, type ApiScene } from '../../kit/adapters/github-scene.ts'
import { expectNoOlderOverNewer, holdRace, KINDS } from './race.ts'

/** A small race; `__tests__/real/concurrent-tags.test.ts` holds the large ones. */
const WRITERS = 8

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())

it.each(Object.keys(KINDS))(
  `R21: ${WRITERS} writers of %s: nothing is lost or doubled, no older tag over a newer one`,
  async kind => {
    expect.hasAssertions()
    await expectNoOlderOverNewer(scene, await holdRace(scene, kind, WRITERS, 1))
  },
)
