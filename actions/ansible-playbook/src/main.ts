import type { Outputs } from '#kit/action'
import { CommandError, GateError, InputError, withOutputs } from '#kit/errors'
import { subjectOf } from '#kit/report/headline'
import type { Completed, Place, Ports } from '#kit/ports'
import { adviceFor, earlyAdvice } from './advice.ts'
import { findAnsible } from './ansible.ts'
import { childVariables, commandArguments, enforcedVariables } from './command.ts'
import { CALLBACK, CALLBACK_NAME } from './callback.ts'
import { readEvents, type PlaybookRun, type TaskResult } from './events.ts'
import type { Inputs, outputs } from './inputs.ts'
import { judge, recapJson } from './outcome.ts'
import { placeOf, relativePlace } from './place.ts'
import { answerText, messageOf, playbookReport, refusalReport, type ReportFacts } from './report.ts'
import { socketFolder, sshConfig } from './ssh.ts'
import type { RunFiles } from './command.ts'

const FOLDER = 'folder'

/** What the action takes of the world. */
type Needs = Pick<Ports, 'exec' | 'files' | 'log' | 'run' | 'state' | 'summary'>

export async function main(inputs: Inputs, ports: Needs): Promise<Outputs<typeof outputs>> {
  const playbook = await existing('playbook', inputs.playbook, inputs, ports)
  const inventory = await existing('inventory', inputs.inventory, inputs, ports)
  const directory = await ports.files.resolve('working-directory', inputs['working-directory'])
  const ansible = await findAnsible(ports.exec, directory)
  const config = await nearestConfig(playbook, ports)
  const folder = await ports.files.temporaryFolder('slipway-ansible')
  ports.state.save(FOLDER, folder)
  const facts = factsOf(inputs, playbook, ansible, ports)
  const written = await writeFiles(inputs, folder, ports)
  const { completed, run } = await runPlaybook(inputs, { playbook, inventory, directory, config, written, ports })
  if (run.recap === undefined) return refuse(completed, facts, ports)
  return conclude(judge(run, completed.exitCode), run, facts, ports)
}

/** Takes away the secrets when the run could not do it itself. */
export async function post(state: (name: string) => string, ports: Pick<Ports, 'files'>): Promise<void> {
  if (state(FOLDER) !== '') await ports.files.remove(state(FOLDER))
}

async function existing(
  name: 'playbook' | 'inventory',
  path: string,
  inputs: Inputs,
  { files }: Pick<Ports, 'files'>,
): Promise<string> {
  const absolute = await files.resolve(name, path, inputs['working-directory'])
  if (await files.exists(absolute)) return absolute
  throw new InputError([
    {
      input: name,
      value: path,
      problem: 'it is not there',
      fix: 'Give a path relative to "working-directory"; check that the steps before made it or checked it out',
    },
  ])
}

/** `ansible.cfg` beside the playbook, or in the nearest folder above it in the workspace. */
async function nearestConfig(playbook: string, { files }: Pick<Ports, 'files'>): Promise<string | undefined> {
  let folder = playbook
  while (folder.startsWith(`${files.workspace}/`)) {
    folder = folder.slice(0, folder.lastIndexOf('/'))
    if (await files.exists(`${folder}/ansible.cfg`)) return `${folder}/ansible.cfg`
  }
  return undefined
}

function factsOf(inputs: Inputs, playbook: string, ansible: string, { files, run }: Needs): ReportFacts {
  const path = relativePlace(playbook, files.workspace)
  const stem = (path.split('/').at(-1) ?? '').replace(/\.ya?ml$/, '')
  return {
    subject: subjectOf(run.repository, [stem], 'playbook'),
    playbook: path,
    check: inputs.check,
    limit: inputs.limit,
    playsWithoutHosts: [],
    sha: run.sha,
    runNumber: run.runNumber,
    ansible,
  }
}

/** Secrets go to files that only this user can read: Ansible takes them from nowhere else but its arguments. */
async function writeFiles(inputs: Inputs, folder: string, { files }: Pick<Ports, 'files'>): Promise<RunFiles> {
  const write = async (name: string, content: string) => {
    const path = `${folder}/${name}`
    await files.write(path, content, 0o600)
    return path
  }
  const given = async (name: string, content: string) => (content === '' ? undefined : write(name, content))
  const ssh = {
    key: await given('ssh-key', inputs['ssh-key']),
    knownHosts: await given('known-hosts', inputs['known-hosts']),
    config: `${folder}/ssh-config`,
    sockets: socketFolder(`${folder}/s`),
  }
  await write('ssh-config', sshConfig(ssh))
  await write(`callbacks/${CALLBACK_NAME}.py`, CALLBACK)
  return {
    ssh,
    folder,
    vaultPassword: await given('vault-password', inputs['vault-password']),
    extraVars: await given('extra-vars.yml', inputs['extra-vars']),
    enforced: await write('enforced.json', JSON.stringify(enforcedVariables(ssh))),
    events: await write('events.jsonl', ''),
  }
}

interface Started {
  readonly playbook: string
  readonly inventory: string
  readonly directory: string
  readonly config: string | undefined
  readonly written: RunFiles
  readonly ports: Needs
}

async function runPlaybook(inputs: Inputs, started: Started): Promise<{ completed: Completed; run: PlaybookRun }> {
  const { playbook, inventory, directory, config, written, ports } = started
  try {
    const completed = await ports.log.group(`ansible-playbook ${inputs.playbook}`, () =>
      ports.exec.run({
        file: 'ansible-playbook',
        args: commandArguments({ playbook, inventory, limit: inputs.limit, check: inputs.check }, written),
        cwd: directory,
        env: childVariables(written, config),
        // Ansible's bits: 1 error, 2 failed hosts, 4 unreachable hosts or a file it cannot read; 5 options, 6 text, 250 a crash.
        okExitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 250],
        onStdoutLine: line => ports.log.info(line),
        onStderrLine: line => ports.log.info(line),
      }),
    )
    return { completed, run: readEvents(await ports.files.readText(written.events)) }
  } finally {
    await closeConnections(written, directory, ports)
    await ports.files.remove(written.folder)
  }
}

/** A shared connection outlives Ansible by a minute; another step has no business with it. */
async function closeConnections({ ssh }: RunFiles, cwd: string, { exec, files, log }: Needs): Promise<void> {
  if (ssh.sockets === undefined || !(await files.exists(ssh.sockets))) return
  for (const socket of await files.list(ssh.sockets)) {
    const args = ['-o', `ControlPath=${ssh.sockets}/${socket}`, '-O', 'exit', 'shared']
    await exec.run({ file: 'ssh', args, cwd, okExitCodes: [0, 255] }).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error
      log.debug(`a shared connection was not closed: ${error.message}`)
    })
  }
}

async function refuse(completed: Completed, facts: ReportFacts, { files, summary }: Needs): Promise<never> {
  const printed = completed.stderr.trim() || completed.stdout.trim()
  const reason = firstError(printed).replaceAll(`${files.workspace}/`, '')
  const advice = earlyAdvice(printed)
  await summary.write(refusalReport(reason, advice, facts, await summary.remaining()))
  throw new GateError(`${facts.playbook} was not run to its end: ${reason}`, { verdict: 'invalid', hint: advice })
}

/** From Ansible's first error on; the warnings before it explain nothing. */
function firstError(printed: string): string {
  const lines = printed.split('\n')
  const start = lines.findIndex(line => /^(?:\[?ERROR|fatal|usage:)/i.test(line))
  return (
    lines
      .slice(Math.max(0, start), Math.max(0, start) + 20)
      .join('\n')
      .trim() || 'ansible-playbook said nothing'
  )
}

async function conclude(
  outcome: ReturnType<typeof judge>,
  run: PlaybookRun,
  known: ReportFacts,
  { files, log, summary }: Needs,
): Promise<Outputs<typeof outputs>> {
  const relative = (result: TaskResult) => ({ ...result, place: relativePlace(result.place, files.workspace) })
  const told = { ...outcome, causes: outcome.causes.map(relative) }
  const facts = { ...known, playsWithoutHosts: run.playsWithoutHosts }
  for (const play of run.playsWithoutHosts) log.warning(`No host of the inventory matched the play ${play}`)
  for (const cause of told.causes)
    log.error(`${cause.host}: ${messageOf(cause)}`, titled(placeOf(cause.place), cause.task))
  await summary.write(playbookReport(told, run.results, facts, await summary.remaining()))
  const values = {
    changed: String(outcome.changed),
    failed: String(outcome.failed),
    unreachable: String(outcome.unreachable),
    recap: recapJson(outcome),
  }
  const answer = `${facts.playbook}: ${answerText(told, facts.check)}`
  if (outcome.verdict !== 'pass') throw withOutputs(gateError(answer, told.causes[0], outcome.verdict), values)
  log.notice(answer)
  return values
}

function gateError(answer: string, cause: TaskResult | undefined, verdict: 'fail' | 'invalid'): GateError {
  const advice = cause && adviceFor(cause)
  const hint =
    advice ??
    (verdict === 'invalid'
      ? 'Check that the groups of the playbook ("hosts:") and "limit" are those of the inventory.'
      : 'Each failure is explained in the summary of the run; hosts that were done keep what changed.')
  return new GateError(answer, { verdict, hint })
}

function titled(place: Place | undefined, title: string): Place | undefined {
  return place && { ...place, title }
}
