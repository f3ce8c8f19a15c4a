/** What real steps leave reaches the scheduler, the jobs after them and the API as GitHub would hand it on. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Job } from '../../../local-github/model.ts'
import { setStage, type Stage } from './runner-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ real: true })
  stage.github.store.secrets.insert({
    repositoryId: stage.repository.id,
    environment: '',
    name: 'PASSWORD',
    value: 'hunter2-hunter2',
  })
})
afterAll(async () => {
  await stage.close()
})

const warningsOf = (job: Job | undefined): string[] => job?.annotations.map(({ message }) => message) ?? []

test('an output that holds a secret is dropped before the jobs after it, also out of a called workflow', async () => {
  await stage.push({
    '.github/workflows/called.yml': `
on:
  workflow_call:
    secrets: { password: { required: true } }
    outputs:
      open: { value: "\${{ jobs.make.outputs.open }}" }
      hidden: { value: "\${{ jobs.make.outputs.hidden }}" }
jobs:
  make:
    runs-on: ubuntu-latest
    outputs: { open: "\${{ steps.x.outputs.open }}", hidden: "\${{ steps.x.outputs.hidden }}" }
    steps:
      - id: x
        env: { PASSWORD: "\${{ secrets.password }}" }
        run: |
          echo "open=plain" >> "$GITHUB_OUTPUT"
          echo "hidden=user:$PASSWORD" >> "$GITHUB_OUTPUT"
`,
  })
  const run = await stage.run(`on: push
jobs:
  call: { uses: ./.github/workflows/called.yml, secrets: { password: "\${{ secrets.PASSWORD }}" } }
  own:
    runs-on: ubuntu-latest
    environment: { name: review, url: "https://example.com/\${{ steps.x.outputs.found }}" }
    outputs: { found: "\${{ steps.x.outputs.found }}", open: "\${{ steps.x.outputs.open }}" }
    steps:
      - id: x
        run: |
          echo "::add-mask::found-at-run-time"
          echo "found=found-at-run-time" >> "$GITHUB_OUTPUT"
          echo "open=plain" >> "$GITHUB_OUTPUT"
  after:
    needs: [call, own]
    runs-on: ubuntu-latest
    steps:
      - env: { SEEN: "\${{ toJSON(needs) }}" }
        run: |
          test "\${{ needs.call.outputs.open }}\${{ needs.own.outputs.open }}" = plainplain
          test -z "\${{ needs.call.outputs.hidden }}\${{ needs.own.outputs.found }}"
          echo "$SEEN" | base64 | tr -d '\\n' | sed 's/^/::notice::/'
`)
  expect(stage.summary(run)).toEqual(['after: success', 'call / make: success', 'own: success'])
  const [make, own, after] = ['call / make', 'own', 'after'].map(name => stage.jobs(run).find(job => job.name === name))
  expect(warningsOf(make)).toEqual(["Skip output 'hidden' since it may contain secret."])
  expect(warningsOf(own)).toEqual([
    "Skip output 'found' since it may contain secret.",
    'Skip setting environment url as it may contain secret.',
  ])
  const seen: unknown = JSON.parse(Buffer.from(warningsOf(after).join(''), 'base64').toString())
  expect(seen).toEqual({
    call: { result: 'success', outputs: { open: 'plain', hidden: '' } },
    own: { result: 'success', outputs: { open: 'plain' } },
  })
  const statuses = stage.github.store.deploymentStatuses.filter(() => true)
  expect(statuses.map(({ state, environmentUrl }) => [state, environmentUrl ?? ''])).toEqual([
    ['in_progress', ''],
    ['success', ''],
  ])
})

test('forgiven, cut off and skipped jobs are told to the jobs after them as they ended', async () => {
  const run = await stage.run(`on: push
jobs:
  forgiven: { runs-on: ubuntu-latest, continue-on-error: true, steps: [{ run: exit 1 }] }
  late: { runs-on: ubuntu-latest, timeout-minutes: "\${{ fromJSON('0.005') }}", steps: [{ run: sleep 60 }] }
  skipped: { runs-on: ubuntu-latest, if: false, steps: [{ run: exit 1 }] }
  after:
    needs: [forgiven, late, skipped]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: echo "::notice::\${{ needs.forgiven.result }} \${{ needs.late.result }} \${{ needs.skipped.result }}"
`)
  expect(stage.summary(run)).toEqual(['after: success', 'forgiven: failure', 'late: cancelled', 'skipped: skipped'])
  expect(run.conclusion).toBe('cancelled')
  expect(warningsOf(stage.jobs(run).find(job => job.name === 'after'))).toEqual(['success cancelled skipped'])
})

test('a pull request starts runs when it opens, gets commits and is merged, and the merge is a push', async () => {
  const step = 'jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "true" }] } }'
  await stage.push({
    '.github/workflows/ci.yml': `on: { push: { branches: [release] } }\n${step}`,
    '.github/workflows/pull.yml': `on: { pull_request: { types: [opened, synchronize, closed], paths: ['src/**'] } }\n${step}`,
  })
  await stage.push({ 'README.md': 'base' }, { branch: 'release' })
  await stage.push({ 'src/a.txt': '1' }, { branch: 'topic' })
  await stage.runner.idle()
  const before = stage.runs().length
  const opened = await stage.api('POST', '/repos/mona/shop/pulls', { title: 'Change', head: 'topic', base: 'release' })
  const { number } = opened.body as { number: number }
  await stage.runner.idle()
  const commit = await stage.api('PUT', '/repos/mona/shop/contents/src/b.txt', {
    branch: 'topic',
    message: 'More',
    content: Buffer.from('2').toString('base64'),
  })
  expect(commit.status).toBe(201)
  await stage.runner.idle()
  expect((await stage.api('PUT', `/repos/mona/shop/pulls/${number}/merge`, {})).status).toBe(200)
  await stage.runner.idle()
  const runs = stage.runs().slice(before)
  expect(
    runs.map(run => `${run.event} ${String(run.payload['action'] ?? '')} ${run.headBranch}: ${run.conclusion}`).sort(),
  ).toEqual([
    'pull_request closed topic: success',
    'pull_request opened topic: success',
    'pull_request synchronize topic: success',
    'push  release: success',
  ])
  expect(stage.problems).toEqual([])
  expect(stage.github.violations).toEqual([])
})
