import { Unusable } from '#kit/inputs'

/** What `build:` of a compose service says, as far as it is done here. Paths are relative to the compose file. */
export interface Build {
  readonly context: string
  /** Relative to the context. */
  readonly dockerfile: string
  readonly target: string | undefined
  /** `undefined`: the value of the variable of that name, which no command line shows. */
  readonly args: readonly (readonly [name: string, value: string | undefined])[]
}

const KNOWN = ['context', 'dockerfile', 'target', 'args']
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/**
 * @param value of `build:`, a path or a map
 * @throws Unusable for what is not done: a setting that is left out would build another image than compose does
 */
export function readBuild(value: unknown): Build {
  const map = typeof value === 'string' ? { context: value } : value
  if (!isRecord(map)) throw new Unusable('it is neither a path nor a map', 'Write "build: ./folder"')
  const stranger = Object.keys(map).find(key => !KNOWN.includes(key) && !key.startsWith('x-'))
  if (stranger !== undefined)
    throw new Unusable(
      `it sets "${stranger}", which build-tag does not do`,
      `Use ${KNOWN.map(key => `"${key}"`).join(', ')}, and put the rest into the Dockerfile`,
    )
  const context = text(map['context'] ?? '.', 'context')
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@|^docker-image:/i.test(context))
    throw new Unusable(
      `its context ${JSON.stringify(context)} is not in the repository`,
      'Give a folder of the repository',
    )
  return {
    context,
    dockerfile: text(map['dockerfile'] ?? 'Dockerfile', 'dockerfile'),
    target: map['target'] === undefined ? undefined : text(map['target'], 'target'),
    args: readArgs(map['args'] ?? []),
  }
}

function readArgs(value: unknown): Build['args'] {
  const pairs: (readonly [string, unknown])[] = isRecord(value)
    ? Object.entries(value)
    : Array.isArray(value)
      ? value.map(item => {
          const [, name = '', given] = /^([^=]*)(?:=(.*))?$/s.exec(text(item, 'args')) ?? []
          return [name, given] as const
        })
      : refuseArgs()
  return pairs.map(([name, given]) => {
    if (!NAME.test(name))
      throw new Unusable(`${JSON.stringify(name)} is no name of a build argument`, 'Write NAME: value')
    return [name, given === undefined || given === null ? undefined : text(given, `args.${name}`)]
  })
}

function refuseArgs(): never {
  throw new Unusable('its "args" is neither a map nor a list', 'Write "args:" with NAME: value below')
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new Unusable(`its "${key}" holds no text`, 'Give it one value')
  const written = String(value)
  const bare = written.replaceAll('$$', '')
  if (bare.includes('$'))
    throw new Unusable(
      `its "${key}" takes ${JSON.stringify(written)} from a variable`,
      key.startsWith('args') ? 'Give the name alone, and the variable in "pass-env"' : 'Write the value out',
    )
  if (key !== 'args' && !key.startsWith('args.') && written.startsWith('-'))
    throw new Unusable(`its "${key}" ${JSON.stringify(written)} looks like an option`, 'Write a path as "./name"')
  return written.replaceAll('$$', '$')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
