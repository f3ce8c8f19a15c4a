import { Unusable, type Parser } from '#kit/inputs'
import { BOOTSTRAP_COMMAND } from './host-program.ts'
import type { RemoteHost } from './host.ts'

const OPENSSH_MAGIC = 'openssh-key-v1\0'

/**
 * A private key as ssh reads it: the line ends and the last line's end that copying loses are put back.
 * Format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */
export const privateKey: Parser<string> = {
  secret: true,
  parse(raw) {
    if (raw === '') return ''
    const key = `${raw.replace(/\r\n?/g, '\n').trim()}\n`
    const [, kind, body = ''] =
      /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\n([^]+)\n-----END \1PRIVATE KEY-----\n$/.exec(key) ?? []
    if (kind === undefined)
      throw new Unusable(
        'it is not a private key',
        'Give the whole file, from its line "-----BEGIN … PRIVATE KEY-----" to its line "-----END … PRIVATE KEY-----"',
      )
    if (isEncrypted(kind, body))
      throw new Unusable(
        'the key has a passphrase, and nobody is there to type it',
        'Make a key for deployments alone, with "ssh-keygen -t ed25519 -N \'\'"',
      )
    return key
  },
}

function isEncrypted(kind: string, body: string): boolean {
  if (kind === 'ENCRYPTED ' || body.includes('Proc-Type: 4,ENCRYPTED')) return true
  if (kind !== 'OPENSSH ') return false
  const bytes = Buffer.from(body, 'base64')
  const start = OPENSSH_MAGIC.length
  if (bytes.subarray(0, start).toString('latin1') !== OPENSSH_MAGIC || bytes.length < start + 4) return false
  const cipher = bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start)).toString('latin1')
  return cipher !== 'none'
}

/** Lines of a known_hosts file: names, type of key, key. A host's key is never fetched to trust it. */
export const knownHosts: Parser<string> = {
  parse(raw) {
    const lines = raw.split(/\r?\n/).filter(line => line.trim() !== '' && !line.startsWith('#'))
    const wrong = lines.find(line => !/^(?:@\S+\s+)?\S+\s+(?:ssh|ecdsa|sk)-\S+\s+[A-Za-z0-9+/]+=*(?:\s|$)/.test(line))
    if (wrong !== undefined)
      throw new Unusable(
        `the line ${JSON.stringify(wrong.slice(0, 60))} is not of a known_hosts file`,
        'Write "host ssh-ed25519 AAAA…", one a line, as /etc/ssh/ssh_host_ed25519_key.pub on the host holds it',
      )
    return lines.map(line => `${line.trim()}\n`).join('')
  },
}

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
