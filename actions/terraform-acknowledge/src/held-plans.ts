import type { OwnCheck } from '#kit/ports'
import { acknowledgementOf, readRecord, type ProtectionRecord } from '#kit/terraform/acknowledgement'
import { refused } from './request.ts'

/** A plan whose protected changes our check holds back, or held back. */
export interface HeldPlan {
  readonly check: OwnCheck
  readonly record: ProtectionRecord
}

/** The plans of a head with protected changes, by the newest check of each name. */
export function readPlans(checks: readonly OwnCheck[], pullRequest: number): readonly HeldPlan[] {
  const newest = new Map<string, OwnCheck>()
  for (const check of checks) if (!newest.has(check.name)) newest.set(check.name, check)
  return [...newest.values()].flatMap(check => {
    const record = readRecord(check, pullRequest)
    return record?.isProtected === true ? [{ check, record }] : []
  })
}

export function isAcknowledged({ record }: HeldPlan): boolean {
  return acknowledgementOf(record, record.digest) !== undefined
}

/**
 * The plans of the one digest that begins with `digits`. Several plans can have the same one: then the same happens.
 * @throws GateError when there is none, or when several digests begin so
 */
export function choosePlans(plans: readonly HeldPlan[], digits: string): readonly HeldPlan[] {
  const fitting = plans.filter(({ record }) => record.digest.startsWith(digits))
  const digests = new Set(fitting.map(({ record }) => record.digest))
  if (digests.size === 0) {
    const waiting = plans.filter(plan => !isAcknowledged(plan)).map(({ record }) => record.digest.slice(0, 16))
    throw refused(
      `no plan with protected changes at the head of the pull request has a contract that begins with ${digits}`,
      waiting.length === 0
        ? 'None waits for an acknowledgement.'
        : `Those that wait: ${waiting.join(', ')}. Look at what they do first: it is not what was looked at.`,
    )
  }
  if (digests.size > 1) throw refused(`${digests.size} contracts begin with ${digits}`, 'Write more digits, or all 64.')
  return fitting
}
