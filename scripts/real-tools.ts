import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { buildConftest, buildProviders, buildTofu } from '../__tests__/real/go-tools.ts'
import { findMachineTools, findProviderMirror } from '../demo/machine-tools.ts'

/**
 * Prints what the tests with real tools will use, a line each; fails and says what to install when one is missing. With
 * `--nightly` it builds what only the nightly tests and the plan fixtures need: OpenTofu (9 minutes, once), conftest and small
 * providers.
 */

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

const onPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(path => existsSync(path))

/** Programs that say their version, and of which package they are. */
const VERSIONED: Readonly<Record<string, string>> = {
  git: 'git 2.30 or newer',
  'ansible-playbook': 'pip install "ansible-core==2.19.*"',
  aws: 'pip install awscli (it reads consoles)',
  promtool: 'promtool (Debian: in "prometheus"; unpacking the package is enough)',
  amtool: 'amtool (Debian: in "prometheus-alertmanager"; unpacking the package is enough)',
  shellcheck: 'shellcheck',
}

/** Programs that only need to be there. */
const PRESENT: Readonly<Record<string, string>> = {
  ssh: 'openssh-client',
  dockerd: 'a Docker engine (Debian 13: docker.io); it need not run',
  'docker-registry': 'docker-registry',
  iptables: 'iptables',
  ip: 'iproute2 (machines of the tests get networks of their own)',
  mmdebstrap: 'mmdebstrap (it makes images and hosts)',
  'systemd-nspawn': 'systemd-container (it boots a host)',
  dash: 'dash, a shell of POSIX and no more',
}

const { terraform, moto } = await findMachineTools(process.env)
const mirror = await findProviderMirror(process.env)
const configured = process.env['TF_CLI_CONFIG_FILE'] ? 'as TF_CLI_CONFIG_FILE says' : 'from the registry of Terraform'

const findings: readonly Finding[] = [
  {
    name: 'node',
    found: Number(process.versions.node.split('.')[0]) >= 24 ? process.versions.node : undefined,
    install: 'run it by "npm run test:real", which uses the Node 24 that "npm ci" installed',
  },
  {
    name: 'terraform',
    found: terraform && `${terraform.version} (${terraform.path}), providers ${mirror ?? configured}`,
    install: 'Terraform 1.9 or newer, or OpenTofu, on PATH',
  },
  { name: 'moto', found: moto?.path, install: 'pip install "moto[server,ec2,route53,s3,sts]" (it stands in for AWS)' },
  {
    name: 'docker',
    found: firstLine('docker', 'compose', 'version') && firstLine('docker', 'buildx', 'version'),
    install: 'docker with its plugins compose 2 and buildx (Debian 13: docker-cli, docker-compose, docker-buildx)',
  },
  {
    name: 'sshd',
    found: ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync),
    install: 'openssh-server (one is started on 127.0.0.1, as the host that is logged in to)',
  },
  ...Object.entries(VERSIONED).map(([name, install]) => ({ name, found: firstLine(name, '--version'), install })),
  ...Object.entries(PRESENT).map(([name, install]) => ({ name, found: onPath(name), install })),
  {
    name: 'root',
    found: process.getuid?.() === 0 ? 'yes' : undefined,
    install: 'nothing, but run it as root: engines and hosts get namespaces of their own',
  },
]

if (process.argv.includes('--nightly')) {
  console.log(`${'tofu'.padEnd(18)}${await buildTofu()}`)
  console.log(`${'conftest'.padEnd(18)}${await buildConftest()}`)
  console.log(`${'providers'.padEnd(18)}${await buildProviders()}`)
}
for (const { name, found, install } of findings)
  console.log(`${name.padEnd(18)}${found ?? `MISSING: install ${install}`}`)
if (findings.some(({ found }) => found === undefined)) process.exitCode = 1
