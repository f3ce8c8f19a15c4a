import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { socketFolder, sshArguments } from '../../../actions/ansible-playbook/src/ssh.ts'
import { given } from './fake-ansible.ts'
import { CLIENT_KEY, LOCKED_KEY } from './keys.ts'

const PEM = (kind: string, body: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`

const bad: readonly [string, string, string, string][] = [
  ['playbook', '', 'input "playbook" is "": it is required.', 'Give it a value'],
  ['playbook', '-i', 'it looks like an option', 'Write a path as "./-i"'],
  ['inventory', '', 'input "inventory" is "": it is required.', 'Give it a value'],
  ['inventory', '--vault-password-file=x', 'it looks like an option', './--vault'],
  ['inventory', 'a\0b', 'it holds a NUL character', 'Take the character out'],
  ['limit', '@/etc/passwd', 'it names a file', 'Write hosts and groups'],
  ['limit', '-all', 'it looks like an option', './-all'],
  ['check', 'yes', 'it is not a flag', 'Use "true" or "false"'],
  ['extra-vars', 'a: [1', 'it is no YAML', 'Write "name: value"'],
  ['extra-vars', '- a', 'it is not a mapping', 'Write "name: value"'],
  ['extra-vars', 'version=2', 'it is not a mapping', 'Write "name: value"'],
  ['extra-vars', 'my-name: 1', '"my-name" is not the name of a variable', 'Use letters'],
  ['extra-vars', 'a: 1\na: 2', 'it is no YAML: Map keys must be unique', 'Write "name: value"'],
  ['ssh-key', 'hunter2', 'it is no private key', '-----BEGIN'],
  ['ssh-key', CLIENT_KEY.replaceAll('\n', ' '), 'it is no private key', 'with its line ends'],
  ['ssh-key', CLIENT_KEY.replace(/b3Bl/, 'AAAA'), 'it is no key that OpenSSH wrote', 'as ssh-keygen made it'],
  ['ssh-key', LOCKED_KEY, 'it has a passphrase', 'Make a key without one'],
  ['ssh-key', PEM('ENCRYPTED ', 'MIIB'), 'it has a passphrase', 'Make a key without one'],
  ['ssh-key', PEM('RSA ', 'Proc-Type: 4,ENCRYPTED\n\nMIIB'), 'it has a passphrase', 'Make a key without one'],
  ['known-hosts', 'web1.example', '"web1.example" is no line of a known_hosts file', 'Write "host ssh-ed25519'],
  ['known-hosts', '# nobody', 'it names no host', 'Write "host ssh-ed25519'],
  ['vault-password', 'one\ntwo', 'it has more than one line', 'Give the password alone'],
  ['pass-env', 'A=1', '"A=1" is not the name of a variable', 'Give names only'],
]

describe('bad input is refused with its name, what is wrong and what to do', () => {
  it.each(bad)('%s %j', (name, value, problem, fix) => {
    const read = () => given({ [name]: value })
    expect(read).toThrow(problem)
    expect(read).toThrow(fix)
  })

  it('R9: and a secret is never repeated', () => {
    expect(() => given({ 'ssh-key': 'hunter2', 'vault-password': 'a\nsesame' })).toThrow(/^((?!hunter2|sesame)[^])*$/)
  })
})

it('gives ssh a key that it can read, however its lines ended', () => {
  expect(given({ 'ssh-key': CLIENT_KEY })['ssh-key']).toBe(CLIENT_KEY)
  expect(given({ 'ssh-key': CLIENT_KEY.replaceAll('\n', '\r\n').trim() })['ssh-key']).toBe(CLIENT_KEY)
  expect(given({ 'ssh-key': PEM('', 'MIIB') })['ssh-key']).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
})

it.each([
  'web1,192.0.2.7 ssh-ed25519 AAAA',
  '[web1]:2222 ecdsa-sha2-nistp256 AAAA= comment with words',
  '|1|salt=|hash= ssh-rsa AAAA',
  '@cert-authority *.example ssh-ed25519 AAAA',
  'web1 sk-ssh-ed25519@openssh.com AAAA',
])('takes the line of a known host: %s', line => {
  expect(given({ 'known-hosts': `# ours\n\n ${line} ` })['known-hosts']).toBe(`# ours\n\n${line}\n`)
})

it('hands extra variables over as they were written', () => {
  const text = 'enabled: yes\npassword: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61'
  expect(given({ 'extra-vars': text })['extra-vars']).toBe(text)
  expect(given({ 'extra-vars': '{"a": 1}' })['extra-vars']).toBe('{"a": 1}')
})

it('quotes every path for ssh, so that none becomes an argument of its own', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\/[ \w./-]{1,60}$/), path => {
      const words = sshArguments({ key: path, knownHosts: path, config: path, sockets: undefined })
      const parsed = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2])
      expect(parsed).toContain(`UserKnownHostsFile=${path}`)
      expect(parsed[1]).toBe(path)
      expect(parsed.filter((_, index) => index % 2 === 0).every(word => word === '-o' || word === '-F')).toBe(true)
    }),
  )
})

it('shares no connection where the path of its socket would be too long', () => {
  expect(socketFolder(`/${'a'.repeat(74)}`)).toBeDefined()
  expect(socketFolder(`/${'a'.repeat(75)}`)).toBeUndefined()
  expect(sshArguments({ key: undefined, knownHosts: undefined, config: '/c', sockets: undefined })).toBe(
    '-o StrictHostKeyChecking=yes -o ControlMaster=no',
  )
})
