/** Where an image is, after the grammar of https://github.com/distribution/reference. */
export interface Reference {
  /** `127.0.0.1:5000`. */
  readonly registry: string
  readonly repository: string
  readonly tag: string
  /** Empty when a tag names it. */
  readonly digest: string
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const pattern = new RegExp(
  `^(?:([a-zA-Z0-9.-]+(?::\\d+)?|\\[[0-9a-f:]+\\](?::\\d+)?)/)?(${component}(?:/${component})*)` +
    `(?::([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
)

/** @throws Error for what is no reference */
export function parseReference(text: string): Reference {
  const [matched, host = '', path = '', tag, digest = ''] = pattern.exec(text) ?? []
  if (matched === undefined || path.length > 255) throw new Error(`invalid reference format: "${text}"`)
  // A first part without a dot, a port or `localhost` is no host.
  const isHost = /[.:]/.test(host) || host === 'localhost'
  const registry = isHost ? host : 'docker.io'
  const whole = isHost || host === '' ? path : `${host}/${path}`
  const repository = registry === 'docker.io' && !whole.includes('/') ? `library/${whole}` : whole
  return { registry, repository, tag: tag ?? (digest === '' ? 'latest' : ''), digest }
}

/** As docker writes it: without what it would add by itself. */
export function repositoryName({ registry, repository }: Reference): string {
  return registry === 'docker.io' ? repository.replace(/^library\//, '') : `${registry}/${repository}`
}

export function formatReference(reference: Reference): string {
  const { tag, digest } = reference
  return `${repositoryName(reference)}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}
