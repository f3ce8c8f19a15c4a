import { GateError, withOutputs, type Verdict } from '#kit/errors'
import type { Plan } from '#kit/terraform/plan'
import { isHeld, type Judgement } from './judgement.ts'
import type { PolicyResult } from './policy.ts'

/** What the check of one plan says. */
export function verdictOf(
  plan: Pick<Plan, 'errored'>,
  judged: {
    readonly protection: Pick<Judgement, 'changes' | 'acknowledgement'> | undefined
    readonly policies: Pick<PolicyResult, 'failures'> | undefined
  },
): Verdict {
  if (plan.errored) return 'invalid'
  const isPolicyBroken = judged.policies !== undefined && judged.policies.failures.length > 0
  return isPolicyBroken || (judged.protection !== undefined && isHeld(judged.protection)) ? 'fail' : 'pass'
}

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
