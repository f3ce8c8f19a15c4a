import { compareAttributes, type AttributeChange, type Side } from '#kit/terraform/diff'
import { attributeName } from '#kit/terraform/diff-text'
import { jsonOrNothing, writeJson, type Json } from '#kit/terraform/json'
import type { AttributePath, OutputChange, ResourceChange } from '#kit/terraform/plan'
import { isDangerousKind, type Hide } from './words.ts'

/** JSON text of all attributes together; what comes after is recorded without. UTF-16 units. */
const MOST_ATTRIBUTES = 16 * 1024 * 1024

/** Of one attribute. A side that is not there is left out; one that is not known says why. */
interface RecordedAttribute {
  readonly path: AttributePath
  readonly innerPath?: AttributePath | undefined
  readonly element?: string | undefined
  readonly base64?: true
  readonly before?: Json
  readonly beforeIs?: 'unknown' | 'sensitive'
  readonly after?: Json
  readonly afterIs?: 'unknown' | 'sensitive'
  readonly note?: AttributeChange['note']
  readonly forcesReplace?: true
}

/** Objects with what happens to them, the attributes of those in danger first where not all find room. */
export function recordChanges(changes: readonly ResourceChange[], hide: Hide): object[] {
  const attributes = new Map<ResourceChange, object[]>()
  let room = MOST_ATTRIBUTES
  const ordered = [
    ...changes.filter(({ kind }) => isDangerousKind(kind)),
    ...changes.filter(({ kind }) => !isDangerousKind(kind)),
  ]
  for (const change of ordered) {
    const recorded = compareAttributes(change).map(attribute => recordAttribute(attribute, hide))
    room -= JSON.stringify(recorded).length
    if (room < 0) break
    attributes.set(change, recorded)
  }
  return changes.map(change => ({
    address: change.address,
    type: change.type,
    ...(change.mode === 'managed' ? {} : { mode: change.mode }),
    kind: change.kind,
    actions: change.actions,
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    ...(change.replacePaths.length === 0
      ? {}
      : { replacePaths: change.replacePaths.map(path => hidePath(path, hide)) }),
    ...(change.previousAddress === undefined ? {} : { previousAddress: change.previousAddress }),
    ...(change.importId === undefined ? {} : { importId: hide(change.importId) }),
    ...(change.deposed === undefined ? {} : { deposed: change.deposed }),
    ...(attributes.has(change) ? { attributes: attributes.get(change) } : {}),
  }))
}

export function recordOutputs(outputs: readonly OutputChange[], hide: Hide): object[] {
  return outputs.map(output => ({
    ...{ name: output.name, kind: output.kind, actions: output.actions },
    attributes: compareAttributes(output).map(attribute => recordAttribute(attribute, hide)),
  }))
}

function recordAttribute(attribute: AttributeChange, hide: Hide): RecordedAttribute {
  const { element, note, before, after } = attribute
  return {
    ...recordPlace(attribute, hide),
    ...(element === undefined ? {} : { element: hide(element) }),
    ...recordSide('before', before, hide),
    ...recordSide('after', after, hide),
    ...(note === undefined ? {} : { note }),
    ...(attribute.forcesReplace ? { forcesReplace: true } : {}),
  }
}

/** Steps are hidden one by one; where that leaves a secret in the name that they make, the name is recorded as one step. */
function recordPlace(attribute: AttributeChange, hide: Hide): Pick<RecordedAttribute, 'path' | 'innerPath' | 'base64'> {
  const path = hidePath(attribute.path, hide)
  const innerPath = attribute.innerPath && hidePath(attribute.innerPath, hide)
  const name = attributeName({ ...attribute, path, innerPath })
  if (hide(name) !== name) return { path: [hide(name)] }
  return {
    path,
    ...(innerPath === undefined ? {} : { innerPath }),
    ...(attribute.base64 ? { base64: true } : {}),
  }
}

function hidePath(path: AttributePath, hide: Hide): AttributePath {
  return path.map(step => (typeof step === 'string' ? hide(step) : step))
}

function recordSide(name: 'before' | 'after', side: Side, hide: Hide): Partial<RecordedAttribute> {
  if (side.state === 'absent') return {}
  return side.state === 'known' ? { [name]: hideValue(side.value, hide) } : { [`${name}Is`]: side.state }
}

/** A value without its secrets; what is no JSON any more then, as a text. */
function hideValue(value: Json, hide: Hide): Json {
  if (typeof value === 'string') return hide(value)
  const written = writeJson(value)
  const hidden = hide(written)
  if (hidden === written) return value
  return jsonOrNothing(hidden) ?? hidden
}
