import { ActionError, ApiError, GateError, InputError, withOutputs } from '#kit/errors'
import type { Outputs } from '#kit/action'
import type { Ports } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { parsePlan } from '#kit/terraform/plan'
import { compareEstimate, type Comparison } from './compare.ts'
import { estimatePlan } from './engine.ts'
import type { Estimate } from './estimate.ts'
import { judge, type Judgement } from './gate.ts'
import { readInfracost } from './infracost-read.ts'
import { writeInfracost } from './infracost-write.ts'
import type { Inputs, outputs } from './inputs.ts'
import { percentOf } from './money.ts'
import { readOverrides } from './overrides.ts'
import { priceBook, type PriceOverrides } from './price-sheet.ts'
import { answerText, renderReport, type ReportFacts } from './report.ts'

type Found = Outputs<typeof outputs>
type Needed = Pick<Ports, 'log' | 'clock' | 'files' | 'run' | 'comments' | 'summary'>

const COMMENT_ACTION = 'infracost-comment'
const LARGEST_INPUT_BYTES = 256 * 1024 * 1024

export async function main(inputs: Inputs, ports: Needed): Promise<Found> {
  const { log, run } = ports
  const subject = subjectOf(run.repository, [inputs['comment-key']], 'infrastructure')
  const today = new Date(ports.clock.now()).toISOString()
  const estimate = await readEstimate(inputs, ports, { subject, today: today.slice(0, 10) }).catch(withVerdict)
  const comparison = compareEstimate(estimate)
  const judgement = judge(comparison, {
    maxIncrease: inputs['max-increase'],
    maxIncreasePercent: inputs['max-increase-percent'],
    maxTotal: inputs['max-total'],
  })
  const facts: ReportFacts = {
    subject,
    commitSha: run.pullRequest?.headSha ?? run.sha,
    runUrl: run.runUrl,
    onExceeded: inputs['on-exceeded'],
  }
  const file = `${await ports.files.temporaryFolder(COMMENT_ACTION)}/infracost.json`
  await ports.files.write(
    file,
    writeInfracost(comparison, {
      commitSha: facts.commitSha,
      branch: run.pullRequest?.headRef ?? run.ref,
      generatedAt: today,
      projectType: inputs['plan-json'] === '' ? 'infracost_json' : 'terraform_plan_json',
    }),
  )
  const found = outputsOf(comparison, judgement, file)
  await ports.summary.write(
    renderReport(
      comparison,
      judgement,
      { ...facts, runUrl: '' },
      { bytes: await ports.summary.remaining(), characters: Infinity },
    ),
  )
  const known = { ...found, 'comment-url': await comment(inputs, ports, comparison, judgement, facts, found) }
  const line = `${subject}: ${answerText(comparison, judgement)}`
  if (judgement.verdict === 'pass') log.notice(line)
  else refuse(judgement, inputs['on-exceeded'], line, known, log)
  return known
}

/** A file that cannot be read is a gate that cannot decide. */
function withVerdict(thrown: unknown): never {
  throw thrown instanceof ActionError ? withOutputs(thrown, { verdict: 'invalid' }) : thrown
}

async function readEstimate(
  inputs: Inputs,
  { files }: Needed,
  { subject, today }: { subject: string; today: string },
): Promise<Estimate> {
  const read = async (input: 'plan-json' | 'infracost-json' | 'price-overrides'): Promise<string> => {
    const unusable = (problem: string, fix: string) => new InputError([{ input, value: inputs[input], problem, fix }])
    const path = await files.resolve(input, inputs[input], inputs['working-directory'])
    if (!(await files.exists(path)))
      throw unusable('there is no such file', 'Give the path of a file, relative to "working-directory"')
    if ((await files.size(path)) > LARGEST_INPUT_BYTES)
      throw unusable('the file is larger than 256 MiB', 'Give a smaller one, of one root or project at a time')
    return files.readText(path)
  }
  if ((inputs['plan-json'] === '') === (inputs['infracost-json'] === ''))
    throw new InputError([
      {
        input: 'plan-json',
        value: inputs['plan-json'],
        problem: inputs['plan-json'] === '' ? 'there is nothing to price' : '"infracost-json" is given too',
        fix: 'Give either "plan-json" (priced here) or "infracost-json" (figures of the Infracost CLI 0.10)',
      },
    ])
  if (inputs['infracost-json'] !== '') {
    const idle = (['price-overrides', 'default-region'] as const).filter(input => inputs[input])
    if (idle.length > 0)
      throw new InputError(
        idle.map(input => ({
          input,
          value: String(inputs[input]),
          problem: 'it has no effect on "infracost-json", whose figures are made already',
          fix: 'Leave it out, or give "plan-json" instead',
        })),
      )
    return readInfracost(await read('infracost-json'), inputs['infracost-json'])
  }
  const overrides: PriceOverrides =
    inputs['price-overrides'] === ''
      ? new Map()
      : readOverrides(await read('price-overrides'), inputs['price-overrides'])
  const plan = parsePlan(await read('plan-json'), inputs['plan-json'])
  if (plan.errored)
    throw new GateError(`${inputs['plan-json']} is a plan that Terraform could not finish, so its cost is not known`, {
      verdict: 'invalid',
      hint: 'Correct what "terraform plan" reports and make the plan again.',
    })
  return estimatePlan(plan, {
    projectName: subject,
    defaultRegion: inputs['default-region'],
    today,
    book: priceBook(overrides),
  })
}

function outputsOf(comparison: Comparison, judgement: Judgement, file: string): Found {
  const { current, past, delta, hasPast, unknownCount } = comparison
  const isKnown = comparison.projects.every(project => project.current !== null)
  return {
    'monthly-cost': isKnown ? current.toFixed(2) : '',
    'past-monthly-cost': hasPast ? past.toFixed(2) : '',
    'diff-monthly-cost': isKnown ? delta.toFixed(2) : '',
    'diff-percent': (isKnown ? percentOf(delta, past) : undefined)?.toFixed(2) ?? '',
    exceeded: judgement.verdict === 'invalid' ? '' : String(judgement.verdict === 'fail'),
    verdict: judgement.verdict,
    'unknown-count': String(unknownCount),
    'infracost-json': file,
    'comment-url': '',
  }
}

async function comment(
  inputs: Inputs,
  ports: Needed,
  comparison: Comparison,
  judgement: Judgement,
  facts: ReportFacts,
  found: Found,
): Promise<string> {
  const { log, run } = ports
  if (inputs.comment === 'none') return ''
  if (run.pullRequest === undefined) {
    log.info('No comment: this run is not of a pull request. The report is in the step summary.')
    return ''
  }
  try {
    const written = await ports.comments.upsert({
      issueNumber: run.pullRequest.number,
      action: COMMENT_ACTION,
      key: inputs['comment-key'],
      mode: inputs.comment,
      onlyUpdate: !isWorthAComment(inputs['comment-when'], comparison, judgement),
      body: budget => renderReport(comparison, judgement, facts, budget),
    })
    return written.url
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown
    if (inputs['on-comment-failure'] === 'fail') throw withOutputs(thrown, found)
    log.warning(`The comment could not be written, the report is in the step summary: ${thrown.message}`)
    return ''
  }
}

/** Even when not, a comment that stands already is brought up to date: an old figure must not stay. */
function isWorthAComment(when: Inputs['comment-when'], comparison: Comparison, judgement: Judgement): boolean {
  if (when === 'always' || judgement.verdict !== 'pass') return true
  const isChanged = comparison.projects.some(
    ({ resources, unknowns }) =>
      resources.some(({ change }) => change !== 'unchanged') || unknowns.some(({ changed }) => changed),
  )
  return when === 'changed' && isChanged
}

function refuse(
  judgement: Judgement,
  onExceeded: Inputs['on-exceeded'],
  line: string,
  known: Found,
  log: Ports['log'],
): void {
  const message = [line, ...judgement.reasons].join('\n')
  if (judgement.verdict === 'invalid')
    throw withOutputs(
      new GateError(message, {
        verdict: 'invalid',
        hint: 'Put right what is named, or take the limits away: then the cost is shown and not judged.',
      }),
      known,
    )
  if (onExceeded === 'warn') return log.warning(message)
  throw withOutputs(
    new GateError(message, { verdict: 'fail', hint: 'Make the change cheaper, or raise the limit in the workflow.' }),
    known,
  )
}
