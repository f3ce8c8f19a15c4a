import { awsEnvironment, type AwsInputs, type AwsPorts } from '#kit/aws'
import { ActionError, CommandError, GateError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { readConsole, type ConsoleReading } from './console.ts'
import type { SshHost } from './inventory.ts'

type Variables = Readonly<Record<string, string>>
type Needs = AwsPorts & Pick<Ports, 'clock' | 'exec'>

/** A machine's first boot takes minutes, and AWS passes its console on in steps. */
const POLL_MILLISECONDS = 15_000
const GIVE =
  'Give its public key in "known-hosts": a host that is named there is not looked for. A host of EC2 is looked for by its ' +
  'variable "instance_id".'

/**
 * Reads the host keys of instances from their console output, waiting until they are printed.
 * @param known path of a `known_hosts` file; the hosts that it names are not looked for
 * @param timeoutSeconds from now on, for all of them together
 * @returns lines of a `known_hosts` file
 * @throws GateError (invalid) with each host whose key cannot be told, and why
 */
export async function readHostKeys(
  hosts: readonly SshHost[],
  known: string,
  inputs: AwsInputs,
  timeoutSeconds: number,
  ports: Needs,
): Promise<readonly string[]> {
  const { clock, log } = ports
  const waiting = await unnamed(hosts, known, ports)
  if (waiting.length === 0) return []
  const problems = waiting.filter(({ problem }) => problem !== undefined)
  if (problems.length > 0) throw untold(problems.map(({ name, problem }) => `${name}: ${problem}`))
  const env = { ...(await awsEnvironment(inputs, ports)), AWS_PAGER: '', AWS_RETRY_MODE: 'standard', LC_ALL: 'C.UTF-8' }
  const end = clock.now() + timeoutSeconds * 1000
  const lines = new Map<SshHost, readonly string[]>()
  log.info(`Reading the host keys of ${waiting.map(({ name }) => name).join(', ')} from their consoles`)
  for (;;) {
    const faults: string[] = []
    const isLast = clock.now() + POLL_MILLISECONDS > end
    for (const host of waiting.filter(host => !lines.has(host))) {
      const reading = await readInstance(host.instance, env, ports)
      if (reading.state === 'known')
        lines.set(
          host,
          reading.keys.map(key => `${host.address} ${key}`),
        )
      else if (reading.state === 'refused' || isLast)
        faults.push(
          `${host.name} (${host.instance}): ${reading.why}${reading.state === 'waiting' ? `, after ${timeoutSeconds} s` : ''}`,
        )
    }
    if (faults.length > 0) throw untold(faults)
    if (lines.size === waiting.length) break
    await clock.sleep(POLL_MILLISECONDS)
  }
  const told = [...lines.values()].flat()
  // A console forgets: who wants to run this again in a month keeps these lines.
  log.info(['Host keys from the consoles, as lines for "known-hosts":', ...told].join('\n'))
  return told
}

function untold(faults: readonly string[]): GateError {
  return new GateError(`host keys cannot be read from the console: ${faults.join('; ')}`, {
    verdict: 'invalid',
    hint: GIVE,
  })
}

/** The hosts that a `known_hosts` file does not name. ssh-keygen decides it as ssh does, with patterns and hashed names. */
async function unnamed(hosts: readonly SshHost[], known: string, { exec }: Needs): Promise<readonly SshHost[]> {
  const found: SshHost[] = []
  for (const host of hosts) {
    const args = ['-F', host.address, '-f', known]
    const { exitCode } = await exec.run({ file: 'ssh-keygen', args, okExitCodes: [0, 1] })
    if (exitCode === 1) found.push(host)
  }
  return found
}

/**
 * First what AWS kept of the boot, which programs on the machine came too late for; then the console as it is now, which
 * instances of the Nitro system have. What both say must agree.
 */
async function readInstance(instance: string, env: Variables, ports: Needs): Promise<ConsoleReading> {
  const kept = await consoleOutput(instance, [], env, ports)
  const reading = readConsole(kept)
  if (reading.state === 'known') return reading
  return readConsole(`${kept}\n${await consoleOutput(instance, ['--latest'], env, ports)}`)
}

async function consoleOutput(
  instance: string,
  more: readonly string[],
  env: Variables,
  { exec }: Needs,
): Promise<string> {
  const args = ['ec2', 'get-console-output', '--instance-id', instance, ...more, '--output', 'json']
  try {
    const { stdout } = await exec.run({ file: 'aws', args, env, timeoutMilliseconds: 120_000 })
    const { Output: output } = JSON.parse(stdout) as { readonly Output?: unknown }
    return typeof output === 'string' ? output : ''
  } catch (error) {
    if (!(error instanceof CommandError) || error.cancelled) throw error
    if (more.length > 0 && /\(UnsupportedOperation\)/.test(error.stderr)) return ''
    throw explained(error, instance)
  }
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/UnauthorizedOperation|AccessDenied/, 'Allow the role or user "ec2:GetConsoleOutput".'],
  [/InvalidInstanceID/, 'Check "instance_id" of the host in the inventory, and "aws-region".'],
  [/specify a region/i, 'Give "aws-region".'],
  [/credentials|AuthFailure|ExpiredToken/i, 'Give "aws-role-arn", or "aws-access-key-id" and "aws-secret-access-key".'],
]

function explained(error: CommandError, instance: string): ActionError {
  if (error.exitCode === null && /was not found/.test(error.message))
    return new ActionError('aws was not found on PATH, and consoles are read with it', {
      hint: 'Install the AWS CLI in a step before this one, or give "known-hosts" and no "host-keys-from". The hosted runners have it.',
    })
  const printed = error.stderr.trim().split('\n')
  const said = printed.find(line => line.includes('An error occurred')) ?? printed.at(-1) ?? ''
  const hint = HINTS.find(([sign]) => sign.test(said))?.[1] ?? 'Look at what the AWS CLI said.'
  return new ActionError(`the console of ${instance} cannot be read: ${said || error.message}`, { hint })
}
