import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { image, composeOf, makeWorld, thrownBy } from './world.ts'

const SEVENS = `sha256:${'7'.repeat(64)}`

describe('an image that names a tag', () => {
  it('is pinned to what the tag names at the deploy, and the summary says so', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1', { cache: { image: 'valkey/valkey:8' } }))
    const cache = world.engine.containers.find(({ service }) => service === 'cache')
    expect(cache?.image).toBe(`valkey/valkey:8@${SEVENS}`)
    expect(world.summary.text()).toContain('| `cache` | none | `valkey/valkey:8 sha256:777777777777` |')
    const kept = join(world.at('home/.slipway/shop'), 'releases/1-fffffff-0101/compose-pins.yml')
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({
      services: { cache: { image: `valkey/valkey:8@${SEVENS}` } },
    })
  })

  it('comes back with its release as it was', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1', { cache: { image: 'valkey/valkey:8' } }))
    await thrownBy(world.deploy(composeOf('crash-2', { cache: { image: 'valkey/valkey:9' } })))
    expect(world.engine.containers.find(({ service }) => service === 'cache')?.image).toBe(`valkey/valkey:8@${SEVENS}`)
  })

  it('is refused, before anything starts, when it has no digest', async () => {
    const world = makeWorld()
    const error = await thrownBy(world.deploy(composeOf('ok-1', { cache: { image: 'valkey:local' } })))
    expect(error.message).toBe(
      'shop/production: release 1-fffffff-0101 was not started and nothing was changed: the image of service cache, valkey:local, has no digest on the host',
    )
    expect(world.containers()).toEqual([])
  })

  it.each([
    [{ image: 'api:1', build: '.' }, 'service "cache" names "api:1", which has no digest'],
    [{ image: '${IMAGE}' }, 'service "cache" names "${IMAGE}", which has no digest'],
  ])('is refused when it is built here or only a variable: %j', async (cache, problem) => {
    const world = makeWorld()
    expect((await thrownBy(world.deploy(composeOf('ok-1', { cache })))).message).toContain(problem)
  })
})

describe('an image whose digest is the default of a variable', () => {
  const whole = image('cache', 'ok-1')
  const cache = { image: `${whole.replace(/ok-1@.*/, '')}\${TAG:-${/ok-1@.*/.exec(whole)?.[0]}}` }

  it('is the one that the default makes, as build-tag writes it', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1', { cache }))
    expect(world.engine.containers.find(({ service }) => service === 'cache')?.image).toBe(whole)
    expect(world.summary.text()).toContain('| `cache` | none | `registry.example/cache:ok-1 sha256:6f6b2d310000` |')
  })

  it('is refused when the deploy sets the variable', async () => {
    const error = await thrownBy(makeWorld().deploy(composeOf('ok-1', { cache }), { dotenv: 'TAG=ok-2' }))
    expect(error.message).toContain(
      `service "cache" names ${JSON.stringify(cache.image)}, and TAG of this deploy decides what runs. Remove TAG from "dotenv" and "pass-env"`,
    )
  })
})

describe('a login', () => {
  const login = { registry: 'registry.example', 'registry-username': 'puller', 'registry-password': 'pl4nted-password' }

  it('is in memory for the pull only, and nowhere afterwards', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'), login)
    const auth = Buffer.from('puller:pl4nted-password').toString('base64')
    expect(world.engine.logins).toEqual([
      [expect.stringContaining(' pull '), JSON.stringify({ auths: { 'registry.example': { auth } } })],
    ])
    expect(world.traces()).toEqual([])
  })

  it.each(Object.keys(login))('without %s is refused by name', async missing => {
    const world = makeWorld()
    const error = await thrownBy(world.deploy(composeOf('ok-1'), { ...login, [missing]: '' }))
    expect(error.message).toContain(`input "${missing}": it is empty, and a login takes all three`)
  })

  it('is not needed for images that anybody may pull', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1', { cache: { image: image('cache', 'ok-1') } }))
    expect(world.calls()).not.toContain('context')
  })
})

describe('the project', () => {
  it('is the one of the compose file when none is given', async () => {
    const world = makeWorld()
    const named = JSON.stringify({ name: 'bazaar', ...(JSON.parse(composeOf('ok-1')) as object) })
    await world.deploy(named, { project: '' })
    expect(new Set(world.engine.containers.map(({ project }) => project))).toEqual(new Set(['bazaar']))
  })

  it.each([
    [{}, 'the compose file has no "name:"'],
    [{ name: '${PROJECT}' }, '"name: ${PROJECT}" is not one'],
  ])('is asked for with %j', async (more, problem) => {
    const world = makeWorld()
    const compose = JSON.stringify({ ...more, ...(JSON.parse(composeOf('ok-1')) as object) })
    expect((await thrownBy(world.deploy(compose, { project: '' }))).message).toContain(problem)
  })
})
