/** What an `haproxy.cfg` routes: of its language as much as a file with one `frontend` for each address and path rules needs. */

interface Section {
  readonly kind: string
  readonly name: string
  readonly lines: readonly (readonly string[])[]
}

interface Backend {
  /** The server's address, `name:port`. */
  readonly address: string
  readonly healthcheck: string | undefined
}

export interface Frontend {
  readonly tls: boolean
  readonly redirectsToHttps: boolean
  /** From the first rule to the last: the prefix of a path, and the backend's name. `/` is what is left. */
  readonly routes: readonly (readonly [prefix: string, backend: string])[]
  readonly responseHeaders: ReadonlyMap<string, string>
}

export interface HaproxyRouting {
  /** By the port that is bound. */
  readonly frontends: ReadonlyMap<string, Frontend>
  readonly backends: ReadonlyMap<string, Backend>
}

/** @throws Error when a rule decides by something other than the beginning of a path */
export function readHaproxy(configuration: string): HaproxyRouting {
  const sections = readSections(configuration)
  const ofKind = (kind: string) => sections.filter(section => section.kind === kind)
  return {
    frontends: new Map(ofKind('frontend').map(section => [boundPort(section), readFrontend(section)])),
    backends: new Map(ofKind('backend').map(section => [section.name, readBackend(section)])),
  }
}

function readSections(configuration: string): readonly Section[] {
  const sections: { kind: string; name: string; lines: string[][] }[] = []
  for (const line of configuration.split('\n')) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/).filter(Boolean)
    if (words.length === 0) continue
    if (/^\S/.test(line)) sections.push({ kind: words[0]!, name: words[1] ?? '', lines: [] })
    else sections.at(-1)!.lines.push(words)
  }
  return sections
}

function boundPort({ lines }: Section): string {
  return /:(\d+)$/.exec(lines.find(([word]) => word === 'bind')?.[1] ?? '')?.[1] ?? ''
}

function readFrontend({ name, lines }: Section): Frontend {
  const routes = lines
    .filter(([word]) => /^(use|default)_backend$/.test(word!))
    .map(([word, backend, ...condition]) => {
      const prefix = word === 'default_backend' ? '/' : /^if \{ path_beg (\S+) \}$/.exec(condition.join(' '))?.[1]
      if (prefix === undefined) throw new Error(`frontend ${name}: cannot read "${condition.join(' ')}"`)
      return [prefix, backend!] as const
    })
  const headers = lines.filter(words => words.slice(0, 2).join(' ') === 'http-response set-header')
  return {
    tls: lines.some(words => words[0] === 'bind' && words.includes('ssl') && words.includes('crt')),
    redirectsToHttps: lines.some(words => words.join(' ').startsWith('http-request redirect scheme https')),
    routes,
    responseHeaders: new Map(headers.map(words => [words[2]!.toLowerCase(), words.slice(3).join(' ')])),
  }
}

function readBackend({ name, lines }: Section): Backend {
  const server = lines.find(([word]) => /^server(-template)?$/.test(word!))
  const address = server?.[server[0] === 'server' ? 2 : 3]
  if (address === undefined) throw new Error(`backend ${name}: it has no server`)
  const check = lines.find(words => words.slice(0, 2).join(' ') === 'http-check send')
  return { address, healthcheck: check?.[check.indexOf('uri') + 1] }
}
