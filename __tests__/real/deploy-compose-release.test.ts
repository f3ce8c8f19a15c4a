import { describe, expect, it } from '@jest/globals'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  composeOf,
  cutAt,
  image,
  makeWorld,
  PLANTED,
  REMOTE,
  thrownBy,
  until,
  workerOf,
} from '../actions/deploy-compose/world.ts'
import { GateError } from '../../kit/errors.ts'

/**
 * The program of the host in a real `sh`, on this machine, with a stand-in for docker (`fake-engine.ts`): locks, folders,
 * files, memory and processes are real, containers are not. With sshd: `__tests__/real/deploy-compose.test.ts`.
 */

interface Receipt {
  readonly removed: boolean
  readonly filesystem: string
  readonly filesSearched: number
  readonly filesWithValues: number
}
const receiptOf = (outputs: Readonly<Record<string, string>>) =>
  (JSON.parse(outputs['receipt'] ?? '[]') as readonly Receipt[])[0]

describe('a release on one host', () => {
  it('runs the first time, with the .env read back unchanged and destroyed', async () => {
    const world = makeWorld()
    const outputs = await world.deploy(composeOf('ok-1'))
    expect(outputs).toMatchObject({
      release: '1-fffffff-0101',
      'stable-release': '1-fffffff-0101',
      result: 'succeeded',
    })
    const api = world.containers().find(({ service }) => service === 'api')
    expect(api?.env).toContain(`DB_PASSWORD=${PLANTED}`)
    expect(api?.env).toContain(`DATABASE=postgres://shop:${PLANTED}@db/shop`)
    expect(receiptOf(outputs)).toMatchObject({ removed: true, filesystem: 'tmpfs', filesWithValues: 0 })
    expect(receiptOf(outputs)?.filesSearched).toBeGreaterThan(2)
    expect(world.traces()).toEqual([])
    expect(world.summary.text()).toContain('✅ **shop/production**: release 1-fffffff-0101 runs on local')
  })

  it('holds no value where repository and run say the same in public', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1').replace('DATABASE', 'REGION_OF_BACKUP'), {
      dotenv: 'DB_PASSWORD=pl4nted-value',
    })
    const outputs = await world.deploy(composeOf('ok-2'), {
      dotenv: 'DB_PASSWORD=pl4nted-value\nSTAGE=production\nREGION=REGION_OF_BACKUP\n',
    })
    expect(receiptOf(outputs)).toMatchObject({ removed: true, filesWithValues: 0 })
  })

  it('replaces the one before, names both, and leaves alone what did not change', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const db = world.containers().find(({ service }) => service === 'db')
    const outputs = await world.deploy(composeOf('ok-2'))
    expect(outputs['stable-release']).toBe('2-fffffff-0202')
    expect(world.tagOf('api')).toBe('ok-2')
    expect(world.containers()).toContainEqual(db)
    expect(world.summary.parts.at(-1)).toContain('before it 1-fffffff-0101')
    expect(world.summary.parts.at(-1)).toContain(
      '| `db` | `registry.example/db:ok-1 sha256:6f6b2d310000` | unchanged |',
    )
  })

  it.each([
    ['crash-2', 'service api ended with exit code 3'],
    ['unhealthy-2', 'service api runs but its health check says unhealthy'],
  ])('is rolled back when its container does as %s, with the evidence', async (tag, cause) => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const before = world.containers()
    const error = await thrownBy(world.deploy(composeOf(tag), { dotenv: 'DB_PASSWORD=pl4nted-but-new\nLEVEL=debug\n' }))
    expect(error).toBeInstanceOf(GateError)
    expect(error.outputs).toMatchObject({
      release: '2-fffffff-0202',
      'stable-release': '1-fffffff-0101',
      result: 'rolled-back',
    })
    expect(error.message).toBe(
      `shop/production: release 2-fffffff-0202 was rolled back and 1-fffffff-0101 runs again: ${cause}`,
    )
    // The environment is what it was, although its .env is long destroyed.
    const api = world.containers().find(({ service }) => service === 'api')
    expect(api?.tag).toBe('ok-1')
    expect([...(api?.env ?? [])].sort()).toEqual(
      [...(before.find(({ service }) => service === 'api')?.env ?? [])].sort(),
    )
    expect(world.containers().find(({ service }) => service === 'db')).toEqual(
      before.find(({ service }) => service === 'db'),
    )
    const summary = world.summary.parts.at(-1) ?? ''
    // How services were replaced is nothing to tell of what did not stay.
    expect(summary).toContain('| service | before | this release |\n')
    expect(summary).toContain('fatal: no such table "items"')
    expect(summary).toContain('DB_PASSWORD=***')
    expect(world.log.text()).toContain('fatal: no such table "items"')
    expect(world.traces()).toEqual([])
    expect(receiptOf(error.outputs)).toMatchObject({ removed: true, filesWithValues: 0 })
  })

  it('is rolled back when it is never healthy within the time', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const error = await thrownBy(world.deploy(composeOf('starting-2'), { 'health-timeout': '1s' }))
    expect(error.outputs['result']).toBe('rolled-back')
    expect(error.message).toContain('service api runs but its health check says starting')
    expect(world.tagOf('api')).toBe('ok-1')
  })

  it('is rolled back when docker does not show one of its containers', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const error = await thrownBy(world.deploy(composeOf('hidden-2'), { 'health-timeout': '1s' }))
    expect(error.outputs['result']).toBe('rolled-back')
    expect(error.message).toContain('not every container could be seen healthy')
  })

  it('says failed when the release before is no longer healthy either', async () => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const stable = readdirSync(join(world.at('home'), '.slipway/shop/releases'))[0] ?? ''
    const file = join(world.at('home'), '.slipway/shop/releases', stable, 'compose-01.yml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(image('api', 'ok-1'), image('api', 'crash-1')))
    const error = await thrownBy(world.deploy(composeOf('crash-2'), { strategy: 'recreate' }))
    expect(error.outputs['result']).toBe('failed')
    expect(error.message).toContain('failed and could not be taken back')
    expect(error.hint).toContain('needs a hand')
    expect(world.traces()).toEqual([])
  })

  it('is taken down when there is none before it', async () => {
    const world = makeWorld()
    const error = await thrownBy(world.deploy(composeOf('crash-1')))
    expect(error.outputs).toMatchObject({ result: 'failed', 'stable-release': '' })
    expect(error.message).toContain('was taken down; there was no release before it')
    expect(world.containers()).toEqual([])
    expect(world.traces()).toEqual([])
  })

  it.each([
    ['an image is not there', composeOf('gone-2'), 'an image could not be pulled', 'manifest for'],
    [
      'a variable is missing',
      composeOf('ok-2').replace('${DB_PASSWORD}', '${NOT_GIVEN:?}'),
      'docker compose refuses the file',
      'required variable NOT_GIVEN is missing',
    ],
  ])('changes nothing when %s', async (_, compose, cause, said) => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    const before = world.containers()
    const error = await thrownBy(world.deploy(compose))
    expect(error.message).toContain(`was not started and 1-fffffff-0101 still runs: ${cause}`)
    expect(error.outputs).toMatchObject({ result: 'failed', 'stable-release': '1-fffffff-0101' })
    expect(world.summary.parts.at(-1)).toContain(said)
    expect(world.containers()).toEqual(before)
    expect(world.traces()).toEqual([])
  })

  it('takes a finished one-shot service and one without a health check for good, after it ran a while', async () => {
    const world = makeWorld()
    const outputs = await world.deploy(composeOf('plain-1', { migrate: { image: image('migrate', 'job-1') } }))
    expect(outputs.result).toBe('succeeded')
  })

  it('keeps five releases', async () => {
    const world = makeWorld()
    const root = join(world.at('home'), '.slipway/shop')
    const old = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const name of old) {
      mkdirSync(join(root, 'releases', name), { recursive: true })
      writeFileSync(join(root, 'releases', name, 'compose-01.yml'), composeOf('ok-0'))
    }
    writeFileSync(join(root, 'history'), `${old.join('\n')}\n`)
    writeFileSync(join(root, 'stable'), 'f\n')
    const { release } = await world.deploy(composeOf('ok-1'))
    expect(readdirSync(join(root, 'releases'))).toEqual([release, 'c', 'd', 'e', 'f'])
  })
})

describe('two deploys', () => {
  it('never run at once: the second changes nothing and names the first', async () => {
    const world = makeWorld()
    world.engine.hold = ' up '
    const first = world.deploy(composeOf('ok-1'))
    await until(() => world.engine.isHolding)
    const error = await thrownBy(world.deploy(composeOf('ok-2')))
    expect(error.message).toContain(
      'another deploy holds the lock (release of acme/shop@fffffff by ada, environment production, https://github.example/acme/shop/actions/runs/99/attempts/1)',
    )
    expect(error.outputs['result']).toBe('failed')
    world.engine.goOn()
    expect((await first).result).toBe('succeeded')
    expect(world.tagOf('api')).toBe('ok-1')
    expect((await world.deploy(composeOf('ok-3'))).result).toBe('succeeded')
  })

  it('leave no lock behind a deploy that was killed, and its .env is destroyed at once', async () => {
    const world = makeWorld()
    world.engine.hold = ' up '
    const first = thrownBy(world.deploy(composeOf('ok-1')))
    await until(() => world.engine.isHolding)
    const worker = workerOf(world)
    process.kill(worker, 'SIGKILL')
    await until(() => world.traces().length === 0)
    world.engine.goOn()
    expect((await first).message).toContain('ended in a way that is not known: the host has no record of its end')
    expect((await world.deploy(composeOf('ok-2'))).result).toBe('succeeded')
  })
})

describe('a connection that is cut', () => {
  it.each([
    ['comes to its end', 'ok-2', 'succeeded'],
    ['is rolled back', 'crash-2', 'rolled-back'],
  ])('in the middle of a release: it %s, and the outcome is asked for', async (_, tag, result) => {
    const world = makeWorld()
    await world.deploy(composeOf('ok-1'))
    world.program('ssh', cutAt(world.folder, 'start'))
    world.engine.hold = ' up '
    const deploying = world.deploy(composeOf(tag), REMOTE).catch((error: unknown) => error as GateError)
    await until(() => world.engine.isHolding)
    await until(() => world.log.warnings.length > 0)
    world.engine.goOn()
    const ended = await deploying
    const outputs = ended instanceof Error ? ended.outputs : ended
    expect(outputs['result']).toBe(result)
    expect(world.log.warnings).toEqual([
      'deploy@shop.example: the connection ended before the release did; the host finishes alone and is asked for the outcome',
    ])
    expect(world.tagOf('api')).toBe(result === 'succeeded' ? 'ok-2' : 'ok-1')
    expect(receiptOf(outputs)).toMatchObject({ removed: true, filesWithValues: 0 })
    expect(world.traces()).toEqual([])
    expect(readdirSync(world.at('temporary'))).toEqual([])
  })

  it('before everything was sent: nothing is changed', async () => {
    const world = makeWorld()
    // Hands on the program and a part of the facts.
    world.program('ssh', `#!/bin/sh\nfor command; do :; done\nhead -n 5 | sh -c "$command"\nexit 255\n`)
    const error = await thrownBy(world.deploy(composeOf('ok-1'), REMOTE))
    expect(error.message).toContain('was not started and nothing was changed: the connection ended before')
    expect(existsSync(join(world.at('home'), '.slipway'))).toBe(false)
  })

  it('by the job: the host goes on alone', async () => {
    const world = makeWorld()
    world.engine.hold = ' up '
    const deploying = thrownBy(world.deploy(composeOf('ok-1')))
    await until(() => world.engine.isHolding)
    world.signals.emit('SIGINT', 'SIGINT')
    await wait(100)
    world.engine.goOn()
    expect((await deploying).message).toContain('finishes the release or takes it back by itself')
    await until(() => existsSync(join(world.at('home'), '.slipway/shop/stable')))
    expect(world.tagOf('api')).toBe('ok-1')
    await until(() => world.traces().length === 0)
  })
})

it('refuses a host that ssh does not trust, with what to do, and changes nothing', async () => {
  const world = makeWorld()
  world.program('ssh', '#!/bin/sh\ncat >/dev/null\necho "Host key verification failed." >&2\nexit 255\n')
  const error = await thrownBy(
    world.deploy(composeOf('ok-1'), {
      hosts: 'deploy@shop.example',
      'ssh-key': '-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----',
      'known-hosts': 'shop.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA',
    }),
  )
  expect(error.message).toBe(
    'deploy@shop.example could not be reached, nothing was changed: Host key verification failed.',
  )
  expect(error.hint).toContain('known-hosts')
  expect(error.outputs).toMatchObject({ result: 'failed', receipt: '[]' })
  expect(readdirSync(world.at('temporary'))).toEqual([])
})

it('sees a value that a file of the project holds, and fails for it although the release runs', async () => {
  const world = makeWorld()
  mkdirSync(join(world.at('home'), '.slipway/shop'), { recursive: true })
  writeFileSync(join(world.at('home'), '.slipway/shop/note'), `old ${PLANTED}`)
  const error = await thrownBy(world.deploy(composeOf('ok-1')))
  expect(error.message).toContain('1 files below ~/.slipway hold a value of the .env; the release itself: succeeded')
})
