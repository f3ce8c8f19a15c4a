import { describe, expect, it } from '@jest/globals'
import { checkCompose, imagesOf } from '../../../actions/deploy-compose/src/compose-file.ts'
import { sshArguments } from '../../../actions/deploy-compose/src/ssh.ts'
import { composeOf, image, inputsWith, makeWorld, thrownBy } from './world.ts'

/** What the user sees for a bad input, whole. */
function messageOf(changes: Readonly<Record<string, string>>): string {
  try {
    inputsWith(changes)
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

// Made of the parts that OpenSSH's format has; no key is in it.
const framed = (cipher: string) =>
  Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.from([0, 0, 0, cipher.length]), Buffer.from(cipher)]).toString(
    'base64',
  )
const pem = (kind: string, body: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`

describe('a bad input is named with its value and what to write', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no host', { hosts: '' }, 'input "hosts" is "": it names no host. Write "user@host[:port]"'],
    [
      'no user',
      { hosts: 'shop.example' },
      'input "hosts" is "shop.example": "shop.example" is not a host. Write "user@',
    ],
    ['an option for ssh', { hosts: 'a@-oProxyCommand=x' }, '"a@-oProxyCommand=x" is not a host'],
    ['an option as user', { hosts: '-l@shop' }, '"-l@shop" is not a host'],
    ['a shell in a host', { hosts: 'a@shop;id' }, '"a@shop;id" is not a host'],
    ['a port that is none', { hosts: 'a@shop:70000' }, '"a@shop:70000" is not a host'],
    ['a host twice', { hosts: 'a@shop\na@shop:22' }, '"a@shop" comes twice. Give each host once'],
    ['a project that is a path', { project: '../x' }, 'input "project" is "../x": it is not the name of a project'],
    ['a project in capitals', { project: 'Shop' }, 'input "project" is "Shop": it is not the name of a project'],
    ['no file', { 'compose-file': ' ' }, 'input "compose-file" is "": it is required'],
    ['a time without unit', { 'health-timeout': '90' }, 'input "health-timeout" is "90": it is not a duration'],
    ['no time at all', { 'health-timeout': '0s' }, 'input "health-timeout" is "0s": it is too short or too long'],
    [
      'a drain of a day',
      { drain: '24h' },
      'input "drain" is "24h": it is too short or too long. Use a duration from "0s"',
    ],
    ['a public key', { 'ssh-key': 'ssh-ed25519 AAAA secret' }, 'input "ssh-key": it is no private key. Give the whole'],
    ['half a key', { 'ssh-key': '-----BEGIN PRIVATE KEY-----\nsecret' }, 'input "ssh-key": it is no private key'],
    [
      'a key with a passphrase',
      { 'ssh-key': pem('OPENSSH ', framed('aes256-ctr')) },
      'input "ssh-key": it has a passphrase, which nobody can type here',
    ],
    ['an old key with one', { 'ssh-key': pem('ENCRYPTED ', 'MC4=') }, 'input "ssh-key": it has a passphrase'],
    [
      'a host key without a host',
      { 'known-hosts': 'ssh-ed25519 AAAA' },
      '"ssh-ed25519 AAAA" is no line of a known_hosts',
    ],
    ['a line without "="', { dotenv: 'A=1\nsecret' }, 'input "dotenv": line 2 has no name and value. Write NAME=value'],
    ['a variable twice', { dotenv: 'A=secret\nB=2\nA=3' }, 'input "dotenv": A comes twice, again on line 3'],
    [
      'an open quote',
      { dotenv: 'A="secret' },
      'input "dotenv": the value of A on line 1 begins with a quote that is not',
    ],
    ['text behind a quote', { dotenv: "\nA='x'secret" }, 'the value of A on line 2 goes on behind its closing quote'],
  ])('%s', (_, changes, message) => {
    expect(messageOf(changes)).toContain(message)
    expect(messageOf(changes).replace('secret": ', '')).not.toMatch(/secret(?!")/)
  })

  it('all of them together', () => {
    expect(messageOf({ hosts: 'x', project: 'X', drain: 'x' }).split('\n')).toHaveLength(3)
  })
})

describe('a compose file that cannot be a release is refused', () => {
  const check = (services: object, more: object = {}) => {
    try {
      checkCompose([{ path: 'compose.yml', text: JSON.stringify({ services, ...more }) }])
    } catch (error) {
      return (error as Error).message
    }
    return 'accepted'
  }
  const api = { image: image('api', 'ok-1') }

  it.each<[string, object, object, string]>([
    ['no service', {}, {}, 'input "compose-file" is "compose.yml": it has no services'],
    [
      'a tag alone',
      { api: { image: 'api:1', build: '.' } },
      {},
      'service "api" names "api:1", which has no digest. Pin it as',
    ],
    ['a build', { api: { build: '.' } }, {}, 'service "api" names no image'],
    ['a relative mount', { api: { ...api, volumes: ['./x:/x'] } }, {}, 'service "api" needs "./x" of the repository'],
    [
      'a long mount',
      { api: { ...api, volumes: [{ type: 'bind', source: 'x', target: '/x' }] } },
      {},
      'service "api" needs "x" of the repository',
    ],
    ['an env_file', { api: { ...api, env_file: ['.env', { path: 'prod.env' }] } }, {}, 'needs "prod.env"'],
    ['a parent', { api: { ...api, extends: { file: 'base.yml', service: 'x' } } }, {}, 'needs "base.yml"'],
    ['a config', { api }, { configs: { c: { file: './c' } } }, 'it needs "./c" of the repository'],
    ['a secret', { api }, { secrets: { s: { file: 's' } } }, 'Write the text into the file with "content:"'],
    ['an include', { api }, { include: ['other.yml'] }, 'it needs "other.yml" of the repository'],
  ])('%s', (_, services, more, message) => {
    expect(check(services, more)).toContain(message)
  })

  it('that is not YAML, or a bomb of aliases', () => {
    expect(() => checkCompose([{ path: 'c.yml', text: 'services: [' }])).toThrow('it is not YAML')
    const bomb = `a: &a [x]\n${'bcdefghij'.split('').reduce((text, name, index) => `${text}${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(10)}]\n`, '')}`
    expect(() => checkCompose([{ path: 'c.yml', text: bomb }])).toThrow('it is not YAML')
    expect(imagesOf(['{'])).toEqual(new Map())
  })

  it('and one with anchors, named volumes, host paths and an .env is not', () => {
    const file = [
      'x-all: &all',
      '  restart: always',
      'services:',
      '  api:',
      '    <<: *all',
      `    image: ${image('api', 'ok-1')}`,
      '    env_file: .env',
      '    volumes: [data:/data, /srv/x:/x:ro]',
      'volumes: {data: {}}',
    ].join('\n')
    expect([...checkCompose([{ path: 'c.yml', text: file }]).images]).toEqual([['api', image('api', 'ok-1')]])
  })
})

describe('nothing is begun', () => {
  it.each([
    ['without a key', { hosts: 'a@shop' }, 'input "ssh-key": it is required for a host that is reached over ssh'],
    [
      'without host keys',
      { hosts: 'a@shop' },
      'input "known-hosts": it is required for a host that is reached over ssh',
    ],
    ['without the file', { 'compose-file': 'other.yml' }, 'input "compose-file" is "other.yml": there is no such file'],
    ['for a file outside', { 'compose-file': '../x.yml' }, 'it leads out of the workspace'],
  ])('%s', async (_, changes, message) => {
    const world = makeWorld()
    expect((await thrownBy(world.deploy(composeOf('ok-1'), changes))).message).toContain(message)
    expect(world.state.size).toBe(0)
  })
})

it('R25: a host comes behind "--", host keys are strict, and no argument holds a secret', () => {
  const host = { kind: 'ssh', user: 'deploy', name: '::1', port: 2222 } as const
  const args = sshArguments(host, { key: '/t 1/key', knownHosts: '/t 1/known_hosts' })
  expect(args.slice(-3, -1)).toEqual(['--', '::1'])
  expect(args).toEqual(
    expect.arrayContaining(['StrictHostKeyChecking=yes', 'BatchMode=yes', 'UserKnownHostsFile="/t 1/known_hosts"']),
  )
  // Every login shell hands on what stands in single quotes, unless one of these is in it.
  expect(args.at(-1)).toMatch(/^exec sh -c '[^'\\!]+'$/)
})

it('a key that was copied with Windows line ends, and without the last, is put right', () => {
  const key = inputsWith({ 'ssh-key': pem('OPENSSH ', framed('none')).replaceAll('\n', '\r\n') })['ssh-key']
  expect(key).toBe(`${pem('OPENSSH ', framed('none'))}\n`)
})
