import { ApiError } from '#kit/errors'
import type { Ports, PullRequestRef } from '#kit/ports'
import { reasonIn } from '#kit/restricted-run'
import {
  acknowledgementOf,
  CHECK_NAME,
  checkId,
  readRecord,
  writeRecord,
  type Acknowledgement,
} from '#kit/terraform/acknowledgement'
import { outlineOf } from '#kit/terraform/outline'
import type { Plan } from '#kit/terraform/plan'
import { parseProtectRules } from '#kit/terraform/protect-rules'
import { findProtected } from '#kit/terraform/protection'
import { isHeld, type Judgement } from './judgement.ts'
import { checkReport } from './protection-report.ts'
import type { Hide } from './words.ts'

type ProtectionPorts = Pick<Ports, 'checks' | 'log' | 'pullRequests' | 'repository' | 'run'>

/**
 * Judges the plan of a pull request by the rules at its base and by what our own checks of this and earlier heads say was
 * acknowledged. `undefined` outside of a pull request, where nobody could acknowledge.
 */
export async function judgeProtection(
  plan: Plan,
  facts: { readonly digest: string; readonly rulesPath: string; readonly key: string },
  ports: ProtectionPorts,
): Promise<Judgement | undefined> {
  const { pullRequest } = ports.run
  if (pullRequest === undefined) return undefined
  const { digest, rulesPath } = facts
  const { text, isChanged } = await readRules(rulesPath, pullRequest, ports)
  const found = findProtected(plan, parseProtectRules(text, rulesPath))
  const judgement = {
    ...found,
    digest,
    changedRules: isChanged ? rulesPath : undefined,
    isComplete: !plan.errored,
  }
  if (found.changes.length === 0)
    return { ...judgement, acknowledgement: undefined, carried: [], unrecorded: undefined }
  return { ...judgement, ...(await findAcknowledged(digest, nameOf(facts.key), pullRequest, ports)) }
}

/** What the check of a plan is called. */
export const nameOf = (key: string) => `${CHECK_NAME} ${key}`

async function readRules(
  path: string,
  { baseSha, headSha }: PullRequestRef,
  { repository }: Pick<Ports, 'repository'>,
): Promise<{ text: string; isChanged: boolean }> {
  if (path === '') return { text: '', isChanged: false }
  const read = async (sha: string) => new TextDecoder().decode(await repository.readFile(sha, path))
  const text = await read(baseSha)
  return { text, isChanged: headSha !== baseSha && (await read(headSha)) !== text }
}

/** Heads further back are not asked: an acknowledgement goes along from head to head. */
const MOST_EARLIER_HEADS = 20

async function findAcknowledged(
  digest: string,
  name: string,
  pullRequest: PullRequestRef,
  ports: ProtectionPorts,
): Promise<Pick<Judgement, 'acknowledgement' | 'carried' | 'unrecorded'>> {
  const carried = new Map<string, Acknowledgement>()
  try {
    for await (const sha of headsOf(pullRequest, ports)) {
      const checks = await ports.checks.own(sha, name).catch(noSuchCommit)
      for (const record of checks.map(check => readRecord(check, pullRequest.number)))
        for (const one of record?.acknowledged ?? []) if (!carried.has(one.digest)) carried.set(one.digest, one)
      if (carried.has(digest)) break
    }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    return { acknowledgement: undefined, carried: [], unrecorded: reasonIn(ports.run, error) }
  }
  // The oldest first, as they were said.
  const all = [...carried.values()].reverse()
  return { acknowledgement: acknowledgementOf({ acknowledged: all }, digest), carried: all, unrecorded: undefined }
}

/** This head, the one that a push replaced, and the other commits of the pull request, the newest first. */
async function* headsOf(pullRequest: PullRequestRef, ports: ProtectionPorts): AsyncIterable<string> {
  const { number, headSha, previousHeadSha } = pullRequest
  const first = [headSha, ...(previousHeadSha === undefined ? [] : [previousHeadSha])]
  yield* first
  for (const sha of await ports.pullRequests.commits(number, MOST_EARLIER_HEADS)) if (!first.includes(sha)) yield sha
}

/** A head that was pushed over may be gone. */
export function noSuchCommit(error: unknown): [] {
  if (error instanceof ApiError && (error.status === 404 || error.status === 422)) return []
  throw error
}

/** Writes our check: for people what is held back, for the next run and the acknowledgement what they read. */
export async function recordProtection(
  judgement: Judgement,
  plan: Plan,
  key: string,
  hide: Hide,
  ports: ProtectionPorts,
): Promise<Judgement> {
  const { pullRequest, runId } = ports.run
  if (pullRequest === undefined) return judgement
  const record = {
    pullRequest: pullRequest.number,
    runId,
    digest: judgement.digest,
    isProtected: judgement.changes.length > 0,
    acknowledged: judgement.carried,
    outline: outlineOf(plan),
  }
  try {
    await ports.checks.complete({
      sha: pullRequest.headSha,
      name: nameOf(key),
      externalId: checkId(pullRequest.number),
      conclusion: isHeld(judgement) || !judgement.isComplete ? 'failure' : 'success',
      ...checkReport(judgement, hide),
      text: writeRecord(record),
    })
    return judgement
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (judgement.changes.length > 0) return { ...judgement, unrecorded: reasonIn(ports.run, error) }
    ports.log.info(`The check "${nameOf(key)}" was not written: ${error.message}`)
    return judgement
  }
}
