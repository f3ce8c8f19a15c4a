import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { LocalGitHub } from '../../../local-github/local-github.ts'
import { startRunner, type Runner } from '../../../local-github/runner/runner.ts'
import { startServer } from '../../../local-github/server/server.ts'

let folder: string
let github: LocalGitHub
let runner: Runner
let token: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-push-'))
  github = await startServer({ stateFolder: join(folder, 'state') })
  runner = startRunner(github, { concurrency: 2 })
  github.createAccount({ login: 'team', type: 'User' })
  token = github.mintToken({ login: 'team', kind: 'user' })
})
afterAll(async () => {
  await runner.close()
  await github.close()
  rmSync(folder, { recursive: true, force: true })
})

function git(cwd: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'user.name=Team', '-c', 'user.email=team@example.com', ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', status =>
      status === 0 ? resolve(output.trim()) : reject(new Error(`${output}${JSON.stringify(github.violations)}`)),
    )
  })
}

async function push(fullName: string, files: Readonly<Record<string, string>>): Promise<string> {
  github.createRepository({ fullName, actionsShared: true })
  const clone = join(folder, fullName)
  mkdirSync(clone, { recursive: true })
  await git(clone, 'init', '--quiet', '--initial-branch=main')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), content)
  }
  await git(clone, 'add', '.')
  await git(clone, 'commit', '--quiet', '-m', 'work')
  const url = github.url.replace('://', `://x:${token}@`)
  await git(clone, 'push', '--quiet', `${url}/${fullName}.git`, 'main')
  return await git(clone, 'rev-parse', 'HEAD')
}

async function api(path: string): Promise<Response> {
  return await fetch(`${github.apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
}

it('a plain git push starts the workflow, whose jobs run, talk to the API and end in green checks', async () => {
  const lib = await push('team/lib', {
    'actions/say/action.yml': `name: say
description: says a word and who uses it
inputs:
  word: { description: the word }
  github-token: { description: token, default: '\${{ github.token }}' }
outputs:
  said: { description: what it said }
runs:
  using: node24
  main: index.js
`,
    'actions/say/index.js': `
const { appendFileSync } = require('node:fs')
const { env } = process
fetch(env.GITHUB_API_URL + '/repos/' + env.GITHUB_REPOSITORY, {
  headers: { authorization: 'Bearer ' + env['INPUT_GITHUB-TOKEN'] },
})
  .then(reply => reply.json())
  .then(body => {
    console.log('::notice file=README.md,line=1,title=Said::' + env.INPUT_WORD + ' in ' + body.full_name)
    appendFileSync(env.GITHUB_STEP_SUMMARY, '# ' + env.INPUT_WORD + '\\n')
    appendFileSync(env.GITHUB_OUTPUT, 'said=' + env.INPUT_WORD + '!\\n')
  })
`,
    '.github/workflows/called.yml': `on:
  workflow_call:
    inputs: { word: { type: string, required: true } }
    outputs: { said: { value: '\${{ jobs.talk.outputs.said }}' } }
permissions: {}
jobs:
  talk:
    runs-on: ubuntu-latest
    permissions: { contents: read }
    outputs: { said: '\${{ steps.say.outputs.said }}' }
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: { persist-credentials: false }
      - run: cat README.md > copy.txt
      - id: say
        uses: $/actions/say
        with: { word: '\${{ inputs.word }}' }
      - uses: actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1
        with: { name: copy, path: copy.txt }
`,
  })
  const sha = await push('team/app', {
    'README.md': 'the application\n',
    '.github/workflows/ci.yml': `on: push
jobs:
  call:
    uses: team/lib/.github/workflows/called.yml@${lib}
    with: { word: hello }
  last:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1
        with: { name: copy }
      - run: echo "said \${{ needs.call.outputs.said }}, read $(cat copy.txt)"
`,
  })
  await runner.idle()

  const checks = (await (await api(`/repos/team/app/commits/${sha}/check-runs`)).json()) as {
    check_runs: { id: number; name: string; conclusion: string; app: { slug: string } }[]
  }
  expect(checks.check_runs.map(({ name, conclusion }) => `${name}: ${conclusion}`).sort()).toEqual([
    'call / talk: success',
    'last: success',
  ])
  const talk = checks.check_runs.find(check => check.name === 'call / talk')
  expect(talk?.app.slug).toBe('github-actions')
  const annotations: unknown = await (await api(`/repos/team/app/check-runs/${talk?.id}/annotations`)).json()
  expect(annotations).toEqual([
    expect.objectContaining({ path: 'README.md', title: 'Said', message: 'hello in team/app' }),
  ])
  const { workflow_runs } = (await (await api('/repos/team/app/actions/runs')).json()) as {
    workflow_runs: { id: number; conclusion: string }[]
  }
  expect(workflow_runs.map(run => run.conclusion)).toEqual(['success'])
  const { jobs } = (await (await api(`/repos/team/app/actions/runs/${workflow_runs[0]?.id}/jobs`)).json()) as {
    jobs: { id: number; name: string; steps: { name: string; conclusion: string }[] }[]
  }
  const last = jobs.find(job => job.name === 'last')
  expect(last?.steps.every(step => step.conclusion === 'success')).toBe(true)
  const log = await (await api(`/repos/team/app/actions/jobs/${last?.id}/logs`)).text()
  expect(log).toMatch(/Z said hello!, read the application$/m)
  expect(github.store.jobs.find(job => job.name === 'call / talk')?.summaries).toEqual([
    { step: 'Run $/actions/say', markdown: '# hello\n' },
  ])
  expect(github.violations).toEqual([])
})
