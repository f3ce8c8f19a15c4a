import { expect, it } from '@jest/globals'
import { inputs, outputs } from '../../../actions/ansible-playbook/src/inputs.ts'
import { main, post } from '../../../actions/ansible-playbook/src/main.ts'
import { CommandError } from '../../../kit/errors.ts'
import type { Command, Completed } from '../../../kit/ports.ts'
import { refusalOf } from '../../support/refusal.ts'
import { answering, awsError, bootOutput, HOST_KEYS, INSTANCE, OTHER_HOST_KEY } from './consoles.ts'
import { makeAnsible, recap } from './fake-ansible.ts'
import { CLIENT_KEY, LOCKED_KEY } from './keys.ts'

interface World {
  /** What the programs answer that are asked. */
  readonly others?: (command: Command) => Partial<Completed> | undefined
  /** How Ansible ends, and the events of a run that came to one. */
  readonly ends?: Partial<Completed>
  readonly events?: readonly object[]
  readonly version?: string
}

const KEY_FRAME = 'Give the whole file, from "-----BEGIN" to "-----END …-----", with its line ends'
const PEM = (kind: string, body: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`
const INSTALL = 'Install it in a step before this one: "pipx install ansible-core". The hosted runners have pipx.'
const PATH_FIX = 'Give a path relative to "working-directory"; check that the steps before made it or checked it out'
const KNOWN =
  'The gate could not decide, so it failed.\n' +
  'Give its public key in "known-hosts": a host that is named there is not looked for. A host of EC2 is looked for by its variable "instance_id".'
const INVALID = 'The gate could not decide, so it failed.\n'
const ROLE = 'arn:aws:iam::123456789012:role/slipway'
const CONSOLE = { 'host-keys-from': 'console' }

const consoles = (hosts: Record<string, Record<string, unknown>>, said: string | Partial<Completed> = ''): World => ({
  others: answering({ hosts, say: () => said }),
})
const web1 = { web1: { instance_id: INSTANCE } }
/** A program that the machine lacks. */
const without = (program: string, rest: World['others'] = () => undefined): World => ({
  others(command) {
    if (command.file === program)
      throw new CommandError({ ...command, exitCode: null, stderr: '', message: `${program} was not found` })
    return rest(command)
  },
})
const says = (stderr: string, exitCode = 4): World => ({ ends: { exitCode, stderr } })

const CASES: readonly (readonly [string, Record<string, string>, World, string])[] = [
  ['no playbook', { playbook: '' }, {}, 'input "playbook" is "": it is required. Give it a value under "with:"'],
  [
    'an option as playbook',
    { playbook: '-i' },
    {},
    'input "playbook" is "-i": it looks like an option. Write a path as "./-i"',
  ],
  [
    'a playbook that is not there',
    { playbook: 'a.yml' },
    {},
    `input "playbook" is "a.yml": it is not there. ${PATH_FIX}`,
  ],
  ['an inventory that is not there', { inventory: 'a' }, {}, `input "inventory" is "a": it is not there. ${PATH_FIX}`],
  [
    'an inventory that cuts a path',
    { inventory: 'a\0b' },
    {},
    'input "inventory" is "a\\u0000b": it holds a NUL character. Take the character out',
  ],
  [
    'a limit from a file',
    { limit: '@/etc/passwd' },
    {},
    'input "limit" is "@/etc/passwd": it names a file. Write hosts and groups, separated by commas, such as "app,web1"',
  ],
  ['a flag that is none', { check: 'yes' }, {}, 'input "check" is "yes": it is not a flag. Use "true" or "false"'],
  [
    'variables that are a list',
    { 'extra-vars': '- a' },
    {},
    'input "extra-vars" is "- a": it is not a mapping. Write "name: value", one per line, or a JSON object',
  ],
  [
    'variables as for a shell',
    { 'extra-vars': 'a=2' },
    {},
    'input "extra-vars" is "a=2": it is not a mapping. Write "name: value", one per line, or a JSON object',
  ],
  [
    'half a variable',
    { 'extra-vars': 'a: [1' },
    {},
    'input "extra-vars" is "a: [1": it is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6. Write "name: value", one per line',
  ],
  [
    'a variable that cannot be one',
    { 'extra-vars': 'my-name: 1' },
    {},
    'input "extra-vars" is "my-name: 1": "my-name" is not the name of a variable. Use letters, digits and "_", and begin with no digit',
  ],
  ['a public key', { 'ssh-key': OTHER_HOST_KEY }, {}, `input "ssh-key": it is no private key. ${KEY_FRAME}`],
  [
    'a key on one line',
    { 'ssh-key': CLIENT_KEY.replaceAll('\n', ' ') },
    {},
    `input "ssh-key": it is no private key. ${KEY_FRAME}`,
  ],
  [
    'the half of a key',
    { 'ssh-key': CLIENT_KEY.slice(0, 200) },
    {},
    `input "ssh-key": it is no private key. ${KEY_FRAME}`,
  ],
  [
    'a key with a passphrase',
    { 'ssh-key': LOCKED_KEY },
    {},
    'input "ssh-key": it has a passphrase, which nobody can type here. Make a key without one for this job only',
  ],
  [
    'an old key with a passphrase',
    { 'ssh-key': PEM('RSA ', 'Proc-Type: 4,ENCRYPTED\n\nMIIB') },
    {},
    'input "ssh-key": it has a passphrase, which nobody can type here. Make a key without one for this job only',
  ],
  [
    'a damaged key',
    { 'ssh-key': CLIENT_KEY.replace('b3Bl', 'AAAA') },
    {},
    'input "ssh-key": it is no key that OpenSSH wrote. Give the file as ssh-keygen made it',
  ],
  [
    'a host without its key',
    { 'known-hosts': 'web1' },
    {},
    'input "known-hosts" is "web1": "web1" is no line of a known_hosts file. Write "host ssh-ed25519 AAAA…", one per line, as in ~/.ssh/known_hosts',
  ],
  [
    'a key without its host',
    { 'known-hosts': OTHER_HOST_KEY },
    {},
    `input "known-hosts" is "${OTHER_HOST_KEY}": "${OTHER_HOST_KEY}" is no line of a known_hosts file. Write "host ssh-ed25519 AAAA…", one per line, as in ~/.ssh/known_hosts`,
  ],
  [
    'an option as inventory',
    { inventory: '--vault-password-file=x' },
    {},
    'input "inventory" is "--vault-password-file=x": it looks like an option. Write a path as "./--vault-password-file=x"',
  ],
  [
    'an option as limit',
    { limit: '-all' },
    {},
    'input "limit" is "-all": it looks like an option. Write a path as "./-all"',
  ],
  [
    'a variable twice',
    { 'extra-vars': 'a: 1\na: 2' },
    {},
    'input "extra-vars" is "a: 1\\na: 2": it is no YAML: Map keys must be unique at line 2, column 1. Write "name: value", one per line',
  ],
  [
    'a new key with a passphrase',
    { 'ssh-key': PEM('ENCRYPTED ', 'MIIB') },
    {},
    'input "ssh-key": it has a passphrase, which nobody can type here. Make a key without one for this job only',
  ],
  [
    'known hosts that are none',
    { 'known-hosts': '# nobody' },
    {},
    'input "known-hosts" is "# nobody": it names no host. Write "host ssh-ed25519 AAAA…", one per line, as in ~/.ssh/known_hosts',
  ],
  [
    'a password of two lines',
    { 'vault-password': 'open\nsesame' },
    {},
    'input "vault-password": it has more than one line. Give the password alone',
  ],
  [
    'a variable with its value',
    { 'pass-env': 'A=1' },
    {},
    'input "pass-env" is "A=1": "A=1" is not the name of a variable. Give names only, one per line',
  ],
  [
    'two at once',
    { check: 'no', 'host-keys-timeout': '5' },
    {},
    'input "check" is "no": it is not a flag. Use "true" or "false"\ninput "host-keys-timeout" is "5": it is not a duration. Write it as "90s", "15m" or "1h30m"',
  ],
  ['no Ansible', {}, without('ansible-playbook'), `ansible-playbook was not found on PATH\n${INSTALL}`],
  [
    'an Ansible that is too old',
    {},
    { version: '[core 2.13.9]' },
    `ansible-playbook is of ansible-core 2.13.9, and 2.14.0 is the oldest that works\n${INSTALL}`,
  ],
  [
    'an Ansible of another kind',
    {},
    { version: '2.9.27' },
    `ansible-playbook is no ansible-core: it says "ansible-playbook 2.9.27", and 2.14.0 is the oldest that works\n${INSTALL}`,
  ],
  [
    'an inventory that is none',
    {},
    says("[ERROR]: Failed to parse inventory with 'ini': Expected key=value, got: y"),
    `ansible/site.yml was not run to its end: [ERROR]: Failed to parse inventory with 'ini': Expected key=value, got: y\n${INVALID}Check the file that "inventory" names: each group in brackets, each host on a line of its own.`,
  ],
  [
    'a limit that no host has',
    { limit: 'nobody' },
    says('[ERROR]: Specified inventory, host pattern and/or --limit leaves us with no hosts to target.', 1),
    `ansible/site.yml was not run to its end: [ERROR]: Specified inventory, host pattern and/or --limit leaves us with no hosts to target.\n${INVALID}Check "limit" against the names in the inventory.`,
  ],
  [
    'no password for the vault',
    {},
    says('[ERROR]: Attempting to decrypt but no vault secrets found.'),
    `ansible/site.yml was not run to its end: [ERROR]: Attempting to decrypt but no vault secrets found.\n${INVALID}Give the password that these files were encrypted with as "vault-password".`,
  ],
  [
    'a role that is not there',
    {},
    says("[ERROR]: the role 'nginx' was not found in /workspace/ansible/roles", 1),
    `ansible/site.yml was not run to its end: [ERROR]: the role 'nginx' was not found in ansible/roles\n${INVALID}Keep the role beside the playbook, or name its folder as "roles_path" in ansible.cfg.`,
  ],
  [
    'no host in the inventory',
    {},
    { events: [recap({})] },
    `ansible/site.yml: not decided: no host of the inventory matched, so nothing was done\n${INVALID}Check that the groups of the playbook ("hosts:") and "limit" are those of the inventory.`,
  ],
  [
    'keys from elsewhere',
    { 'host-keys-from': 'keyscan' },
    {},
    'input "host-keys-from" is "keyscan": it is not a known value. Use one of "known-hosts", "console"',
  ],
  [
    'a role that is a user',
    { 'aws-role-arn': 'arn:aws:iam::123456789012:user/a' },
    {},
    'input "aws-role-arn" is "arn:aws:iam::123456789012:user/a": it is not the ARN of an IAM role. Write it as "arn:aws:iam::<account>:role/<name>"',
  ],
  [
    'a role in no region',
    { ...CONSOLE, 'aws-role-arn': ROLE },
    {},
    'input "aws-region": it is required with "aws-role-arn". Name the region of your resources',
  ],
  [
    'half of an access key',
    { ...CONSOLE, 'aws-access-key-id': 'AKIA' },
    {},
    'input "aws-secret-access-key": a key has two parts, and one is missing. Give both parts, or "aws-role-arn" instead',
  ],
  [
    'a host without instance',
    CONSOLE,
    consoles({ web1: {} }),
    `host keys cannot be read from the console: web1: the inventory gives it no "instance_id"\n${KNOWN}`,
  ],
  [
    'a console without keys',
    CONSOLE,
    consoles(web1),
    `host keys cannot be read from the console: web1 (${INSTANCE}): its console output holds no keys, after 600 s\n${KNOWN}`,
  ],
  [
    'a console with other keys than before',
    CONSOLE,
    consoles(web1, bootOutput([OTHER_HOST_KEY]) + bootOutput(HOST_KEYS)),
    `host keys cannot be read from the console: web1 (${INSTANCE}): its console output holds different keys: they changed, or somebody wrote there\n${KNOWN}`,
  ],
  [
    'a role that may not read consoles',
    CONSOLE,
    consoles(web1, awsError('UnauthorizedOperation', 'You are not authorized.')),
    `the console of ${INSTANCE} cannot be read: An error occurred (UnauthorizedOperation) when calling the GetConsoleOutput operation: You are not authorized.\nAllow the role or user "ec2:GetConsoleOutput".`,
  ],
  [
    'no AWS CLI',
    CONSOLE,
    without('aws', consoles(web1).others),
    'aws was not found on PATH, and consoles are read with it\nInstall the AWS CLI in a step before this one, or give "known-hosts" and no "host-keys-from". The hosted runners have it.',
  ],
]

it.each(CASES)('%s is refused, nothing runs, and nothing is left', async (_, given, world, message) => {
  const made = makeAnsible(world.events ?? [], world.ends, world.version, world.others)
  const all = { playbook: 'ansible/site.yml', inventory: 'inventory.ini', ...given }
  const action = { name: 'ansible-playbook', inputs, outputs, main, post }
  const { told, outputs: written, left } = await refusalOf(action, all, made, made.ports)
  expect(told).toBe(message)
  expect(left).toEqual([])
  // A run without hosts came to its end, so it has a recap.
  expect(written).toEqual(
    world.events === undefined ? {} : { changed: '0', failed: '0', unreachable: '0', recap: '{}' },
  )
  if (message.startsWith('input "')) expect(made.exec.commands).toEqual([])
  // Before Ansible is known to work there is nothing to report on.
  const isEarly = /^(?:input "|ansible-playbook )/.test(message)
  expect(made.summary.text()).toMatch(isEarly ? /^$/ : /^❌ \*\*shop\/site\*\*: not (?:run|decided): /)
  const runs = made.exec.commands.filter(({ args }) => args[0] === '--inventory')
  expect(runs).toHaveLength(world.ends === undefined && world.events === undefined ? 0 : 1)
})
