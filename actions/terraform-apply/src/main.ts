import type { Outputs } from '#kit/action'
import { ActionError, CommandError, GateError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { contractDigest } from '#kit/terraform/contract'
import { toolText } from '#kit/terraform/find-root'
import { createHider, type Hider } from '#kit/terraform/hide'
import { hideError, withoutDetail } from '#kit/terraform/hide-error'
import { readState } from '#kit/terraform/known-secrets'
import { makePlan } from '#kit/terraform/make-plan'
import { extentRemarks } from '#kit/terraform/extent'
import { hasChanges, parsePlan } from '#kit/terraform/plan'
import { findReviewed, type Reviewed } from '#kit/terraform/reviewed'
import { rootName, rootPath } from '#kit/terraform/root'
import { startSession, type Session } from '#kit/terraform/session'
import { diagnosticText, TerraformError, type RootOutput } from '#kit/terraform/terraform'
import type { Inputs, outputs } from './inputs.ts'
import { checkName, recordOf } from './holder.ts'
import { startCheck } from './live-check.ts'
import { RESULT_FOLDER, SECRET_FOLDER } from './post.ts'
import { followApply } from './progress.ts'
import { applyReport, doneText, refusalReport, type ReportFacts, type ReportPlace } from './report.ts'
import { inventoryOf, openOutputs, outputSecrets } from './result.ts'
import { openReviewedPlan, readReviewedContract } from './reviewed-plan.ts'

export { post } from './post.ts'

interface Chosen {
  readonly hider: Hider
  readonly planFile: string
  readonly contract: string
  readonly source: string
  readonly loud: boolean
}

interface Prepared {
  readonly reviewed: Reviewed
  readonly session: Session
  readonly chosen: Chosen
}

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const prepared = await prepare(inputs, ports).catch((error: unknown) => reportRefusal(inputs, ports, error))
  const { session, chosen } = prepared
  if (chosen.loud) ports.log.warning(chosen.source)
  await applyPlan(inputs, prepared, ports)
  // The plan is applied by now, whatever becomes of its outputs.
  const results = await session.terraform
    .outputs()
    .then(async found => writeResults(found, (await hiderAfterApply(prepared, ports)).hider, ports))
    .catch((error: unknown) => {
      throw error instanceof ActionError ? withOutputs(error, { applied: 'true', verdict: 'fail' }) : error
    })
  return { applied: 'true', ...results, verdict: 'pass' }
}

/** Everything that can refuse, before anything is applied. */
async function prepare(inputs: Inputs, ports: Ports): Promise<Prepared> {
  const reviewed = await findReviewed(ports.repository, ports.run.sha, inputs['plan-workflow'])
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

async function choosePlan(
  inputs: Inputs,
  reviewed: Reviewed,
  session: Session,
  secretFolder: string,
  ports: Ports,
): Promise<Chosen> {
  const key = inputs['plan-key']
  if (key === undefined) return planAgain(inputs, session, secretFolder, ports)
  const planFile = `${secretFolder}/tfplan`
  await ports.files.write(planFile, await openReviewedPlan(inputs, key, reviewed, session, ports))
  const hider = readPlan(await session.terraform.show(planFile), ports)
  return {
    hider,
    planFile,
    contract: contractOf(inputs, session, hider),
    source: `This is the plan that was reviewed at ${reviewed.pullRequest.headSha.slice(0, 7)}.`,
    loud: false,
  }
}

async function planAgain(inputs: Inputs, session: Session, secretFolder: string, ports: Ports): Promise<Chosen> {
  const made = await makePlan(session, inputs, secretFolder, ports)
  const hider = readPlan(made.json, ports)
  for (const message of made.messages) ports.log.info(hider.hide(message))
  for (const warning of made.warnings) ports.log.warning(hider.hide(diagnosticText(warning)))
  const contract = contractOf(inputs, session, hider)
  const before = await readReviewedContract(inputs, ports)
  const compared =
    before === undefined
      ? 'it could not be compared with the reviewed one'
      : before === contract
        ? 'it does the same as the reviewed one, as far as that can be told without a key (changed secrets cannot)'
        : 'IT IS NOT WHAT WAS REVIEWED'
  return {
    hider,
    planFile: made.planFile,
    contract,
    source: `There is no "plan-key", so this is a fresh plan and nobody reviewed it: ${compared}.`,
    loud: true,
  }
}

function readPlan(json: string, ports: Pick<Ports, 'log'>): Hider {
  const hider = createHider(parsePlan(json, 'the plan'), [])
  for (const value of hider.secrets) ports.log.secret(value)
  return hider
}

function contractOf(inputs: Inputs, session: Session, { plan, isTainted }: Hider): string {
  return contractDigest(
    plan,
    { root: rootPath(inputs), workspace: inputs.workspace, lockFileDigest: session.lockFileDigest },
    { planKey: inputs['plan-key'], isTainted },
  )
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

async function applyPlan(inputs: Inputs, prepared: Prepared, ports: Ports): Promise<void> {
  const { reviewed, session, chosen } = prepared
  const { pullRequest, planRun } = reviewed
  const facts: ReportFacts = {
    ...placeOf(inputs, ports.run),
    tool: toolText(session.tool),
    contract: chosen.contract,
    pullRequest,
    planRun,
    source: chosen.source,
    loud: chosen.loud,
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
    const failure = staleOr(await withoutSecrets(error, prepared, ports))
    await report(failure)
    throw withOutputs(failure, { applied: 'false', verdict: 'fail' })
  }
  await report(undefined)
  ports.log.notice(`${facts.subject}: ${hasChanges(chosen.hider.plan) ? doneText(follower.progress()) : 'no change'}`)
}

function staleOr(error: ActionError): ActionError {
  if (
    !(error instanceof TerraformError) ||
    !error.diagnostics.some(({ summary }) => /saved plan is stale/i.test(summary))
  )
    return error
  return new GateError('the reviewed plan is stale: the state was changed after it was made', {
    verdict: 'fail',
    cause: error,
    hint: 'Nothing was applied. Open a pull request with what is left to do: it is planned against what is there now.',
  })
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
