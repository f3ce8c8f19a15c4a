import type { Acknowledgement } from '#kit/terraform/acknowledgement'
import { isObject, jsonOrNothing, member, type Json, type JsonObject } from '#kit/terraform/json'
import { isEffective, type Check, type Plan } from '#kit/terraform/plan'
import type { ProtectedEvent } from '#kit/terraform/protect-rules'
import type { ProtectedChange } from '#kit/terraform/protection'
import { normalRoot, workspace } from '#kit/terraform/root'
import type { PolicyResult } from './policy.ts'
import { readChange, readOutput } from './read-record-changes.ts'
import {
  readFlag,
  readList,
  readNumber,
  readObject,
  readText,
  readTextOrNothing,
  readWord,
  refuseDeep,
  textItem,
  UnreadableRecord,
} from './record-fields.ts'
import { RECORD_VERSION, type Failure, type RecordBasis, type RecordedJudgement, type RecordFacts } from './record.ts'
import { verdictOf } from './verdict.ts'

/** A plan out of a record, redacted: it can be shown, and nothing else. */
export interface RecordedPlan {
  readonly plan: Plan
  readonly contract: string
  readonly binary: RecordFacts['binary']
  readonly warnings: number
  readonly shortValues: number
  readonly delta: string | undefined
  readonly protection: RecordedJudgement | undefined
  readonly policies: PolicyResult | undefined
  readonly verdict: 'pass' | 'fail' | 'invalid'
  /** Objects whose attributes the record had no room for. */
  readonly withoutAttributes: number
}

export interface RootRecord extends RecordBasis {
  /** What became of planning. */
  readonly outcome: RecordedPlan | Failure
}

/**
 * Reads what a job of the pull request wrote: each member must be what this version writes, and is taken as text.
 * @throws UnreadableRecord with the first thing that is wrong
 */
export function readRecord(json: string): RootRecord {
  const record = jsonOrNothing(json)
  if (!isObject(record)) throw new UnreadableRecord('it is not the JSON of a record')
  refuseDeep(record)
  if (member(record, 'version') !== RECORD_VERSION)
    throw new UnreadableRecord(
      `its version is ${JSON.stringify(member(record, 'version') ?? null)}, and this version of Slipway reads ${RECORD_VERSION}`,
    )
  const basis = readBasis(record)
  const failure = member(record, 'failure')
  return {
    ...basis,
    outcome: failure === undefined ? readPlanned(record) : readFailure(readObject(failure, 'failure')),
  }
}

/** Whether there is a plan. */
export function isPlanned(outcome: RootRecord['outcome']): outcome is RecordedPlan {
  return 'plan' in outcome
}

function readBasis(record: JsonObject): RecordBasis {
  const extent = readObject(member(record, 'extent'), 'extent')
  return {
    root: rootOf(readText(record, 'root')),
    workspace: workspaceOf(readText(record, 'workspace')),
    repositoryId: readNumber(record, 'repositoryId'),
    pullRequest: readNumber(record, 'pullRequest'),
    headSha: readText(record, 'headSha'),
    runId: readNumber(record, 'runId'),
    runAttempt: readNumber(record, 'runAttempt'),
    key: readText(record, 'key'),
    extent: {
      targets: readList(extent, 'targets', textItem),
      destroy: readFlag(extent, 'destroy'),
      'pre-run': readText(extent, 'pre-run'),
    },
  }
}

function rootOf(root: string): string {
  if (normalRoot(root) !== root) throw new UnreadableRecord(`its "root" is ${JSON.stringify(root)}`)
  return root
}

function workspaceOf(name: string): string {
  try {
    return workspace.parse(name)
  } catch {
    throw new UnreadableRecord(`its "workspace" is ${JSON.stringify(name)}`)
  }
}

function readFailure(failure: JsonObject): Failure {
  return {
    message: readText(failure, 'message'),
    cause: readTextOrNothing(failure, 'cause'),
    hint: readTextOrNothing(failure, 'hint'),
  }
}

const HEX = /^[0-9a-f]{64}$/

function readDigest(object: JsonObject, name: string): string {
  const digest = readText(object, name)
  if (!HEX.test(digest)) throw new UnreadableRecord(`its ${JSON.stringify(name)} is no digest`)
  return digest
}

function readDetail(record: JsonObject): Plan['detail'] {
  const detail = readText(record, 'detail')
  if (detail !== 'attributes' && detail !== 'addresses')
    throw new UnreadableRecord(`its "detail" is ${JSON.stringify(detail)}`)
  return detail
}

function readPlanned(record: JsonObject): RecordedPlan {
  const changes = readList(record, 'changes', readChange)
  const drift = readList(record, 'drift', readChange)
  const errored = readFlag(record, 'errored')
  const plan: Plan = {
    detail: readDetail(record),
    formatVersion: undefined,
    terraformVersion: readText(record, 'terraformVersion') || undefined,
    changes: changes.map(({ change }) => change).filter(isEffective),
    drift: drift.map(({ change }) => change),
    outputs: readList(record, 'outputs', readOutput),
    deferred: readList(record, 'deferred', (item, name) => ({
      reason: readText(readObject(item, name), 'reason'),
      change: readChange(item, name).change,
    })),
    invocations: readList(record, 'invocations', (item, name) => ({
      address: readText(readObject(item, name), 'address'),
    })),
    deferredInvocations: Array.from(
      { length: Math.min(readNumber(record, 'deferredInvocations'), MOST_LATER) },
      () => ({
        reason: '',
        invocation: {},
      }),
    ),
    checks: readList(record, 'checks', readCheck),
    errored,
    complete: !errored,
    applyable: readFlag(record, 'hasChanges'),
    redacted: false,
    unknownParts: [],
    document: {},
  }
  const protection = member(record, 'protection')
  const policies = member(record, 'policies')
  const judged = {
    protection: protection === undefined ? undefined : readJudgement(readObject(protection, 'protection')),
    policies: policies === undefined ? undefined : readPolicies(readObject(policies, 'policies')),
  }
  return {
    plan,
    ...judged,
    contract: readDigest(record, 'contract'),
    binary: readWord(record, 'binary', ['terraform', 'tofu']),
    warnings: readNumber(record, 'warnings'),
    shortValues: readNumber(record, 'shortValues'),
    delta: readTextOrNothing(record, 'delta'),
    verdict: verdictOf(plan, judged),
    withoutAttributes: [...changes, ...drift].filter(({ hasAttributes }) => !hasAttributes).length,
  }
}

/** A number in a record must not fill the memory. */
const MOST_LATER = 100_000

function readCheck(value: Json, name: string): Check {
  const check = readObject(value, name)
  return {
    address: readText(check, 'address'),
    status: readWord(check, 'status', ['pass', 'fail', 'error', 'unknown']),
    problems: readList(check, 'problems', textItem),
  }
}

const EVENTS: readonly ProtectedEvent[] = ['destroy', 'replace', 'forget', 'update', 'expose', 'may-expose']

function readJudgement(judgement: JsonObject): RecordedJudgement {
  const acknowledgement = member(judgement, 'acknowledgement')
  return {
    changes: readList(judgement, 'changes', readProtected),
    mayExpose: readList(judgement, 'mayExpose', readProtected),
    digest: readDigest(judgement, 'digest'),
    acknowledgement:
      acknowledgement === undefined ? undefined : readAcknowledgement(readObject(acknowledgement, 'acknowledgement')),
    changedRules: readTextOrNothing(judgement, 'changedRules'),
    unrecorded: readTextOrNothing(judgement, 'unrecorded'),
    isComplete: readFlag(judgement, 'isComplete'),
  }
}

function readProtected(value: Json, name: string): ProtectedChange {
  const change = readObject(value, name)
  return {
    address: readText(change, 'address'),
    deposed: readTextOrNothing(change, 'deposed'),
    event: readWord(change, 'event', EVENTS),
    why: readText(change, 'why'),
  }
}

function readAcknowledgement(one: JsonObject): Acknowledgement {
  return { digest: readDigest(one, 'digest'), login: readText(one, 'login'), source: readText(one, 'source') }
}

function readPolicies(policies: JsonObject): PolicyResult {
  return {
    failures: readList(policies, 'failures', textItem),
    warnings: readList(policies, 'warnings', textItem),
    changedFolder: readTextOrNothing(policies, 'changedFolder'),
  }
}
