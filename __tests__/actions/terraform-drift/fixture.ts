import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson, type Json, type JsonObject } from '../../../kit/terraform/json.ts'

/** Text of a plan that real Terraform made after things were changed outside (`fixtures/make.sh`). */
export function outsidePlan(file = 'plan.json'): string {
  return readFileSync(join(import.meta.dirname, 'fixtures/outside', file), 'utf8')
}

/** The same plan with some parts in place of its own. */
export function outsidePlanWith(parts: Readonly<Record<string, Json>>): string {
  return JSON.stringify({ ...(parseJson(outsidePlan()) as JsonObject), ...parts })
}

/** A change as Terraform writes it; `managed` and of `terraform_data`. */
export function change(address: string, actions: readonly string[], values: JsonObject = {}): JsonObject {
  const name = address.split('.').at(-1) ?? ''
  return { address, mode: 'managed', type: 'terraform_data', name, provider_name: 'p', change: { actions, ...values } }
}
