import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../actions/ansible-playbook/src/main.ts'
import { startLocalAws, STORY_IMAGE, type LocalAws } from '../../demo/local-aws.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { bootOutput, OTHER_HOST_KEY } from '../actions/ansible-playbook/consoles.ts'
import { runBundle } from '../support/run-bundle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ansibleInputs, makeAnsibleWorld } from './ansible-world.ts'
import { startConsoleDouble, type ConsoleDouble } from './console-double.ts'
import { startSshHost, type SshHost } from './ssh-host.ts'

/** A real AWS CLI asks moto for the consoles, and a real ssh is told what they say. */
let folder: string
let aws: LocalAws
let consoles: ConsoleDouble
let host: SshHost
let instance: string

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-console-')))
  const { moto } = await findMachineTools(process.env)
  if (moto === undefined) throw new Error('moto_server is not on PATH')
  aws = await startLocalAws(moto, folder)
  consoles = await startConsoleDouble(aws.url)
  host = await startSshHost(folder)
  instance = await startInstance()
})

afterAll(async () => {
  await host?.close()
  await consoles?.close()
  await aws?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startInstance(): Promise<string> {
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request' },
    body: new URLSearchParams({
      ...{ Action: 'RunInstances', Version: '2016-11-15', ImageId: STORY_IMAGE },
      ...{ MinCount: '1', MaxCount: '1' },
    }),
  })
  return /<instanceId>([^<]+)</.exec(await response.text())?.[1] ?? 'none was started'
}

function makeWorld(hostVariables = `instance_id=${instance}`) {
  const place = temporaryFolder()
  const target = join(place, 'greeting')
  const playbook = `
- name: Greet
  hosts: app
  gather_facts: false
  tasks:
    - name: Write the greeting
      ansible.builtin.copy: { content: "hello\\n", dest: "${target}", mode: "0600" }
`
  const python = 'ansible_python_interpreter="{{ ansible_playbook_python }}"'
  const inventory = `[app]\nweb1 ansible_host=127.0.0.1 ansible_port=${host.port} ${hostVariables} ${python}\n`
  const world = makeAnsibleWorld(place, { 'site.yml': playbook, 'hosts.ini': inventory }, process.env['PATH'], {
    AWS_ENDPOINT_URL: consoles.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  const run = (more: Readonly<Record<string, string>> = {}) =>
    main(
      ansibleInputs({
        ...{ playbook: 'site.yml', inventory: 'hosts.ini', 'ssh-key': host.clientKey },
        ...{ 'host-keys-from': 'console', 'host-keys-timeout': '0s', 'aws-region': 'us-east-1' },
        ...(more['aws-access-key-id'] === undefined
          ? { 'aws-role-arn': 'arn:aws:iam::123456789012:role/slipway' }
          : { 'aws-secret-access-key': 'planted' }),
        ...more,
      }),
      world.ports,
    )
  return { ...world, target, run }
}

const hostKey = () => host.hostLine.split(' ').slice(1).join(' ')
const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error as Error,
  )

it('R36: a new machine is known by the key on its console, read as a role that the job’s identity took on', async () => {
  consoles.outputs.set(instance, bootOutput([hostKey()]).replaceAll('\n', '\r\n'))
  const { log, target, temporary, commands, run } = makeWorld()
  expect(await run()).toMatchObject({ changed: '1', unreachable: '0' })
  expect(readFileSync(target, 'utf8')).toBe('hello\n')
  expect(log.lines.join('\n')).toContain(host.hostLine)
  expect(log.secrets.length).toBeGreaterThanOrEqual(3)
  const said = commands.map(({ file, args }) => [file, ...args].join(' ')).join('\n') + log.text()
  for (const secret of log.secrets) expect(said).not.toContain(secret)
  expect(said).not.toContain('ssh-keyscan')
  expect(readdirSync(temporary)).toEqual([])
})

it('the bundle does the same with an access key, which the log does not show', async () => {
  consoles.outputs.set(instance, bootOutput([hostKey()]))
  const { workspace, target } = makeWorld()
  const run = await runBundle('ansible-playbook', {
    workspace,
    inputs: {
      ...{ playbook: 'site.yml', inventory: 'hosts.ini', check: 'false', 'working-directory': '.' },
      ...{ 'ssh-key': host.clientKey, 'host-keys-from': 'console', 'host-keys-timeout': '0s' },
      ...{ 'aws-region': 'us-east-1', 'aws-access-key-id': 'AKIAEXAMPLE', 'aws-secret-access-key': 'planted-secret' },
      'pass-env': 'AWS_ENDPOINT_URL',
    },
    variables: { AWS_ENDPOINT_URL: consoles.url },
  })
  expect(run).toMatchObject({ exitCode: 0, outputs: { changed: '1', unreachable: '0' } })
  expect(run.stdout).toContain(host.hostLine)
  expect(run.stdout.replace('::add-mask::planted-secret', '') + run.summary).not.toContain('planted-secret')
  expect(existsSync(target)).toBe(true)
})

it('a host that answers with another key than its console printed is refused', async () => {
  consoles.outputs.set(instance, bootOutput([OTHER_HOST_KEY]))
  const { target, run } = makeWorld()
  expect(await thrown(run({ 'aws-access-key-id': 'AKIAEXAMPLE' }))).toMatchObject({
    verdict: 'fail',
    hint: expect.stringContaining('"known-hosts"'),
    outputs: { unreachable: '1', changed: '0' },
  })
  expect(existsSync(target)).toBe(false)
})

it('"known-hosts" names the key of a host whose console says another one', async () => {
  consoles.outputs.set(instance, bootOutput([OTHER_HOST_KEY]))
  const { commands, run } = makeWorld()
  expect(await run({ 'known-hosts': host.hostLine })).toMatchObject({ changed: '1' })
  expect(commands.filter(({ file }) => file === 'aws')).toEqual([])
})

it.each<[string, string | undefined, string]>([
  ['nothing on its console', undefined, 'its console output holds no keys, after 0 s'],
  ['an instance that EC2 does not know', 'instance_id=i-00000000000000000', 'InvalidInstanceID.NotFound'],
])('%s: the host is refused by its name, and nothing is run or left', async (_, variables, why) => {
  consoles.outputs.set(instance, '')
  const { commands, summary, target, temporary, run } = makeWorld(variables)
  const error = await thrown(run({ 'aws-access-key-id': 'AKIAEXAMPLE' }))
  expect(error?.message).toContain(why)
  expect(summary.text()).toMatch(/^❌ \*\*shop\/site\*\*: not run: /)
  expect(commands.filter(({ file, args }) => file === 'ansible-playbook' && args[0] === '--inventory')).toEqual([])
  expect(existsSync(target)).toBe(false)
  expect(readdirSync(temporary)).toEqual([])
})

it('says what to install where the AWS CLI is missing', async () => {
  const { ports, run } = makeWorld()
  const real = ports.exec.run
  ports.exec.run = command => real({ ...command, file: command.file === 'aws' ? 'aws-that-is-missing' : command.file })
  expect(await thrown(run({ 'aws-access-key-id': 'AKIAEXAMPLE' }))).toMatchObject({
    message: 'aws was not found on PATH, and consoles are read with it',
  })
})
