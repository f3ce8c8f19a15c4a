import type { Outputs } from '#kit/action'
import { awsProblems } from '#kit/aws'
import { ActionError, CommandError, GateError, InputError, withOutputs } from '#kit/errors'
import { subjectOf } from '#kit/report/headline'
import type { Completed, Place, Ports } from '#kit/ports'
import { adviceFor, earlyAdvice } from './advice.ts'
import { findAnsible } from './ansible.ts'
import { childVariables, commandArguments, enforcedVariables, inventoryArguments } from './command.ts'
import { CALLBACK, CALLBACK_NAME } from './callback.ts'
import { readEvents, type PlaybookRun, type TaskResult } from './events.ts'
import { readHostKeys } from './host-keys.ts'
import type { Inputs, outputs } from './inputs.ts'
import { listedHosts, sshHosts } from './inventory.ts'
import { judge, recapJson } from './outcome.ts'
import { placeOf, relativePlace } from './place.ts'
import { answerText, messageOf, playbookReport, refusalReport, type ReportFacts } from './report.ts'
import { socketFolder, sshConfig } from './ssh.ts'
import type { RunFiles } from './command.ts'

const FOLDER = 'folder'

/** Bits: 1 error, 2 failed hosts, 4 unreachable hosts or a file it cannot read; 5 options, 6 text, 250 a crash. */
const ANSIBLE_EXIT_CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 250]

/** What the action takes of the world. */
type Needs = Pick<
  Ports,
  'clock' | 'environment' | 'exec' | 'files' | 'http' | 'identity' | 'log' | 'run' | 'state' | 'summary'
>

export async function main(inputs: Inputs, ports: Needs): Promise<Outputs<typeof outputs>> {
  const asksConsoles = inputs['host-keys-from'] === 'console'
  const problems = asksConsoles ? awsProblems(inputs) : []
  if (problems.length > 0) throw new InputError(problems)
  const playbook = await existing('playbook', inputs.playbook, inputs, ports)
  const inventory = await existing('inventory', inputs.inventory, inputs, ports)
  const directory = await ports.files.resolve('working-directory', inputs['working-directory'])
  const ansible = await findAnsible(ports.exec, directory)
  const config = await nearestConfig(playbook, ports)
  const folder = await ports.files.temporaryFolder('slipway-ansible')
  ports.state.save(FOLDER, folder)
  const facts = factsOf(inputs, playbook, ansible, ports)
  try {
    const written = await writeFiles(inputs, folder, ports)
    const started = { playbook, inventory, directory, config, written, facts, ports }
    if (asksConsoles) await addHostKeys(inputs, started)
    const { completed, run } = await runPlaybook(inputs, started)
    if (run.recap === undefined) return await refuse(completed, facts, ports)
    return await conclude(judge(run, completed.exitCode), run, facts, ports)
  } finally {
    await ports.files.remove(folder)
  }
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
    knownHosts:
      inputs['host-keys-from'] === 'console'
        ? await write('known-hosts', inputs['known-hosts'])
        : await given('known-hosts', inputs['known-hosts']),
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
  readonly facts: ReportFacts
  readonly ports: Needs
}

/** Completes the `known_hosts` file with the keys of the hosts that the playbook goes to, before it goes there. */
async function addHostKeys(inputs: Inputs, started: Started): Promise<void> {
  const { playbook, inventory, directory: cwd, config, written, ports } = started
  const known = written.ssh.knownHosts ?? ''
  const env = childVariables(written, config)
  const ask = async (file: string, args: readonly string[]) => {
    const completed = await ports.exec.run({ file, args, cwd, env, okExitCodes: ANSIBLE_EXIT_CODES })
    if (completed.exitCode === 0) return completed.stdout
    // The variables of hosts are on stdout, and errors are not.
    return refuse({ ...completed, stdout: '' }, started.facts, ports)
  }
  const listed = await ask('ansible-playbook', ['--list-hosts', ...playbookArguments(inputs, started)])
  const asked = await ask('ansible-inventory', inventoryArguments(playbook, inventory, written))
  const hosts = sshHosts(listedHosts(listed), asked)
  const lines = await readHostKeys(hosts, known, inputs, inputs['host-keys-timeout'], ports).catch((error: unknown) =>
    report(error, started.facts, ports),
  )
  await ports.files.write(known, inputs['known-hosts'] + lines.map(line => `${line}\n`).join(''), 0o600)
}

const playbookArguments = ({ limit, check }: Inputs, { playbook, inventory, written }: Started) =>
  commandArguments({ playbook, inventory, limit, check }, written)

async function runPlaybook(inputs: Inputs, started: Started): Promise<{ completed: Completed; run: PlaybookRun }> {
  const { directory, config, written, ports } = started
  try {
    const completed = await ports.log.group(`ansible-playbook ${inputs.playbook}`, () =>
      ports.exec.run({
        file: 'ansible-playbook',
        args: playbookArguments(inputs, started),
        cwd: directory,
        env: childVariables(written, config),
        okExitCodes: ANSIBLE_EXIT_CODES,
        onStdoutLine: line => ports.log.info(line),
        onStderrLine: line => ports.log.info(line),
      }),
    )
    return { completed, run: readEvents(await ports.files.readText(written.events)) }
  } finally {
    await closeConnections(written, directory, ports)
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

/** The summary of a run that was refused before Ansible began. */
async function report(error: unknown, facts: ReportFacts, { summary }: Needs): Promise<never> {
  if (error instanceof ActionError && !(error instanceof CommandError))
    await summary.write(refusalReport(error.message, error.hint ?? '', facts, await summary.remaining()))
  throw error
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
