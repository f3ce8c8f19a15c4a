import { expect, it } from '@jest/globals'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { explain } from '../../../kit/action.ts'
import { openSsh, pem } from './keys.ts'
import { composeOf, image, makeWorld } from './world.ts'

/** What users get wrong, on a real disk: the whole text that they see, and no trace on host or runner after any. */
interface Case {
  readonly given?: Readonly<Record<string, string>>
  readonly compose?: string
  /** Before the action runs. */
  readonly lay?: (at: (name: string) => string) => void
  readonly said: string
}

const API = { image: image('api', 'ok-1') }
const composed = (services: object, more: object = {}) => JSON.stringify({ services, ...more })
const BOMB = [...'bcdefghij'].map((name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(10)}]\n`)

const CASES: Readonly<Record<string, Case>> = {
  'no host': {
    given: { hosts: '' },
    said: 'input "hosts" is "": it names no host. Write "user@host[:port]", one a line, or "local"',
  },
  'a host without a user': {
    given: { hosts: 'shop.example' },
    said: 'input "hosts" is "shop.example": "shop.example" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
  },
  'R25: a host that is an option': {
    given: { hosts: 'a@-oProxyCommand=x' },
    said: 'input "hosts" is "a@-oProxyCommand=x": "a@-oProxyCommand=x" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
  },
  'R25: a user that is an option': {
    given: { hosts: '-l@shop' },
    said: 'input "hosts" is "-l@shop": "-l@shop" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
  },
  'a shell in a host': {
    given: { hosts: 'a@shop;id' },
    said: 'input "hosts" is "a@shop;id": "a@shop;id" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
  },
  'a host twice': {
    given: { hosts: 'a@shop\na@shop:22' },
    said: 'input "hosts" is "a@shop\\na@shop:22": "a@shop" comes twice. Give each host once',
  },
  'a port over all ports': {
    given: { hosts: 'a@shop:70000' },
    said: 'input "hosts" is "a@shop:70000": "a@shop:70000" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine',
  },
  'a project in capitals': {
    given: { project: 'Shop' },
    said: 'input "project" is "Shop": it is not the name of a project. Use at most 63 lower-case letters, digits, "-" and "_", and begin with a letter or digit',
  },
  'a project that is a path': {
    given: { project: '../x' },
    said: 'input "project" is "../x": it is not the name of a project. Use at most 63 lower-case letters, digits, "-" and "_", and begin with a letter or digit',
  },
  'a time without unit': {
    given: { 'health-timeout': '90' },
    said: 'input "health-timeout" is "90": it is not a duration. Write it as "90s", "15m" or "1h30m"',
  },
  'no time at all': {
    given: { 'health-timeout': '0s' },
    said: 'input "health-timeout" is "0s": it is too short or too long. Use a duration from "1s" to "1h"',
  },
  'a drain of a day': {
    given: { drain: '24h' },
    said: 'input "drain" is "24h": it is too short or too long. Use a duration from "0s" to "1h"',
  },
  'R9: a public key': {
    given: { 'ssh-key': 'ssh-ed25519 AAAA pl4nted' },
    said: 'input "ssh-key": it is no private key. Give the whole file, from "-----BEGIN" to "-----END …-----", with its line ends',
  },
  'R9: half a key': {
    given: { 'ssh-key': '-----BEGIN PRIVATE KEY-----\npl4nted' },
    said: 'input "ssh-key": it is no private key. Give the whole file, from "-----BEGIN" to "-----END …-----", with its line ends',
  },
  'a key with a passphrase': {
    given: { 'ssh-key': openSsh('aes256-ctr') },
    said: 'input "ssh-key": it has a passphrase, which nobody can type here. Make a key without one for this job only',
  },
  'an old key with a passphrase': {
    given: { 'ssh-key': pem('ENCRYPTED ', 'MC4=') },
    said: 'input "ssh-key": it has a passphrase, which nobody can type here. Make a key without one for this job only',
  },
  'host keys without a host': {
    given: { 'known-hosts': 'ssh-ed25519 AAAA' },
    said: 'input "known-hosts" is "ssh-ed25519 AAAA": "ssh-ed25519 AAAA" is no line of a known_hosts file. Write "host ssh-ed25519 AAAA…", one per line, as in ~/.ssh/known_hosts',
  },
  'a host over ssh without key and host keys': {
    given: { hosts: 'a@shop' },
    said: 'input "ssh-key": it is required for a host that is reached over ssh. Give the private key of the deploying user from a secret\ninput "known-hosts": it is required for a host that is reached over ssh. Give the host keys, as the hosts themselves hold them: a key is never fetched to be trusted',
  },
  'a host over ssh without host keys': {
    given: { hosts: 'a@shop', 'ssh-key': pem('', 'MC4=') },
    said: 'input "known-hosts": it is required for a host that is reached over ssh. Give the host keys, as the hosts themselves hold them: a key is never fetched to be trusted',
  },
  'R9: a line of .env without "="': {
    given: { dotenv: 'A=1\npl4nted' },
    said: 'input "dotenv": line 2 has no name and value. Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes',
  },
  'R9: a variable of .env twice': {
    given: { dotenv: 'A=pl4nted\nB=2\nA=3' },
    said: 'input "dotenv": A comes twice, again on line 3. Give each name once',
  },
  'R9: a variable of .env twice, once with "export"': {
    given: { dotenv: 'A=pl4nted\nB=2\nexport A=3' },
    said: 'input "dotenv": A comes twice, again on line 3. Give each name once',
  },
  'R9: an open quote in .env': {
    given: { dotenv: 'A="pl4nted' },
    said: 'input "dotenv": the value of A on line 1 begins with a quote that is not closed. Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes',
  },
  'R9: an open quote in .env, with CRLF and a byte order mark': {
    given: { dotenv: '\uFEFF# x\r\nA="pl4nted' },
    said: 'input "dotenv": the value of A on line 2 begins with a quote that is not closed. Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes',
  },
  'R9: text behind a quote in .env': {
    given: { dotenv: "A='x'pl4nted" },
    said: 'input "dotenv": the value of A on line 1 goes on behind its closing quote. Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes',
  },
  'R9: text behind a quote in .env, below an empty line': {
    given: { dotenv: "\nA='x'pl4nted" },
    said: 'input "dotenv": the value of A on line 2 goes on behind its closing quote. Write NAME=value, one a line; put a value that holds spaces around it, "#" or line ends into single or double quotes',
  },
  'R9: a NUL in .env': {
    given: { dotenv: 'A=pl4nted\0' },
    said: 'input "dotenv": the value of A holds a NUL character. Take it out',
  },
  'no file': {
    given: { 'compose-file': ' ' },
    said: 'input "compose-file" is "": it is required. Write the path of a compose file, or several, one a line',
  },
  'no such file': {
    given: { 'compose-file': 'other.yml' },
    said: 'input "compose-file" is "other.yml": there is no such file. Give paths of compose files, one a line, relative to "working-directory"',
  },
  'a file twice': {
    given: { 'compose-file': 'docker-compose.yml\ndocker-compose.yml' },
    said: 'input "compose-file" is "docker-compose.yml\\ndocker-compose.yml": "docker-compose.yml" comes twice. Give each file once',
  },
  'half a list': {
    compose: 'services: [',
    said: 'input "compose-file" is "docker-compose.yml": it is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 12. Correct the file',
  },
  'a bomb of aliases': {
    compose: `a: &a [x]\n${BOMB.join('')}`,
    said: 'input "compose-file" is "docker-compose.yml": it is not YAML: Excessive alias count indicates a resource exhaustion attack. Correct the file',
  },
  'tabs as indentation': {
    compose: 'services:\n\tapi: {}\n',
    said: 'input "compose-file" is "docker-compose.yml": it is not YAML: Tabs are not allowed as indentation at line 2, column 1. Correct the file',
  },
  'a service twice, with CRLF and a byte order mark': {
    compose: '\uFEFFservices:\r\n  api: {image: x}\r\n  api: {image: y}\r\n',
    said: 'input "compose-file" is "docker-compose.yml": it is not YAML: Map keys must be unique at line 3, column 3. Correct the file',
  },
  'a mount from the repository': {
    compose: composed({ api: { ...API, volumes: ['./x:/x'] } }),
    said: 'input "compose-file" is "docker-compose.yml": service "api" needs "./x" of the repository, and only compose files go to the host. Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
  },
  'a mount from the repository, written long': {
    compose: composed({ api: { ...API, volumes: [{ type: 'bind', source: 'x', target: '/x' }] } }),
    said: 'input "compose-file" is "docker-compose.yml": service "api" needs "x" of the repository, and only compose files go to the host. Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
  },
  'an env_file beside the .env': {
    compose: composed({ api: { ...API, env_file: ['.env', { path: 'prod.env' }] } }),
    said: 'input "compose-file" is "docker-compose.yml": service "api" needs "prod.env" of the repository, and only compose files go to the host. Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
  },
  'a parent in another file': {
    compose: composed({ api: { ...API, extends: { file: 'base.yml', service: 'x' } } }),
    said: 'input "compose-file" is "docker-compose.yml": service "api" needs "base.yml" of the repository, and only compose files go to the host. Put it into the image, write it into the file under "configs:" with "content:", or use an absolute path of the host',
  },
  'a config in a file of the repository': {
    compose: composed({ api: API }, { configs: { c: { file: './c' } } }),
    said: 'input "compose-file" is "docker-compose.yml": it needs "./c" of the repository, and only compose files go to the host. Write the text into the file with "content:" or, for a secret, "environment:"',
  },
  'a secret in a file by its bare name': {
    compose: composed({ api: API }, { secrets: { s: { file: 's' } } }),
    said: 'input "compose-file" is "docker-compose.yml": it needs "s" of the repository, and only compose files go to the host. Write the text into the file with "content:" or, for a secret, "environment:"',
  },
  'a file that is included': {
    compose: composed({ api: API }, { include: ['other.yml'] }),
    said: 'input "compose-file" is "docker-compose.yml": it needs "other.yml" of the repository, and only compose files go to the host. Write the text into the file with "content:" or, for a secret, "environment:"',
  },
  'a secret in a file of the repository': {
    compose: `services: {api: {image: "${image('api', 'ok-1')}"}}\nsecrets: {s: {file: ./s.txt}}\n`,
    said: 'input "compose-file" is "docker-compose.yml": it needs "./s.txt" of the repository, and only compose files go to the host. Write the text into the file with "content:" or, for a secret, "environment:"',
  },
  'a folder in the place of the file': {
    given: { 'compose-file': '.' },
    said: '<folder>/workspace cannot be read: it is a folder\nGive the path of a file that this job may read',
  },
  'R22: a file above the workspace': {
    given: { 'compose-file': '../x.yml' },
    said: 'input "compose-file" is "../x.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a link to the outside': {
    given: { 'compose-file': 'far.yml' },
    lay: at => symlinkSync('/etc/hostname', `${at('workspace')}/far.yml`),
    said: 'input "compose-file" is "far.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'a file without services': {
    compose: 'jobs: {}\n',
    said: 'input "compose-file" is "docker-compose.yml": it has no services. Give a compose file with "services:"',
  },
  'services that are none': {
    compose: composed({}),
    said: 'input "compose-file" is "docker-compose.yml": it has no services. Give a compose file with "services:"',
  },
  'services that are a list': {
    compose: 'services: [api]\n',
    said: 'input "compose-file" is "docker-compose.yml": it has no services. Give a compose file with "services:"',
  },
  'a service without image': {
    compose: 'services: {api: {build: .}}\n',
    said: 'input "compose-file" is "docker-compose.yml": service "api" names no image. Pin it as "name:tag@sha256:…"; the action build-tag does so with "digest-pin: true"',
  },
  'an image that is built here, without a digest': {
    compose: composed({ api: { image: 'api:1', build: '.' } }),
    said: 'input "compose-file" is "docker-compose.yml": service "api" names "api:1", which has no digest. Pin it as "name:tag@sha256:…"; the action build-tag does so with "digest-pin: true"',
  },
  'several at once': {
    given: { hosts: 'x', project: 'X', drain: 'x' },
    said: 'input "hosts" is "x": "x" is not a host. Write "user@host" or "user@host:port", an IPv6 address as "user@[::1]:port", or "local" for this machine\ninput "project" is "X": it is not the name of a project. Use at most 63 lower-case letters, digits, "-" and "_", and begin with a letter or digit\ninput "drain" is "x": it is not a duration. Write it as "90s", "15m" or "1h30m"',
  },
}

async function refuse({ given = {}, compose = composeOf('ok-1'), lay }: Case): Promise<string> {
  const world = makeWorld()
  lay?.(world.at)
  const file = `${world.at('workspace')}/docker-compose.yml`
  writeFileSync(file, compose)
  const before = readdirSync(world.at('workspace'))
  const said = await world.deploy(compose, given).then(
    () => 'nothing was refused',
    (thrown: unknown) => explain(thrown).replaceAll(world.folder, '<folder>'),
  )
  expect([readdirSync(world.at('workspace')), readFileSync(file, 'utf8')]).toEqual([before, compose])
  expect(['home', 'temporary'].flatMap(name => readdirSync(world.at(name)))).toEqual([])
  expect([world.summary.parts, [...world.state], world.engine.calls]).toEqual([[], [], []])
  expect(`${said}${world.log.text()}`).not.toContain('pl4nted')
  return said
}

it.each(Object.entries(CASES))('%s', async (_, bad) => {
  expect(await refuse(bad)).toBe(bad.said)
})
