import type { AttributeChange, Side } from '#kit/terraform/diff'
import { member, type Json, type JsonObject } from '#kit/terraform/json'
import { readActions, type OutputChange, type ResourceChange, type ValueChange } from '#kit/terraform/plan'
import {
  pathItem,
  readFlag,
  readList,
  readObject,
  readText,
  readTextOrNothing,
  readWord,
  textItem,
} from './record-fields.ts'

/** A change out of a record; what it does is read from its actions alone. */
export function readChange(
  value: Json,
  name: string,
): { readonly change: ResourceChange; readonly hasAttributes: boolean } {
  const entry = readObject(value, name)
  const hasAttributes = member(entry, 'attributes') !== undefined
  const change: ResourceChange = {
    address: readText(entry, 'address'),
    previousAddress: readTextOrNothing(entry, 'previousAddress'),
    moduleAddress: undefined,
    mode: member(entry, 'mode') === undefined ? 'managed' : readWord(entry, 'mode', ['data', 'ephemeral']),
    type: readText(entry, 'type'),
    name: '',
    index: undefined,
    providerName: '',
    deposed: readTextOrNothing(entry, 'deposed'),
    ...actionsOf(entry),
    ...valuesOf(hasAttributes ? readList(entry, 'attributes', readAttribute) : []),
    replacePaths: member(entry, 'replacePaths') === undefined ? [] : readList(entry, 'replacePaths', pathItem),
    reason: readTextOrNothing(entry, 'reason'),
    importId: readTextOrNothing(entry, 'importId'),
    generatedConfig: undefined,
  }
  return { change, hasAttributes }
}

export function readOutput(value: Json, name: string): OutputChange {
  const entry = readObject(value, name)
  const { kind, actions } = actionsOf(entry)
  return { name: readText(entry, 'name'), kind, actions, ...valuesOf(readList(entry, 'attributes', readAttribute)) }
}

function actionsOf(entry: JsonObject) {
  return readActions({ actions: readList(entry, 'actions', textItem) })
}

function valuesOf(differences: readonly AttributeChange[]): ValueChange {
  return {
    ...{ before: null, after: null, afterUnknown: false, beforeSensitive: false, afterSensitive: false },
    differences,
  }
}

const NOTES = ['order', 'whitespace', 'spelling', 'sensitivity'] as const

function readAttribute(value: Json, name: string): AttributeChange {
  const attribute = readObject(value, name)
  const innerPath = member(attribute, 'innerPath')
  return {
    path: pathItem(member(attribute, 'path') ?? null, 'path'),
    innerPath: innerPath === undefined ? undefined : pathItem(innerPath, 'innerPath'),
    element: readTextOrNothing(attribute, 'element'),
    base64: readFlag(attribute, 'base64'),
    before: readSide(attribute, 'before'),
    after: readSide(attribute, 'after'),
    forcesReplace: readFlag(attribute, 'forcesReplace'),
    note: member(attribute, 'note') === undefined ? undefined : readWord(attribute, 'note', NOTES),
  }
}

function readSide(attribute: JsonObject, name: 'before' | 'after'): Side {
  const value = member(attribute, name)
  if (value !== undefined) return { state: 'known', value }
  const why = `${name}Is`
  if (member(attribute, why) === undefined) return { state: 'absent' }
  return { state: readWord(attribute, why, ['unknown', 'sensitive']) }
}
