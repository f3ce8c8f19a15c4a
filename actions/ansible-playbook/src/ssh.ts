import { Unusable, type Parser } from '#kit/inputs'

const KEY = /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\n([^]+?)\n-----END \1PRIVATE KEY-----$/
const OPENSSH_MAGIC = 'openssh-key-v1\0'

/**
 * A private key as a file that ssh takes: line ends of Unix and one at the end, without which ssh says "error in libcrypto".
 * `''` when not given. Format of OpenSSH: PROTOCOL.key in its sources.
 */
export const privateKey: Parser<string> = {
  secret: true,
  parse(raw) {
    if (raw === '') return raw
    const text = raw.replace(/\r\n?/g, '\n')
    const [, kind = '', body = ''] = KEY.exec(text) ?? []
    if (body === '')
      throw new Unusable(
        'it is no private key',
        'Give the whole file, from "-----BEGIN" to "-----END …-----", with its line ends',
      )
    if (kind === 'ENCRYPTED ' || /^Proc-Type:.*ENCRYPTED/m.test(body) || isEncrypted(kind, body))
      throw new Unusable('it has a passphrase, which nobody can type here', 'Make a key without one for this job only')
    return `${text}\n`
  },
}

/** The name of the cipher follows the magic as a string with its length in 4 bytes. */
function isEncrypted(kind: string, body: string): boolean {
  if (kind !== 'OPENSSH ') return false
  const bytes = Buffer.from(body, 'base64')
  const start = OPENSSH_MAGIC.length
  if (bytes.toString('latin1', 0, start) !== OPENSSH_MAGIC || bytes.length < start + 4)
    throw new Unusable('it is no key that OpenSSH wrote', 'Give the file as ssh-keygen made it')
  return bytes.toString('latin1', start + 4, start + 4 + bytes.readUInt32BE(start)) !== 'none'
}

/** Hosts (names, patterns, hash), type of key, key, comment; a marker may come first. Format: sshd(8), known_hosts. */
const HOST_LINE =
  /^(?:@(?:cert-authority|revoked)[ \t]+)?\S+[ \t]+[a-z][a-z0-9@.-]*[ \t]+[A-Za-z0-9+/]+=*(?:[ \t]+.*)?$/

/** Lines of a `known_hosts` file; `''` when not given. */
export const knownHosts: Parser<string> = {
  parse(raw) {
    if (raw === '') return raw
    const lines = raw.split(/\r?\n/).map(line => line.trim())
    const hosts = lines.filter(line => line !== '' && !line.startsWith('#'))
    const wrong = hosts.find(line => !HOST_LINE.test(line))
    if (wrong !== undefined || hosts.length === 0)
      throw new Unusable(
        wrong === undefined ? 'it names no host' : `${JSON.stringify(wrong)} is no line of a known_hosts file`,
        'Write "host ssh-ed25519 AAAA…", one per line, as in ~/.ssh/known_hosts',
      )
    return `${lines.join('\n')}\n`
  },
}

/** Files of a run that ssh reads. */
export interface SshFiles {
  /** `undefined` where the runner's user has what it needs. */
  readonly key: string | undefined
  readonly knownHosts: string | undefined
  readonly config: string
  /** Folder for the sockets of shared connections; `undefined` where its path would be too long for one. */
  readonly sockets: string | undefined
}

/** The folder, or none: a socket's path fits 108 bytes on Linux and 104 elsewhere, and ssh adds a name and a suffix of 17. */
export function socketFolder(folder: string): string | undefined {
  return Buffer.byteLength(folder) + '/0123456789'.length + 17 < 104 ? folder : undefined
}

function settings(files: SshFiles): readonly (readonly [string, string])[] {
  return [
    ['StrictHostKeyChecking', 'yes'],
    ...(files.knownHosts === undefined
      ? []
      : ([
          ['UserKnownHostsFile', files.knownHosts],
          ['GlobalKnownHostsFile', '/dev/null'],
        ] as const)),
    ...(files.key === undefined ? [] : ([['IdentitiesOnly', 'yes']] as const)),
  ]
}

/** For a jump host: the ssh that goes there reads the same configuration, but not the same arguments. */
export function sshConfig(files: SshFiles): string {
  const key = files.key === undefined ? [] : ([['IdentityFile', files.key]] as const)
  return ['Host *', ...[...settings(files), ...key].map(([name, value]) => `  ${name} ${quoted(value)}`), ''].join('\n')
}

/**
 * Arguments that every ssh of the run begins with. ssh takes the first value it reads of a setting, so neither the
 * inventory nor ansible.cfg can make it trust an unknown host.
 */
export function sshArguments(files: SshFiles): string {
  const configured = files.knownHosts === undefined ? [] : ['-F', quoted(files.config)]
  const shared =
    files.sockets === undefined ? ['-o', 'ControlMaster=no'] : ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s']
  return [
    ...configured,
    ...settings(files).flatMap(([name, value]) => ['-o', quoted(`${name}=${value}`)]),
    ...shared,
  ].join(' ')
}

/** Ansible splits the arguments as a shell would, and ssh its configuration at spaces. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`
}
