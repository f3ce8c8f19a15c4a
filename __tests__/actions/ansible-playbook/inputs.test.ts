import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { socketFolder, sshArguments } from '../../../actions/ansible-playbook/src/ssh.ts'
import { given } from './fake-ansible.ts'
import { CLIENT_KEY } from './keys.ts'

const PEM = (kind: string, body: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`

it('R9: what is wrong with a secret is told without the secret', () => {
  expect(() => given({ 'ssh-key': 'hunter2', 'vault-password': 'a\nsesame' })).toThrow(/^((?!hunter2|sesame)[^])*$/)
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
