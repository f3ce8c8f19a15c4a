import { BOOTSTRAP_COMMAND } from './host-program.ts'
import type { RemoteHost } from './host.ts'

/** Paths of what ssh reads; both are in a folder of this run. */
export interface Keys {
  readonly key: string
  readonly knownHosts: string
}

/**
 * Arguments of ssh: only the given key and host keys count, nothing is asked, forwarded or learned, no file of the user's
 * is read, and a connection that is dead is noticed within a minute. They hold no secret.
 */
export function sshArguments(host: RemoteHost, keys: Keys): readonly string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${quoted(keys.knownHosts)}`,
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'VerifyHostKeyDNS=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `IdentityFile=${quoted(keys.key)}`,
    'PreferredAuthentications=publickey',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ConnectTimeout=20',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
    'LogLevel=ERROR',
  ]
  return [
    '-F',
    'none',
    '-T',
    ...options.flatMap(option => ['-o', option]),
    '-p',
    String(host.port),
    '-l',
    host.user,
    '--',
    host.name,
    BOOTSTRAP_COMMAND,
  ]
}

/** ssh splits these values at spaces and expands `%`. */
const quoted = (path: string) => `"${path.replaceAll('%', '%%')}"`

/** What to do about ssh's exit code 255, and whether it can have reached the host's shell. */
export function explainConnection(stderr: string): { readonly reached: boolean; readonly hint: string } {
  const known = CAUSES.find(([pattern]) => pattern.test(stderr))
  return known === undefined
    ? { reached: true, hint: 'Look at the host and at the network between' }
    : { reached: false, hint: known[1] }
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION|No \S+ host key is known/i,
    'The host showed a key that "known-hosts" does not hold. Compare it on the host itself (/etc/ssh/ssh_host_ed25519_key.pub) and write "host ssh-ed25519 AAAA…" ("[host]:port" for another port than 22)',
  ],
  [
    /Permission denied/i,
    'Put the public half of "ssh-key" into ~/.ssh/authorized_keys of that user on the host, and check the user',
  ],
  [/Could not resolve|Name or service not known/i, 'Check the name in "hosts"'],
  [
    /Connection refused|Connection timed out|No route to host|Network is unreachable/i,
    'Check that sshd listens on that port, and that a firewall lets this runner through',
  ],
]
