import type { Verdict } from '#kit/errors'
import type { RecordedPart } from '#kit/terraform/contract-differences'
import type { Extent } from '#kit/terraform/extent'
import { ExactNumber } from '#kit/terraform/json'
import { hasChanges, isEffective, type Counts, type Plan } from '#kit/terraform/plan'
import type { Judgement } from './judgement.ts'
import type { PolicyResult } from './policy.ts'
import { recordChanges, recordOutputs } from './record-changes.ts'
import type { Hide } from './words.ts'

/** The format; a later job refuses another. */
export const RECORD_VERSION = 1

/** What a record belongs to: a later job takes no other. */
export interface RecordPlace {
  readonly root: string
  readonly workspace: string
  /** 0 where the run does not say. */
  readonly repositoryId: number
  /** 0 outside of a pull request. */
  readonly pullRequest: number
  readonly headSha: string
  readonly runId: number
  readonly runAttempt: number
}

/** What is known also where there is no plan. */
export interface RecordBasis extends RecordPlace {
  /** The input `comment-key`. */
  readonly key: string
  readonly extent: Pick<Extent, 'targets' | 'destroy' | 'pre-run'>
}

/** Protected changes, as far as later jobs may know of them. */
export type RecordedJudgement = Omit<Judgement, 'carried'>

export interface RecordFacts extends RecordBasis {
  readonly contract: string
  /** Sensitive values entered the contract under a key. */
  readonly keyed: boolean
  readonly ignorePaths: readonly string[]
  /** By which an apply says what is not as it was reviewed. */
  readonly contractParts: readonly RecordedPart[]
  readonly counts: Counts
  readonly verdict: Verdict
  readonly binary: 'terraform' | 'tofu'
  readonly warnings: number
  readonly shortValues: number
  readonly delta: string | undefined
  readonly protection: RecordedJudgement | undefined
  readonly policies: PolicyResult | undefined
}

/** Why there is no plan, without secrets. */
export interface Failure {
  /** What failed, and below it Terraform's words. */
  readonly message: string
  /** The first problem that Terraform reports. */
  readonly cause: string | undefined
  readonly hint: string | undefined
}

/** What later jobs may know of a plan: no secret is in it. */
export function planRecord(plan: Plan, facts: RecordFacts, hide: Hide): string {
  const { protection, policies, delta, ...rest } = facts
  return written({
    ...rest,
    ...(delta === undefined ? {} : { delta }),
    terraformVersion: plan.terraformVersion ?? '',
    detail: plan.detail,
    errored: plan.errored,
    hasChanges: hasChanges(plan),
    changes: recordChanges(plan.changes.filter(isEffective), hide),
    drift: recordChanges(
      plan.drift.filter(({ kind }) => kind !== 'no-op'),
      hide,
    ),
    outputs: recordOutputs(
      plan.outputs.filter(({ kind }) => kind !== 'no-op'),
      hide,
    ),
    checks: plan.checks.map(({ address, status, problems }) => ({ address, status, problems: problems.map(hide) })),
    deferred: plan.deferred.map(({ reason, change }) => ({ reason, ...recordChanges([change], hide)[0] })),
    invocations: plan.invocations.map(({ address }) => ({ address: hide(String(address ?? '')) })),
    deferredInvocations: plan.deferredInvocations.length,
    ...(protection === undefined ? {} : { protection: recordJudgement(protection, hide) }),
    ...(policies === undefined ? {} : { policies: recordPolicies(policies, hide) }),
  })
}

/** That there is no plan, and why. */
export function failureRecord(basis: RecordBasis, { message, cause, hint }: Failure): string {
  return written({
    ...basis,
    verdict: 'invalid',
    failure: { message, ...(cause === undefined ? {} : { cause }), ...(hint === undefined ? {} : { hint }) },
  })
}

type RawJson = { readonly rawJSON: (text: string) => unknown }

/** All digits of numbers are kept. */
function written(record: object): string {
  const replace = (_key: string, value: unknown) =>
    value instanceof ExactNumber ? (JSON as unknown as RawJson).rawJSON(value.source) : value
  return `${JSON.stringify({ version: RECORD_VERSION, ...record }, replace)}\n`
}

function recordJudgement(judgement: RecordedJudgement, hide: Hide): RecordedJudgement {
  const { digest, changedRules, unrecorded, isComplete, acknowledgement } = judgement
  const hideWhy = (changes: RecordedJudgement['changes']) => changes.map(one => ({ ...one, why: hide(one.why) }))
  return {
    ...{ digest, changedRules, unrecorded, isComplete, acknowledgement },
    changes: hideWhy(judgement.changes),
    mayExpose: hideWhy(judgement.mayExpose),
  }
}

function recordPolicies({ failures, warnings, changedFolder }: PolicyResult, hide: Hide): PolicyResult {
  return { failures: failures.map(hide), warnings: warnings.map(hide), changedFolder }
}
