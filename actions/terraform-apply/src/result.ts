import { isList, isObject, writeJson, type Json } from '#kit/terraform/json'
import type { RootOutput } from '#kit/terraform/terraform'

/** Shorter ones would hide too much of the log. */
const SHORTEST_SECRET = 4

/** JSON of the outputs that are not sensitive. */
export function openOutputs(outputs: readonly RootOutput[]): string {
  return `${writeJson(Object.fromEntries(outputs.filter(({ sensitive }) => !sensitive).map(({ name, value }) => [name, value])), 2)}\n`
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
): { readonly text: string } | { readonly missing: 'no output' | 'sensitive' | 'not a text' } {
  const output = outputs.find(({ name }) => name === INVENTORY)
  if (output === undefined || output.value === null) return { missing: 'no output' }
  if (output.sensitive) return { missing: 'sensitive' }
  if (typeof output.value !== 'string') return { missing: 'not a text' }
  return { text: output.value.endsWith('\n') ? output.value : `${output.value}\n` }
}
