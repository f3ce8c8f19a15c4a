import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBench, type JobBench } from './job-bench.ts'

let bench: JobBench
const developerHome = mkdtempSync(join(tmpdir(), 'slipway-home-'))
const planted: Readonly<Record<string, string>> = {
  HOME: developerHome,
  AWS_SECRET_ACCESS_KEY: 'developer-aws-secret',
  AWS_SESSION_TOKEN: 'developer-session',
  AWS_PROFILE: 'developer-profile',
  GITHUB_TOKEN: 'developer-github-token',
  GH_TOKEN: 'developer-gh-token',
  NPM_TOKEN: 'developer-npm-token',
  SSH_AUTH_SOCK: '/developer/agent',
  KUBECONFIG: '/developer/kube',
  DOCKER_CONFIG: '/developer/docker',
  GOOGLE_APPLICATION_CREDENTIALS: '/developer/google',
  NODE_OPTIONS: '--no-deprecation',
  GIT_CONFIG_GLOBAL: '/developer/gitconfig',
}
const before = new Map(Object.keys(planted).map(name => [name, process.env[name]]))

beforeAll(async () => {
  mkdirSync(join(developerHome, '.aws'))
  writeFileSync(join(developerHome, '.aws', 'credentials'), '[default]\naws_access_key_id = developer-key-id\n')
  writeFileSync(join(developerHome, '.gitconfig'), '[user]\n\tname = The Developer\n')
  Object.assign(process.env, planted)
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  rmSync(developerHome, { recursive: true, force: true })
})
afterEach(() => {
  expect(bench.github.violations).toEqual([])
})

it('steps see nothing of the developer: no variable, no home, no git or cloud configuration', async () => {
  bench.commit('tools/dump', {
    'action.yml': 'name: d\ndescription: d\nruns:\n  using: node24\n  main: main.js\n',
    'main.js': `for (const pair of Object.entries(process.env)) console.log('js ' + pair.join('='))\n`,
  })
  const { log } = await bench.run(`
- run: |
    env
    cat ~/.aws/credentials 2>&1 || true
    git config --list --show-origin || true
- uses: tools/dump@main
`)
  expect(log).toContain('\njs PATH=')
  expect(log).not.toMatch(/developer/i)
  expect(log).not.toContain(developerHome)
  const names = log
    .split('\n')
    .flatMap(line => /^js ([A-Za-z0-9_]+)=/.exec(line)?.[1] ?? [])
    .filter(name => !/^(GITHUB|RUNNER)_/.test(name))
  expect(names.sort()).toEqual(
    [
      'AWS_ACCESS_KEY_ID',
      'AWS_EC2_METADATA_DISABLED',
      'AWS_ENDPOINT_URL',
      'AWS_SECRET_ACCESS_KEY',
      'CI',
      'GIT_CONFIG_GLOBAL',
      'GIT_CONFIG_NOSYSTEM',
      'GIT_TERMINAL_PROMPT',
      'HOME',
      'LANG',
      'PATH',
      'SHELL',
      'TMPDIR',
      'XDG_CACHE_HOME',
      'XDG_CONFIG_HOME',
    ].sort(),
  )
})

it('clouds are a closed port with dummy keys, unless an endpoint stands in for them', async () => {
  const probe = '- run: echo "[$AWS_ENDPOINT_URL] [$AWS_SECRET_ACCESS_KEY] [$AWS_EC2_METADATA_DISABLED]"'
  expect((await bench.run(probe)).log).toContain('[http://127.0.0.1:9] [local-github] [true]')
  const { log } = await bench.run(probe, { executor: { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' } } })
  expect(log).toContain('[http://127.0.0.1:4566] [local-github] [true]')
})

it('a job leaves nothing behind but its logs', async () => {
  const { job } = await bench.run('- run: |\n    touch file "$HOME/file" "$RUNNER_TEMP/file"\n    mktemp -d')
  expect(existsSync(join(bench.github.stateFolder, 'work', String(job.id)))).toBe(false)
  expect(existsSync(join(bench.github.stateFolder, 'logs', `${job.id}.log`))).toBe(true)
})
