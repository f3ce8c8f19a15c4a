import { isSettings, listOf, servicesOf, type Settings } from './compose-merge.ts'
import type { Variables } from './dotenv.ts'

/**
 * What each service is given of `configs:` and `secrets:` that have their text in the file or in the environment. Compose up to
 * 2.26 does not look at it when it decides which containers changed: a new certificate would never arrive. The host labels
 * containers with a keyed hash of it.
 */
export function contentsOf(document: Settings, variables: Variables): ReadonlyMap<string, string> {
  return new Map(
    [...servicesOf(document)].flatMap(([name, service]) => {
      const given = (['configs', 'secrets'] as const).flatMap(kind =>
        listOf(service[kind]).flatMap(entry => {
          const source = String(isSettings(entry) ? entry['source'] : entry)
          const sources = document[kind]
          const definition = isSettings(sources) ? sources[source] : undefined
          const text = isSettings(definition) ? textOf(definition, variables) : undefined
          return text === undefined ? [] : [[kind, source, text]]
        }),
      )
      return given.length === 0 ? [] : [[name, JSON.stringify(given)]]
    }),
  )
}

/** A `secrets:` or `configs:` entry with its text in a variable. */
export interface HeldFile {
  readonly kind: 'secrets' | 'configs'
  readonly name: string
  readonly text: string
}

/** What the host is to keep in memory, of all that have their text in the environment. */
export function heldFiles(document: Settings, variables: Variables): readonly HeldFile[] {
  return (['secrets', 'configs'] as const).flatMap(kind =>
    Object.entries(isSettings(document[kind]) ? document[kind] : {}).flatMap(([name, definition]) => {
      const variable = isSettings(definition) ? definition['environment'] : undefined
      // Another name could not be written into a path as it is; compose keeps it as it does.
      if (typeof variable !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return []
      return [{ kind, name, text: variables.get(variable) ?? '' }]
    }),
  )
}

function textOf({ content, environment }: Settings, variables: Variables): string | undefined {
  if (typeof environment === 'string') return variables.get(environment) ?? ''
  if (typeof content !== 'string') return undefined
  const named = [...content.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => variables.get(name) ?? '')
  return JSON.stringify([content, ...named])
}
