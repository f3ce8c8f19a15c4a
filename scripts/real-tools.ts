import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findMachineTools, findProviderMirror } from '../demo/machine-tools.ts'

/** Prints what the tests with real tools will use, a line each; fails and says what to install when one is missing. */

interface Finding {
  readonly name: string
  /** `undefined` when it is missing. */
  readonly found: string | undefined
  readonly install: string
}

const firstLine = (file: string, ...words: string[]): string | undefined => {
  try {
    return execFileSync(file, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0]
  } catch {
    return undefined
  }
}

const programOnPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(path => existsSync(path))

const { terraform, moto } = await findMachineTools(process.env)
const mirror = await findProviderMirror(process.env)
const nodeMajor = Number(process.versions.node.split('.')[0])

const findings: readonly Finding[] = [
  {
    name: 'node',
    found: nodeMajor >= 24 ? process.versions.node : undefined,
    install: 'run it by "npm run test:real", which uses the Node 24 that "npm ci" installed',
  },
  { name: 'git', found: firstLine('git', '--version'), install: 'git 2.30 or newer' },
  {
    name: 'terraform',
    found: terraform && `${terraform.version} (${terraform.path})`,
    install: 'Terraform 1.9 or newer, or OpenTofu, on PATH',
  },
  { name: 'moto', found: moto?.path, install: 'pip install "moto[server,ec2,route53,s3,sts]" (it stands in for AWS)' },
  {
    name: 'aws provider',
    found:
      mirror ?? (process.env['TF_CLI_CONFIG_FILE'] ? 'as TF_CLI_CONFIG_FILE says' : 'from the registry of Terraform'),
    install: 'a folder with registry.terraform.io/hashicorp/aws in it, below ~/.terraform.d/plugins',
  },
  {
    name: 'ansible',
    found: firstLine('ansible-playbook', '--version'),
    install: 'pip install "ansible-core==2.19.*"',
  },
  { name: 'aws', found: firstLine('aws', '--version'), install: 'pip install awscli (it reads consoles)' },
  {
    name: 'promtool',
    found: firstLine('promtool', '--version'),
    install: 'promtool (Debian: in "prometheus"; unpacking the package is enough)',
  },
  {
    name: 'amtool',
    found: firstLine('amtool', '--version'),
    install: 'amtool (Debian: in "prometheus-alertmanager"; unpacking the package is enough)',
  },
  {
    name: 'sshd',
    found: ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(path => existsSync(path)),
    install: 'openssh-server (one is started on 127.0.0.1, as the host that is logged in to)',
  },
  { name: 'ssh', found: programOnPath('ssh'), install: 'openssh-client' },
  { name: 'shellcheck', found: firstLine('shellcheck', '--version'), install: 'shellcheck' },
  {
    name: 'docker',
    found: firstLine('docker', 'compose', 'version') && firstLine('docker', 'buildx', 'version'),
    install: 'docker with its plugins compose 2 and buildx (Debian 13: docker-cli, docker-compose, docker-buildx)',
  },
  {
    name: 'dockerd',
    found: programOnPath('dockerd'),
    install: 'a Docker engine (Debian 13: docker.io); it need not run',
  },
  { name: 'registry', found: programOnPath('docker-registry'), install: 'docker-registry' },
  { name: 'iptables', found: programOnPath('iptables'), install: 'iptables' },
  { name: 'ip', found: programOnPath('ip'), install: 'iproute2 (machines of the tests get networks of their own)' },
  { name: 'mmdebstrap', found: programOnPath('mmdebstrap'), install: 'mmdebstrap (it makes images and hosts)' },
  { name: 'nspawn', found: programOnPath('systemd-nspawn'), install: 'systemd-container (it boots a host)' },
  {
    name: 'root',
    found: process.getuid?.() === 0 ? 'yes' : undefined,
    install: 'nothing, but run it as root: engines and hosts get namespaces of their own',
  },
  { name: 'dash', found: programOnPath('dash'), install: 'dash, a shell of POSIX and no more' },
]

for (const { name, found, install } of findings)
  console.log(found === undefined ? `${name.padEnd(12)} MISSING: install ${install}` : `${name.padEnd(12)} ${found}`)
if (findings.some(({ found }) => found === undefined)) process.exitCode = 1
