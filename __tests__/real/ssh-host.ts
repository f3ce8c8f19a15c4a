import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../demo/free-port.ts'

export interface SshHost {
  readonly port: number
  readonly pid: number
  /** What a client needs to log in. */
  readonly clientKey: string
  /** The line of `known_hosts`. */
  readonly hostLine: string
  /** What sshd told of its sessions. */
  said(): string
  close(): Promise<void>
}

/**
 * A real sshd on a port of this machine, for this user, with keys of its own. It trusts one key, which it makes.
 * @param environment what its sessions get
 */
export async function startSshHost(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<SshHost> {
  const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync)
  if (sshd === undefined) throw new Error('sshd was not found: install the package openssh-server')
  const place = join(folder, 'sshd')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  // Debian's sshd, started by root, wants this folder before it does anything.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  for (const name of ['host', 'client']) makeKey(join(place, name))
  writeFileSync(join(place, 'authorized_keys'), readFileSync(join(place, 'client.pub')))
  chmodSync(join(place, 'authorized_keys'), 0o600)
  const port = await freePort()
  const variables = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`)
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(place, 'host')}`,
    `AuthorizedKeysFile ${join(place, 'authorized_keys')}`,
    `PidFile ${join(place, 'pid')}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'Subsystem sftp internal-sftp',
    ...(variables.length > 0 ? [`SetEnv ${variables.join(' ')}`] : []),
  ]
  writeFileSync(join(place, 'config'), `${settings.join('\n')}\n`)
  const child = spawn(sshd, ['-D', '-e', '-f', join(place, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  for (let attempt = 0; !(await answers(port)); attempt++) {
    if (attempt > 100 || child.exitCode !== null) throw new Error(`sshd does not start: ${said}`)
    await wait(50)
  }
  const [type, key] = readFileSync(join(place, 'host.pub'), 'utf8').split(' ')
  return {
    port,
    pid: child.pid ?? 0,
    clientKey: readFileSync(join(place, 'client'), 'utf8'),
    hostLine: `[127.0.0.1]:${port} ${type} ${key}`,
    said: () => said,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A pair of keys, of which the public one ends in `.pub`. */
export function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'slipway test', '-f', file])
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
