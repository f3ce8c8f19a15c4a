import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/build-tag/src/main.ts'
import { openApiScene, pushBranch, type ApiScene } from '../../kit/adapters/github-scene.ts'
import { COMPOSE, FOLDERS, makeInputs, makeWorld, SHA } from './shop.ts'

/** What teams have in a compose file for years is theirs; what we would bring in is refused before a build. */

let scene: ApiScene
beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())

const withAddress = (address: string) => `${COMPOSE}    environment:\n      DATABASE_URL: ${address}\n`

describe('a compose file with an address that holds a password', () => {
  it.each([
    ['variable', 'postgres://shop:${DB_PASSWORD}@db/shop'],
    ['required', 'postgres://shop:${DB_PASSWORD:?set it}@db/shop'],
    ['default', 'postgres://shop:${DB_PASSWORD:-letmein}@db/shop'],
    ['literal', 'postgres://shop:letmein@db/shop'],
  ])('gets its tags, when it is a %s', async (branch, address) => {
    const compose = withAddress(address)
    await pushBranch(scene, branch, { 'docker-compose.yml': compose, ...FOLDERS })
    const { api } = scene.job()
    const { 'commit-sha': sha } = await main(makeInputs({ branch }), makeWorld({ compose, commits: api.commits }))
    await scene.work.git('fetch', '-q', 'origin', branch)
    expect(await scene.work.git('rev-parse', 'FETCH_HEAD')).toBe(sha)
    const changed = await scene.work.git('diff', '--unified=0', 'FETCH_HEAD~', 'FETCH_HEAD')
    expect(changed.match(/^[-+] .*/gm)).toHaveLength(4)
    expect(changed).toContain(`:5-${SHA.slice(0, 7)}@sha256:`)
  })
})

describe('a tag that holds a secret', () => {
  const token = ['gh', 'p_', 'aB3dE6gH9j'.repeat(4)].join('')

  it.each([
    ['by its looks', { tag: `{run}-${token}` }],
    ['by its value', { tag: '{run}-letmein', 'github-token': 'letmein' }],
  ])('R10: is refused before anything is built, %s', async (_, given) => {
    const world = makeWorld()
    await expect(main(makeInputs(given), world)).rejects.toThrow(
      'docker-compose.yml was not committed: its new content holds what looks like a secret',
    )
    expect([world.exec.commands, world.branch.made]).toEqual([[], []])
  })
})
