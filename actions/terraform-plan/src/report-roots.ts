import type { Outputs } from '#kit/action'
import { GateError, withOutputs } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { extentRemarks } from '#kit/terraform/extent'
import { createTextHider } from '#kit/terraform/hide'
import { sumCounts } from '#kit/terraform/plan'
import { rootName } from '#kit/terraform/root'
import { sha256 } from '#kit/terraform/seal'
import { gatherRecords } from './gather-records.ts'
import { refuseIdle } from './idle-inputs.ts'
import type { Inputs, outputs } from './inputs.ts'
import { countOutputs, failingWith } from './outputs.ts'
import { policyReport } from './policy.ts'
import { comment, summarise } from './publish.ts'
import { planReport } from './report.ts'
import type { Report } from './report-frame.ts'
import { causeText } from './roots-problems.ts'
import { remarkOfRoom, rootsReport, verdictOfRoots } from './roots-report.ts'
import { remarkOfDetail } from './words.ts'
import { viewRoots, type RootsView } from './roots-view.ts'
import type { Hide } from './words.ts'

/** No root's path holds it, so no comment of a single root has this key. */
const ALL_ROOTS = '*'

/** Tells the pull request of the plans that other jobs made, in one comment. */
export async function reportRoots(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  refuseIdle(inputs, 'plan-results')
  const { run } = ports
  const { hide } = createTextHider(null, [], inputs.redact)
  const view = viewRoots(await gatherRecords(inputs, ports.files, run), hide)
  for (const root of view.unexpected)
    ports.log.warning(`The record of ${root} was left out, since "roots" does not name it`)
  const report = reportOf(view, inputs, run, hide)
  ports.log.notice(report.title)
  await summarise(report, ports)
  const verdict = verdictOfRoots(view)
  const known = {
    ...countOutputs(
      sumCounts(view.planned.map(({ counts }) => counts)),
      view.planned.some(({ changesAnything }) => changesAnything),
    ),
    contract: contractOfRoots(view),
    ...{ 'plan-json': '', 'plan-results': '', 'artifact-name': '' },
  }
  const url = await comment(report, inputs['comment-key'] || ALL_ROOTS, inputs, ports).catch(failingWith(known))
  const told = { ...known, verdict, 'comment-url': url }
  if (verdict === 'pass') return told
  throw withOutputs(refusalOf(view, verdict, hide), told)
}

/** One root by itself is told as its own job would have told it. */
function reportOf(view: RootsView, inputs: Inputs, run: RunContext, hide: Hide): Report {
  const facts = { sha: run.pullRequest?.headSha ?? run.sha, runNumber: run.runNumber, runUrl: run.runUrl }
  const { planned, failed, missing, refused, unexpected } = view
  const [only, ...others] = planned
  const key = inputs['comment-key']
  if (only === undefined || [others, failed, missing, refused, unexpected].some(({ length }) => length > 0))
    return rootsReport(view, { ...facts, subject: subjectOf(run.repository, [key], 'plan') }, hide)
  const { outcome, record, counts, protection } = only
  const { root, workspace, extent } = record
  const places = [key || record.key || rootName(root), workspace === 'default' ? '' : workspace]
  return planReport(
    outcome.plan,
    counts,
    {
      ...{ ...facts, root, subject: subjectOf(run.repository, places, 'plan') },
      ...{ binary: outcome.binary, binaryVersion: outcome.plan.terraformVersion, contract: outcome.contract },
      ...{ warnings: outcome.warnings, shortValues: outcome.shortValues, delta: outcome.delta, protection },
      remarks: [...extentRemarks(extent), ...remarkOfDetail(outcome.plan), ...remarkOfRoom(outcome.withoutAttributes)],
      policies: outcome.policies && policyReport(outcome.policies, hide),
    },
    hide,
  )
}

/** Over the contracts of all roots; empty when one of them is not known. */
function contractOfRoots({ planned, failed, missing, refused }: RootsView): string {
  if (planned.length === 0 || failed.length + missing.length + refused.length > 0) return ''
  return sha256(
    JSON.stringify(planned.map(({ record: { root, workspace }, outcome }) => [root, workspace, outcome.contract])),
  )
}

function refusalOf(view: RootsView, verdict: 'fail' | 'invalid', hide: Hide): GateError {
  const lines = [
    ...view.failed.map(({ name, failure }) => `no plan of ${name}: ${hide(causeText(failure))}`),
    ...view.missing.map(root => `no record of ${root}`),
    ...view.refused.map(({ file, why }) => `${file} is refused: ${hide(why)}`),
    ...view.planned.flatMap(({ name, outcome, protection }) => [
      ...(outcome.plan.errored ? [`${name}: Terraform could not finish the plan`] : []),
      ...(outcome.policies?.failures ?? []).map(said => `${name}: policy fails: ${hide(said)}`),
      ...(protection?.isHeld === true ? [`${name}: protected changes are not acknowledged`] : []),
    ]),
  ]
  return new GateError(`not all roots pass:\n${lines.join('\n')}`, {
    verdict,
    hint:
      verdict === 'invalid'
        ? 'Look at the jobs of these roots, which say why, and run them again; this job then follows.'
        : 'Each of them is told in the comment, with what acknowledges it.',
  })
}
