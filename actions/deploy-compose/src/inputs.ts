import { duration, lines, oneOf, secret, text, Unusable, variableNames, type Parsed, type Parser } from '#kit/inputs'
import { knownHosts, privateKey } from '#kit/ssh'
import { parseDotenv, type Variables } from './dotenv.ts'
import { hosts } from './host.ts'

/** As compose wants the name of a project: https://github.com/compose-spec/compose-spec/blob/main/spec.md */
export function isProject(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(text)
}

/** Empty stands for the name in the compose file. */
const project: Parser<string> = {
  parse(raw) {
    if (raw === '' || isProject(raw)) return raw
    throw new Unusable(
      'it is not the name of a project',
      'Use at most 63 lower-case letters, digits, "-" and "_", and begin with a letter or digit',
    )
  },
}

const address: Parser<string> = {
  parse(raw) {
    if (raw === '') return raw
    const url = URL.canParse(raw) ? new URL(raw) : undefined
    if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href
    throw new Unusable('it is no address to ask', 'Write "https://shop.example.com/healthz", without a login')
  },
}

/** As docker login takes it. */
const registry: Parser<string> = {
  parse(raw) {
    if (raw === '' || /^[A-Za-z0-9][A-Za-z0-9.-]*(:\d{1,5})?$/.test(raw)) return raw
    throw new Unusable('it is no registry', 'Write its host, such as "ghcr.io" or "registry.example.com:5000"')
  },
}

const MOST_FILES = 20

/** In the order in which they are merged. */
const composeFiles: Parser<readonly string[]> = {
  parse(raw) {
    const paths = lines.parse(raw)
    if (paths.length === 0)
      throw new Unusable('it is required', 'Write the path of a compose file, or several, one a line')
    if (paths.length > MOST_FILES) throw new Unusable(`it names ${paths.length} files`, `Use at most ${MOST_FILES}`)
    const twice = paths.find((path, index) => paths.indexOf(path) !== index)
    if (twice !== undefined) throw new Unusable(`${JSON.stringify(twice)} comes twice`, 'Give each file once')
    return paths
  },
}

const dotenv: Parser<Variables> = { secret: true, keepSpace: true, parse: parseDotenv }

/** From `least` to `most` seconds. */
function durationWithin(least: number, most: number, words: string): Parser<number> {
  return {
    parse(raw) {
      const seconds = duration.parse(raw)
      if (seconds < least || seconds > most) throw new Unusable('it is too short or too long', `Use ${words}`)
      return seconds
    },
  }
}

export const inputs = {
  hosts,
  'ssh-key': privateKey,
  'known-hosts': knownHosts,
  'compose-file': composeFiles,
  'working-directory': text,
  project,
  dotenv,
  'secret-storage': oneOf('container', 'memory'),
  strategy: oneOf('start-first', 'recreate'),
  'health-timeout': durationWithin(1, 3600, 'a duration from "1s" to "1h"'),
  'smoke-url': address,
  'smoke-timeout': durationWithin(1, 3600, 'a duration from "1s" to "1h"'),
  registry,
  'registry-username': text,
  'registry-password': secret,
  drain: durationWithin(0, 3600, 'a duration from "0s" to "1h"'),
  environment: text,
  'pass-env': variableNames,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['release', 'stable-release', 'result', 'receipt'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
  deployments: {
    access: 'write',
    reason: 'After a rollback, the page of the environment says which commit runs again.',
  },
} as const
