import { InputError, type InputProblem } from '#kit/errors'
import { Unusable } from '#kit/inputs'
import { parseReference, type ImageReference } from '#kit/oci/reference'
import {
  isSettings,
  listOf,
  mergeCompose,
  mountsOf,
  servicesOf,
  UnreadableCompose,
  type ComposeText,
  type Settings,
} from './compose-merge.ts'

const INPUT = 'compose-file'
const DIGEST = /@sha256:[0-9a-f]{64}$/
/** `shop/web:${TAG:-57-0a3087a@sha256:…}`, as build-tag keeps it: the variable is one of whoever works on the file. */
const DEFAULTED = /^([^$]*)\$\{([A-Za-z_][A-Za-z0-9_]*):?-([^${}]*@sha256:[0-9a-f]{64})\}$/

/** Image of each service, in the file's order. */
export type Images = ReadonlyMap<string, string>

/** What can be released. */
export interface Composition {
  /** The project's, when a file says it. */
  readonly name: string | undefined
  readonly images: Images
  /** Of them those whose digest is the default of a variable: the image that the default makes is what runs. */
  readonly defaulted: ReadonlyMap<string, string>
  /** Of them those that name a tag, or nothing, and no digest; they are not built here. */
  readonly unpinned: ReadonlyMap<string, ImageReference>
  /** What the files say together. */
  readonly document: Settings
}

/**
 * Compose files that together can be a release: each image that is built here with its digest, so that what runs is what was
 * tested, and nothing in them that only a checkout of the repository has, because only these files go to the host.
 * Format: https://github.com/compose-spec/compose-spec/blob/main/spec.md
 * @param variables names that the deploy sets: they decide an image that asks for them
 * @throws InputError with every problem together
 */
export function checkCompose(files: readonly ComposeText[], variables: ReadonlySet<string>): Composition {
  const paths = files.map(({ path }) => path).join(' + ')
  const bad = (problem: string, fix: string, value = paths): InputProblem => ({ input: INPUT, value, problem, fix })
  const document = readTogether(files, ({ path, message }) => new InputError([bad(message, 'Correct the file', path)]))
  const services = isSettings(document) ? document['services'] : undefined
  if (!isSettings(document) || !isSettings(services) || Object.keys(services).length === 0)
    throw new InputError([bad('it has no services', 'Give a compose file with "services:"')])
  const problems: InputProblem[] = []
  const unpinned = new Map<string, ImageReference>()
  const defaulted = new Map<string, string>()
  for (const [name, service] of Object.entries(services)) {
    const image = isSettings(service) ? service['image'] : undefined
    const foreign =
      typeof image === 'string' && isSettings(service) && service['build'] === undefined ? readImage(image) : undefined
    const [, begin = '', variable = '', end = ''] = (typeof image === 'string' && DEFAULTED.exec(image)) || []
    if (foreign !== undefined && foreign.digest === undefined) unpinned.set(name, foreign)
    else if (variable !== '' && variables.has(variable))
      problems.push(
        bad(
          `service "${name}" names ${JSON.stringify(image)}, and ${variable} of this deploy decides what runs`,
          `Remove ${variable} from "dotenv" and "pass-env"`,
        ),
      )
    else if (variable !== '') defaulted.set(name, begin + end)
    else if (typeof image !== 'string' || !DIGEST.test(image))
      problems.push(
        bad(
          typeof image === 'string'
            ? `service "${name}" names ${JSON.stringify(image)}, which has no digest`
            : `service "${name}" names no image`,
          'Pin it as "name:tag@sha256:…"; the action build-tag does so with "digest-pin: true"',
        ),
      )
    if (!isSettings(service)) continue
    for (const file of repositoryFiles(service))
      problems.push(
        bad(
          `service "${name}" needs ${JSON.stringify(file)} of the repository, and only compose files go to the host`,
          'Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
        ),
      )
  }
  for (const file of sharedFiles(document))
    problems.push(
      bad(
        `it needs ${JSON.stringify(file)} of the repository, and only compose files go to the host`,
        'Write the text into the file with "content:" or, for a secret, "environment:"',
      ),
    )
  if (problems.length > 0) throw new InputError(problems)
  const { name } = document as Settings
  const images = new Map([...imagesIn(document), ...defaulted])
  return { name: typeof name === 'string' ? name : undefined, images, defaulted, unpinned, document }
}

/** `undefined` for what only compose can read, because a variable is in it. */
function readImage(text: string): ImageReference | undefined {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof Unusable) return undefined
    throw error
  }
}

/** The images of files that were released before; empty when they cannot be read. */
export function imagesOf(texts: readonly string[]): Images {
  const files = texts.map(text => ({ path: '', text }))
  return imagesIn(readTogether(files, () => undefined))
}

function imagesIn(document: unknown): Images {
  return new Map(
    [...servicesOf(document)].flatMap(([name, { image }]) => (typeof image === 'string' ? [[name, image]] : [])),
  )
}

function readTogether(
  files: readonly ComposeText[],
  refuse: (unreadable: UnreadableCompose) => Error | undefined,
): unknown {
  try {
    return mergeCompose(files)
  } catch (error) {
    if (!(error instanceof UnreadableCompose)) throw error
    const refusal = refuse(error)
    if (refusal !== undefined) throw refusal
    return undefined
  }
}

/** Files beside the compose file that a service names. `.env` is made on the host. */
function repositoryFiles(service: Settings): readonly string[] {
  const mounted = mountsOf(service).flatMap(({ type, source }) => (type === 'bind' ? [source] : []))
  const environments = listOf(service['env_file'])
    .map(file => (isSettings(file) ? file['path'] : file))
    .filter(file => file !== '.env' && file !== './.env')
  const { extends: parent } = service
  return relative([...mounted, ...environments, isSettings(parent) ? parent['file'] : undefined])
}

function sharedFiles(document: Settings): readonly string[] {
  const files = (['configs', 'secrets'] as const).flatMap(key => {
    const entries = document[key]
    return isSettings(entries)
      ? Object.values(entries).map(entry => (isSettings(entry) ? entry['file'] : undefined))
      : []
  })
  const includes = listOf(document['include']).flatMap(entry => (isSettings(entry) ? listOf(entry['path']) : [entry]))
  return relative([...files, ...includes])
}

const relative = (paths: readonly unknown[]): readonly string[] =>
  paths.filter((path): path is string => typeof path === 'string' && path !== '' && !path.startsWith('/'))
