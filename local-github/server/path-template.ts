/** Path templates of the description, matched on paths that are still percent-encoded. Pure. */
export interface MatchedRoute {
  /** `METHOD /path/{template}`. */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
}

interface CompiledTemplate {
  readonly route: string
  readonly segments: readonly string[]
  readonly pattern: RegExp
  readonly names: readonly string[]
}

/** GitHub takes these with slashes in them. */
const withSlashes = new Set(['path', 'ref', 'basehead', 'branch', 'dir', 'tag', 'commit_sha'])

const nameOf = (segment: string): string | null => /^\{(.+)\}$/.exec(segment)?.[1] ?? null

function compile(route: string): CompiledTemplate {
  const path = route.slice(route.indexOf(' ') + 1)
  const segments = path.split('/').slice(1)
  const names: string[] = []
  const pattern = path.replace(/\/\{([^}]+)\}|[.*+?^$()|[\]\\]/g, (text: string, name: string | undefined) => {
    if (name === undefined) return `\\${text}`
    names.push(name)
    if (name === 'path') return '(?:/(.*))?'
    return withSlashes.has(name) ? '/(.+)' : '/([^/]+)'
  })
  return { route, segments, pattern: new RegExp(`^${pattern}$`), names }
}

const rank = (segment: string | undefined): number => {
  if (segment === undefined) return 3
  const name = nameOf(segment)
  return name === null ? 0 : withSlashes.has(name) ? 2 : 1
}

/** The more exact template first: `/commits/{ref}/status` before `/commits/{ref}`. */
function compareTemplates(a: CompiledTemplate, b: CompiledTemplate): number {
  for (let index = 0; index < Math.max(a.segments.length, b.segments.length); index++) {
    const difference = rank(a.segments[index]) - rank(b.segments[index])
    if (difference !== 0) return difference
  }
  return 0
}

export function compileTemplates(
  routes: Iterable<string>,
): (method: string, encodedPath: string) => MatchedRoute | null {
  const byMethod = new Map<string, CompiledTemplate[]>()
  for (const route of new Set(routes)) {
    const method = route.slice(0, route.indexOf(' '))
    byMethod.set(method, [...(byMethod.get(method) ?? []), compile(route)])
  }
  for (const templates of byMethod.values()) templates.sort(compareTemplates)

  return (method, encodedPath) => {
    for (const { route, pattern, names } of byMethod.get(method) ?? []) {
      const found = pattern.exec(encodedPath)
      if (!found) continue
      const params = Object.fromEntries(names.map((name, index) => [name, decode(found[index + 1] ?? '')]))
      return { route, params }
    }
    return null
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
