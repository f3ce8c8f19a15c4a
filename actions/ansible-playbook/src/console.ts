import { makeVisible } from '#kit/report/visible'

/** What a machine's console says of its SSH host keys. */
export type ConsoleReading =
  | { readonly state: 'known'; readonly keys: readonly string[] }
  /** Nothing yet, or a block that has no end yet. */
  | { readonly state: 'waiting'; readonly why: string }
  /** It will not get better by waiting. */
  | { readonly state: 'refused'; readonly why: string }

/**
 * What may stand before a line of cloud-init: syslog's priority and time, the kernel's time, the process. Nothing else may,
 * so that a program which logs what strangers send it cannot begin a block.
 */
const BEFORE =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} (?:[\w.-]+ (?=cloud-init|ec2))?)?(?:\[ *\d+\.\d+\] )?(?:(?:cloud-init|ec2)(?:\[\d+\])?: )?/
const BEGIN = '-----BEGIN SSH HOST KEY KEYS-----'
const END = '-----END SSH HOST KEY KEYS-----'
const FINISHED = /^Cloud-init v\. \S+ finished at /
/** A line of `/etc/ssh/ssh_host_*_key.pub`. OpenSSH takes no `ssh-dss` any more. */
const KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})(?: |$)/

/**
 * Reads the host keys that cloud-init prints at the first boot: the files, between two marks, once or by several writers at
 * once, between lines of the kernel's, which also tear lines apart. The block of fingerprints before them is not enough.
 * What does not agree is refused: a later block may be the work of a process on the machine.
 * Format: `write-ssh-key-fingerprints` and `cc_keys_to_console` of cloud-init,
 * https://docs.cloud-init.io/en/latest/reference/modules.html#keys-to-console
 * @returns keys as `type base64`
 */
export function readConsole(output: string): ConsoleReading {
  const seen = new Set<string>()
  let block = new Set<string>()
  let first: ReadonlySet<string> | undefined
  let isOpen = false
  let isCut = false
  let isFinished = false
  for (const printed of makeVisible(output).split('\n')) {
    const line = printed.replace(BEFORE, '').trim()
    if (line === BEGIN) isOpen = true
    else if (line === END) {
      isCut ||= !isOpen
      if (block.size > 0) first ??= block
      block = new Set()
      isOpen = false
    } else if (isOpen) {
      const key = wholeKey(line)
      if (key === undefined) continue
      seen.add(key)
      block.add(key)
    }
    isFinished ||= FINISHED.test(line)
  }
  if (first !== undefined) return agreed(first, seen)
  if (isCut) return { state: 'refused', why: 'its console output begins inside of the keys: AWS keeps the last 64 KB' }
  if (isFinished)
    return {
      state: 'refused',
      why: 'cloud-init has finished, and the last 64 KB of its console output hold no whole key',
    }
  return {
    state: 'waiting',
    why: isOpen ? 'its console output ends inside of the keys' : 'its console output holds no keys',
  }
}

function agreed(first: ReadonlySet<string>, seen: ReadonlySet<string>): ConsoleReading {
  const types = new Set([...seen].map(key => key.split(' ')[0]))
  if (seen.size > first.size || types.size < seen.size)
    return { state: 'refused', why: 'its console output holds different keys: they changed, or somebody wrote there' }
  return { state: 'known', keys: [...first] }
}

/** `type base64`; `undefined` for anything but a key to its last byte: half of one must not pass for another. */
function wholeKey(line: string): string | undefined {
  const [, type = '', base64 = ''] = KEY.exec(line) ?? []
  const bytes = Buffer.from(base64, 'base64')
  if (type === '' || bytes.toString('base64') !== base64) return undefined
  const fields = fieldsOf(bytes)
  if (fields?.[0]?.toString('latin1') !== type) return undefined
  // After the type the key itself; or the exponent and modulus, or the curve and point.
  return fields.length === (type === 'ssh-ed25519' ? 2 : 3) ? `${type} ${base64}` : undefined
}

/** The fields of a public key, each with its length in 4 bytes before it (RFC 4253, 6.6); `undefined` when one is cut. */
function fieldsOf(bytes: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return undefined
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}
