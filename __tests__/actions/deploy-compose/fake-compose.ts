import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One service as the stand-in for compose reads it. */
export interface Definition {
  readonly image: string
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly ports: number
  readonly replicas: number
}

interface Service {
  readonly image?: string
  readonly env_file?: string
  readonly environment?: Readonly<Record<string, string>> | readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly ports?: readonly unknown[]
  readonly profiles?: readonly string[]
  readonly deploy?: { readonly replicas?: number }
}

/**
 * The services of the files that the arguments of `docker compose` name, of those that are JSON (which is YAML), with the
 * variables of the .env put in.
 * @throws Error as compose would say it
 */
export function readProject(args: readonly string[]): ReadonlyMap<string, Definition> {
  const option = (name: string) => args[args.indexOf(name) + 1] ?? ''
  const variables = readEnvironment(option('--env-file'))
  const files = args.flatMap((word, index) => (word === '-f' ? [args[index + 1] ?? ''] : []))
  const merged = new Map<string, Service>()
  const given = new Map<string, string[]>()
  for (const path of files) {
    // Of secrets, which no container of the stand-in has; and no JSON.
    if (path.endsWith('compose-held.yml')) continue
    const { services } = JSON.parse(readFileSync(path, 'utf8')) as { services: Readonly<Record<string, Service>> }
    for (const [name, service] of Object.entries(services)) {
      merged.set(name, { ...merged.get(name), ...service })
      const { environment = {} } = service
      const pairs = Array.isArray(environment)
        ? (environment as readonly string[])
        : Object.entries(environment).map(([key, value]) => `${key}=${String(value)}`)
      given.set(name, [...(given.get(name) ?? []), ...pairs.map(pair => interpolate(pair, variables))])
    }
  }
  return new Map(
    [...merged].flatMap(([name, service]) => {
      if (service.profiles !== undefined) return []
      if (service.image === undefined) throw new Error(`service "${name}" has neither an image nor a build context`)
      const fromFile =
        service.env_file === undefined
          ? []
          : [...readEnvironment(join(option('--project-directory'), service.env_file))].map(pair => pair.join('='))
      const env = new Map([...fromFile, ...(given.get(name) ?? [])].map(pair => [pair.split('=')[0] ?? '', pair]))
      const { image, labels = {}, ports = [], deploy } = service
      return [[name, { image, labels, ports: ports.length, replicas: deploy?.replicas ?? 1, env: [...env.values()] }]]
    }),
  )
}

/** Only what `encodeDotenv` may write; anything else ends it as compose would. */
function readEnvironment(path: string): ReadonlyMap<string, string> {
  return new Map(
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [, name, value] = /^([A-Za-z_]\w*)="((?:[^"\\$]|\\.)*)"$/.exec(line) ?? []
        if (name === undefined || value === undefined) throw new Error(`failed to read ${path}`)
        return [name, value.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one === 'r' ? '\r' : one))]
      }),
  )
}

function interpolate(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\{(\w+)(:\?)?[^}]*\}/g, (whole, name: string | undefined, must?: string) => {
    if (whole === '$$') return '$'
    const value = variables.get(name ?? '')
    if (value === undefined && must !== undefined)
      throw new Error(`required variable ${String(name)} is missing a value`)
    return value ?? ''
  })
}
