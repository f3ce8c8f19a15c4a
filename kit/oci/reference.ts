import { Unusable } from '../inputs.ts'
import { isTag, MOST_TAG_CHARACTERS } from './tag.ts'

/** `registry/path:tag@digest`, in the grammar of github.com/distribution/reference. */
export interface ImageReference {
  /** Host with its port, as written; `undefined` for Docker Hub left out. */
  readonly registry: string | undefined
  /** Lower-case components with `/` between them. */
  readonly path: string
  readonly tag: string | undefined
  /** `sha256:<64 hex>` or another algorithm. */
  readonly digest: string | undefined
}

/** Registry, `/` and path, in characters: many clients refuse more. */
const MOST_NAME_CHARACTERS = 255

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?'
const REGISTRY = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`)
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const SHA256 = /^sha256:[0-9a-f]{64}$/

/**
 * Takes a reference apart. A first component is a registry only when it has `.` or `:`, is `localhost`, or has upper case;
 * a tag stands behind the last `:` after the last `/`.
 * @throws Unusable
 */
export function parseReference(text: string): ImageReference {
  const [named = '', digest, ...more] = text.split('@')
  if (more.length > 0) throw new Unusable('it has more than one "@"', 'Write "name:tag@digest"')
  if (digest !== undefined && !isDigest(digest))
    throw new Unusable(
      `${JSON.stringify(digest)} is no digest`,
      'Write "sha256:" and 64 hexadecimal digits in lower case',
    )
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  if (tag !== undefined && !isTag(tag))
    throw new Unusable(
      `${JSON.stringify(tag)} is no tag`,
      `Use letters, digits, "_", "." and "-", at most ${MOST_TAG_CHARACTERS}, with no "." or "-" first`,
    )
  return { ...parseName(name), tag, digest }
}

function parseName(name: string): Pick<ImageReference, 'registry' | 'path'> {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isRegistry = first === 'localhost' || /[.:A-Z[]/.test(first)
  const path = isRegistry ? name.slice(slash + 1) : name
  if (isRegistry && !REGISTRY.test(first))
    throw new Unusable(`${JSON.stringify(first)} is no registry`, 'Write its host name, with ":port" if it needs one')
  if (path === '') throw new Unusable('it names no image', 'Write "registry/path:tag"')
  const wrong = path.split('/').find(component => !COMPONENT.test(component))
  if (wrong !== undefined)
    throw new Unusable(
      `${JSON.stringify(wrong)} is no part of an image name`,
      'Use lower-case letters and digits, with single "." or "_", "__" or dashes between them',
    )
  if (name.length > MOST_NAME_CHARACTERS)
    throw new Unusable(`its name has ${name.length} characters`, `Use ${MOST_NAME_CHARACTERS} at most`)
  // Clients read such a name as the id of an image.
  if (/^[0-9a-f]{64}$/.test(name))
    throw new Unusable('its name looks like the id of an image', 'Use a name that is not 64 hexadecimal digits')
  return { registry: isRegistry ? first : undefined, path }
}

/** `sha256` in its canonical form, or another algorithm with at least 32 hexadecimal digits. */
export function isDigest(text: string): boolean {
  return /^sha256:/i.test(text) ? SHA256.test(text) : DIGEST.test(text)
}

export function formatReference({ registry, path, tag, digest }: ImageReference): string {
  const name = registry === undefined ? path : `${registry}/${path}`
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** `registry/path` with Docker Hub spelled out, so that two ways to write one repository are the same. */
export function repositoryOf({ registry, path }: Pick<ImageReference, 'registry' | 'path'>): string {
  if (registry !== undefined && registry !== 'docker.io' && registry !== 'index.docker.io')
    return `${registry.toLowerCase()}/${path}`
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`
}
