import type { AttributeChange } from '#kit/terraform/diff'
import type { ResourceChange, ValueChange } from '#kit/terraform/plan'
import { attributesOf } from './attributes.ts'
import { namesOf } from './names.ts'
import { once } from './once.ts'
import { attributeKey, changeKey, type Own, type Unit } from './shapes.ts'

/** What a root, or several with the same values, has of an object. */
export interface NamedVariant<T> {
  /** Plain text: `dev and prod`. */
  readonly label: string
  readonly change: T
}

/** What all have, and what each has for itself. */
export interface Compared {
  readonly common: readonly AttributeChange[]
  readonly own: readonly Own[]
}

/** The attributes of one object in several roots. */
export function compareVariants(
  variants: readonly NamedVariant<ValueChange & Pick<ResourceChange, 'kind' | 'replacePaths'>>[],
): Compared {
  const compared = variants.map(({ label, change }) => ({ label, attributes: attributesOf(change) }))
  const [first, ...others] = compared
  const known = others.map(({ attributes }) => new Set(attributes.map(attributeKey)))
  const common = (first?.attributes ?? []).filter(attribute => {
    const key = attributeKey(attribute)
    return known.every(keys => keys.has(key))
  })
  const commonKeys = new Set(common.map(attributeKey))
  return {
    common,
    own: compared.map(({ label, attributes }) => {
      const rest = attributes.filter(attribute => !commonKeys.has(attributeKey(attribute)))
      return { label, attributes: () => rest }
    }),
  }
}

/**
 * Changes whose values differ by root: those with the same values in the same roots together, whatever their objects are.
 * What also moves or is imported stays alone: that is told with it.
 * @param differs where they differ: `between dev and prod`
 */
export function unitsAcross(
  changes: readonly ResourceChange[],
  variantsOf: (change: ResourceChange) => readonly NamedVariant<ResourceChange>[],
  differs: string,
): readonly Unit[] {
  const compared = changes.map(change => ({ change, ...compareVariants(variantsOf(change)) }))
  const alike = Map.groupBy(compared, ({ change, common, own }) =>
    JSON.stringify([
      change.kind === 'update' ? '' : changeKey(change),
      isTold(change) ? change.address : '',
      common.map(attributeKey),
      own.map(({ label, attributes }) => [label, ...attributes().map(attributeKey)]),
    ]),
  )
  return [...alike.values()].flatMap(members => {
    const [first] = members
    if (first === undefined) return []
    const objects = members.map(({ change }) => change)
    return [
      {
        ...{ changes: objects, names: once(() => namesOf(objects)), differs },
        ...{ common: () => first.common, own: () => first.own },
      },
    ]
  })
}

function isTold({ previousAddress, importId, deposed }: ResourceChange): boolean {
  return previousAddress !== undefined || importId !== undefined || deposed !== undefined
}
