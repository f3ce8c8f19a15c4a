import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached, makeDebian } from './debian.ts'
import { engineSettings } from './docker-engine.ts'
import { startMachine, untilReady } from './machine.ts'

const run = promisify(execFile)

/** A booted Debian with systemd, sshd, Docker with compose, and Python; what is missing, its apt can fetch. */
export interface BootedHost {
  readonly address: string
  /** For its users `admin` (sudo, as in the images of Debian for AWS) and `deploy` (may use Docker). */
  readonly key: string
  /** Its line of `known_hosts`. */
  readonly knownHosts: string
  /** Its files, seen from outside. */
  readonly root: string
  /** Runs a command as root and returns what it wrote. @throws Error with its standard error */
  sh(command: string): Promise<string>
  /** Stops and removes everything. */
  close(): Promise<void>
}

const PACKAGES = [
  ...['systemd-sysv', 'libpam-systemd', 'dbus', 'openssh-server', 'sudo', 'ca-certificates', 'iproute2', 'iptables'],
  ...['docker.io', 'docker-cli', 'docker-compose', 'python3', 'python3-apt'],
]
const SETTINGS = [
  '--variant=apt',
  '--customize-hook=for user in admin deploy; do useradd --root "$1" --create-home --shell /bin/bash "$user"; done; ' +
    'usermod --root "$1" --append --groups docker deploy; ' +
    'echo "admin ALL=(ALL) NOPASSWD: ALL" > "$1/etc/sudoers.d/admin"; rm -f "$1"/etc/ssh/ssh_host_*',
]

/** @param registry that its Docker pulls from in plain HTTP; without one it pulls nothing */
export async function bootHost(registry?: string): Promise<BootedHost> {
  const base = await cached('booted-host', [...PACKAGES, ...SETTINGS], folder =>
    makeDebian(join(folder, 'root.tar'), PACKAGES, SETTINGS),
  )
  const keys = mkdtempSync(join(tmpdir(), 'slipway-keys-'))
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)])
  const machine = await startMachine({
    internet: true,
    program({ name, folder }) {
      const root = join(folder, 'root')
      mkdirSync(root)
      execFileSync('tar', ['-xf', join(base, 'root.tar'), '-C', root, '--numeric-owner'])
      const write = (path: string, text: string) => writeFileSync(join(root, path), text)
      write('etc/hostname', `${name}\n`)
      write('etc/hosts', `127.0.0.1 localhost ${name}\n`)
      write('etc/machine-id', '')
      mkdirSync(join(root, 'etc/docker'), { recursive: true })
      write('etc/docker/daemon.json', JSON.stringify(registry === undefined ? {} : engineSettings(registry)))
      // Its lists of packages are empty, and not new: apt is to fetch them.
      utimesSync(join(root, 'var/lib/apt/lists'), 0, 0)
      // Its /proc/sys cannot be written, with which Docker would keep IPv6 out of containers.
      mkdirSync(join(root, 'etc/systemd/system/docker.service.d'), { recursive: true })
      write(
        'etc/systemd/system/docker.service.d/ipv6.conf',
        '[Service]\nEnvironment=DOCKER_ALLOW_IPV6_ON_IPV4_INTERFACE=1\n',
      )
      for (const file of ['host', 'host.pub'])
        write(`etc/ssh/ssh_${file.replace('host', 'host_ed25519_key')}`, readFileSync(join(keys, file), 'utf8'))
      chmodSync(join(root, 'etc/ssh/ssh_host_ed25519_key'), 0o600)
      for (const user of ['admin', 'deploy']) {
        mkdirSync(join(root, `home/${user}/.ssh`))
        write(`home/${user}/.ssh/authorized_keys`, readFileSync(join(keys, 'client.pub'), 'utf8'))
      }
      const may = ['--capability=all', '--system-call-filter=add_key keyctl bpf']
      const alone = ['--register=no', '--keep-unit', '--link-journal=no', '--timezone=off', '--resolv-conf=copy-host']
      return [
        ...['env', 'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1', 'systemd-nspawn', '--quiet', '--boot', '--console=pipe'],
        ...[
          ...alone,
          ...may,
          `--network-namespace-path=/run/netns/${name}`,
          `--machine=${name}`,
          `--directory=${root}`,
        ],
      ]
    },
  })
  const knownHosts = `${machine.address} ${readFileSync(join(keys, 'host.pub'), 'utf8').trim()}\n`
  writeFileSync(join(keys, 'known_hosts'), knownHosts)
  const strict = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'ConnectTimeout=5']
  const login = [
    ...['-F', '/dev/null', '-i', join(keys, 'client'), '-o', `UserKnownHostsFile=${join(keys, 'known_hosts')}`],
    ...strict.flatMap(option => ['-o', option]),
    ...[`admin@${machine.address}`, 'sudo', 'sh', '-s'],
  ]
  const sh = async (command: string) => {
    const running = run('ssh', login, { maxBuffer: 64 * 1024 * 1024 })
    // A host that is not there yet reads nothing.
    running.child.stdin?.on('error', () => {}).end(command)
    return (await running).stdout
  }
  await untilReady(machine, 'the booted host', 60, () => sh('docker version'))
  return {
    address: machine.address,
    key: readFileSync(join(keys, 'client'), 'utf8'),
    knownHosts,
    root: join(machine.folder, 'root'),
    sh,
    async close() {
      await machine.close()
      rmSync(keys, { recursive: true, force: true })
    },
  }
}
