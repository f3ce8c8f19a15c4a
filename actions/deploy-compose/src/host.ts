import { Unusable, type Parser, lines } from '#kit/inputs'

/** A machine that runs the Docker engine. */
export type Host = { readonly kind: 'local' } | RemoteHost
export interface RemoteHost {
  readonly kind: 'ssh'
  readonly user: string
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly name: string
  readonly port: number
}

// Neither may begin with "-", because both become operands of ssh (rule R25).
const ADDRESS =
  /^([a-z_][a-z0-9_.-]{0,31})@(?:([A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?)|\[([0-9A-Fa-f:]{2,45})\])(?::([1-9]\d{0,4}))?$/

function parseHost(line: string): Host {
  if (line === 'local') return { kind: 'local' }
  const [, user, name, address, port = '22'] = ADDRESS.exec(line) ?? []
  const host = name ?? address
  if (user === undefined || host === undefined || Number(port) > 65_535)
    throw new Unusable(
      `${JSON.stringify(line)} is not a host`,
      'Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
    )
  return { kind: 'ssh', user, name: host, port: Number(port) }
}

/** Hosts, one a line, each once. */
export const hosts: Parser<readonly Host[]> = {
  parse(raw) {
    const found = lines.parse(raw).map(parseHost)
    if (found.length === 0) throw new Unusable('it names no host', 'Write "user@host[:port]", one a line, or "local"')
    const names = found.map(hostText)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new Unusable(`${JSON.stringify(twice)} comes twice`, 'Give each host once')
    return found
  },
}

/** As the user wrote it, without the usual port. */
export function hostText(host: Host): string {
  if (host.kind === 'local') return 'local'
  const name = host.name.includes(':') ? `[${host.name}]` : host.name
  return `${host.user}@${name}${host.port === 22 ? '' : `:${host.port}`}`
}
