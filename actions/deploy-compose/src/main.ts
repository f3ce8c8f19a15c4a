import type { Outputs } from '#kit/action'
import { ActionError, GateError, InputError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { createScrubber } from '#kit/scrub'
import { checkCompose } from './compose-file.ts'
import type { ComposeText } from './compose-merge.ts'
import { contentsOf, heldFiles } from './contents.ts'
import { encodeDotenv, needlesOf, secretsOf } from './dotenv.ts'
import { type Release } from './frames.ts'
import { tellRestored } from './environment-page.ts'
import { hostText } from './host.ts'
import { isProject, type Inputs, type outputs } from './inputs.ts'
import { loginOf } from './login.ts'
import { deployTo, type Connection } from './connection.ts'
import { planReplacement } from './replacement.ts'
import { lastLines, renderReport } from './report.ts'
import { judge, type Ended, type Verdict } from './verdict.ts'

type Found = Outputs<typeof outputs>
type Needed = Pick<
  Ports,
  'log' | 'clock' | 'random' | 'exec' | 'files' | 'http' | 'run' | 'summary' | 'state' | 'deployments'
>

const KEY_FOLDER = 'key-folder'

export async function main(inputs: Inputs, ports: Needed): Promise<Found> {
  const { log, run, files } = ports
  requireKeys(inputs)
  for (const value of secretsOf(inputs.dotenv)) log.secret(value)
  const texts = await readFiles(inputs, files)
  const given = new Set([...inputs.dotenv.keys(), ...inputs['pass-env']])
  const { name, images, defaulted, unpinned, document } = checkCompose(texts, given)
  const project = projectOf(inputs, name)
  const plan = planReplacement(document, inputs.strategy)
  const compose = [...texts.map(({ text }) => text), ...imageTexts(defaulted)]
  const release: Release = {
    project,
    release: [run.runNumber, run.sha.slice(0, 7), Buffer.from(ports.random.bytes(2)).toString('hex')]
      .filter(part => part !== '')
      .join('-'),
    healthSeconds: inputs['health-timeout'],
    drainSeconds: inputs.drain,
    compose,
    plan,
    contents: contentsOf(document, inputs.dotenv),
    unpinned,
    held: inputs['secret-storage'] === 'memory' ? heldFiles(document, inputs.dotenv) : [],
    login: loginOf(inputs),
    smokeUrl: inputs['smoke-url'],
    smokeSeconds: inputs['smoke-timeout'],
    dotenv: encodeDotenv(inputs.dotenv),
    needles: needlesOf(inputs.dotenv, compose.join('\n')),
    owner: [
      `release of ${run.repository}@${run.sha.slice(0, 7)} by ${run.actor}`,
      ...(inputs.environment === '' ? [] : [`environment ${inputs.environment}`]),
      run.runUrl,
      '',
    ].join('\n'),
  }
  const known: Found = { release: release.release, 'stable-release': '', result: 'failed', receipt: '[]' }
  const scrub = createScrubber([...secretsOf(inputs.dotenv), inputs['ssh-key'], inputs['registry-password']])
  const ended = await deployAll(inputs, ports, release).catch((error: unknown) => {
    throw error instanceof ActionError ? withOutputs(error, known) : error
  })
  const verdict = judge(release.release, ended, inputs.hosts.length)
  for (const { service, log: lines } of verdict.failed?.outcome.containers ?? [])
    await log.group(`Last lines of ${service}`, async () => log.info(lastLines(lines, scrub)))
  const subject = [project, inputs.environment].filter(Boolean).join('/')
  const facts = {
    subject,
    release: release.release,
    images,
    strategy: inputs.strategy,
    reasons: plan.reasons,
    variableCount: inputs.dotenv.size,
    sha: run.sha,
    runNumber: run.runNumber,
  }
  await ports.summary.write(
    renderReport(verdict, ended, facts, scrub, { bytes: await ports.summary.remaining(), characters: Infinity }),
  )
  await tellRestored(verdict, inputs, ports)
  const found = { ...known, ...outputsOf(verdict, ended) }
  refuseLeaks(ended, found)
  if (verdict.result === 'succeeded') log.notice(`${subject}: ${verdict.answer}`)
  else refuse(`${subject}: ${scrub(verdict.answer)}`, verdict, found)
  return found
}

/** Takes the key away, also when `main` was killed. */
export async function post(state: (name: string) => string, { files }: Pick<Ports, 'files'>): Promise<void> {
  const folder = state(KEY_FOLDER)
  if (folder !== '') await files.remove(folder)
}

async function readFiles(inputs: Inputs, files: Ports['files']): Promise<readonly ComposeText[]> {
  const read = async (path: string): Promise<ComposeText> => {
    const found = await files.resolve('compose-file', path, inputs['working-directory'])
    if (await files.exists(found)) return { path, text: await files.readText(found) }
    const fix = 'Give paths of compose files, one a line, relative to "working-directory"'
    throw new InputError([{ input: 'compose-file', value: path, problem: 'there is no such file', fix }])
  }
  return Promise.all(inputs['compose-file'].map(read))
}

/** A compose file more, by which no variable of the host decides what runs. */
function imageTexts(images: ReadonlyMap<string, string>): readonly string[] {
  if (images.size === 0) return []
  return [JSON.stringify({ services: Object.fromEntries([...images].map(([name, image]) => [name, { image }])) })]
}

function projectOf({ project }: Inputs, named: string | undefined): string {
  if (project !== '') return project
  const problem =
    named === undefined
      ? 'it is empty, and the compose file has no "name:"'
      : `it is empty, and "name: ${named}" is not one`
  if (named === undefined || !isProject(named))
    throw new InputError([{ input: 'project', problem, fix: 'Give the name of the project, such as "shop"' }])
  return named
}

/** What ssh needs is known to be missing before anything is sent; and a key is no use for this machine. */
function requireKeys(inputs: Inputs): void {
  const isRemote = inputs.hosts.some(({ kind }) => kind === 'ssh')
  const problems = (['ssh-key', 'known-hosts'] as const)
    .filter(input => isRemote && inputs[input] === '')
    .map(input => ({
      input,
      problem: 'it is required for a host that is reached over ssh',
      fix:
        input === 'ssh-key'
          ? 'Give the private key of the deploying user from a secret'
          : 'Give the host keys, as the hosts themselves hold them: a key is never fetched to be trusted',
    }))
  if (problems.length > 0) throw new InputError(problems)
}

/** One after the other: the first host is the proof for the others. */
async function deployAll(inputs: Inputs, ports: Needed, release: Release): Promise<readonly Ended[]> {
  const folder = await ports.files.temporaryFolder('slipway-ssh')
  ports.state.save(KEY_FOLDER, folder)
  try {
    const keys = { key: `${folder}/key`, knownHosts: `${folder}/known_hosts` }
    await ports.files.write(keys.key, inputs['ssh-key'], 0o600)
    await ports.files.write(keys.knownHosts, inputs['known-hosts'], 0o600)
    const ended: Ended[] = []
    for (const host of inputs.hosts) {
      const name = hostText(host)
      const connection: Connection = { host, keys, folder }
      const outcome = await ports.log.group(`Deploy ${release.release} to ${name}`, () =>
        deployTo(connection, release, ports),
      )
      ended.push({ host: name, outcome })
      if (outcome.result !== 'succeeded') break
    }
    return ended
  } finally {
    await ports.files.remove(folder)
  }
}

function outputsOf(verdict: Verdict, ended: readonly Ended[]): Partial<Found> {
  return {
    result: verdict.result,
    'stable-release': verdict.stable,
    receipt: JSON.stringify(
      ended.flatMap(({ host, outcome }) => (outcome.receipt === undefined ? [] : [{ host, ...outcome.receipt }])),
    ),
  }
}

/** A .env that could not be destroyed is a failure of its own, whatever the release did. */
function refuseLeaks(ended: readonly Ended[], found: Found): void {
  const leak = ended.find(
    ({ outcome: { receipt } }) => receipt !== undefined && (!receipt.removed || receipt.filesWithValues > 0),
  )
  if (leak?.outcome.receipt === undefined) return
  const { path, removed, filesWithValues } = leak.outcome.receipt
  const what = removed
    ? `${filesWithValues} files below ~/.slipway hold a value of the .env`
    : `the .env in ${path} could not be removed`
  throw withOutputs(
    new GateError(`${leak.host}: ${what}; the release itself: ${found.result}`, {
      verdict: 'fail',
      hint: 'Remove it on the host by hand, and change the values when others can read there.',
    }),
    found,
  )
}

function refuse(message: string, verdict: Verdict, found: Found): never {
  const error = new GateError(message, { verdict: verdict.invalid ? 'invalid' : 'fail', hint: verdict.hint })
  throw withOutputs(error, found)
}
