import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo, connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { BOOTSTRAP_ARGUMENTS, HOST_PROGRAM } from '../../actions/deploy-compose/src/host-program.ts'
import { composeOf, makeWorld, thrownBy } from '../actions/deploy-compose/world.ts'

/**
 * A real sshd on this machine, reached by the real ssh with keys made here; docker is the stand-in of the unit tests. What
 * must be there: sshd, ssh, ssh-keygen (Debian: openssh-server, openssh-client) and shellcheck.
 */

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'].find(existsSync) ?? ''

const TOOLS = { ssh: 'ssh', keygen: 'ssh-keygen', shellcheck: 'shellcheck', posixShell: 'dash' } as const

/** An sshd of this user's own, on a free port of loopback, whose sessions get the environment of a world. */
async function startSshd(environment: Readonly<Record<string, string>>) {
  // Where sshd of root wants to lock its unprivileged half in; Debian's service makes it.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const folder = mkdtempSync(join(tmpdir(), 'slipway-sshd-'))
  chmodSync(folder, 0o700)
  const at = (name: string) => join(folder, name)
  for (const name of ['host', 'user', 'stranger'])
    execFileSync(TOOLS.keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)])
  writeFileSync(at('authorized'), readFileSync(at('user.pub')), { mode: 0o600 })
  const port = await freePort()
  writeFileSync(
    at('config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${at('host')}`,
      `PidFile ${at('pid')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      'AuthenticationMethods publickey',
      'PermitRootLogin prohibit-password',
      'StrictModes no',
      'UsePAM no',
      `SetEnv ${Object.entries(environment)
        .map(([name, value]) => `"${name}=${value}"`)
        .join(' ')}`,
      '',
    ].join('\n'),
  )
  const sshd = spawn(SSHD, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  sshd.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 100 || sshd.exitCode !== null) throw new Error(`sshd did not start: ${said}`)
    await wait(50)
  }
  const hostKey = readFileSync(at('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  const strangeKey = readFileSync(at('stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  return {
    sshd,
    folder,
    said: () => said,
    inputs: {
      hosts: `${userInfo().username}@127.0.0.1:${port}`,
      'ssh-key': readFileSync(at('user'), 'utf8'),
      'known-hosts': `[127.0.0.1]:${port} ${hostKey}`,
    },
    strange: {
      'known-hosts': `[127.0.0.1]:${port} ${strangeKey}`,
      'ssh-key': readFileSync(at('stranger'), 'utf8'),
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })
}

beforeAll(() => {
  if (SSHD === '') throw new Error('there is no sshd: install openssh-server (Debian: apt-get install openssh-server)')
  for (const tool of Object.values(TOOLS))
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
      throw new Error(`there is no ${tool}: install openssh-client, shellcheck and dash`)
})

describe('over a real sshd', () => {
  const running: { sshd: ChildProcess; folder: string }[] = []
  afterAll(() => {
    for (const { sshd, folder } of running) {
      sshd.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  async function makeHost() {
    const world = makeWorld()
    const host = await startSshd({
      HOME: world.at('home'),
      PATH: `${world.at('bin')}:${process.env['PATH'] ?? ''}`,
    })
    running.push(host)
    return { world, host }
  }

  it('releases, replaces and rolls back, and no value is found on the host, in arguments or logs', async () => {
    const { world, host } = await makeHost()
    expect((await world.deploy(composeOf('ok-1'), host.inputs)).result).toBe('succeeded')
    expect((await world.deploy(composeOf('ok-2'), host.inputs)).result).toBe('succeeded')
    const error = await thrownBy(world.deploy(composeOf('crash-3'), host.inputs))
    expect(error.outputs).toMatchObject({ result: 'rolled-back', 'stable-release': '2-fffffff-0202' })
    expect(world.tagOf('api')).toBe('ok-2')
    expect(world.traces()).toEqual([])
    expect(host.said()).not.toContain('pl4nted')
    expect(readdirSync(world.at('temporary'))).toEqual([])
  })

  it('refuses a host whose key is another one, and a user whose key is', async () => {
    const { world, host } = await makeHost()
    const wrongHost = await thrownBy(
      world.deploy(composeOf('ok-1'), { ...host.inputs, 'known-hosts': host.strange['known-hosts'] }),
    )
    expect(wrongHost.message).toContain('could not be reached, nothing was changed: Host key verification failed.')
    const wrongUser = await thrownBy(
      world.deploy(composeOf('ok-1'), { ...host.inputs, 'ssh-key': host.strange['ssh-key'] }),
    )
    expect(wrongUser.message).toContain('Permission denied (publickey)')
    expect(wrongUser.hint).toContain('authorized_keys')
    expect(existsSync(join(world.at('home'), '.slipway'))).toBe(false)
  })

  it('finishes when the connection is cut, and is asked for the outcome', async () => {
    const { world, host } = await makeHost()
    world.engine.hold = ' up '
    const deploying = world.deploy(composeOf('ok-1'), host.inputs)
    for (let looks = 0; looks < 500 && !world.engine.isHolding; looks += 1) await wait(20)
    // The process of sshd that serves this connection, and its parent, which holds the socket too.
    for (const pid of childrenOf(host.sshd.pid ?? 0)) process.kill(pid, 'SIGKILL')
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
