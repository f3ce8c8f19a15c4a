import type { Outputs } from '#kit/action'
import { ActionError, CommandError, GateError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { createHider } from '#kit/terraform/hide'
import { readState } from '#kit/terraform/known-secrets'
import { hasChanges, parsePlan } from '#kit/terraform/plan'
import { findReviewed, type Reviewed } from '#kit/terraform/reviewed'
import { relativeRoot } from '#kit/terraform/root'
import { selectRoots, type SelectedRoot } from '#kit/terraform/select-roots'
import { startSession } from '#kit/terraform/session'
import { applyPrepared, prepareRoot, readOutputs, reportRefusal, type Prepared } from './apply-root.ts'
import { mergedTree, requireReviewers } from './choose-plan.ts'
import { ContractMismatch } from './contract-mismatch.ts'
import type { Inputs, outputs, RootInputs } from './inputs.ts'
import { findApplied } from './last-applied.ts'
import { ofRoot, SEVERAL_ROOTS } from './post.ts'
import { refusalReport } from './report.ts'
import { contractOfRoots, OPEN_FOR_THE_REST, refuseTogether, requireApproved, type Differing } from './roots-refusal.ts'
import { overview, type Outcome, type RootOutcome } from './roots-report.ts'
import { writeAllResults, type OutputsOfRoot } from './write-results.ts'

/** One of several roots, with what it alone is given. */
interface RootWork {
  /** From the top of the repository. */
  readonly root: string
  /** Roots that must be applied before it. */
  readonly after: readonly string[]
  readonly inputs: RootInputs
  readonly ports: Ports
}

type Result = Outputs<typeof outputs>

/**
 * Applies the roots that a merged pull request changes, each under its own contract, in the order in which they depend on each
 * other. Everything that can refuse one of them is asked before the first is applied.
 */
export async function applyRoots(inputs: Inputs, ports: Ports): Promise<Result> {
  const { reviewed, works, applied } = await choose(inputs, ports).catch((error: unknown) =>
    refuseAll(inputs, ports, error),
  )
  if (works.length === 0) return nothingToApply(inputs, reviewed, ports)
  const pending = works.filter(({ root }) => !applied.has(root))
  for (const root of applied) ports.log.info(`${root} was applied already, and is left as it is`)
  const prepared = await prepareAll(inputs, pending, reviewed, ports)
  const outcomes = new Map<string, RootOutcome>([...applied].map(root => [root, { outcome: 'before' }]))
  for (const work of pending) outcomes.set(work.root, await applyInTurn(work, prepared, outcomes))
  return finish(inputs, works, outcomes, prepared, ports)
}

interface Choice {
  readonly reviewed: Reviewed
  /** In the order in which they are applied. */
  readonly works: readonly RootWork[]
  /** Those that this commit was applied to before. */
  readonly applied: ReadonlySet<string>
}

async function choose(inputs: Inputs, ports: Ports): Promise<Choice> {
  const reviewed = await findReviewed(ports.repository, ports.run, inputs['plan-workflow'])
  // The order and what is changed are read from the workspace.
  await mergedTree(ports)
  const { roots } = await selectRoots(inputs, reviewed.pullRequest.number, ports)
  const works = worksOf(inputs, inputs.destroy ? reversed(roots) : roots, ports)
  ports.state.save(SEVERAL_ROOTS, JSON.stringify(works.map(work => work.inputs.roots)))
  const refusals = new Map<string, GateError>()
  for (const { root, inputs: own } of works) {
    const refusal = await findApplied(own, ports)
    if (refusal !== undefined) refusals.set(root, refusal)
  }
  const [first] = refusals.values()
  if (first !== undefined && refusals.size === works.length) throw first
  if (works.length > 0) await requireReviewers(inputs, ports)
  return { reviewed, works, applied: new Set(refusals.keys()) }
}

/** What depends on something is destroyed before it. */
function reversed(roots: readonly SelectedRoot[]): readonly SelectedRoot[] {
  return roots
    .map(one => ({
      ...one,
      dependsOn: roots.filter(({ dependsOn }) => dependsOn.includes(one.root)).map(({ root }) => root),
    }))
    .reverse()
}

function worksOf(inputs: Inputs, roots: readonly SelectedRoot[], ports: Ports): readonly RootWork[] {
  return roots.map(({ root, dependsOn }, index) => ({
    root,
    after: dependsOn,
    // What differs is refused or approved for all of them together.
    inputs: {
      ...inputs,
      roots: relativeRoot(root, inputs['working-directory']),
      'on-contract-mismatch': 'refuse',
      'approved-contract': undefined,
    },
    ports: { ...ports, state: { save: (name, value) => ports.state.save(ofRoot(name, index), value) } },
  }))
}

async function refuseAll(inputs: Inputs, ports: Ports, error: unknown): Promise<never> {
  if (!(error instanceof ActionError)) throw error
  const { run, summary } = ports
  const place = { subject: subjectOf(run.repository, [inputs.environment], 'roots'), root: '', ...shaOf(run) }
  await summary.write(refusalReport(error, place, await summary.remaining()))
  throw withOutputs(error, { applied: 'false', verdict: error instanceof GateError ? error.verdict : 'invalid' })
}

function shaOf({ sha, runNumber }: Ports['run']) {
  return { sha, runNumber }
}

async function nothingToApply(inputs: Inputs, reviewed: Reviewed, ports: Ports): Promise<Result> {
  const { number } = reviewed.pullRequest
  ports.log.notice(`Pull request #${number} changes no Terraform root, so there is nothing to apply`)
  await writeOverview(inputs, [], new Map(), ports)
  const results = await writeAllResults([], ports)
  return { applied: 'true', contract: '', 'new-contract': '', ...results, verdict: 'pass' }
}

/** Plans that may be applied, of every root. One that is refused, or missing, refuses them all. */
async function prepareAll(
  inputs: Inputs,
  works: readonly RootWork[],
  reviewed: Reviewed,
  ports: Ports,
): Promise<ReadonlyMap<string, Prepared>> {
  const prepared = new Map<string, Prepared>()
  const refusals = new Map<string, ActionError>()
  const differing: Differing[] = []
  for (const work of works) {
    ports.log.info(`Root ${work.root}`)
    try {
      prepared.set(work.root, await prepareRoot(work.inputs, reviewed, work.ports))
    } catch (error) {
      if (!(error instanceof ActionError)) throw error
      if (isCancelled(error)) throw withOutputs(error, { applied: 'false', verdict: 'invalid' })
      refusals.set(work.root, error)
      if (error instanceof ContractMismatch) differing.push({ root: work.root, mismatch: error })
      await reportRefusal(work.inputs, work.ports, error).catch(() => undefined)
    }
  }
  if (refusals.size === 0) return prepared
  if (differing.length < refusals.size || inputs['on-contract-mismatch'] === 'refuse') throw refuseTogether(refusals)
  requireApproved(differing, inputs, ports)
  ports.log.info('The contracts that differ from the reviewed ones were approved in the environment')
  for (const { root, mismatch } of differing) {
    const source = 'This is a fresh plan, whose contract was approved in the environment.'
    const chosen = { ...mismatch.chosen, source, again: undefined }
    prepared.set(root, { reviewed, session: chosen.session, chosen })
  }
  return prepared
}

async function applyInTurn(
  { root, after, inputs, ports }: RootWork,
  prepared: ReadonlyMap<string, Prepared>,
  outcomes: ReadonlyMap<string, RootOutcome>,
): Promise<RootOutcome> {
  const cancelled = [...outcomes.values()].some(({ outcome }) => outcome === 'cancelled')
  if (cancelled) return { outcome: 'not begun' }
  const failed = after.filter(other => !isDone(outcomes.get(other)?.outcome))
  if (failed.length > 0) {
    ports.log.warning(`${root} is not applied, since it depends on ${failed.join(', ')}`)
    return { outcome: 'waits', waitsFor: failed }
  }
  const own = prepared.get(root)!
  let chosen = own.chosen
  const changed = after.filter(other => outcomes.get(other)?.changed === true)
  try {
    if (changed.length > 0) {
      const why = `This is a fresh plan, made after ${changed.join(', ')} was applied, and it does what was agreed on.`
      chosen = await own.chosen.afresh(why).catch((error: unknown) => reportRefusal(inputs, ports, error))
    }
    await applyPrepared(inputs, { ...own, chosen }, ports)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    if (isCancelled(error)) return { outcome: 'cancelled', error }
    return { outcome: 'failed', error }
  }
  return { outcome: 'applied', contract: chosen.contract.digest, changed: hasChanges(chosen.hider.plan) }
}

function isDone(outcome: Outcome | undefined): boolean {
  return outcome === undefined || outcome === 'applied' || outcome === 'before'
}

function isCancelled(error: unknown): boolean {
  return error instanceof CommandError && error.cancelled
}

async function finish(
  inputs: Inputs,
  works: readonly RootWork[],
  outcomes: ReadonlyMap<string, RootOutcome>,
  prepared: ReadonlyMap<string, Prepared>,
  ports: Ports,
): Promise<Result> {
  const done = works.filter(({ root }) => isDone(outcomes.get(root)?.outcome))
  const contracts = done.flatMap(({ root }) => {
    const contract = outcomes.get(root)?.contract
    return contract === undefined ? [] : [{ root, contract }]
  })
  const isWhole = done.length === works.length
  const known = {
    applied: String(isWhole),
    contract: contracts.length === 0 ? '' : contractOfRoots(contracts),
    'new-contract': '',
    verdict: isWhole ? ('pass' as const) : ('fail' as const),
  }
  await writeOverview(inputs, works, outcomes, ports)
  const cancelled = [...outcomes.values()].find(({ outcome }) => outcome === 'cancelled')?.error
  if (cancelled !== undefined) throw withOutputs(cancelled, known)
  const results = await writeAllResults(await outputsOf(done, prepared, ports), ports).catch((error: unknown) => {
    throw error instanceof ActionError ? withOutputs(error, { ...known, verdict: 'fail' }) : error
  })
  if (isWhole) return { ...known, ...results }
  throw withOutputs(failureOf(inputs, outcomes, ports), { ...known, ...results, ...approvable(inputs, outcomes) })
}

/** What is left differs from what was reviewed only since roots before it were applied: that can be approved, too. */
function approvable(inputs: Inputs, outcomes: ReadonlyMap<string, RootOutcome>): { readonly 'new-contract': string } {
  const failures = [...outcomes].flatMap(([root, { error }]) => (error === undefined ? [] : [{ root, error }]))
  const differing = failures.flatMap(({ root, error }) =>
    error instanceof ContractMismatch ? [{ root, contract: error.chosen.contract.digest }] : [],
  )
  const isOpen = inputs['on-contract-mismatch'] === 'replan' && inputs['approved-contract'] === undefined
  const isAll = differing.length === failures.length && differing.length > 0
  return { 'new-contract': isOpen && isAll ? contractOfRoots(differing) : '' }
}

function failureOf(inputs: Inputs, outcomes: ReadonlyMap<string, RootOutcome>, ports: Ports): GateError {
  const lines = [...outcomes].flatMap(([root, { outcome, error, waitsFor }]) => {
    if (outcome === 'waits') return [`${root} waits for ${waitsFor?.join(', ')}`]
    return error === undefined ? [] : [`${root}: ${error.message}`]
  })
  const contract = approvable(inputs, outcomes)['new-contract']
  if (contract !== '') ports.log.info(`The contract that waits for an approval is ${contract}`)
  const done = [...outcomes.values()].filter(({ outcome }) => isDone(outcome)).length
  return new GateError([`${outcomes.size - done} of ${outcomes.size} roots were not applied`, ...lines].join('\n'), {
    verdict: 'fail',
    hint:
      contract === ''
        ? OPEN_FOR_THE_REST
        : `They can be, when the reviewers of ${inputs.environment} approve the contract ${contract.slice(0, 16)} for the job that comes next.`,
  })
}

async function outputsOf(
  works: readonly RootWork[],
  prepared: ReadonlyMap<string, Prepared>,
  ports: Ports,
): Promise<readonly OutputsOfRoot[]> {
  const found: OutputsOfRoot[] = []
  for (const { root, inputs, ports: own } of works) {
    const here = prepared.get(root)
    if (here !== undefined) {
      found.push({ root, ...(await readOutputs(here, ports)) })
      continue
    }
    // It was applied by an earlier attempt, whose outputs went with its job.
    const session = await startSession(inputs, own)
    const hider = createHider(parsePlan('{"resource_changes":[]}', 'no plan'), inputs.redact).withState(
      await readState(session),
    )
    for (const value of hider.secrets) ports.log.secret(value)
    found.push({ root, outputs: await session.terraform.outputs(), hider })
  }
  return found
}

async function writeOverview(
  inputs: Inputs,
  works: readonly RootWork[],
  outcomes: ReadonlyMap<string, RootOutcome>,
  { log, run, summary }: Ports,
): Promise<void> {
  const facts = { subject: subjectOf(run.repository, [inputs.environment], 'roots'), ...shaOf(run) }
  const rows = works.map(({ root }) => ({ root, ...outcomes.get(root)! }))
  const { title, markdown } = overview(rows, facts, await summary.remaining())
  log.notice(title)
  await summary.write(markdown)
}
