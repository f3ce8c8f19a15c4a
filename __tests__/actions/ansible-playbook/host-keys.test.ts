import { describe, expect, it } from '@jest/globals'
import { listedHosts, sshHosts } from '../../../actions/ansible-playbook/src/inventory.ts'
import { main } from '../../../actions/ansible-playbook/src/main.ts'
import {
  answering,
  awsError,
  BEGIN,
  bootOutput,
  HOST_KEYS,
  INSTANCE,
  OTHER_HOST_KEY,
  type Consoles,
} from './consoles.ts'
import { counts, given, makeAnsible, recap } from './fake-ansible.ts'

const OTHER_INSTANCE = 'i-0fedcba9876543210'
const CONSOLE = { 'host-keys-from': 'console' }
const KEYS = { 'aws-access-key-id': 'AKIAEXAMPLE', 'aws-secret-access-key': 'planted-secret' }
const web1 = { ansible_host: '192.0.2.7', instance_id: INSTANCE }
const LINES = HOST_KEYS.map(key => `192.0.2.7 ${key}`)

const worldOf = (consoles: Partial<Consoles> = {}) =>
  makeAnsible(
    [recap({ web1: counts() })],
    {},
    '[core 2.19.4]',
    answering({ hosts: { web1 }, say: () => bootOutput(HOST_KEYS), ...consoles }),
  )
type World = ReturnType<typeof worldOf>

const awsCalls = ({ exec }: World) => exec.commands.filter(({ file }) => file === 'aws')
const knownHosts = ({ seen }: World) => seen.get('/temporary/slipway-ansible-1/known-hosts')
const ran = ({ exec }: World) => exec.commands.some(({ args }) => args[0] === '--inventory')

/** The message of a refusal, after which nothing ran and nothing is left. */
async function refused(world: World, inputs: Readonly<Record<string, string>> = {}) {
  const error = await main(given({ ...CONSOLE, ...inputs }), world.ports).catch((thrown: unknown) => thrown)
  expect(ran(world)).toBe(false)
  expect([...world.files.content.keys()]).toEqual(['/workspace/ansible/site.yml', '/workspace/inventory.ini'])
  expect(world.summary.text()).toMatch(/^❌ \*\*shop\/site\*\*: not run: /)
  return error as Error
}

it('knows the hosts by the keys that their consoles print', async () => {
  const world = worldOf()
  await main(given(CONSOLE), world.ports)
  expect(world.exec.lines().slice(1, -1)).toEqual([
    'ansible-playbook --list-hosts --inventory /workspace/inventory.ini --extra-vars @/temporary/slipway-ansible-1/enforced.json /workspace/ansible/site.yml',
    'ansible-inventory --list --inventory /workspace/inventory.ini --playbook-dir /workspace/ansible',
    'ssh-keygen -F 192.0.2.7 -f /temporary/slipway-ansible-1/known-hosts',
    `aws ec2 get-console-output --instance-id ${INSTANCE} --output json`,
  ])
  expect(knownHosts(world)).toBe(`${LINES.join('\n')}\n`)
  expect(String(world.seen.get('/temporary/slipway-ansible-1/enforced.json'))).toContain('StrictHostKeyChecking=yes')
  for (const line of LINES) expect(world.log.text()).toContain(line)
})

it('R11: the AWS CLI gets its credentials by its environment, and Ansible gets none', async () => {
  const world = worldOf()
  await main(given({ ...CONSOLE, ...KEYS, 'aws-region': 'eu-west-1' }), world.ports)
  expect(awsCalls(world)[0]?.env).toMatchObject({ AWS_SECRET_ACCESS_KEY: 'planted-secret', AWS_REGION: 'eu-west-1' })
  const others = world.exec.commands.filter(({ file }) => file !== 'aws')
  expect(JSON.stringify(others) + JSON.stringify(world.exec.lines()) + world.log.text()).not.toContain('planted-secret')
})

it('asks the console as it is now where AWS has not kept the boot yet', async () => {
  const world = worldOf({ say: (_, __, latest) => (latest ? bootOutput(HOST_KEYS) : '') })
  await main(given(CONSOLE), world.ports)
  expect(awsCalls(world).map(({ args }) => args.includes('--latest'))).toEqual([false, true])
  expect(world.clock.slept).toEqual([])
})

it('waits for machines that still boot, on types that have no other console too', async () => {
  const world = worldOf({
    hosts: { web1, web2: { ansible_host: '192.0.2.8', ansible_port: 2222, instance_id: OTHER_INSTANCE } },
    say: (instance, time, latest) => {
      if (latest) return awsError('UnsupportedOperation')
      return time < (instance === INSTANCE ? 2 : 4) ? '' : bootOutput([HOST_KEYS[1]!])
    },
  })
  await main(given(CONSOLE), world.ports)
  expect(world.clock.slept).toEqual([15_000, 15_000, 15_000])
  expect(knownHosts(world)).toBe(`192.0.2.7 ${HOST_KEYS[1]}\n[192.0.2.8]:2222 ${HOST_KEYS[1]}\n`)
  expect(awsCalls(world).filter(({ args }) => args.includes(INSTANCE))).toHaveLength(3)
})

it('takes the word of "known-hosts" before that of a console', async () => {
  const world = worldOf({ known: ['192.0.2.7'], say: () => bootOutput(HOST_KEYS) })
  const line = `192.0.2.7 ${OTHER_HOST_KEY}`
  await main(given({ ...CONSOLE, 'known-hosts': line }), world.ports)
  expect(awsCalls(world)).toEqual([])
  expect(knownHosts(world)).toBe(`${line}\n`)
})

it('reads which hosts the playbook goes to, and leaves out the localhost that no inventory has', () => {
  const listed =
    "\nplaybook: site.yml\n\n  play #1 (app): A\tTAGS: []\n    pattern: ['app']\n    hosts (2):\n      web2\n      web1\n" +
    "\n  play #2 (localhost): B\tTAGS: []\n    pattern: ['localhost']\n    hosts (1):\n      localhost\n"
  expect(listedHosts(listed)).toEqual(['localhost', 'web1', 'web2'])
  const inventory = {
    _meta: { hostvars: { web1 } },
    all: { children: ['app'] },
    app: { hosts: ['web1', 'web2', 'web3'] },
  }
  const found = sshHosts(listedHosts(listed), JSON.stringify(inventory))
  expect(found.map(({ name, address }) => [name, address])).toEqual([
    ['web1', '192.0.2.7'],
    ['web2', 'web2'],
  ])
})

it('asks nothing for hosts that it does not reach over SSH', async () => {
  const world = worldOf({ hosts: { localhost: { ansible_connection: 'local' } } })
  await main(given(CONSOLE), world.ports)
  expect(awsCalls(world)).toEqual([])
})

describe('a host whose key cannot be told is refused by its name, and nothing runs', () => {
  it.each<[string, Partial<Consoles>, string]>([
    [
      'half a block in time',
      { say: () => BEGIN },
      `web1 (${INSTANCE}): its console output ends inside of the keys, after 600 s`,
    ],
    [
      'other keys now than at the boot',
      {
        say: (_, __, latest) =>
          bootOutput(latest ? [OTHER_HOST_KEY] : []) + bootOutput(HOST_KEYS).repeat(latest ? 1 : 0),
      },
      'its console output holds different keys: they changed, or somebody wrote there',
    ],
    ['a machine that keeps silent', { say: () => bootOutput([]) }, 'cloud-init has finished, and the last 64 KB'],
    [
      'an instance that is none',
      { hosts: { web1: { instance_id: '--x' } } },
      'web1: its "instance_id" "--x" is no instance',
    ],
    [
      'a pattern as address',
      { hosts: { web1: { ...web1, ansible_host: '*' } } },
      'web1: its "ansible_host" "*" is no address',
    ],
    [
      'a port that is none',
      { hosts: { web1: { ...web1, ansible_port: '{{ x }}' } } },
      'its "ansible_port" "{{ x }}" is no port',
    ],
  ])('%s', async (_, consoles, why) => {
    const error = await refused(worldOf(consoles))
    expect(error).toMatchObject({ verdict: 'invalid', hint: expect.stringContaining('"known-hosts"') })
    expect(error.message).toContain(`host keys cannot be read from the console: web1`)
    expect(error.message).toContain(why)
  })

  it('R9: an inventory that cannot be read is explained without the variables of its hosts', async () => {
    const world = makeAnsible([], {}, '[core 2.19.4]', ({ file }) =>
      file === 'ansible-inventory' ? { exitCode: 1, stdout: '{"_meta": "planted-secret"}' } : undefined,
    )
    const error = await refused(world)
    expect(error.message).toBe('ansible/site.yml was not run to its end: ansible-playbook said nothing')
    expect(world.log.text() + world.summary.text()).not.toContain('planted-secret')
  })

  it('names all of them at once', async () => {
    const error = await refused(worldOf({ hosts: { web1: {}, web2: {} } }))
    expect(error.message).toContain('web1: the inventory gives it no "instance_id"; web2: the inventory')
  })

  it.each<[string, string, string]>([
    ['InvalidInstanceID.NotFound', '', 'Check "instance_id" of the host in the inventory, and "aws-region".'],
    ['', 'You must specify a region. You can also configure', 'Give "aws-region".'],
    ['', 'Unable to locate credentials. You can configure', 'Give "aws-role-arn", or "aws-access-key-id"'],
    ['InternalError', '', 'Look at what the AWS CLI said.'],
  ])('and what AWS says comes with what to do: %s%s', async (code, stderr, hint) => {
    const world = worldOf({ say: () => (code === '' ? { exitCode: 253, stderr } : awsError(code)) })
    expect(await refused(world)).toMatchObject({
      message: expect.stringContaining(`the console of ${INSTANCE} cannot be read: ${stderr || 'An error occurred ('}`),
      hint: expect.stringContaining(hint),
    })
  })
})
