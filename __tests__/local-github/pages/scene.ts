import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../../local-github/server/server.ts'
import type { LocalGitHub } from '../../../local-github/local-github.ts'
import type { Job, Repository } from '../../../local-github/model.ts'

export interface Scene {
  readonly github: LocalGitHub
  readonly repository: Repository
  readonly pullNumber: number
  readonly runId: number
  readonly job: Job
  readonly head: string
  close(): Promise<void>
}

const AT = '2026-11-21T10:00:00Z'
const LATER = '2026-11-21T10:01:05Z'

export const HOSTILE = '<img src=x onerror=alert(1)> "quoted" & <b>bold</b>'

/** A server that holds one of everything that the pages show. */
export async function makeScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'))
  const github = await startServer({ stateFolder: join(folder, 'state'), now: () => Date.parse(LATER) })
  const { store } = github
  const mira = github.createAccount({ login: 'mira', type: 'User' })
  const bot =
    store.accounts.find(account => account.login === 'github-actions[bot]') ??
    github.createAccount({ login: 'github-actions[bot]', type: 'Bot', appSlug: 'github-actions' })
  github.createAccount({ login: 'acme', type: 'Organization' })
  const repository = github.createRepository({ fullName: 'acme/shop', defaultBranch: 'main', description: HOSTILE })
  const { base, head } = commitTwice(join(folder, 'work'), github.gitFolder(repository.id))

  const issue = store.issues.insert({
    repositoryId: repository.id,
    number: 1,
    title: HOSTILE,
    body: 'Body with **bold** and <script>alert(1)</script>',
    state: 'open',
    stateReason: null,
    authorId: mira.id,
    labels: ['infra'],
    assignees: [],
    locked: false,
    createdAt: AT,
    updatedAt: AT,
    closedAt: null,
    pullRequest: {
      headRepositoryId: repository.id,
      headRef: 'feature',
      headSha: head,
      baseRef: 'main',
      baseSha: base,
      draft: false,
      mergeable: true,
      testMergeSha: null,
      merged: false,
      mergedAt: null,
      mergedById: null,
      mergeMethod: null,
      mergeCommitSha: null,
      requestedReviewers: [],
    },
  })
  const suite = store.checkSuites.insert({
    repositoryId: repository.id,
    headSha: head,
    headBranch: 'feature',
    appSlug: 'github-actions',
    createdAt: AT,
  })
  const workflow = store.workflows.insert({
    repositoryId: repository.id,
    path: '.github/workflows/plan.yml',
    name: 'Plan',
    state: 'active',
    createdAt: AT,
  })
  const run = store.runs.insert({
    repositoryId: repository.id,
    workflowId: workflow.id,
    path: workflow.path,
    name: 'Plan',
    displayTitle: 'Bring up the network',
    runNumber: 1,
    attempt: 1,
    event: 'pull_request',
    headBranch: 'feature',
    headSha: head,
    headRepositoryId: repository.id,
    actorId: mira.id,
    triggeringActorId: mira.id,
    pullRequestNumbers: [1],
    status: 'completed',
    conclusion: 'failure',
    createdAt: AT,
    startedAt: AT,
    updatedAt: LATER,
    checkSuiteId: suite.id,
    payload: {},
    referencedWorkflows: [],
  })
  const check = store.checkRuns.insert({
    repositoryId: repository.id,
    suiteId: suite.id,
    headSha: head,
    name: 'plan / plan dev',
    externalId: null,
    detailsUrl: null,
    status: 'completed',
    conclusion: 'failure',
    startedAt: AT,
    completedAt: LATER,
    title: null,
    summary: null,
    text: null,
    annotations: [],
  })
  const job = store.jobs.insert({
    repositoryId: repository.id,
    runId: run.id,
    attempt: 1,
    name: 'plan / plan dev',
    status: 'completed',
    conclusion: 'failure',
    createdAt: AT,
    startedAt: AT,
    completedAt: LATER,
    needs: [],
    labels: ['ubuntu-24.04'],
    runnerName: 'local',
    environment: null,
    environmentUrl: null,
    steps: [
      {
        number: 1,
        name: 'Check out',
        status: 'completed',
        outcome: 'success',
        conclusion: 'success',
        startedAt: AT,
        completedAt: AT,
        standIn: 'stand-in for actions/checkout',
      },
      {
        number: 2,
        name: HOSTILE,
        status: 'completed',
        outcome: 'failure',
        conclusion: 'failure',
        startedAt: AT,
        completedAt: LATER,
      },
    ],
    checkRunId: check.id,
    permissions: { contents: 'read', issues: 'none' },
    concurrencyGroup: null,
    annotations: [
      {
        path: 'infra/main.tf',
        start_line: 3,
        end_line: 3,
        start_column: null,
        end_column: null,
        annotation_level: 'failure',
        message: HOSTILE,
        title: null,
        raw_details: null,
      },
    ],
    summaries: [{ step: 'Plan', markdown: '| a | b |\n|---|--:|\n| 1 | 2 |\n\n<script>alert(1)</script>' }],
  })
  store.checkRuns.update(check.id, { jobId: job.id })
  store.statuses.insert({
    repositoryId: repository.id,
    sha: head,
    context: 'load',
    state: 'success',
    description: 'p95 120 ms',
    targetUrl: `${github.url}/acme/shop/actions/runs/${run.id}`,
    creatorId: bot.id,
    createdAt: AT,
  })
  store.comments.insert({
    repositoryId: repository.id,
    issueNumber: 1,
    authorId: bot.id,
    viaApp: 'github-actions',
    body: [
      '<!-- marker -->',
      `See [the run](${github.url}/acme/shop/actions/runs/${run.id}) and [elsewhere](https://example.com/).`,
      '<details><summary>Changes 1</summary>',
      '',
      '```diff',
      '- size = 1',
      '+ size = 2',
      '```',
      '',
      '</details>',
      '',
      '- [x] done',
    ].join('\n'),
    createdAt: AT,
    updatedAt: LATER,
  })
  store.reviews.insert({
    repositoryId: repository.id,
    issueNumber: 1,
    authorId: mira.id,
    body: '',
    state: 'APPROVED',
    commitSha: head,
    submittedAt: LATER,
  })
  store.timeline.insert({
    repositoryId: repository.id,
    issueNumber: 1,
    kind: 'committed',
    actorId: mira.id,
    at: AT,
    detail: head,
  })
  const deployment = store.deployments.insert({
    repositoryId: repository.id,
    sha: base,
    ref: 'main',
    task: 'deploy',
    environment: 'production',
    description: 'Release 7',
    payload: {},
    creatorId: mira.id,
    createdAt: AT,
    updatedAt: AT,
  })
  store.deploymentStatuses.insert({
    repositoryId: repository.id,
    deploymentId: deployment.id,
    state: 'success',
    description: '',
    environmentUrl: 'javascript:alert(1)',
    logUrl: '',
    creatorId: mira.id,
    createdAt: AT,
  })

  const logs = join(github.stateFolder, 'logs', String(job.id))
  mkdirSync(logs, { recursive: true })
  writeFileSync(
    join(logs, '2.log'),
    [
      '2026-11-21T10:00:00.1234567Z ##[group]Run terraform',
      `2026-11-21T10:00:00.2Z ${HOSTILE}`,
      '2026-11-21T10:00:01Z ##[endgroup]',
      '2026-11-21T10:00:01Z [command]git init',
      '2026-11-21T10:00:02Z ##[error]It \u001b[31mfailed\u001b[0m',
      '',
    ].join('\n'),
  )
  return {
    github,
    repository,
    pullNumber: issue.number,
    runId: run.id,
    job,
    head,
    close: async () => {
      await github.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function commitTwice(folder: string, bare: string): { base: string; head: string } {
  mkdirSync(folder)
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Mira',
        GIT_AUTHOR_EMAIL: 'mira@shop.example',
        GIT_COMMITTER_NAME: 'Mira',
        GIT_COMMITTER_EMAIL: 'mira@shop.example',
      },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(folder, 'README.md'), '# Shop\n')
  writeFileSync(join(folder, 'main.tf'), 'size = 1\n<b>\n')
  git('add', '-A')
  git('commit', '-qm', 'Start')
  const base = git('rev-parse', 'HEAD')
  git('switch', '-qc', 'feature')
  writeFileSync(join(folder, 'main.tf'), 'size = 2\n<b>\n')
  git('commit', '-qam', 'Double the size')
  git('push', '--quiet', bare, 'main', 'feature')
  return { base, head: git('rev-parse', 'HEAD') }
}
