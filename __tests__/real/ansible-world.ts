import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inputs as spec, type Inputs } from '../../actions/ansible-playbook/src/inputs.ts'
import { systemClock } from '../../kit/adapters/clock.ts'
import { childEnvironment, environmentOf } from '../../kit/adapters/environment.ts'
import { systemExec } from '../../kit/adapters/exec.ts'
import { systemFiles } from '../../kit/adapters/files.ts'
import { systemHttp } from '../../kit/adapters/http.ts'
import { inputsOf } from '../support/action-inputs.ts'
import type { Command } from '../../kit/ports.ts'
import { FakeLog, FakeSummary, makeRun } from '../support/fakes.ts'

/** A workspace with files, real processes and a real Ansible; GitHub's log and summary are played. */
export function makeAnsibleWorld(
  folder: string,
  content: Readonly<Record<string, string>>,
  path = process.env['PATH'],
  variables: Readonly<Record<string, string>> = {},
) {
  const workspace = join(folder, 'checkout')
  const temporary = join(folder, 'temporary')
  for (const [file, text] of Object.entries(content)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true })
    writeFileSync(join(workspace, file), text)
  }
  const log = new FakeLog()
  const summary = new FakeSummary()
  const saved = new Map<string, string>()
  const commands: Command[] = []
  const exec = systemExec({
    environment: () => childEnvironment({ PATH: path, HOME: folder, ...variables }, Object.keys(variables)),
    cwd: workspace,
    signals: process,
  })
  const ports = {
    exec: {
      run(command: Command) {
        commands.push(command)
        return exec.run(command)
      },
    },
    files: systemFiles({ workspace, temporary, confined: true }),
    log,
    summary,
    clock: systemClock,
    environment: environmentOf(variables),
    http: systemHttp('slipway (test)'),
    identity: { token: async () => 'an.identity.token' },
    run: makeRun(),
    state: { save: (name: string, value: string) => void saved.set(name, value) },
  }
  return { workspace, temporary, log, summary, saved, commands, ports }
}

export function ansibleInputs(values: Readonly<Record<string, string>>): Inputs {
  return inputsOf('ansible-playbook', spec, values)
}

export interface SshHost {
  readonly port: number
  /** What a client needs to log in. */
  readonly clientKey: string
  /** The line of `known_hosts`. */
  readonly hostLine: string
  close(): Promise<void>
}

/** A real sshd on a port of this machine, for this user, with keys of its own. It trusts one key, which it makes. */
export async function startSshHost(folder: string): Promise<SshHost> {
  const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync)
  if (sshd === undefined) throw new Error('sshd was not found: install the package openssh-server')
  const place = join(folder, 'sshd')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  // Debian's sshd, started by root, wants this folder before it does anything.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(place, name)])
  writeFileSync(join(place, 'authorized_keys'), readFileSync(join(place, 'client.pub')))
  chmodSync(join(place, 'authorized_keys'), 0o600)
  const port = await freePort()
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(place, 'host')}`,
    `AuthorizedKeysFile ${join(place, 'authorized_keys')}`,
    `PidFile ${join(place, 'pid')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(join(place, 'config'), `${settings.join('\n')}\n`)
  const child = spawn(sshd, ['-D', '-e', '-f', join(place, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt > 100 || child.exitCode !== null) throw new Error(`sshd does not start: ${said}`)
    await sleep(50)
  }
  const [type, key] = readFileSync(join(place, 'host.pub'), 'utf8').split(' ')
  return {
    port,
    clientKey: readFileSync(join(place, 'client'), 'utf8'),
    hostLine: `[127.0.0.1]:${port} ${type} ${key}`,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
