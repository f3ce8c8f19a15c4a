import { ActionError, adviceOf, ApiError } from '#kit/errors'
import type { Approval, Ports } from '#kit/ports'
import { readRecord, type ProtectionRecord } from '#kit/terraform/acknowledgement'
import { outlineDelta, outlineOf } from '#kit/terraform/outline'
import type { Plan } from '#kit/terraform/plan'
import { nameOf, noSuchCommit } from './protection.ts'

type ReviewPorts = Pick<Ports, 'checks' | 'log' | 'pullRequests' | 'run'>

/** An approval and what became of the plan since. */
export interface ReviewedPlan {
  readonly approval: Approval
  /** What will happen is what was approved. */
  readonly isSame: boolean
  /** `Since the review at 1c2d3e4: +2 changes.` */
  readonly words: string
}

/** Commits of approvals that are looked up; who approved more often looked at the newest. */
const MOST_COMMITS = 10

/**
 * Compares the plan with those of the approved commits, as our own checks there recorded them; the newest approval first.
 * Without the right to read them nothing is compared, unless it must be.
 */
export async function compareWithReview(
  plan: Plan,
  digest: string,
  { key, isRequired }: { readonly key: string; readonly isRequired: boolean },
  ports: ReviewPorts,
): Promise<readonly ReviewedPlan[]> {
  const { pullRequest } = ports.run
  if (pullRequest === undefined) return []
  try {
    const approvals = await ports.pullRequests.approvals(pullRequest.number)
    const records = new Map<string, ProtectionRecord | undefined>()
    for (const sha of [...new Set(approvals.map(({ commitSha }) => commitSha))].slice(0, MOST_COMMITS)) {
      const [check] = await ports.checks.own(sha, nameOf(key)).catch(noSuchCommit)
      records.set(sha, check && readRecord(check, pullRequest.number))
    }
    return approvals.map(approval => {
      const record = records.get(approval.commitSha)
      return { approval, isSame: record?.digest === digest, words: deltaWords(plan, digest, approval, record) }
    })
  } catch (error) {
    if (isRequired || !(error instanceof ApiError) || error.status !== 403) throw error
    ports.log.info(`The plan is not compared with the one that was approved: ${error.message}`)
    return []
  }
}

function deltaWords(plan: Plan, digest: string, { commitSha }: Approval, record: ProtectionRecord | undefined): string {
  const since = `Since the review at ${commitSha.slice(0, 7)}`
  if (record === undefined) return `${since}: unknown, there is no record of its plan.`
  if (record.digest === digest) return `${since} nothing changed of what will happen.`
  const outline = outlineOf(plan)
  if (record.outline === undefined || outline === undefined)
    return `${since} the plan changed; it is too large to tell how.`
  return `${since}: ${outlineDelta(record.outline, outline) || 'the same objects, with other values'}.`
}

/** Takes back the approvals of another plan than this one; each says why. */
export async function dismissStale(reviewed: readonly ReviewedPlan[], key: string, ports: ReviewPorts): Promise<void> {
  const { pullRequest } = ports.run
  if (pullRequest === undefined) return
  for (const { approval, words } of reviewed.filter(({ isSame }) => !isSame)) {
    const reason = `The plan of ${key} is not the one that was approved. ${words} Please look at it again.`
    await ports.pullRequests.dismissApproval(pullRequest.number, approval.id, reason).catch(notDismissed(approval))
    ports.log.warning(`The approval by ${approval.login} was dismissed. ${words}`)
  }
}

/** A branch may let only some people dismiss. */
function notDismissed({ login }: Approval): (error: unknown) => never {
  return error => {
    if (!(error instanceof ApiError)) throw error
    const advice = adviceOf(error)
    throw new ActionError(`the approval by ${login} is of another plan and could not be dismissed`, {
      ...{ cause: error },
      hint: `${advice === undefined ? '' : `${advice}\n`}Dismiss it by hand, let this app dismiss reviews in the rules of the branch, or set "dismiss-stale-approvals: false".`,
    })
  }
}
