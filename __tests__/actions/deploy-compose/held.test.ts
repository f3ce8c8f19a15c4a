import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { composeOf, makeWorld, PLANTED, thrownBy } from './world.ts'

const MEMORY = { 'secret-storage': 'memory' }

/** The shop with a secret whose text is the planted value. */
function withSecret(api: string, variable = 'DB_PASSWORD'): string {
  return JSON.stringify({
    ...(JSON.parse(composeOf(api)) as object),
    secrets: { password: { environment: variable } },
    configs: { banner: { environment: 'LEVEL' } },
  })
}

describe('secrets in memory', () => {
  const folders: string[] = []
  afterEach(() => expect(folders.splice(0).filter(folder => existsSync(folder))).toEqual([]))

  /** What the files of the release that serves name, and what lies there. */
  function held(world: ReturnType<typeof makeWorld>, release: string) {
    const path = join(world.at('home/.slipway/shop'), 'releases', release, 'compose-held.yml')
    const said = parse(readFileSync(path, 'utf8'), { logLevel: 'silent' }) as {
      secrets: Record<string, { file: string }>
      configs: Record<string, { file: string }>
    }
    return { password: said.secrets['password']!.file, banner: said.configs['banner']!.file }
  }

  async function withoutHeld(world: ReturnType<typeof makeWorld>) {
    await world.deploy(composeOf('ok-9'))
    expect(world.traces()).toEqual([])
  }

  it('are files that containers may read, on no disk, and are told in the summary', async () => {
    const world = makeWorld()
    await world.deploy(withSecret('ok-1'), MEMORY)
    const { password, banner } = held(world, '1-fffffff-0101')
    expect(password).toMatch(/^\/dev\/shm\/slipway-shop-\d+-held\/password-[0-9a-f]{32}$/)
    expect(readFileSync(password, 'utf8')).toBe(PLANTED)
    expect(readFileSync(banner, 'utf8')).toBe('info')
    expect(statSync(password).mode & 0o777).toBe(0o444)
    expect(statSync(join(password, '..')).mode & 0o777).toBe(0o700)
    expect(world.summary.text()).toContain('2 secrets of running containers lie in memory')
    await withoutHeld(world)
    expect(existsSync(join(password, '..'))).toBe(false)
  })

  it('keep their place when they do not change, and leave nothing of the release before when they do', async () => {
    const world = makeWorld()
    await world.deploy(withSecret('ok-1'), MEMORY)
    const first = held(world, '1-fffffff-0101')
    await world.deploy(withSecret('ok-2'), { ...MEMORY, dotenv: `DB_PASSWORD="other"\nLEVEL=info\n` })
    const second = held(world, '2-fffffff-0202')
    expect(second.banner).toBe(first.banner)
    expect(second.password).not.toBe(first.password)
    expect(readdirSync(join(second.password, '..'))).toHaveLength(2)
    await withoutHeld(world)
  })

  it.each([
    ['leads elsewhere', (hold: string, elsewhere: string) => symlinkSync(elsewhere, hold)],
    ['may be read by others', (hold: string) => mkdirSync(hold, { mode: 0o755 })],
  ])('are not put into a folder that %s, and nothing of it is removed', async (_, occupy) => {
    const world = makeWorld()
    const root = world.at('home/.slipway/shop')
    const sum = execFileSync('cksum', { input: root, encoding: 'utf8' }).split(' ')[0]
    const hold = `/dev/shm/slipway-shop-${sum}-held`
    const elsewhere = world.at('elsewhere')
    mkdirSync(elsewhere, { mode: 0o700 })
    occupy(hold, elsewhere)
    writeFileSync(join(hold, 'of-somebody'), '')
    try {
      const error = await thrownBy(world.deploy(withSecret('ok-1'), MEMORY))
      expect(error.message).toBe(
        'shop/production: release 1-fffffff-0101 was not started and nothing was changed: its folder for secrets in memory belongs to somebody else on the host, or may be read by others',
      )
      expect(world.containers()).toEqual([])
      expect(readdirSync(hold)).toEqual(['of-somebody'])
    } finally {
      rmSync(hold, { recursive: true, force: true })
    }
  })

  it('of the release before are there for the way back, and those of the bad one are not', async () => {
    const world = makeWorld()
    await world.deploy(withSecret('ok-1'), MEMORY)
    const first = held(world, '1-fffffff-0101')
    await thrownBy(world.deploy(withSecret('crash-2'), { ...MEMORY, dotenv: `DB_PASSWORD="other"\nLEVEL=info\n` }))
    expect(readFileSync(first.password, 'utf8')).toBe(PLANTED)
    expect(readdirSync(join(first.password, '..')).sort()).toEqual(
      [first.banner, first.password].map(path => path.split('/').at(-1)).sort(),
    )
    await withoutHeld(world)
  })
})
