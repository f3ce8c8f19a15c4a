import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { BOOTSTRAP_ARGUMENTS, HOST_PROGRAM } from '../../actions/deploy-compose/src/host-program.ts'
import { composeOf, makeWorld, thrownBy } from '../actions/deploy-compose/world.ts'
import { makeKey, startSshHost, type SshHost } from './ssh-host.ts'

/**
 * A real sshd on this machine, reached by the real ssh with keys made here; docker is the stand-in of the unit tests. What
 * must be there: sshd, ssh, ssh-keygen (Debian: openssh-server, openssh-client) and shellcheck.
 */

const TOOLS = { ssh: 'ssh', keygen: 'ssh-keygen', shellcheck: 'shellcheck', posixShell: 'dash' } as const

beforeAll(() => {
  for (const tool of Object.values(TOOLS))
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
      throw new Error(`there is no ${tool}: install openssh-client, shellcheck and dash`)
})

describe('over a real sshd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-sshd-'))
  const running: SshHost[] = []
  afterAll(async () => {
    for (const host of running) await host.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function makeHost() {
    const world = makeWorld()
    const host = await startSshHost(join(folder, `${running.length}`), {
      HOME: world.at('home'),
      PATH: `${world.at('bin')}:${process.env['PATH'] ?? ''}`,
    })
    running.push(host)
    const inputs = {
      hosts: `${userInfo().username}@127.0.0.1:${host.port}`,
      'ssh-key': host.clientKey,
      'known-hosts': host.hostLine,
    }
    return { world, host, inputs }
  }

  it('releases, replaces and rolls back, and no value is found on the host, in arguments or logs', async () => {
    const { world, host, inputs } = await makeHost()
    expect((await world.deploy(composeOf('ok-1'), inputs)).result).toBe('succeeded')
    expect((await world.deploy(composeOf('ok-2'), inputs)).result).toBe('succeeded')
    const error = await thrownBy(world.deploy(composeOf('crash-3'), inputs))
    expect(error.outputs).toMatchObject({ result: 'rolled-back', 'stable-release': '2-fffffff-0202' })
    expect(world.tagOf('api')).toBe('ok-2')
    expect(world.traces()).toEqual([])
    expect(host.said()).not.toContain('pl4nted')
    expect(readdirSync(world.at('temporary'))).toEqual([])
  })

  it('refuses a host whose key is another one, and a user whose key is', async () => {
    const { world, inputs } = await makeHost()
    const stranger = join(folder, 'stranger')
    makeKey(stranger)
    const [address] = inputs['known-hosts'].split(' ')
    const strangerLine = `${address} ${readFileSync(`${stranger}.pub`, 'utf8')}`
    const wrongHost = await thrownBy(world.deploy(composeOf('ok-1'), { ...inputs, 'known-hosts': strangerLine }))
    expect(wrongHost.message).toContain('could not be reached, nothing was changed: Host key verification failed.')
    const wrongUser = await thrownBy(
      world.deploy(composeOf('ok-1'), { ...inputs, 'ssh-key': readFileSync(stranger, 'utf8') }),
    )
    expect(wrongUser.message).toContain('Permission denied (publickey)')
    expect(wrongUser.hint).toContain('authorized_keys')
    expect(existsSync(join(world.at('home'), '.slipway'))).toBe(false)
  })

  it('finishes when the connection is cut, and is asked for the outcome', async () => {
    const { world, host, inputs } = await makeHost()
    world.engine.hold = ' up '
    const deploying = world.deploy(composeOf('ok-1'), inputs)
    for (let looks = 0; looks < 500 && !world.engine.isHolding; looks += 1) await wait(20)
    // The process of sshd that serves this connection, and its parent, which holds the socket too.
    for (const pid of childrenOf(host.pid)) process.kill(pid, 'SIGKILL')
    for (let looks = 0; looks < 500 && world.log.warnings.length === 0; looks += 1) await wait(20)
    expect(world.log.warnings[0]).toContain('the connection ended before the release did')
    world.engine.goOn()
    expect(await deploying).toMatchObject({ result: 'succeeded', 'stable-release': '1-fffffff-0101' })
    expect(world.traces()).toEqual([])
  })
})

function childrenOf(parent: number): readonly number[] {
  const direct = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const isSshd = readFileSync(`/proc/${name}/comm`, 'utf8').startsWith('sshd')
        return isSshd && readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent)
          ? [Number(name)]
          : []
      } catch {
        return []
      }
    })
  return direct.flatMap(pid => [...childrenOf(pid), pid])
}

it('has a program and a bootstrap that shellcheck finds nothing in, and that a strict POSIX shell reads', () => {
  for (const text of [HOST_PROGRAM, BOOTSTRAP_ARGUMENTS[1] ?? '']) {
    const checked = spawnSync(TOOLS.shellcheck, ['--shell=sh', '-'], { input: `${text}\n`, encoding: 'utf8' })
    expect(checked.stdout).toBe('')
    expect(checked.status).toBe(0)
    expect(spawnSync(TOOLS.posixShell, ['-n'], { input: text }).status).toBe(0)
  }
})
