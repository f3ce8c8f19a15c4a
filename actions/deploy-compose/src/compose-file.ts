import { InputError, type InputProblem } from '#kit/errors'
import { parse, YAMLParseError } from 'yaml'

const INPUT = 'compose-file'
const DIGEST = /@sha256:[0-9a-f]{64}$/

/** Image of each service, in the file's order. */
export type Images = ReadonlyMap<string, string>

type Record_ = Readonly<Record<string, unknown>>

/**
 * The images of a compose file that can be a release: each with its digest, so that what runs is what was tested and can
 * be had again, and nothing in it that only a checkout of the repository has, because only this file goes to the host.
 * Format: https://github.com/compose-spec/compose-spec/blob/main/spec.md
 * @throws InputError with every problem together
 */
export function checkCompose(content: string, path: string): Images {
  const bad = (problem: string, fix: string): InputProblem => ({ input: INPUT, value: path, problem, fix })
  const document = parseYaml(content, problem => new InputError([bad(problem, 'Correct the file')]))
  const services = isRecord(document) ? document['services'] : undefined
  if (!isRecord(document) || !isRecord(services) || Object.keys(services).length === 0)
    throw new InputError([bad('it has no services', 'Give a compose file with "services:"')])
  const problems: InputProblem[] = []
  const images = new Map<string, string>()
  for (const [name, service] of Object.entries(services)) {
    const image = isRecord(service) ? service['image'] : undefined
    if (typeof image === 'string' && DIGEST.test(image)) images.set(name, image)
    else
      problems.push(
        bad(
          typeof image === 'string'
            ? `service "${name}" names ${JSON.stringify(image)}, which has no digest`
            : `service "${name}" names no image`,
          'Pin it as "name:tag@sha256:…"; the action build-tag does so with "digest-pin: true"',
        ),
      )
    if (!isRecord(service)) continue
    for (const file of repositoryFiles(service))
      problems.push(
        bad(
          `service "${name}" needs ${JSON.stringify(file)} of the repository, and only this file goes to the host`,
          'Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
        ),
      )
  }
  for (const file of sharedFiles(document))
    problems.push(
      bad(
        `it needs ${JSON.stringify(file)} of the repository, and only this file goes to the host`,
        'Write the text into the file with "content:" or, for a secret, "environment:"',
      ),
    )
  if (problems.length > 0) throw new InputError(problems)
  return images
}

/** The images of a file that was released before; empty when it cannot be read. */
export function imagesOf(content: string): Images {
  const document = parseYaml(content, () => undefined)
  const services = isRecord(document) ? document['services'] : undefined
  if (!isRecord(services)) return new Map()
  return new Map(
    Object.entries(services).flatMap(([name, service]) => {
      const image = isRecord(service) ? service['image'] : undefined
      return typeof image === 'string' ? [[name, image] as const] : []
    }),
  )
}

function parseYaml(content: string, refuse: (problem: string) => Error | undefined): unknown {
  try {
    return parse(content, { merge: true, maxAliasCount: 1000 })
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error
    const refusal = refuse(`it is not YAML: ${error.message.split('\n')[0] ?? ''}`)
    if (refusal !== undefined) throw refusal
    return undefined
  }
}

/** Files beside the compose file that a service names. `.env` is made on the host. */
function repositoryFiles(service: Record_): readonly string[] {
  const volumes = listOf(service['volumes']).map(volume => {
    if (typeof volume === 'string') return /^[.~]/.test(volume) ? volume.split(':')[0] : undefined
    return isRecord(volume) && volume['type'] === 'bind' ? volume['source'] : undefined
  })
  const environments = listOf(service['env_file'])
    .map(file => (isRecord(file) ? file['path'] : file))
    .filter(file => file !== '.env' && file !== './.env')
  const { extends: parent } = service
  return relative([...volumes, ...environments, isRecord(parent) ? parent['file'] : undefined])
}

function sharedFiles(document: Record_): readonly string[] {
  const files = (['configs', 'secrets'] as const).flatMap(key => {
    const entries = document[key]
    return isRecord(entries) ? Object.values(entries).map(entry => (isRecord(entry) ? entry['file'] : undefined)) : []
  })
  const includes = listOf(document['include']).flatMap(entry => (isRecord(entry) ? listOf(entry['path']) : [entry]))
  return relative([...files, ...includes])
}

const relative = (paths: readonly unknown[]): readonly string[] =>
  paths.filter((path): path is string => typeof path === 'string' && path !== '' && !path.startsWith('/'))

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

const isRecord = (value: unknown): value is Record_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
