import { sidesKey, type AttributeChange } from './diff.ts'

/** Attributes in which providers repeat another one, with their own defaults added. */
const MIRRORS: ReadonlyMap<string | number | undefined, string> = new Map([
  ['tags_all', 'tags'],
  ['terraform_labels', 'labels'],
  ['effective_labels', 'labels'],
])

const MIRRORED: ReadonlySet<string | number | undefined> = new Set(MIRRORS.values())

/** A tag that changes is told once; the defaults that a provider adds to it stay. */
export function withoutMirrors(attributes: readonly AttributeChange[]): readonly AttributeChange[] {
  if (!attributes.some(({ path }) => MIRRORS.has(path[0]))) return attributes
  const keyOf = (path: AttributeChange['path'], attribute: AttributeChange) =>
    JSON.stringify(path) + sidesKey(attribute)
  const told = new Set(
    attributes.filter(({ path }) => MIRRORED.has(path[0])).map(attribute => keyOf(attribute.path, attribute)),
  )
  return attributes.filter(attribute => {
    const [first, ...rest] = attribute.path
    const original = MIRRORS.get(first)
    return original === undefined || !told.has(keyOf([original, ...rest], attribute))
  })
}
