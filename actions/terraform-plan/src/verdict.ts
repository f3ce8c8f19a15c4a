import { GateError, withOutputs } from '#kit/errors'
import type { Plan } from '#kit/terraform/plan'

/** A plan that Terraform could not finish shows less than would happen, so it never passes. */
export function refuseUnfinished(plan: Plan, outputs: Readonly<Record<string, string>>): void {
  if (!plan.errored) return
  throw withOutputs(
    new GateError('Terraform could not finish this plan, so it does not show all that would happen', {
      verdict: 'invalid',
      hint: 'Fix the errors that Terraform reported while planning, and plan again.',
    }),
    { ...outputs, verdict: 'invalid' },
  )
}
