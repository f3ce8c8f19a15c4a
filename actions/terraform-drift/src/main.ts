import type { Outputs } from '#kit/action'
import { ActionError, CommandError, GateError, withOutputs } from '#kit/errors'
import type { Ports, RunContext, Tool } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import type { Diagnostic } from '#kit/terraform/events'
import { createHider, createTextHider } from '#kit/terraform/hide'
import { hideError } from '#kit/terraform/hide-error'
import { makePlan } from '#kit/terraform/make-plan'
import { parsePlan, type Plan } from '#kit/terraform/plan'
import { rootName, rootPath } from '#kit/terraform/root'
import { startSession } from '#kit/terraform/session'
import { diagnosticText } from '#kit/terraform/terraform'
import { findDrift } from './drift.ts'
import type { Inputs, outputs } from './inputs.ts'
import { driftReport, type DriftReport } from './report.ts'

const SECRET_FOLDER = 'secret-folder'

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  refusePullRequest(ports.run)
  const { plan, tool, messages, warnings } = await makeFinishedPlan(inputs, ports).catch(failingWith({}))
  const hider = createHider(plan, inputs.redact)
  for (const value of hider.secrets) ports.log.secret(value)
  for (const message of messages) ports.log.info(hider.hide(message))
  for (const warning of warnings) ports.log.warning(hider.hide(diagnosticText(warning)))
  const lookedAt = placeOf(inputs, ports.run)
  const facts = {
    ...lookedAt,
    ...{ sha: await checkedOutCommit(ports), run: ports.run, tool },
    reportUnmanaged: inputs['unmanaged-drift'] === 'report',
  }
  const report = driftReport(findDrift(hider.plan), facts, hider.hide)
  const line = `${facts.subject}: ${report.answer}`
  if (report.isDrifted) ports.log.warning(line)
  else ports.log.notice(line)
  await ports.summary.write(report.summary(await ports.summary.remaining()))
  const known = { drifted: String(report.isDrifted), 'drift-count': String(report.count) }
  const url = await tellIssue(inputs, ports, lookedAt.place, report).catch(failingWith(known))
  const told = { ...known, 'issue-url': url }
  if (report.isDrifted && inputs['on-drift'] === 'fail') throw driftError(line, told)
  return { ...told, verdict: 'pass' }
}

/** Takes away what holds the plan's secrets. */
export async function post(state: (name: string) => string, ports: Pick<Ports, 'files'>): Promise<void> {
  const folder = state(SECRET_FOLDER)
  if (folder !== '') await ports.files.remove(folder)
}

/** What a pull request proposes is not applied, and would all look like drift. */
function refusePullRequest({ pullRequest }: RunContext): void {
  if (pullRequest === undefined) return
  throw withOutputs(
    new GateError(`this run belongs to pull request #${pullRequest.number}, whose configuration is not applied yet`, {
      verdict: 'invalid',
      hint: 'Look for drift on a schedule, on the branch that is applied. For a pull request there is terraform-plan.',
    }),
    { verdict: 'invalid' },
  )
}

/** A plan says nothing of drift when it fails or stays unfinished; then the issue stays as it is. */
async function makeFinishedPlan(
  inputs: Inputs,
  ports: Ports,
): Promise<{ plan: Plan; tool: Tool; messages: readonly string[]; warnings: readonly Diagnostic[] }> {
  const folder = await ports.files.temporaryFolder('slipway-drift')
  ports.state.save(SECRET_FOLDER, folder)
  const session = await startSession(inputs, ports, { makeWorkspace: false }).catch((error: unknown) => {
    throw hideError(error, createTextHider(null, [], inputs.redact).hide)
  })
  const unlocked = { ...inputs, 'lock-timeout': undefined, targets: [], destroy: false }
  const { json, messages, warnings } = await makePlan(session, unlocked, folder, ports)
  const plan = parsePlan(json, 'the plan')
  if (plan.errored)
    throw new GateError('Terraform could not finish this plan, so it does not show what drifted', {
      verdict: 'invalid',
      hint: 'Fix the errors that Terraform reported while planning.',
    })
  return { plan, tool: session.tool, messages, warnings }
}

/** What is known is written although the step fails. */
function failingWith(known: Readonly<Record<string, string>>): (error: unknown) => never {
  return error => {
    throw error instanceof ActionError ? withOutputs(error, { ...known, verdict: 'invalid' }) : error
  }
}

async function tellIssue(
  inputs: Inputs,
  { issues, log }: Pick<Ports, 'issues' | 'log'>,
  key: string,
  { isDrifted, title, digest, issue, goneComment }: DriftReport,
): Promise<string> {
  if (inputs.issue === 'none') return ''
  const wanted = { action: 'terraform-drift', key, label: inputs.label }
  const { url, outcome } = isDrifted
    ? await issues.raise({ ...wanted, title, digest, body: issue })
    : await issues.resolve({ ...wanted, comment: goneComment })
  if (url !== '') log.info(`${url}: ${outcome}`)
  return url
}

interface LookedAt {
  /** For the first line: `shop/prod`. */
  readonly subject: string
  /** For the title and the marker of the issue: `prod (infra/main)`. No two roots, workspaces or keys have the same. */
  readonly place: string
  readonly root: string
}

function placeOf(inputs: Inputs, run: RunContext): LookedAt {
  const root = rootPath(inputs)
  const key = inputs['issue-key']
  const workspace = inputs.workspace === 'default' ? '' : inputs.workspace
  const where = workspace === '' ? root : `${root} ${workspace}`
  return {
    subject: subjectOf(run.repository, [key || rootName(root), workspace], 'root'),
    place: key === '' || key === rootName(root) ? where : `${key} (${where})`,
    root,
  }
}

/** Not always the commit that started the run: the branch that is applied need not be the default one. */
async function checkedOutCommit({ exec, run }: Pick<Ports, 'exec' | 'run'>): Promise<string> {
  try {
    const { stdout } = await exec.run({ file: 'git', args: ['rev-parse', '--verify', 'HEAD'] })
    return stdout.trim()
  } catch (error) {
    if (!(error instanceof CommandError) || error.cancelled) throw error
    return run.sha
  }
}

function driftError(line: string, told: Readonly<Record<string, string>>): GateError {
  return withOutputs(
    new GateError(line, {
      verdict: 'fail',
      hint: 'Apply the configuration, or bring it up to date with what was changed outside.',
    }),
    { ...told, verdict: 'fail' },
  )
}
