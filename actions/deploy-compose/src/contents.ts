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

function textOf({ content, environment }: Settings, variables: Variables): string | undefined {
  if (typeof environment === 'string') return variables.get(environment) ?? ''
  if (typeof content !== 'string') return undefined
  const named = [...content.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => variables.get(name) ?? '')
  return JSON.stringify([content, ...named])
}
