import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parsePlan, type Plan, type ResourceChange } from '../../../kit/terraform/plan.ts'

/** Text of a plan that real Terraform made (`fixtures/make.ts`); OpenTofu's lies in `<shape>/tofu`. */
export function fixtureText(shape: string, file = 'plan.json'): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', shape, file), 'utf8')
}

export function fixturePlan(shape: string): Plan {
  return parsePlan(fixtureText(shape), `${shape}/plan.json`)
}

export function changeOf(plan: Plan, address: string): ResourceChange {
  const change = plan.changes.find(candidate => candidate.address === address)
  if (change === undefined) throw new Error(`the plan has no ${address}`)
  return change
}
