import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startRegistry, type Registry } from '../../local-github/registry/registry.ts'
import { dockerProgram } from '../../local-github/runner/stand-ins/docker/docker-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

let folder: string
let store: string
let registry: Registry

beforeEach(async () => {
  folder = temporaryFolder()
  store = join(folder, 'store')
  registry = await startRegistry({ folder: join(folder, 'registry') })
})
afterEach(() => registry.close())

/** As the launcher starts it. */
function docker(words: readonly string[], options: { store?: string; input?: string } = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const { script, variables } = dockerProgram(options.store ?? store)
    const child = spawn(process.execPath, [script, ...words], {
      cwd: folder,
      env: { ...variables, HOME: join(folder, 'home'), PATH: '/nowhere' },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', chunk => (stdout += chunk))
    child.stderr.on('data', chunk => (stderr += chunk))
    child.on('error', reject)
    child.on('close', code => resolve({ code, stdout, stderr }))
    child.stdin.end(options.input ?? '')
  })
}

async function said(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(words)
  expect([words.join(' '), stderr, code]).toEqual([words.join(' '), '', 0])
  return stdout
}

async function refused(...words: string[]): Promise<string> {
  const { code, stderr } = await docker(words)
  expect([words.join(' '), code]).toEqual([words.join(' '), 1])
  return stderr
}

function write(files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

const backend = {
  'backend/Dockerfile': 'FROM python:3.12-slim AS run\nCOPY . /app\n',
  'backend/app/main.py': 'print("hello")\n',
  'backend/notes.md': 'not for the image\n',
  'backend/.dockerignore': '*.md\n',
}
const reference = (tag: string): string => `${registry.address}/shop/backend:${tag}`
const lastDigest = (output: string): string => /digest: (sha256:[a-f0-9]{64}) size: \d+\n$/.exec(output)?.[1] ?? ''

/** Names in the layer of an image in the registry, as tar lists them. */
async function listLayer(repository: string, tag: string): Promise<string[]> {
  const manifest = (await (await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`)).json()) as {
    layers: { digest: string }[]
  }
  const layer = await fetch(`${registry.url}/v2/${repository}/blobs/${manifest.layers[0]?.digest}`)
  const input = Buffer.from(await layer.arrayBuffer())
  const tar = spawnSync('tar', ['-tzvf', '-'], { input, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
  expect(tar.status).toBe(0)
  return tar.stdout.trimEnd().split('\n')
}

test('what is built, tagged and pushed is in the registry, and every line of a pipeline finds what it looks for', async () => {
  write(backend)
  const built = await said('build', '-t', reference('5-0a3087a'), '--label', 'team=shop', 'backend')
  expect(built.split('\n')[0]).toBe(
    'Stand-in for docker build: packs the build context as one layer and executes no instruction of the Dockerfile.',
  )
  expect(built).toContain(`Successfully tagged ${reference('5-0a3087a')}\n`)
  const pushed = await said('push', '--', reference('5-0a3087a'))
  expect(pushed).toContain(`The push refers to repository [${registry.address}/shop/backend]\n`)
  const digest = lastDigest(pushed)
  expect(pushed).toMatch(/\n5-0a3087a: digest: sha256:[a-f0-9]{64} size: \d+\n$/)

  const kept = await fetch(`${registry.url}/v2/shop/backend/manifests/5-0a3087a`)
  expect(kept.headers.get('docker-content-digest')).toBe(digest)
  const format = ['image', 'inspect', '--format']
  const byDigest = `${registry.address}/shop/backend@${digest}`
  expect(await said(...format, '{{index .RepoDigests 0}}', reference('5-0a3087a'))).toBe(`${byDigest}\n`)
  expect(await said(...format, '{{json .RepoDigests}}', '--', byDigest)).toBe(`${JSON.stringify([byDigest])}\n`)
  expect(JSON.parse(await said(...format, '{{json .}}', reference('5-0a3087a')))).toMatchObject({
    RepoTags: [reference('5-0a3087a')],
    Os: 'linux',
    Config: { Labels: { team: 'shop', 'org.slipway.stand-in': expect.stringContaining('no instruction') } },
  })
  expect(await said('push', reference('5-0a3087a'))).toContain('Layer already exists')
})

test('the layer holds the context without what is ignored, sorted, without times and owners', async () => {
  write({ ...backend, 'backend/run.sh': '#!/bin/sh\n', [`backend/${'long/'.repeat(30)}ü.txt`]: 'deep' })
  chmodSync(join(folder, 'backend/run.sh'), 0o700)
  symlinkSync('app/main.py', join(folder, 'backend/link'))
  await said('build', '-t', reference('1'), 'backend')
  await said('push', reference('1'))
  const lines = (await listLayer('shop/backend', '1')).filter(line => !/long\/$/.test(line))
  expect(lines.map(line => line.replace(/^(\S+) +(\S+) +\d+ (\S+ \S+) (.*)$/, '$1 $2 $3 $4'))).toEqual([
    '-rw-r--r-- 0/0 1970-01-01 00:00 .dockerignore',
    '-rw-r--r-- 0/0 1970-01-01 00:00 Dockerfile',
    'drwxr-xr-x 0/0 1970-01-01 00:00 app/',
    '-rw-r--r-- 0/0 1970-01-01 00:00 app/main.py',
    'lrwxrwxrwx 0/0 1970-01-01 00:00 link -> app/main.py',
    expect.stringMatching(/^-rw-r--r-- 0\/0 1970-01-01 00:00 (long\/){30}/),
    '-rwxr-xr-x 0/0 1970-01-01 00:00 run.sh',
  ])
})

test('the same input is the same digest, at any time and place; another file or label is another', async () => {
  write(backend)
  const digestOf = async (...words: string[]): Promise<string> => {
    const file = join(folder, 'metadata.json')
    await said('build', '--metadata-file', file, ...words)
    return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)['containerimage.digest'] ?? ''
  }
  const first = await digestOf('backend')
  utimesSync(join(folder, 'backend/app/main.py'), 1, 1)
  write(Object.fromEntries(Object.entries(backend).map(([path, text]) => [`elsewhere/${path}`, text])))
  expect(await digestOf('--build-arg', 'A=1', 'backend')).toBe(first)
  expect(await digestOf('elsewhere/backend')).toBe(first)
  expect(await digestOf('--label', 'a=b', 'backend')).not.toBe(first)
  write({ 'backend/app/main.py': 'print("bye")\n' })
  expect(await digestOf('backend')).not.toBe(first)
})

test('an image is pulled where it was not built, and pushed on under another name', async () => {
  write(backend)
  await said('build', `--tag=${reference('1')}`, '--iidfile', 'id', 'backend')
  const digest = lastDigest(await said('push', reference('1')))
  const elsewhere = { store: join(folder, 'other store') }
  const byDigest = `${registry.address}/shop/backend@${digest}`
  const pulled = await docker(['pull', byDigest], elsewhere)
  expect(pulled.stdout).toContain(`Digest: ${digest}\nStatus: Downloaded newer image for ${byDigest}\n`)
  expect((await docker(['pull', reference('1')], elsewhere)).stdout).toContain('Status: Image is up to date for')
  const id = await docker(['image', 'inspect', '-f', '{{.Id}}', byDigest], elsewhere)
  expect(id.stdout.trim()).toBe(readFileSync(join(folder, 'id'), 'utf8'))
  expect((await docker(['tag', reference('1'), `${registry.address}/other:x`], elsewhere)).code).toBe(0)
  expect(lastDigest((await docker(['push', `${registry.address}/other:x`], elsewhere)).stdout)).toBe(digest)
})

test('builds and pushes of many jobs at once do not disturb each other', async () => {
  const services = Array.from({ length: 6 }, (_, number) => `service${number}`)
  for (const service of services) write({ [`${service}/Dockerfile`]: 'FROM scratch\n', [`${service}/x`]: service })
  await Promise.all(
    services.map(async service => {
      await said('build', '-t', `${registry.address}/${service}:1`, service)
      await said('push', `${registry.address}/${service}:1`)
    }),
  )
  for (const service of services) expect((await listLayer(service, '1')).length).toBe(2)
})

describe('a registry with a login', () => {
  beforeEach(async () => {
    await registry.close()
    registry = await startRegistry({ folder: join(folder, 'registry'), login: { user: 'ci', password: 'pass:word' } })
    write(backend)
    await said('build', '-t', reference('1'), 'backend')
  })
  const logIn = (input: string) =>
    docker(['login', '--username', 'ci', '--password-stdin', registry.address], { input })

  test('takes a push after "docker login" and refuses one before', async () => {
    expect(await refused('push', reference('1'))).toContain(`use "docker login ${registry.address}"`)
    expect(await logIn('pass:word\n')).toEqual({ code: 0, stdout: 'Login Succeeded\n', stderr: '' })
    expect(lastDigest(await said('push', reference('1')))).toMatch(/^sha256:/)
    expect(statSync(join(folder, 'home/.docker/config.json')).mode & 0o777).toBe(0o600)
  })

  test('a wrong password is not kept and is said nowhere', async () => {
    const { code, stdout, stderr } = await logIn('other-secret')
    expect([code, `${stdout}${stderr}`.includes('other-secret')]).toEqual([1, false])
    expect(await refused('push', reference('1'))).toContain('unauthorized')
  })
})

test('without a home of the job no login is kept, least of all in the home of the developer', async () => {
  const { script, variables } = dockerProgram(store)
  const done = spawnSync(process.execPath, [script, 'login', '-u', 'ci', '--password-stdin', '127.0.0.1:1'], {
    env: variables,
    input: 'secret',
    encoding: 'utf8',
  })
  expect([done.status, done.stderr]).toEqual([1, expect.stringContaining('neither DOCKER_CONFIG nor HOME is set')])
})

test('version and info answer, and say what answers', async () => {
  expect(await said('version', '--format', '{{.Server.Version}}')).toBe('0.0.0-slipway-stand-in\n')
  expect(await said('info')).toContain("Slipway's stand-in for docker")
})

describe('what docker would refuse is refused', () => {
  test.each([
    ['no context', {}, ['build'], 'requires exactly 1 argument'],
    ['a context that is not there', {}, ['build', 'nowhere'], 'path "nowhere" not found'],
    ['no Dockerfile', { 'a/x': '' }, ['build', 'a'], 'failed to read dockerfile: open a/Dockerfile'],
    ['no FROM', { 'a/Dockerfile': '# nothing\n' }, ['build', 'a'], 'the Dockerfile has no FROM'],
    [
      'an instruction before FROM',
      { 'a/Dockerfile': 'ARG A\nRUN x\n' },
      ['build', 'a'],
      'error on line 2: no build stage',
    ],
    ['a FROM with two words', { 'a/Dockerfile': 'FROM a b\n' }, ['build', 'a'], 'FROM requires either one or three'],
    [
      'an instruction that is none',
      { 'a/Dockerfile': 'FROM a\nRUNN x\n' },
      ['build', 'a'],
      'line 2: unknown instruction: RUNN',
    ],
    [
      'a stage that is not there',
      { 'a/Dockerfile': 'FROM a AS b\n' },
      ['build', '--target', 'c', 'a'],
      'target stage "c"',
    ],
    ['a name with capitals', { 'a/Dockerfile': 'FROM a\n' }, ['build', '-t', 'Shop', 'a'], 'invalid reference format'],
    ['a label without a name', { 'a/Dockerfile': 'FROM a\n' }, ['build', '--label', '=x', 'a'], 'for "--label"'],
    ['an option without its value', {}, ['build', '-t'], 'flag needs an argument: -t'],
    ['an image that nobody built', {}, ['push', '127.0.0.1:1/a:b'], 'No such image: 127.0.0.1:1/a:b'],
    ['a registry that does not answer', {}, ['pull', '127.0.0.1:1/a:b'], 'the registry 127.0.0.1:1 does not answer'],
    ['a registry elsewhere', {}, ['pull', 'python:3.12'], 'docker.io is not on this machine'],
    ['a registry with a like name', {}, ['pull', '127.0.0.1.example.com/a'], 'is not on this machine'],
  ])('%s', async (_, files, words, message) => {
    write(files as Record<string, string>)
    expect(await refused(...words)).toContain(message)
  })

  test.each([
    ['run', 'alpine'],
    ['compose', 'up'],
    ['buildx', 'build', '.'],
    ['image', 'ls'],
    ['build', '--platform', 'linux/arm64', '.'],
    ['build', 'https://example.com/x.git'],
    ['push', '--all-tags', 'a'],
    ['login', 'registry.example.com'],
    ['image', 'inspect', '--format', '{{range .RepoTags}}{{end}}', 'a'],
    ['--version'],
    [],
  ])('what the stand-in does not do is said: docker %s %s %s', async (...words) => {
    write({ 'a/Dockerfile': 'FROM a\n' })
    await said('build', '-t', 'a', 'a')
    expect(await refused(...words)).toContain("is not implemented by Slipway's stand-in for docker")
  })
})
