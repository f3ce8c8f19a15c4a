import { sameSides, type AttributeChange } from './diff.ts'

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
  const told = Map.groupBy(
    attributes.filter(({ path }) => MIRRORED.has(path[0])),
    ({ path }) => JSON.stringify(path),
  )
  return attributes.filter(attribute => {
    const original = MIRRORS.get(attribute.path[0])
    if (original === undefined) return true
    const alike = told.get(JSON.stringify(attribute.path.with(0, original))) ?? []
    return !alike.some(other => sameSides(other, attribute))
  })
}
