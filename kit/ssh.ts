import { Unusable, type Parser } from './inputs.ts'

const KEY = /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\n([^]+?)\n-----END \1PRIVATE KEY-----$/
const OPENSSH_MAGIC = 'openssh-key-v1\0'

/**
 * Parser of a private key: line ends of Unix and one at the end, which copying loses and without which ssh says "error in
 * libcrypto". `''` when not given. Format of OpenSSH: PROTOCOL.key in its sources.
 */
export const privateKey: Parser<string> = {
  secret: true,
  parse(raw) {
    if (raw === '') return raw
    const text = raw.replace(/\r\n?/g, '\n').trim()
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

/** Parser of the lines of a `known_hosts` file; `''` when not given. */
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
