import type { Outputs } from '#kit/action'
import { checkedOutTree } from '#kit/checkout'
import { ActionError, CommandError, GateError, InputError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { count } from '#kit/report/count'
import { subjectOf } from '#kit/report/headline'
import type { Contract } from '#kit/terraform/contract'
import { recordContract } from '#kit/terraform/contract-differences'
import { contractOf } from '#kit/terraform/contract-facts'
import type { Diagnostic } from '#kit/terraform/events'
import { createHider, createTextHider, type Hider } from '#kit/terraform/hide'
import { hideError } from '#kit/terraform/hide-error'
import { makePlan } from '#kit/terraform/make-plan'
import { countChanges, hasChanges, parsePlan, type Counts, type Plan } from '#kit/terraform/plan'
import { artifactName, rootName, rootPath, slug } from '#kit/terraform/root'
import { sealPlan, sha256 } from '#kit/terraform/seal'
import { extentRemarks } from '#kit/terraform/extent'
import { startSession, type Session } from '#kit/terraform/session'
import { diagnosticText, TerraformError } from '#kit/terraform/terraform'
import type { Inputs, outputs, RootInputs } from './inputs.ts'
import { policyLines, policyNotes, refuseByPolicy, runPolicies } from './policy.ts'
import { SECRET_FOLDER } from './post.ts'
import { judgeProtection, recordProtection } from './protection.ts'
import { protectionLines, refuseHeld } from './protection-report.ts'
import { failureReport, planReport, type OfPlan, type Report, type ReportFacts } from './report.ts'
import { compareWithReview, dismissStale } from './review-delta.ts'
import { planRecord } from './results.ts'
import { onlyRoot } from './roots.ts'
import { refuseUnfinished } from './verdict.ts'

export { post } from './post.ts'

interface Made {
  readonly plan: Plan
  readonly path: string
  /** Only when this run made the plan. */
  readonly source: { readonly session: Session; readonly planFile: string } | undefined
  readonly messages: readonly string[]
  readonly warnings: readonly Diagnostic[]
}

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  return planRoot(onlyRoot(inputs), ports)
}

async function planRoot(inputs: RootInputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const made = await obtainPlan(inputs, ports).catch((error: unknown) => reportFailure(inputs, ports, error))
  const hider = createHider(made.plan, inputs.redact)
  const { plan } = hider
  for (const value of hider.secrets) ports.log.secret(value)
  for (const message of made.messages) ports.log.info(hider.hide(message))
  if (hider.inAddresses > 0) ports.log.warning(shownAnyway(hider.inAddresses))
  const counts = countChanges(plan)
  const contract = await contractOf(inputs, { plan: made.plan, hider }, made.source, ports)
  const planned = { ...planOutputs(inputs, plan, counts, contract.digest), 'plan-json': made.path }
  const results = await writeResults(inputs, ports, { ...made, plan }, hider, counts, contract).catch(
    failingWith(planned),
  )
  const known = { ...planned, 'plan-results': results }
  if (contract.untold.length > 0 && ports.run.pullRequest !== undefined)
    ports.log.warning('Sensitive values change, and without "plan-key" an apply refuses what it cannot compare')
  for (const warning of made.warnings) ports.log.warning(hider.hide(diagnosticText(warning)))
  const held = await judge(inputs, ports, { plan, contract: contract.digest, hide: hider.hide }).catch(
    (error: unknown) =>
      // What cannot be judged is told where an older plan would stay.
      reportFailure(inputs, ports, error).catch(failingWith(known)),
  )
  const { protection, policies } = held
  const facts: ReportFacts = {
    ...reportPlace(inputs, ports.run),
    binaryVersion: plan.terraformVersion,
    contract: contract.digest,
    warnings: made.warnings.length,
    shortValues: hider.shortValues,
    remarks: extentRemarks(inputs),
    delta: held.delta,
    protection: protection && protectionLines(protection, hider.hide),
    policies: policies && {
      lines: policyLines(policies, hider.hide),
      notes: policyNotes(policies),
      isHeld: policies.failures.length > 0,
    },
  }
  const report = planReport(plan, counts, facts, hider.hide)
  ports.log.notice(report.title)
  await ports.summary.write(report.summary(await ports.summary.remaining()))
  const url = await comment(inputs, ports, report).catch(failingWith(known))
  refuseUnfinished(plan, { ...known, 'comment-url': url })
  if (policies !== undefined) refuseByPolicy(policies, { ...known, 'comment-url': url }, hider.hide)
  if (protection !== undefined) refuseHeld(protection, { ...known, 'comment-url': url }, hider.hide)
  return { ...known, verdict: 'pass', 'comment-url': url }
}

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

/** What is known of the plan is written although the step fails. */
function failingWith(known: Readonly<Record<string, string>>): (error: unknown) => never {
  return error => {
    throw error instanceof ActionError ? withOutputs(error, { ...known, verdict: 'invalid' }) : error
  }
}

async function obtainPlan(inputs: RootInputs, ports: Ports): Promise<Made> {
  if (inputs['plan-json'] !== '') {
    refuseIdle(inputs)
    const path = await ports.files.resolve('plan-json', inputs['plan-json'], inputs['working-directory'])
    if (!(await ports.files.exists(path)))
      throw new GateError(`input "plan-json": there is no file ${inputs['plan-json']}`, {
        verdict: 'invalid',
        hint: 'Make it in an earlier step with "terraform show -json tfplan > plan.json".',
      })
    return {
      plan: parsePlan(await ports.files.readText(path), inputs['plan-json']),
      path,
      source: undefined,
      messages: [],
      warnings: [],
    }
  }
  const folder = await ports.files.temporaryFolder('slipway-plan')
  ports.state.save(SECRET_FOLDER, folder)
  const session = await startSession(inputs, ports)
  const { planFile, json, messages, warnings } = await makePlan(session, inputs, folder, ports, inputs.redact)
  const path = `${folder}/plan.json`
  await ports.files.write(path, json)
  return { plan: parsePlan(json, 'the plan'), path, source: { session, planFile }, messages, warnings }
}

/** What shapes a plan does nothing to one that exists already. */
function refuseIdle(inputs: RootInputs): void {
  const given = {
    'var-files': inputs['var-files'].join('\n'),
    'backend-config': inputs['backend-config'].join('\n'),
    targets: inputs.targets.join('\n'),
    destroy: inputs.destroy ? 'true' : '',
    'pre-run': inputs['pre-run'],
  }
  const idle = Object.entries(given).filter(([, value]) => value !== '')
  if (idle.length > 0)
    throw new InputError(
      idle.map(([input, value]) => ({
        input,
        ...(input === 'backend-config' ? {} : { value }),
        problem: 'it has no effect on "plan-json", which is planned already',
        fix: 'Leave it out, or leave out "plan-json" and let this step plan',
      })),
    )
}

/** Says on the pull request that there is no plan, and why: an older one must not stay. The step stays red for that reason. */
async function reportFailure(inputs: RootInputs, ports: Ports, thrown: unknown): Promise<never> {
  const error = hideError(thrown, createTextHider(null, [], inputs.redact).hide)
  if (!(error instanceof ActionError)) throw error
  if (error instanceof CommandError && error.cancelled) throw withOutputs(error, { verdict: 'invalid' })
  const stderr = error instanceof CommandError ? `\n${error.stderr}` : ''
  const failure = {
    message: `${error.message}${stderr}`.trimEnd(),
    hint: error.hint,
    diagnostics: error instanceof TerraformError ? error.diagnostics : [],
  }
  const report = failureReport(failure, reportPlace(inputs, ports.run))
  await ports.summary.write(report.summary(await ports.summary.remaining()))
  const url = await comment(inputs, ports, report).catch((failure: unknown) => {
    ports.log.warning(failure instanceof Error ? failure.message : String(failure))
    return ''
  })
  throw withOutputs(error, { verdict: 'invalid', 'comment-url': url })
}

async function comment(inputs: RootInputs, ports: Ports, report: Report): Promise<string> {
  const { pullRequest } = ports.run
  if (inputs.comment === 'none' || pullRequest === undefined) return ''
  let parts = 1
  try {
    const written = await ports.comments.upsert({
      issueNumber: pullRequest.number,
      action: 'terraform-plan',
      key: commentKey(inputs),
      body: budget => {
        const bodies = report.comments(budget)
        parts = bodies.length
        return bodies
      },
      mode: inputs.comment,
    })
    return written.url
  } catch (error) {
    // Half of a list of what is destroyed would look like all of it.
    const isPartial = parts > 1
    if (isPartial || inputs['on-comment-failure'] === 'fail' || !(error instanceof ActionError)) throw error
    ports.log.warning(`The comment could not be written, the plan is in the step's summary: ${error.message}`)
    return ''
  }
}

function commentKey(inputs: RootInputs): string {
  if (inputs['comment-key'] !== '') return inputs['comment-key']
  return inputs.workspace === 'default' ? rootPath(inputs) : `${rootPath(inputs)} ${inputs.workspace}`
}

async function writeResults(
  inputs: RootInputs,
  ports: Ports,
  made: Made,
  hider: Hider,
  counts: Counts,
  contract: Contract,
): Promise<string> {
  const { run, files } = ports
  const folder = await files.temporaryFolder('slipway-plan-results')
  const name = slug(rootPath(inputs), inputs.workspace)
  const facts = {
    root: rootPath(inputs),
    workspace: inputs.workspace,
    repositoryId: run.repositoryId ?? 0,
    pullRequest: run.pullRequest?.number ?? 0,
    headSha: run.pullRequest?.headSha ?? run.sha,
    runId: run.runId,
    runAttempt: run.runAttempt,
    contract: contract.digest,
    keyed: inputs['plan-key'] !== undefined,
    ignorePaths: inputs['ignore-paths'].map(({ source }) => source),
    contractParts: recordContract(contract, hider.hide),
    counts,
  }
  const record = planRecord(made.plan, facts, hider.hide)
  await files.write(`${folder}/${name}.json`, record)
  const { source } = made
  const { pullRequest } = run
  const key = inputs['plan-key']
  if (source === undefined || key === undefined || pullRequest === undefined || run.repositoryId === undefined)
    return folder
  const plan = await files.readBytes(source.planFile)
  const envelope = {
    version: 2,
    repositoryId: run.repositoryId,
    pullRequest: pullRequest.number,
    headSha: pullRequest.headSha,
    baseSha: pullRequest.baseSha,
    tree: await checkedOutTree(ports.exec),
    root: rootPath(inputs),
    workspace: inputs.workspace,
    runId: run.runId,
    runAttempt: run.runAttempt,
    binary: source.session.tool.name,
    binaryVersion: source.session.tool.version,
    lockFileDigest: source.session.lockFileDigest,
    planDigest: sha256(plan),
    recordDigest: sha256(record),
    contract: contract.digest,
  } as const
  await files.write(`${folder}/${name}.sealed`, sealPlan(plan, envelope, key, ports.random.bytes(28)))
  ports.log.info(`The plan is sealed for pull request #${pullRequest.number} at ${pullRequest.headSha.slice(0, 7)}`)
  return folder
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
    'has-changes': String(hasChanges(plan)),
    'to-add': String(counts.create + counts.replace),
    'to-change': String(counts.update),
    'to-destroy': String(counts.delete + counts.replace),
    'to-replace': String(counts.replace),
    'to-import': String(counts.import),
    'to-move': String(counts.move),
    'to-forget': String(counts.forget),
    contract,
    'artifact-name': artifactName(rootPath(inputs), inputs.workspace),
  }
}
