/** From `git push` to a green check, with nothing stood in: server, git over HTTP, runner, processes. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setStage, type Stage } from './runner-stage.ts'

let stage: Stage
let clone: string
beforeAll(async () => {
  stage = await setStage({ real: true })
  clone = mkdtempSync(join(tmpdir(), 'push-to-check-'))
})
afterAll(async () => {
  await stage.close()
  rmSync(clone, { recursive: true })
})

const files: Record<string, string> = {
  '.github/workflows/called.yml': `
on:
  workflow_call:
    inputs: { who: { type: string, required: true } }
    outputs: { greeting: { value: "\${{ jobs.greet.outputs.text }}" } }
permissions: {}
jobs:
  greet:
    runs-on: ubuntu-latest
    outputs: { text: "\${{ steps.say.outputs.text }}" }
    steps:
      - { id: say, uses: $/actions/greet, with: { who: "\${{ inputs.who }}" } }
`,
  '.github/workflows/ci.yml': `
on: push
permissions: { contents: read }
jobs:
  call: { uses: ./.github/workflows/called.yml, with: { who: Mona } }
  check:
    needs: call
    runs-on: ubuntu-latest
    timeout-minutes: 5
    env: { GREETING: "\${{ needs.call.outputs.greeting }}" }
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
        with: { persist-credentials: false }
      - run: |
          test "$GREETING" = 'Hello Mona'
          test "$(cat name.txt)" = shop
          echo "::notice file=name.txt,line=1::read"
`,
  'actions/greet/action.yml': `
name: Greet
description: Greets somebody
inputs: { who: { required: true } }
outputs: { text: { description: what was said } }
runs: { using: node24, main: main.js }
`,
  'actions/greet/main.js': `
const { appendFileSync } = require('node:fs')
appendFileSync(process.env.GITHUB_OUTPUT, 'text=Hello ' + process.env.INPUT_WHO + '\\n')
`,
  'name.txt': 'shop\n',
}

function git(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: clone,
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Mona',
      GIT_AUTHOR_EMAIL: 'mona@example.com',
      GIT_COMMITTER_NAME: 'Mona',
      GIT_COMMITTER_EMAIL: 'mona@example.com',
    }
    const child = spawn('git', args, { cwd: clone, env })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', status => (status === 0 ? resolve(output.trim()) : reject(new Error(output))))
  })
}

test('a push runs the workflow, and its checks are green at the pushed commit', async () => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), content)
  }
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('commit', '-q', '-m', 'Begin')
  const token = stage.github.mintToken({ login: 'mona', kind: 'user' })
  await git('push', '-q', `${stage.github.url.replace('://', `://mona:${token}@`)}/mona/shop.git`, 'HEAD:main')
  await stage.runner.idle()

  expect(stage.jobs().flatMap(job => job.annotations.map(({ message }) => message))).toEqual(['read'])
  const sha = await git('rev-parse', 'HEAD')
  const { body } = await stage.api('GET', `/repos/mona/shop/commits/${sha}/check-runs`)
  expect(body).toMatchObject({
    total_count: 2,
    check_runs: expect.arrayContaining([
      expect.objectContaining({ name: 'call / greet', status: 'completed', conclusion: 'success' }),
      expect.objectContaining({
        name: 'check',
        conclusion: 'success',
        output: expect.objectContaining({ annotations_count: 1 }),
      }),
    ]),
  })
  expect(stage.jobs().flatMap(job => job.steps.map(step => step.name))).toContain('Run $/actions/greet')
  expect(stage.problems).toEqual([])
  expect(stage.github.violations).toEqual([])
})
