import type { DiffLine } from '#kit/report/fence'
import { compareAttributes, type AttributeChange } from '#kit/terraform/diff'
import { attributeName, diffLines, type Lengths } from '#kit/terraform/diff-text'
import { withoutMirrors } from '#kit/terraform/mirrors'
import type { ResourceChange, ValueChange } from '#kit/terraform/plan'
import type { Hide } from './words.ts'

const KNOWN_LATER_SHOWN = 8

/** What happens to the attributes of an object; a tag that changes is told once, the defaults of the provider stay. */
export function attributesOf(
  change: ValueChange & Pick<ResourceChange, 'kind' | 'replacePaths'>,
): readonly AttributeChange[] {
  // Nothing happens to it; lines with a minus would say that it goes.
  if (change.kind === 'forget') return []
  return withoutMirrors(compareAttributes(change))
}

/**
 * The lines that tell attributes. What an object does not have yet or is empty says nothing, so that is counted; so is what a
 * replace makes anew.
 */
export function attributeLines(
  kind: ResourceChange['kind'],
  attributes: readonly AttributeChange[],
  hide: Hide,
  lengths?: Lengths,
): DiffLine[] {
  if (kind !== 'create' && kind !== 'delete' && kind !== 'replace') return diffLines(attributes, hide, lengths)
  const later = attributes.filter(({ after, forcesReplace }) => after.state === 'unknown' && !forcesReplace)
  const empty = kind === 'replace' ? [] : attributes.filter(isEmpty)
  const counted = new Set([...later, ...empty])
  const lines = diffLines(
    attributes.filter(attribute => !counted.has(attribute)),
    hide,
    lengths,
  )
  const names = kind === 'replace' ? `: ${namesText(later, hide)}` : ''
  const remarks = [
    ...(later.length === 0 ? [] : [`${later.length} known after apply${names}`]),
    ...(empty.length === 0 ? [] : [`${empty.length} empty`]),
  ]
  return remarks.length === 0 ? lines : [...lines, { sign: '#', text: remarks.join(', ') }]
}

function namesText(attributes: readonly AttributeChange[], hide: Hide): string {
  const names = attributes.slice(0, KNOWN_LATER_SHOWN).map(attribute => hide(attributeName(attribute)))
  return [...names, ...(attributes.length > names.length ? [`${attributes.length - names.length} more`] : [])].join(
    ', ',
  )
}

function isEmpty({ before, after }: AttributeChange): boolean {
  const side = after.state === 'absent' ? before : after
  if (side.state !== 'known') return false
  const { value } = side
  if (value === '') return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
