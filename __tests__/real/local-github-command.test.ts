import { afterEach, expect, it } from '@jest/globals'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { hasEnded } from '../support/processes.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MAIN = join(import.meta.dirname, '../../local-github/main.ts')
const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
})

interface Served {
  readonly child: ChildProcess
  readonly url: string
  readonly api: string
  readonly git: string
  readonly token: string
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    TMPDIR: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  }
}

async function serve(folder: string, ...args: string[]): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const lines = createInterface({ input: child.stdout })
  const [first] = (await once(lines, 'line')) as [string]
  const told = JSON.parse(first) as Omit<Served, 'child'>
  expect(Object.keys(told)).toEqual(['url', 'api', 'git', 'token'])
  return { child, ...told }
}

async function stop({ child }: Served): Promise<unknown> {
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  return (await exit)[0]
}

function git(folder: string, ...args: string[]): string {
  const done = spawnSync('git', ['-c', 'user.name=Team', '-c', 'user.email=team@example.com', ...args], {
    cwd: folder,
    env: environment(folder),
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
  return done.stdout.trim()
}

function makeRepository(folder: string, script: string): string {
  const team = join(folder, 'shop')
  mkdirSync(join(team, '.github/workflows'), { recursive: true })
  writeFileSync(
    join(team, '.github/workflows/ci.yml'),
    `name: CI
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: ${script}
`,
  )
  git(folder, 'init', '--quiet', '--initial-branch=main', team)
  git(team, 'add', '--all')
  git(team, 'commit', '--quiet', '--message', 'Start')
  return team
}

function withToken({ git: address, token }: Served): string {
  return address.replace('://', `://x-access-token:${token}@`)
}

async function call<T>({ api, token }: Served, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${api}/repos/local/shop${path}`, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  expect(response.ok).toBe(true)
  return (await response.json()) as T
}

interface Run {
  readonly id: number
  readonly run_number: number
  readonly status: string
  readonly conclusion: string | null
}

/** The newest run, once it is what is waited for. */
async function newestRun(served: Served, runNumber: number, status: string): Promise<Run> {
  for (;;) {
    const { workflow_runs } = await call<{ workflow_runs: Run[] }>(served, '/actions/runs')
    const newest = workflow_runs[0]
    if (newest?.run_number === runNumber && newest.status === status) return newest
    await wait(20)
  }
}

function push(clone: string, words: string): string {
  writeFileSync(join(clone, 'README.md'), words)
  git(clone, 'add', '--all')
  git(clone, 'commit', '--quiet', '--message', words)
  git(clone, 'push', '--quiet', 'origin', 'HEAD')
  return git(clone, 'rev-parse', 'HEAD')
}

it('serves a folder whose pushes start its workflows, and goes on where it stopped', async () => {
  const folder = temporaryFolder()
  const team = makeRepository(folder, 'echo "::notice::$GREETING"')
  const state = join(folder, 'state')
  const secrets = join(folder, 'secrets.env')
  writeFileSync(secrets, 'PASSWORD=hunter2-hunter2\n')
  const first = await serve(folder, team, '--state', state, '--secrets', secrets)
  const clone = join(folder, 'clone')
  git(folder, 'clone', '--quiet', withToken(first), clone)

  push(clone, 'First words')
  expect((await newestRun(first, 1, 'completed')).conclusion).toBe('success')
  const follower = new AbortController()
  const changes = await fetch(new URL('/_pages/changes', first.url), { signal: follower.signal })
  const news = changes.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await news?.read())?.value).toBe(': hello\n\n')
  const second = push(clone, 'Second words')
  expect((await news?.read())?.value).toContain('event: change')
  follower.abort()
  expect((await newestRun(first, 2, 'completed')).conclusion).toBe('success')
  const pages = async () => (await fetch(`${first.url}/actions`)).text()
  expect(await pages()).toContain('Second words')
  await call(first, '/issues', { title: 'A question' })
  await call(first, '/issues/1/comments', { body: 'An answer' })
  expect(await stop(first)).toBe(0)
  await expect(fetch(first.api)).rejects.toThrow()

  const again = await serve(folder, team, '--state', state)
  expect(await call(again, '/issues/1/comments')).toMatchObject([{ body: 'An answer' }])
  expect(await call(again, '/commits/main')).toMatchObject({ sha: second })
  expect((await newestRun(again, 2, 'completed')).conclusion).toBe('success')
  expect(await call(again, '/actions/secrets')).toMatchObject({ secrets: [{ name: 'PASSWORD' }] })
  git(clone, 'remote', 'set-url', 'origin', withToken(again))
  push(clone, 'Third words')
  expect((await newestRun(again, 3, 'completed')).conclusion).toBe('success')
  expect(await stop(again)).toBe(0)
  expect(git(team, 'log', '--format=%s')).toBe('Start')
})

it('stopped while a step runs, leaves no process and no folder behind', async () => {
  const folder = temporaryFolder()
  const pids = join(folder, 'pids')
  const team = makeRepository(folder, `sleep 300 & echo $! > ${pids}; echo $$ >> ${pids}; echo running; wait`)
  const served = await serve(folder, team)
  git(team, 'push', '--quiet', withToken(served), 'HEAD:refs/heads/other')
  const steps = async (): Promise<number[]> => {
    for (;;) {
      const found = existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []
      if (found.length === 2) return found
      await wait(20)
    }
  }
  const running = await steps()
  expect(await newestRun(served, 1, 'in_progress')).toMatchObject({ conclusion: null })
  const exit = once(served.child, 'exit')
  served.child.kill('SIGINT')
  // As npm does, which passes on what the terminal has sent already; it may come when Node takes none any more.
  setTimeout(() => served.child.kill('SIGINT'), 20)
  expect([0, null]).toContain((await exit)[0])
  for (const pid of running) expect(await hasEnded(pid)).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['pids', 'shop'])
})

it('stopped while it starts, leaves no folder behind', async () => {
  const folder = temporaryFolder()
  const team = makeRepository(folder, 'true')
  const child = spawn(process.execPath, [MAIN, team], { env: environment(folder), stdio: 'ignore' })
  started.push(child)
  while (readdirSync(folder).length < 2) await wait(5)
  const exit = once(child, 'exit')
  child.kill('SIGINT')
  expect((await exit)[0]).toBe(0)
  expect(readdirSync(folder)).toEqual(['shop'])
})

it('says in one line why it cannot serve, and ends with a status', async () => {
  const folder = temporaryFolder()
  const team = makeRepository(folder, 'true')
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const cases: [string[], number, string][] = [
    [[team, '--port', String(port)], 1, `port ${port} is in use: choose another one, or leave --port out`],
    [
      [team, '--secrets', join(folder, 'none')],
      1,
      `--secrets ${join(folder, 'none')} cannot be read: no such file or directory, open '${join(folder, 'none')}'`,
    ],
    [[team, '--bogus'], 2, "Unknown option '--bogus'; --help shows the usage"],
  ]
  const before = readdirSync(folder)
  const outcomes = await Promise.all(
    cases.map(async ([args]) => {
      const child = spawn(process.execPath, [MAIN, ...args], { env: environment(folder) })
      started.push(child)
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      const [status] = (await once(child, 'close')) as [number | null]
      return [args, status, out + err]
    }),
  )
  taken.close()
  expect(outcomes).toEqual(cases.map(([args, status, words]) => [args, status, `local-github: ${words}\n`]))
  expect(readdirSync(folder)).toEqual(before)
})
