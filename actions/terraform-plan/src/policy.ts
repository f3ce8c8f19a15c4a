import { GateError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { count } from '#kit/report/count'
import { code, text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import { isList, member, parseJson, writeJson, type Json } from '#kit/terraform/json'
import type { Plan } from '#kit/terraform/plan'
import { redactedDocument } from '#kit/terraform/redacted-document'
import type { Hide } from './words.ts'

type PolicyPorts = Pick<Ports, 'exec' | 'files' | 'repository' | 'run' | 'tools'>

/** What the policies say of a plan, in their own words. */
export interface PolicyResult {
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
  /** The folder when it is not the same at the head as at the base, whose policies hold. */
  readonly changedFolder: string | undefined
}

const SECONDS = 120

/**
 * Runs the policies of a folder, as it is at the base, on the redacted plan.
 * @throws GateError (`invalid`) when there are none, none of them says anything, or the plan has no JSON to judge
 */
export async function runPolicies(plan: Plan, folder: string, hide: Hide, ports: PolicyPorts): Promise<PolicyResult> {
  const { run, repository, files } = ports
  if (plan.detail !== 'attributes')
    throw new GateError('the policies cannot judge events of a plan, which tell no attributes', {
      verdict: 'invalid',
      hint: 'Give "plan-json" what "terraform show -json tfplan" prints, or leave out "policy".',
    })
  const base = run.pullRequest?.baseSha ?? run.sha
  const found = await repository.readFolder(base, folder)
  if (found === undefined)
    throw new GateError(`input "policy": there is no folder ${folder} at ${base.slice(0, 7)}`, {
      verdict: 'invalid',
      hint: 'Policies are read at the base, never from the pull request: merge them first, then name their folder.',
    })
  const head = run.pullRequest?.headSha
  const atHead = head === undefined ? found : await repository.readFolder(head, folder)
  const temporary = await files.temporaryFolder('slipway-policy')
  try {
    for (const [path, bytes] of await found.readFiles()) await files.write(`${temporary}/policy/${path}`, bytes)
    await files.write(`${temporary}/plan.json`, writeJson(redactedDocument(plan, hide)))
    const told = readResult(await conftest(temporary, ports), folder)
    return { ...told, changedFolder: atHead?.id === found.id ? undefined : folder }
  } finally {
    await files.remove(temporary)
  }
}

async function conftest(folder: string, { exec, tools }: Pick<Ports, 'exec' | 'tools'>): Promise<string> {
  const tool = await tools.find('conftest', { range: 'auto' })
  const { stdout } = await exec.run({
    file: tool.path,
    args: [
      ...['test', '--parser', 'json', '--output', 'json', '--no-color', '--no-fail', '--all-namespaces'],
      ...['--policy', `${folder}/policy`, '--data', `${folder}/policy`, `${folder}/plan.json`],
    ],
    timeoutMilliseconds: SECONDS * 1000,
  })
  return stdout
}

/** Conftest's JSON: a list, an entry for each namespace, with `successes` as a number and the rest as lists of `msg`. */
function readResult(json: string, folder: string): Pick<PolicyResult, 'failures' | 'warnings'> {
  let results: Json
  try {
    results = parseJson(json)
  } catch (cause) {
    throw new GateError('the answer of conftest is no JSON', { verdict: 'invalid', cause })
  }
  const entries = isList(results) ? results : []
  const said = (kind: string) => entries.flatMap(entry => messages(entry, kind))
  const passed = entries.map(entry => member(entry, 'successes')).filter(number => typeof number === 'number')
  const evaluated = passed.reduce((sum, number) => sum + number, 0)
  const [failures, warnings, exceptions] = [said('failures'), said('warnings'), said('exceptions')]
  if (evaluated + failures.length + warnings.length + exceptions.length === 0)
    throw new GateError(`no policy in ${folder} says anything of a plan`, {
      verdict: 'invalid',
      hint: 'A policy is a rule "deny", "violation" or "warn" in a .rego file.',
    })
  return { failures, warnings }
}

function messages(entry: Json, kind: string): string[] {
  const listed = member(entry, kind)
  const namespace = String(member(entry, 'namespace') ?? 'main')
  return (isList(listed) ? listed : []).map(one => `${namespace}: ${String(member(one, 'msg') ?? 'says no word')}`)
}

const MOST_LINES = 5
const LINE_CHARACTERS = 300

/**
 * Above the folds: what fails, then what is only warned of.
 * @param whereOf Markdown: of which roots it is said
 */
export function policyLines(
  { failures, warnings }: Pick<PolicyResult, 'failures' | 'warnings'>,
  hide: Hide,
  whereOf: (said: string) => string = () => '',
): string[] {
  const line = (word: string) => (said: string) =>
    `**Policy ${word}** ${text(shortenEnd(hide(said), LINE_CHARACTERS))}${whereOf(said)}`
  const lines = [...failures.map(line('fails')), ...warnings.map(line('warns'))]
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES - 1), `… and ${lines.length - MOST_LINES + 1} more of the policies, in the log`]
}

export function policyNotes({ changedFolder }: Pick<PolicyResult, 'changedFolder'>): string[] {
  return changedFolder === undefined
    ? []
    : [`**The policies in ${code(changedFolder)} are not those of the base.** Those of the base hold.`]
}

/** What a report says of the policies of one plan. */
export function policyReport(result: PolicyResult, hide: Hide) {
  return { lines: policyLines(result, hide), notes: policyNotes(result), isHeld: result.failures.length > 0 }
}

/** @throws GateError (`fail`) with what the policies say. No acknowledgement helps: a policy is changed where it stands. */
export function refuseByPolicy(
  { failures }: PolicyResult,
  outputs: Readonly<Record<string, string>>,
  hide: Hide,
): void {
  if (failures.length === 0) return
  throw withOutputs(
    new GateError(`${count(failures.length, 'policy fails', 'policies fail')}:\n${failures.map(hide).join('\n')}`, {
      verdict: 'fail',
      hint: 'Change what is planned, or the policy on the base branch.',
    }),
    { ...outputs, verdict: 'fail' },
  )
}
