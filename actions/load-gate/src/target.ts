import { GateError } from '#kit/errors'

/** Where a load goes: only here, whatever a script says (rule R38). */
export interface Target {
  readonly origin: string
  /** `staging.example.com` or `127.0.0.1:8080`. */
  readonly host: string
  /** Without a slash at its end. */
  readonly basePath: string
}

/**
 * Rule R38: a load is an attack on whoever did not ask for it, so its host must be named twice.
 * @param allowedHosts `host`, which allows any port of it, or `host:port`
 * @throws GateError (`invalid`) when the host of `target` is not among them
 */
export function allowTarget(target: string, allowedHosts: readonly string[]): Target {
  const url = new URL(target)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const allowed = allowedHosts.map(parseHost)
  if (!allowed.some(entry => entry.name === nameOf(url.hostname) && (entry.port ?? port) === port))
    throw new GateError(
      `the target's host "${url.host}" is not in "allowed-hosts"${allowedHosts.length === 0 ? ', which is empty' : ` (${allowedHosts.join(', ')})`}`,
      {
        verdict: 'invalid',
        hint: `If this host may be put under load, add to the step:\nwith:\n  allowed-hosts: ${url.host}`,
      },
    )
  return { origin: url.origin, host: url.host, basePath: url.pathname.replace(/\/+$/, '') }
}

/** The address of a request of a script. @throws RangeError when it would leave the target's host or its scheme */
export function addressOf(target: Target, path: string): string {
  const url = new URL(`${target.origin}${target.basePath}${path}`)
  if (url.origin !== target.origin) throw new RangeError(`${path} leaves ${target.origin}`)
  url.hash = ''
  return url.href
}

interface AllowedHost {
  readonly name: string
  readonly port: string | undefined
}

function parseHost(entry: string): AllowedHost {
  const [, name = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@?#*\\]+)(?::(\d{1,5}))?$/.exec(entry) ?? []
  const address = `http://${name}`
  if (name === '' || !URL.canParse(address))
    throw new GateError(`"allowed-hosts" holds ${JSON.stringify(entry)}, which is no host`, {
      verdict: 'invalid',
      hint: 'Write a name or an address, with a port where only that one is meant: "staging.example.com" or "127.0.0.1:8080".',
    })
  return { name: nameOf(new URL(address).hostname), port }
}

/** A name with a dot at its end is the same name. */
function nameOf(hostname: string): string {
  return hostname.replace(/\.$/, '')
}
