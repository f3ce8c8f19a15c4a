import { ExactNumber, isList, isObject, numberText, writeJson, type Json } from '#kit/terraform/json'
import type { RootOutput } from '#kit/terraform/terraform'

/** Shorter ones would hide too much of the log. */
const SHORTEST_SECRET = 4

type IsTainted = (text: string) => boolean

/** JSON of the outputs that are not sensitive, and the names of those left out because a sensitive value was copied to them. */
export function openOutputs(
  outputs: readonly RootOutput[],
  isTainted: IsTainted,
): { readonly json: string; readonly left: readonly string[] } {
  const unmarked = outputs.filter(({ sensitive }) => !sensitive)
  const open = unmarked.filter(({ value }) => !holdsSecret(value, isTainted))
  const json = `${writeJson(Object.fromEntries(open.map(({ name, value }) => [name, value])), 2)}\n`
  return { json, left: unmarked.filter(output => !open.includes(output)).map(({ name }) => name) }
}

function holdsSecret(value: Json, isTainted: IsTainted): boolean {
  if (typeof value === 'string') return isTainted(value)
  if (typeof value === 'number' || value instanceof ExactNumber) return isTainted(numberText(value))
  if (isList(value)) return value.some(item => holdsSecret(item, isTainted))
  return isObject(value) && Object.entries(value).some(([key, item]) => isTainted(key) || holdsSecret(item, isTainted))
}

/** Texts in sensitive outputs, to be hidden from here on. */
export function outputSecrets(outputs: readonly RootOutput[]): string[] {
  return outputs.filter(({ sensitive }) => sensitive).flatMap(({ value }) => texts(value))
}

function texts(value: Json): string[] {
  if (typeof value === 'string') return value.length >= SHORTEST_SECRET ? [value] : []
  if (isList(value)) return value.flatMap(texts)
  return isObject(value) ? Object.values(value).flatMap(texts) : []
}

const INVENTORY = 'inventory_ini'

/** What the output `inventory_ini` says, or why there is no inventory. */
export function inventoryOf(
  outputs: readonly RootOutput[],
  isTainted: IsTainted,
): { readonly text: string } | { readonly missing: 'no output' | 'sensitive' | 'not a text' } {
  const output = outputs.find(({ name }) => name === INVENTORY)
  if (output === undefined || output.value === null) return { missing: 'no output' }
  if (typeof output.value !== 'string') return { missing: output.sensitive ? 'sensitive' : 'not a text' }
  if (output.sensitive || isTainted(output.value)) return { missing: 'sensitive' }
  return { text: output.value.endsWith('\n') ? output.value : `${output.value}\n` }
}
