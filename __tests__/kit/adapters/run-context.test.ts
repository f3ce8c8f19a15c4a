import { describe, expect, it } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pullRequestOf, runContextOf } from '../../../kit/adapters/run-context.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const side = (sha: string, ref: string, id: number | null) => ({ sha, ref, repo: id === null ? null : { id } })
const payload = (head: object, base: object) => ({ pull_request: { number: 42, head, base } })

describe('what started the run', () => {
  it('R15: is read from the variables and the event of the runner, the addresses of its server too', () => {
    const path = join(temporaryFolder(), 'event.json')
    writeFileSync(path, JSON.stringify(payload(side('aaa', 'topic', 1), side('bbb', 'infra_main', 1))))
    const run = runContextOf({
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_REPOSITORY_ID: '7',
      GITHUB_SHA: 'merge',
      GITHUB_REF: 'refs/pull/42/merge',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: path,
      GITHUB_RUN_ID: '99',
      GITHUB_RUN_NUMBER: '3',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'plan',
      GITHUB_WORKFLOW: 'Plan',
      GITHUB_ACTOR: 'ada',
      GITHUB_SERVER_URL: 'https://ghes.example',
      GITHUB_API_URL: 'https://ghes.example/api/v3',
      RUNNER_ENVIRONMENT: 'github-hosted',
    })
    expect(run).toEqual({
      repository: 'acme/shop',
      repositoryId: 7,
      sha: 'merge',
      ref: 'refs/pull/42/merge',
      eventName: 'pull_request',
      runId: 99,
      runNumber: 3,
      runAttempt: 2,
      job: 'plan',
      workflow: 'Plan',
      actor: 'ada',
      serverUrl: 'https://ghes.example',
      apiUrl: 'https://ghes.example/api/v3',
      runUrl: 'https://ghes.example/acme/shop/actions/runs/99/attempts/2',
      hostName: hostname(),
      hostIsOurs: true,
      pullRequest: { number: 42, headSha: 'aaa', baseSha: 'bbb', headRef: 'topic', baseRef: 'infra_main', fork: false },
    })
  })

  it('is empty, not wrong, where there is no runner', () => {
    expect(runContextOf({})).toMatchObject({
      repository: '',
      repositoryId: undefined,
      runId: 0,
      runAttempt: 1,
      runUrl: '',
      pullRequest: undefined,
    })
  })

  it.each([
    ['the same repository', side('a', 'x', 1), side('b', 'y', 1), false],
    ['another repository', side('a', 'x', 2), side('b', 'y', 1), true],
    ['a repository that is gone', side('a', 'x', null), side('b', 'y', 1), true],
  ])('knows a head in %s', (_, head, base, fork) => {
    expect(pullRequestOf(payload(head, base))).toMatchObject({ fork })
  })

  it.each([[{}], [null], [{ pull_request: { number: 1 } }], [{ issue: { number: 1, pull_request: {} } }]])(
    'has no pull request in %j',
    event => {
      expect(pullRequestOf(event)).toBeUndefined()
    },
  )
})
