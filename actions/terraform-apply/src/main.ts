import type { Outputs } from '#kit/action'
import { ActionError, CommandError, GateError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { toolText } from '#kit/terraform/tool-text'
import type { Hider } from '#kit/terraform/hide'
import { hideError, withoutDetail } from '#kit/terraform/hide-error'
import { readState } from '#kit/terraform/known-secrets'
import { extentRemarks } from '#kit/terraform/extent'
import { hasChanges } from '#kit/terraform/plan'
import { findReviewed, type Reviewed } from '#kit/terraform/reviewed'
import { rootName, rootPath } from '#kit/terraform/root'
import { startSession, type Session } from '#kit/terraform/session'
import { TerraformError, type RootOutput } from '#kit/terraform/terraform'
import { choosePlan, requireReviewers, type Chosen } from './choose-plan.ts'
import type { Inputs, outputs } from './inputs.ts'
import { checkName, recordOf } from './holder.ts'
import { refuseApplied, startRecord } from './last-applied.ts'
import { startCheck } from './live-check.ts'
import { RESULT_FOLDER, SECRET_FOLDER } from './post.ts'
import { followApply } from './progress.ts'
import { applyReport, doneText, refusalReport, type ReportFacts, type ReportPlace } from './report.ts'
import { inventoryOf, openOutputs, outputSecrets } from './result.ts'
import { OPEN_A_PULL_REQUEST } from './reviewed-plan.ts'

export { post } from './post.ts'

interface Prepared {
  readonly reviewed: Reviewed
  readonly session: Session
  readonly chosen: Chosen
}

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const prepared = await prepare(inputs, ports).catch((error: unknown) => reportRefusal(inputs, ports, error))
  const contract = prepared.chosen.contract.digest
  const record = await startRecord(inputs, contract, ports).catch((error: unknown) =>
    reportRefusal(inputs, ports, error),
  )
  await record(() => applyPlan(inputs, prepared, ports))
  // The plan is applied by now, whatever becomes of its outputs.
  const results = await prepared.session.terraform
    .outputs()
    .then(async found => writeResults(found, (await hiderAfterApply(prepared, ports)).hider, ports))
    .catch((error: unknown) => {
      throw error instanceof ActionError ? withOutputs(error, { applied: 'true', contract, verdict: 'fail' }) : error
    })
  return { applied: 'true', contract, 'new-contract': '', ...results, verdict: 'pass' }
}

/** Everything that can refuse, before anything is applied. */
async function prepare(inputs: Inputs, ports: Ports): Promise<Prepared> {
  const reviewed = await findReviewed(ports.repository, ports.run, inputs['plan-workflow'])
  await refuseApplied(inputs, ports)
  await requireReviewers(inputs, ports)
  const secretFolder = await ports.files.temporaryFolder('slipway-apply')
  ports.state.save(SECRET_FOLDER, secretFolder)
  const session = await startSession(inputs, ports)
  return { reviewed, session, chosen: await choosePlan(inputs, reviewed, session, secretFolder, ports) }
}

async function reportRefusal(inputs: Inputs, ports: Ports, error: unknown): Promise<never> {
  if (!(error instanceof ActionError)) throw error
  await ports.summary.write(refusalReport(error, placeOf(inputs, ports.run), await ports.summary.remaining()))
  throw withOutputs(error, { applied: 'false', verdict: error instanceof GateError ? error.verdict : 'invalid' })
}

function placeOf(inputs: Inputs, run: RunContext): ReportPlace {
  const root = rootPath(inputs)
  return {
    subject: subjectOf(run.repository, [rootName(root)], 'root'),
    root,
    sha: run.sha,
    runNumber: run.runNumber,
  }
}

/** Secrets may have been made by the apply: they are in the state now. */
async function hiderAfterApply(
  { session, chosen }: Pick<Prepared, 'session' | 'chosen'>,
  ports: Pick<Ports, 'log'>,
): Promise<{ hider: Hider; isStateKnown: boolean }> {
  const state = await readState(session)
  const hider = chosen.hider.withState(state)
  for (const value of hider.secrets) ports.log.secret(value)
  return { hider, isStateKnown: state !== null }
}

async function withoutSecrets(
  error: ActionError,
  prepared: Pick<Prepared, 'session' | 'chosen'>,
  ports: Pick<Ports, 'log'>,
): Promise<ActionError> {
  // Who cancels does not wait for the state to be read.
  if (error instanceof CommandError && error.cancelled) return withoutDetail(error, 'the step was cancelled')
  const { hider, isStateKnown } = await hiderAfterApply(prepared, ports)
  const hidden = hideError(error, hider.hide)
  return isStateKnown ? hidden : withoutDetail(hidden, 'the state could not be read to find out what in them is secret')
}

/** A saved plan that is stale was not begun, so what was agreed on can still be planned again. */
async function applyPlan(inputs: Inputs, prepared: Prepared, ports: Ports): Promise<void> {
  const { again } = prepared.chosen
  try {
    return await applyChosen(inputs, prepared, ports)
  } catch (error) {
    if (!(error instanceof StalePlan) || again === undefined) throw error
    ports.log.info(`${error.message}; planning again`)
    const chosen = await again().catch((refusal: unknown) => reportRefusal(inputs, ports, refusal))
    await applyChosen(inputs, { ...prepared, chosen }, ports)
  }
}

async function applyChosen(inputs: Inputs, prepared: Prepared, ports: Ports): Promise<void> {
  const { session, chosen } = prepared
  const { pullRequest, planRun } = prepared.reviewed
  const facts: ReportFacts = {
    ...placeOf(inputs, ports.run),
    tool: toolText(session.tool),
    contract: chosen.contract.digest,
    pullRequest,
    planRun,
    source: chosen.source,
    remarks: extentRemarks(inputs),
  }
  const follower = followApply(chosen.hider.plan)
  const check = await startCheck(
    { sha: ports.run.sha, name: checkName(facts.root, inputs.workspace), externalId: recordOf(ports.run) },
    ports,
  )
  const report = async (failure: ActionError | undefined) => {
    await ports.summary.write(applyReport(follower.progress(), failure, facts, await ports.summary.remaining()))
    await check.complete(follower.progress(), failure, facts)
  }
  try {
    await ports.log.group(`${session.tool.name} apply`, () =>
      session.terraform.apply(chosen.planFile, inputs['lock-timeout'], step => {
        const line = follower.note(step)
        if (line !== undefined) ports.log.info(line)
        check.note(follower.title())
      }),
    )
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const failure = isStale(error) ? new StalePlan(error) : await withoutSecrets(error, prepared, ports)
    if (!(failure instanceof StalePlan) || chosen.again === undefined) await report(failure)
    throw withOutputs(failure, { applied: 'false', verdict: 'fail' })
  }
  await report(undefined)
  ports.log.notice(`${facts.subject}: ${hasChanges(chosen.hider.plan) ? doneText(follower.progress()) : 'no change'}`)
}

function isStale(error: ActionError): boolean {
  return (
    error instanceof TerraformError && error.diagnostics.some(({ summary }) => /saved plan is stale/i.test(summary))
  )
}

class StalePlan extends GateError {
  constructor(cause: ActionError) {
    super('the plan is stale: the state was changed after it was made', {
      ...{ verdict: 'fail', cause },
      hint: OPEN_A_PULL_REQUEST,
    })
  }
}

async function writeResults(
  outputsOfRoot: readonly RootOutput[],
  { isTainted }: Hider,
  ports: Pick<Ports, 'files' | 'log' | 'state'>,
): Promise<{ 'terraform-outputs': string; inventory: string }> {
  for (const value of outputSecrets(outputsOfRoot)) ports.log.secret(value)
  const folder = await ports.files.temporaryFolder('slipway-outputs')
  ports.state.save(RESULT_FOLDER, folder)
  const path = `${folder}/outputs.json`
  const { json, left } = openOutputs(outputsOfRoot, isTainted)
  if (left.length > 0)
    ports.log.warning(`Left out of "terraform-outputs", since they hold a sensitive value: ${left.join(', ')}`)
  await ports.files.write(path, json)
  const inventory = inventoryOf(outputsOfRoot, isTainted)
  if (!('text' in inventory)) {
    if (inventory.missing !== 'no output')
      ports.log.warning(`The output inventory_ini is ${inventory.missing}, so no inventory was written`)
    return { 'terraform-outputs': path, inventory: '' }
  }
  await ports.files.write(`${folder}/inventory.ini`, inventory.text)
  return { 'terraform-outputs': path, inventory: `${folder}/inventory.ini` }
}
