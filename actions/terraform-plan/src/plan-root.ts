import type { Outputs } from '#kit/action'
import { ActionError, adviceOf, CommandError, GateError, InputError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { count } from '#kit/report/count'
import { subjectOf } from '#kit/report/headline'
import { reasonIn } from '#kit/restricted-run'
import { contractOf } from '#kit/terraform/contract-facts'
import type { Diagnostic } from '#kit/terraform/events'
import { createHider, createTextHider, type Hider } from '#kit/terraform/hide'
import { hideError } from '#kit/terraform/hide-error'
import { makePlan } from '#kit/terraform/make-plan'
import { countChanges, hasChanges, parsePlan, type Counts, type Plan } from '#kit/terraform/plan'
import { parsePlans } from '#kit/terraform/plan-stream'
import { artifactName, rootName, rootPath } from '#kit/terraform/root'
import { extentRemarks } from '#kit/terraform/extent'
import { startSession } from '#kit/terraform/session'
import { diagnosticText, TerraformError } from '#kit/terraform/terraform'
import { refuseIdle } from './idle-inputs.ts'
import type { outputs, RootInputs } from './inputs.ts'
import { countOutputs, failingWith } from './outputs.ts'
import { policyReport, refuseByPolicy, runPolicies } from './policy.ts'
import { SECRET_FOLDER } from './post.ts'
import { judgeProtection, recordProtection } from './protection.ts'
import { protectionLines, refuseHeld } from './protection-report.ts'
import { comment, summarise } from './publish.ts'
import { failureReport, planReport, type OfPlan, type ReportFacts } from './report.ts'
import { compareWithReview, dismissStale } from './review-delta.ts'
import { writeFailure, writeResults, type PlanSource } from './results.ts'
import { refuseUnfinished, verdictOf } from './verdict.ts'
import { remarkOfDetail } from './words.ts'

interface Made {
  readonly plan: Plan
  readonly path: string
  readonly source: PlanSource
  readonly messages: readonly string[]
  readonly warnings: readonly Diagnostic[]
}

/** Plans one root, or takes the plan of it that exists, and tells the pull request. */
export async function planRoot(inputs: RootInputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  if (ports.run.eventName === 'merge_group') ports.log.notice(IN_QUEUE)
  const made = await obtainPlan(inputs, ports).catch((error: unknown) => reportFailure(inputs, ports, error))
  const hider = createHider(made.plan, inputs.redact)
  const { plan } = hider
  for (const value of hider.secrets) ports.log.secret(value)
  for (const message of made.messages) ports.log.info(hider.hide(message))
  if (hider.inAddresses > 0) ports.log.warning(shownAnyway(hider.inAddresses))
  const counts = countChanges(plan)
  const contract = await contractOf(inputs, { plan: made.plan, hider }, made.source, ports)
  const planned = { ...planOutputs(inputs, plan, counts, contract.digest), 'plan-json': made.path }
  if (contract.untold.length > 0 && ports.run.pullRequest !== undefined)
    ports.log.warning('Sensitive values change, and without "plan-key" an apply refuses what it cannot compare')
  for (const warning of made.warnings) ports.log.warning(hider.hide(diagnosticText(warning)))
  const { protection, policies, delta } = await judge(inputs, ports, {
    ...{ plan, contract: contract.digest, hide: hider.hide },
  }).catch((error: unknown) =>
    // What cannot be judged is told where an older plan would stay.
    reportFailure(inputs, ports, error).catch(failingWith(planned)),
  )
  const told = {
    ...{ warnings: made.warnings.length, shortValues: hider.shortValues, delta, protection, policies },
    verdict: verdictOf(plan, { protection, policies }),
    binary: inputs.binary,
  }
  const results = await writeResults(inputs, ports, { ...made, plan, counts, contract }, hider, told).catch(
    failingWith(planned),
  )
  const known = { ...planned, 'plan-results': results }
  const facts: ReportFacts = {
    ...reportPlace(inputs, ports.run),
    binaryVersion: plan.terraformVersion,
    contract: contract.digest,
    warnings: made.warnings.length,
    shortValues: hider.shortValues,
    remarks: [...extentRemarks(inputs), ...remarkOfDetail(plan)],
    delta,
    protection: protection && protectionLines(protection, hider.hide),
    policies: policies && policyReport(policies, hider.hide),
  }
  const report = planReport(plan, counts, facts, hider.hide)
  ports.log.notice(report.title)
  await summarise(report, ports)
  const url = await comment(report, commentKey(inputs), inputs, ports).catch(failingWith(known))
  refuseUnfinished(plan, { ...known, 'comment-url': url })
  if (policies !== undefined) refuseByPolicy(policies, { ...known, 'comment-url': url }, hider.hide)
  if (protection !== undefined) refuseHeld(protection, { ...known, 'comment-url': url }, hider.hide)
  return { ...known, verdict: 'pass', 'comment-url': url }
}

const IN_QUEUE =
  'This run is of a merge queue, not of a pull request: nothing is commented, held back or sealed. The merge applies what the plan of the pull request says'

/** Terraform takes no sensitive value for `for_each`; this is a copy that the configuration calls harmless. */
function shownAnyway(values: number): string {
  return (
    `${count(values, 'sensitive value')} also ${values === 1 ? 'is' : 'are'} part of addresses, which are always shown: ` +
    'take something else for the keys of "for_each", or do not mark the value'
  )
}

/** What can hold a plan back: its policies and its protected changes. The check is written before what tells of it. */
async function judge(
  inputs: RootInputs,
  ports: Ports,
  { plan, contract, hide }: { readonly plan: Plan; readonly contract: string; readonly hide: Hider['hide'] },
) {
  const key = commentKey(inputs)
  const judged = await judgeProtection(plan, { digest: contract, rulesPath: inputs.protect, key }, ports)
  const policies = inputs.policy === '' ? undefined : await runPolicies(plan, inputs.policy, hide, ports)
  for (const said of policies?.warnings ?? []) ports.log.warning(hide(said))
  // The check that is written next may be the one of the approved head.
  const isRequired = inputs['dismiss-stale-approvals']
  const reviewed = await compareWithReview(plan, contract, { key, isRequired }, ports)
  if (isRequired) await dismissStale(reviewed, key, ports)
  const protection = judged && (await recordProtection(judged, plan, key, hide, ports))
  return { protection, policies, delta: reviewed[0]?.words }
}

async function obtainPlan(inputs: RootInputs, ports: Ports): Promise<Made> {
  if (inputs['plan-json'] !== '') {
    refuseIdle(inputs, 'plan-json')
    const path = await ports.files.resolve('plan-json', inputs['plan-json'], inputs['working-directory'])
    if (!(await ports.files.exists(path)))
      throw new GateError(`input "plan-json": there is no file ${inputs['plan-json']}`, {
        verdict: 'invalid',
        hint: 'Make it in an earlier step with "terraform show -json tfplan > plan.json".',
      })
    const plan = onlyPlan(await ports.files.readText(path), inputs['plan-json'])
    return { plan, path, source: undefined, messages: [], warnings: [] }
  }
  const folder = await ports.files.temporaryFolder('slipway-plan')
  ports.state.save(SECRET_FOLDER, folder)
  const session = await startSession(inputs, ports)
  const { planFile, json, messages, warnings } = await makePlan(session, inputs, folder, ports)
  const path = `${folder}/plan.json`
  await ports.files.write(path, json)
  return { plan: parsePlan(json, 'the plan'), path, source: { session, planFile }, messages, warnings }
}

/** One plan as JSON, or its events where "show" cannot run. */
function onlyPlan(text: string, name: string): Plan {
  const [only, ...others] = parsePlans(text, name)
  if (only !== undefined && others.length === 0) return only.plan
  const units = [only, ...others].flatMap(found => found?.unit ?? [])
  throw new InputError([
    {
      ...{ input: 'plan-json', value: name },
      problem: `it holds the plans of ${others.length + 1} units${units.length === 0 ? '' : `: ${units.join(', ')}`}`,
      fix: 'Give each unit a file and a step with its own "roots"; one comment tells of all with "plan-results"',
    },
  ])
}

/** Says on the pull request that there is no plan, and why: an older one must not stay. The step stays red for that reason. */
async function reportFailure(inputs: RootInputs, ports: Ports, thrown: unknown): Promise<never> {
  const error = hideError(thrown, createTextHider(null, [], inputs.redact).hide)
  if (!(error instanceof ActionError)) throw error
  if (error instanceof CommandError && error.cancelled) throw withOutputs(error, { verdict: 'invalid' })
  const stderr = error instanceof CommandError ? `\n${error.stderr}` : ''
  const failure = {
    message: `${error.message}${stderr}`.trimEnd(),
    hint: adviceOf(error),
    diagnostics: error instanceof TerraformError ? error.diagnostics : [],
  }
  const cause = failure.diagnostics.find(({ severity }) => severity === 'error')?.summary
  const results = await writeFailure(inputs, ports, { message: failure.message, cause, hint: failure.hint })
  const report = failureReport(failure, reportPlace(inputs, ports.run))
  await summarise(report, ports)
  const url = await comment(report, commentKey(inputs), inputs, ports).catch((failure: unknown) => {
    ports.log.warning(`The comment could not be written, the step's summary has it: ${reasonIn(ports.run, failure)}`)
    return ''
  })
  const artifact = artifactName(rootPath(inputs), inputs.workspace)
  throw withOutputs(error, {
    ...{ verdict: 'invalid', 'comment-url': url, 'plan-results': results, 'artifact-name': artifact },
  })
}

function commentKey(inputs: RootInputs): string {
  if (inputs['comment-key'] !== '') return inputs['comment-key']
  return inputs.workspace === 'default' ? rootPath(inputs) : `${rootPath(inputs)} ${inputs.workspace}`
}

function reportPlace(inputs: RootInputs, run: RunContext): Omit<ReportFacts, OfPlan> {
  const root = rootPath(inputs)
  const workspace = inputs.workspace === 'default' ? '' : inputs.workspace
  return {
    subject: subjectOf(run.repository, [inputs['comment-key'] || rootName(root), workspace], 'plan'),
    root,
    sha: run.pullRequest?.headSha ?? run.sha,
    runNumber: run.runNumber,
    runUrl: run.runUrl,
    binary: inputs.binary,
    binaryVersion: undefined,
  }
}

function planOutputs(inputs: RootInputs, plan: Plan, counts: Counts, contract: string) {
  return {
    ...countOutputs(counts, hasChanges(plan)),
    contract,
    'artifact-name': artifactName(rootPath(inputs), inputs.workspace),
  }
}
