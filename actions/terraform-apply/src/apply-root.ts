import { ActionError, CommandError, GateError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { toolText } from '#kit/terraform/tool-text'
import type { Hider } from '#kit/terraform/hide'
import { hideError, withoutDetail } from '#kit/terraform/hide-error'
import { readState } from '#kit/terraform/known-secrets'
import { extentRemarks } from '#kit/terraform/extent'
import { hasChanges } from '#kit/terraform/plan'
import type { Reviewed } from '#kit/terraform/reviewed'
import { rootName, rootPath } from '#kit/terraform/root'
import { startSession, type Session } from '#kit/terraform/session'
import { TerraformError } from '#kit/terraform/terraform'
import { choosePlan, type Chosen } from './choose-plan.ts'
import type { RootInputs } from './inputs.ts'
import { checkName, recordOf } from './holder.ts'
import { startRecord } from './last-applied.ts'
import { startCheck } from './live-check.ts'
import { SECRET_FOLDER } from './post.ts'
import { followApply } from './progress.ts'
import { applyReport, doneText, refusalReport, type ReportFacts, type ReportPlace } from './report.ts'
import { OPEN_A_PULL_REQUEST } from './reviewed-plan.ts'

/** A root that may be applied. */
export interface Prepared {
  readonly reviewed: Reviewed
  readonly session: Session
  readonly chosen: Chosen
}

/** What can refuse a root before it is applied, but that it was applied before. */
export async function prepareRoot(inputs: RootInputs, reviewed: Reviewed, ports: Ports): Promise<Prepared> {
  const secretFolder = await ports.files.temporaryFolder('slipway-apply')
  ports.state.save(SECRET_FOLDER, secretFolder)
  const session = await startSession(inputs, ports)
  return { reviewed, session, chosen: await choosePlan(inputs, reviewed, session, secretFolder, ports) }
}

/** Says in the summary why nothing of the root was applied. The step stays red for that reason. */
export async function reportRefusal(inputs: RootInputs, ports: Ports, error: unknown): Promise<never> {
  if (!(error instanceof ActionError)) throw error
  await ports.summary.write(refusalReport(error, placeOf(inputs, ports.run), await ports.summary.remaining()))
  throw withOutputs(error, { applied: 'false', verdict: error instanceof GateError ? error.verdict : 'invalid' })
}

export function placeOf(inputs: RootInputs, run: RunContext): ReportPlace {
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

/** Applies what was chosen, and leaves on GitHub that it was. */
export async function applyPrepared(inputs: RootInputs, prepared: Prepared, ports: Ports): Promise<void> {
  const record = await startRecord(inputs, prepared.chosen.contract.digest, ports).catch((error: unknown) =>
    reportRefusal(inputs, ports, error),
  )
  await record(() => applyPlan(inputs, prepared, ports))
}

/** The outputs of a root after its apply, and what must be hidden in them. */
export async function readOutputs(prepared: Pick<Prepared, 'session' | 'chosen'>, ports: Pick<Ports, 'log'>) {
  const outputs = await prepared.session.terraform.outputs()
  return { outputs, hider: (await hiderAfterApply(prepared, ports)).hider }
}

/** A saved plan that is stale was not begun, so what was agreed on can still be planned again. */
async function applyPlan(inputs: RootInputs, prepared: Prepared, ports: Ports): Promise<void> {
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

async function applyChosen(inputs: RootInputs, prepared: Prepared, ports: Ports): Promise<void> {
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
