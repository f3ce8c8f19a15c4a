import type { Outputs } from '#kit/action'
import { ActionError, ApiError, GateError, InputError, withOutputs, type InputProblem, type Verdict } from '#kit/errors'
import { subjectOf } from '#kit/report/headline'
import type { CommitStatus, Ports, RunContext } from '#kit/ports'
import { LIMITS } from '#kit/report/limits'
import { evenSchedule } from '#kit/load/schedule'
import { Histogram } from '#kit/stats/histogram'
import { loadOf, MOST_REQUESTS, recorder, sourceOf } from './embedded.ts'
import { judge, type Judgement, type Source } from './gate.ts'
import type { Inputs, outputs } from './inputs.ts'
import { readResults } from './jmeter-results.ts'
import { Measurement } from './measurement.ts'
import { answerText, renderReport, type ReportFacts } from './report.ts'
import { parseScript, plainScript, type Script } from './script.ts'
import { summaryJson } from './summary-json.ts'
import { allowTarget } from './target.ts'

type Found = Outputs<typeof outputs>
type Needed = Pick<Ports, 'log' | 'files' | 'run' | 'checks' | 'statuses' | 'summary' | 'loadGenerator'>

const ACTION = 'load-gate'
const LARGEST_SCRIPT_BYTES = 1024 * 1024
const MICROSECONDS = 0.001

/** Samples and where they are from. */
interface Tested {
  readonly measurement: Measurement
  readonly source: Source
  readonly place: string
  readonly engine: string
}

export async function main(inputs: Inputs, ports: Needed): Promise<Found> {
  const { log, run, files } = ports
  const sha = judgedCommit(inputs, run)
  const setStatus = statusSetter(inputs, ports, sha)
  try {
    // A verdict of an earlier run on this commit must not stand while this one measures, nor when it is killed.
    await setStatus('pending', 'load test is running')
    const tested = await test(inputs, ports)
    const judgement = judge(tested.measurement, inputs.thresholds, tested.source)
    const facts: ReportFacts = {
      subject: subjectOf(run.repository, [], 'application'),
      place: tested.place,
      engine: tested.engine,
      sha,
      runNumber: run.runNumber,
    }
    const report = (bytes: number) =>
      renderReport(tested.measurement, judgement, tested.source, facts, { bytes, characters: Infinity })
    const folder = await files.temporaryFolder(ACTION)
    const known: Found = {
      verdict: judgement.verdict,
      'summary-json': `${folder}/summary.json`,
      report: `${folder}/report.md`,
      'check-url': '',
    }
    await files.write(known['summary-json'], summaryJson(tested.measurement, judgement, tested.source, facts))
    await files.write(known.report, `${report(LIMITS.summaryBytes)}\n`)
    await ports.summary.write(report(await ports.summary.remaining()))
    const answer = answerText(judgement)
    const url = await writeCheck(inputs, ports, { sha, answer, verdict: judgement.verdict, report }).catch(
      unlessDecided(judgement, log, known),
    )
    const found = { ...known, 'check-url': url }
    await setStatus(STATES[judgement.verdict], answer, url).catch(unlessDecided(judgement, log, found))
    if (judgement.verdict === 'pass') log.notice(`${facts.subject}: ${answer}`)
    else refuse(judgement, `${facts.subject}: ${answer}`, found)
    return found
  } catch (thrown) {
    // A gate that fell over has decided nothing, and says so where its verdict is looked for.
    if (!(thrown instanceof GateError && thrown.outputs['verdict'] !== undefined))
      await setStatus('error', 'load test invalid: the gate could not do its work').catch(() => undefined)
    throw thrown instanceof ActionError ? withOutputs(thrown, { verdict: 'invalid', ...thrown.outputs }) : thrown
  }
}

/** Says on the commit that nothing was decided, where an older verdict may stand. */
export async function refused(inputs: Partial<Inputs>, ports: Pick<Ports, 'run' | 'statuses'>): Promise<void> {
  const { sha, 'status-context': context } = inputs
  if (sha === undefined || context === undefined) return
  const setStatus = statusSetter({ 'status-context': context }, ports, judgedCommit({ sha }, ports.run))
  await setStatus('error', 'load test invalid: an input cannot be read')
}

function judgedCommit({ sha }: Pick<Inputs, 'sha'>, run: RunContext): string {
  return sha || (run.pullRequest?.headSha ?? run.sha)
}

const STATES = { pass: 'success', fail: 'failure', invalid: 'error' } as const satisfies Record<Verdict, string>

function statusSetter(
  { 'status-context': context }: Pick<Inputs, 'status-context'>,
  { statuses, run }: Pick<Ports, 'statuses' | 'run'>,
  sha: string,
) {
  return async (state: CommitStatus['state'], description: string, targetUrl = run.runUrl): Promise<void> => {
    if (context === '') return
    await statuses.set({ sha, context, state, description, ...(targetUrl === '' ? {} : { targetUrl }) })
  }
}

async function test(inputs: Inputs, ports: Needed): Promise<Tested> {
  refuseIdle(inputs)
  if (inputs.engine === 'none')
    return { ...(await readResults(inputs, ports.files)), place: inputs.results.join(', '), engine: 'JMeter CSV' }
  const target = allowTarget(inputs.target, inputs['allowed-hosts'])
  const script = await readScript(inputs, ports)
  const load = loadOf(script, target, inputs)
  const { total } = evenSchedule(load.ratePerSecond, load.durationSeconds)
  if (total > MOST_REQUESTS)
    throw new InputError([
      {
        input: 'duration',
        value: `${load.durationSeconds}s`,
        problem: `at ${load.ratePerSecond}/s it makes ${total.toLocaleString('en-US')} requests`,
        fix: `Stay within ${MOST_REQUESTS.toLocaleString('en-US')} requests`,
      },
    ])
  const [measurement, delays] = [new Measurement(MICROSECONDS, { knowsDelays: true }), new Histogram(MICROSECONDS)]
  ports.log.info(
    `Sending ${total.toLocaleString('en-US')} requests to ${target.host}, ${load.ratePerSecond} a second for ${load.durationSeconds} s.`,
  )
  const result = await ports.loadGenerator.run(load, recorder(script, measurement, delays))
  return { measurement, source: sourceOf(load, result, delays), place: target.host, engine: 'embedded engine' }
}

/** Inputs that have no effect were meant to have one. */
function refuseIdle(inputs: Inputs): void {
  const problems: InputProblem[] = []
  const refuse = (input: 'target' | 'script' | 'results', problem: string, fix: string) =>
    problems.push({ input, value: String(inputs[input]), problem, fix })
  if (inputs.engine === 'embedded') {
    if (inputs.target === '')
      refuse(
        'target',
        'the embedded engine has nowhere to send to',
        'Give the address of the application, or "engine: none" with "results"',
      )
    if (inputs.results.length > 0)
      refuse('results', 'the embedded engine makes its own', 'Leave it out, or give "engine: none"')
  } else {
    if (inputs.results.length === 0)
      refuse(
        'results',
        'there is nothing to judge',
        'Give the path of a JMeter CSV file, or "engine: embedded" with "target"',
      )
    for (const input of ['target', 'script'] as const)
      if (inputs[input] !== '')
        refuse(input, 'it has no effect without an engine', 'Leave it out, or give "engine: embedded"')
  }
  if (problems.length > 0) throw new InputError(problems)
}

async function readScript(inputs: Inputs, { files }: Needed): Promise<Script> {
  if (inputs.script === '') return plainScript()
  const path = await files.resolve('script', inputs.script, inputs['working-directory'])
  const exists = await files.exists(path)
  if (exists && (await files.size(path)) <= LARGEST_SCRIPT_BYTES)
    return parseScript(await files.readText(path), inputs.script)
  throw new InputError([
    {
      input: 'script',
      value: inputs.script,
      problem: exists ? 'the file is larger than 1 MiB' : 'there is no such file',
      fix: exists
        ? 'Send fewer or smaller requests'
        : 'Give the path of a YAML or JSON file, relative to "working-directory"',
    },
  ])
}

async function writeCheck(
  { 'status-context': context }: Inputs,
  { checks, run }: Needed,
  facts: { sha: string; answer: string; verdict: Verdict; report: (bytes: number) => string },
): Promise<string> {
  if (context === '') return ''
  const { url } = await checks.complete({
    sha: facts.sha,
    // Another name than the status: a branch rule that requires one of them must not be met by the other.
    name: `${context} report`,
    externalId: `${ACTION}/${run.runId}`,
    conclusion: facts.verdict === 'pass' ? 'success' : 'failure',
    title: facts.answer,
    summary: facts.report(LIMITS.checkOutputBytes),
  })
  return url
}

/** Of two things that are wrong the verdict is the one to say; a passed gate that cannot say so is red. */
function unlessDecided(judgement: Judgement, log: Ports['log'], known: Found): (thrown: unknown) => string {
  return thrown => {
    if (!(thrown instanceof ApiError)) throw thrown
    if (judgement.verdict === 'pass') throw withOutputs(thrown, known)
    log.warning(`The verdict could not be written to the commit: ${thrown.message}`)
    return ''
  }
}

function refuse(judgement: Judgement, line: string, known: Found): void {
  const { verdict, reasons, limits } = judgement
  if (verdict === 'pass') return
  const crossed = limits.filter(limit => limit.verdict === 'fail').slice(1)
  const more = verdict === 'fail' ? crossed.map(({ text }) => `also crossed: ${text}`) : reasons.slice(1)
  const hint =
    verdict === 'fail'
      ? 'Look at the slowest endpoint and the errors in the step’s summary.'
      : 'Put the test right and run it again.'
  throw withOutputs(new GateError([line, ...more].join('\n'), { verdict, hint }), known)
}
