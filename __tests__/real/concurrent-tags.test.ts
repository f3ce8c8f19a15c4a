import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openApiScene, type ApiScene } from '../kit/adapters/github-scene.ts'
import { expectNoOlderOverNewer, holdRace, KINDS } from '../actions/build-tag/race.ts'

const WRITERS = 32
const ROUNDS = Number(process.env['SLIPWAY_RACE_ROUNDS'] ?? '1')

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())

describe.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))('round %i', round => {
  it.each(Object.keys(KINDS))(
    `R21: ${WRITERS} writers of %s: nothing is lost or doubled, no older tag over a newer one`,
    async kind => {
      expect.hasAssertions()
      await expectNoOlderOverNewer(scene, await holdRace(scene, kind, WRITERS, round))
    },
  )
})
