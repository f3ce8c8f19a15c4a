import { describe, expect, it } from '@jest/globals'
import { rmSync } from 'node:fs'
import type { GateError } from '../../kit/errors.ts'
import {
  composeOf,
  cutAt,
  image,
  makeWorld,
  REMOTE,
  thrownBy,
  until,
  workerOf,
  type World,
} from '../actions/deploy-compose/world.ts'

/** Tags of the healthy containers of a service. */
const serving = (world: World, service = 'api') =>
  world.engine.serving(service).map(one => /:([^@]+)@/.exec(one.image)?.[1])

async function released(first = composeOf('ok-1')) {
  const world = makeWorld()
  await world.deploy(first)
  world.engine.least.set('api', 1)
  return world
}

const cache = (tag: string) => ({ cache: { image: image('cache', tag), healthcheck: { test: ['CMD', 'true'] } } })

describe('start-first', () => {
  it('starts the new container beside the old one, and ends that when all are healthy', async () => {
    const world = await released()
    world.engine.hold = 'stop -t 1'
    const deploying = world.deploy(composeOf('ok-2'))
    await until(() => world.engine.isHolding)
    expect(serving(world).sort()).toEqual(['ok-1', 'ok-2'])
    world.engine.goOn()
    await deploying
    expect(serving(world)).toEqual(['ok-2'])
    expect(world.engine.containers).toHaveLength(2)
    expect(world.engine.least.get('api')).toBe(1)
    expect(world.summary.parts.at(-1)).toContain('| service | before | this release | how |\n')
    expect(world.summary.parts.at(-1)).toContain('| started first |')
    expect(world.summary.parts.at(-1)).toMatch(/start-first · 2-fffffff-0202<\/sub>$/)
  })

  it('says why a service was recreated', async () => {
    const world = await released()
    await world.deploy(composeOf('ok-1').replaceAll('db:ok-1', 'db:ok-2'))
    expect(world.summary.parts.at(-1)).toContain('| recreated: writes to a volume |')
    expect(world.summary.parts.at(-1)).toMatch(/`api` .*\| unchanged \| {2}\|/)
  })

  it('recreates when it is told to', async () => {
    const world = await released()
    await world.deploy(composeOf('ok-2'), { strategy: 'recreate' })
    expect(world.calls()).not.toContain('stop -t')
    expect(world.summary.parts.at(-1)).toContain('| recreated |')
  })

  it.each(['crash-2', 'unhealthy-2', 'job-2'])(
    'never stops the old container when the new one does as %s, and takes that one away',
    async tag => {
      const world = await released()
      const before = world.containers()
      const error = await thrownBy(world.deploy(composeOf(tag)))
      expect(error.outputs['result']).toBe('rolled-back')
      expect(world.containers()).toEqual(before)
      expect(world.engine.least.get('api')).toBe(1)
    },
  )

  it('takes the new container away when something else of the release fails, and restores that', async () => {
    const world = await released(
      composeOf('ok-1', { proxy: { image: image('proxy', 'ok-1'), ports: ['80:80'], depends_on: ['api'] } }),
    )
    const api = world.containers().find(({ service }) => service === 'api')
    const next = composeOf('ok-2', {
      proxy: { image: image('proxy', 'crash-2'), ports: ['80:80'], depends_on: ['api'] },
    })
    const error = await thrownBy(world.deploy(next))
    expect(error.outputs['result']).toBe('rolled-back')
    expect(world.containers().filter(({ service }) => service === 'api')).toEqual([api])
    expect(world.tagOf('proxy')).toBe('ok-1')
    expect(world.engine.least.get('api')).toBe(1)
  })

  it('starts as many as the service wants', async () => {
    const replicas = (tag: string, count: number) =>
      composeOf(tag).replace('"healthcheck"', `"deploy":{"replicas":${count}},"healthcheck"`)
    const world = await released(replicas('ok-1', 2))
    world.engine.least.set('api', 2)
    await world.deploy(replicas('ok-2', 3))
    expect(serving(world)).toEqual(['ok-2', 'ok-2', 'ok-2'])
    expect(world.engine.least.get('api')).toBe(2)
    await world.deploy(replicas('ok-2', 1))
    expect(serving(world)).toEqual(['ok-2'])
  })

  it('recreates a service whose image declares a volume, which a second container would not share', async () => {
    const world = await released(composeOf('ok-1', cache('volume-1')))
    await world.deploy(composeOf('ok-2', cache('volume-2')))
    expect(world.tagOf('cache')).toBe('volume-2')
    expect(world.containers()).toHaveLength(3)
    expect(world.summary.parts.at(-1)).toContain('| recreated: its image declares a volume |')
    const before = world.containers()
    await world.deploy(composeOf('ok-2', cache('volume-2')))
    expect(new Set(world.containers())).toEqual(new Set(before))
  })

  it('ends a service that is no longer there last, and first when it holds a port', async () => {
    const world = await released(
      composeOf('ok-1', { ...cache('ok-1'), web: { image: image('web', 'ok-1'), ports: ['80:80'] } }),
    )
    await world.deploy(composeOf('ok-2', { proxy: { image: image('proxy', 'ok-1'), ports: ['80:80'] } }))
    expect(
      world
        .containers()
        .map(({ service }) => service)
        .sort(),
    ).toEqual(['api', 'db', 'proxy'])
    const calls = world.engine.calls.map(call =>
      call.startsWith('compose') ? call.replace(/.*compose-\d+.yml /, '') : call,
    )
    const [web, proxy, rest] = [/^stop/, /up .*proxy/, /^stop/].map(pattern =>
      calls.findIndex(call => pattern.test(call)),
    )
    expect(web).toBeLessThan(proxy!)
    expect(calls.findLastIndex(call => /^stop/.test(call))).toBeGreaterThan(proxy!)
    expect(rest).toBe(web)
  })

  it('does not start a service of a profile that is not asked for', async () => {
    const world = await released(composeOf('ok-1', { tool: { ...cache('ok-1').cache, profiles: ['debug'] } }))
    expect(world.tagOf('tool')).toBeUndefined()
  })

  it('fails when the old container cannot be ended, and says that both serve', async () => {
    const world = await released()
    world.engine.fail('rm -f')
    world.engine.fail('stop -t')
    const error = await thrownBy(world.deploy(composeOf('ok-2')))
    expect(error.message).toContain('serves, and what it replaced does too: the old containers could not be ended')
    expect(error.outputs).toMatchObject({ result: 'failed', 'stable-release': '2-fffffff-0202' })
  })

  it('leaves what runs alone when the first release here fails', async () => {
    const world = await released()
    rmSync(world.at('home/.slipway/shop/stable'))
    const before = world.containers()
    const error = await thrownBy(world.deploy(composeOf('crash-2')))
    expect(error.message).toContain('was not started and nothing was changed')
    expect(world.containers()).toEqual(before)
  })
})

describe('exactly one set of containers serves', () => {
  it.each(['check', 'pull', 'start', 'overlap', 'drain'])(
    'after the connection was cut in the phase %s',
    async phase => {
      const world = await released()
      world.program('ssh', cutAt(world.folder, phase))
      const outputs = await world.deploy(composeOf('ok-2'), REMOTE)
      expect(outputs.result).toBe('succeeded')
      expect(world.log.warnings).toHaveLength(1)
      expect(serving(world)).toEqual(['ok-2'])
      expect(world.engine.containers).toHaveLength(2)
      expect(world.engine.least.get('api')).toBe(1)
    },
  )

  it.each(['start', 'rollback'])('after it was cut in the phase %s of a release that fails', async phase => {
    const world = await released()
    world.program('ssh', cutAt(world.folder, phase))
    const ended = await world.deploy(composeOf('crash-2'), REMOTE).catch((error: unknown) => error as GateError)
    expect((ended as GateError).outputs['result']).toBe('rolled-back')
    expect(serving(world)).toEqual(['ok-1'])
    expect(world.engine.containers).toHaveLength(2)
    expect(world.engine.least.get('api')).toBe(1)
  })

  it.each(['--no-start', 'up -d', 'stop -t'])('after a second deploy came during %s', async call => {
    const world = await released()
    world.engine.hold = call
    const first = world.deploy(composeOf('ok-2'))
    await until(() => world.engine.isHolding)
    const error = await thrownBy(world.deploy(composeOf('ok-3')))
    expect(error.message).toContain('another deploy holds the lock')
    world.engine.goOn()
    await first
    expect(serving(world)).toEqual(['ok-2'])
    expect(world.engine.least.get('api')).toBe(1)
  })

  it.each<[string, string, string]>([
    ['succeeds', '--no-start', 'ok-3'],
    ['succeeds', 'stop -t', 'ok-3'],
    ['brings what the killed one wanted', 'stop -t', 'ok-2'],
  ])('after a deploy was killed and the next one %s', async (_, call, tag) => {
    const world = await released()
    world.engine.hold = call
    const first = thrownBy(world.deploy(composeOf('ok-2')))
    await until(() => world.engine.isHolding)
    process.kill(workerOf(world), 'SIGKILL')
    world.engine.goOn()
    expect((await first).message).toContain('ended in a way that is not known')
    await world.deploy(composeOf(tag))
    expect(serving(world)).toEqual([tag])
    expect(world.engine.containers).toHaveLength(2)
    expect(world.engine.least.get('api')).toBe(1)
  })
})
