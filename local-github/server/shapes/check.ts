import type { Annotation, CheckRun, CheckSuite, Conclusion, Repository } from '../../model.ts'
import type { Core } from '../core.ts'
import { isPull } from '../issue-records.ts'
import { app } from './account.ts'
import { simpleCommit } from './commit.ts'
import { nodeId } from './node-id.ts'
import { pullMinimal } from './pull.ts'
import { minimalRepository, repositoryHtmlUrl, repositoryUrl } from './repository.ts'

/** Open pull requests of this repository that the commit is the head of. */
export const pullsOfHead = (core: Core, repository: Repository, sha: string) =>
  core.store.issues
    .filter(issue => issue.repositoryId === repository.id && issue.state === 'open')
    .filter(isPull)
    .filter(issue => issue.pullRequest.headSha === sha && issue.pullRequest.headRepositoryId === repository.id)
    .map(issue => pullMinimal(core, issue))

/** The description knows fewer conclusions of a run than of a suite. */
const runConclusion = (conclusion: Conclusion | null): Conclusion | null =>
  conclusion === 'startup_failure' ? 'failure' : conclusion === 'stale' ? 'neutral' : conclusion

export function checkRunShape(core: Core, repository: Repository, run: CheckRun) {
  const suite = core.store.checkSuites.get(run.suiteId)
  const url = `${repositoryUrl(core, repository)}/check-runs/${run.id}`
  const html = `${repositoryHtmlUrl(core, repository)}/runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: run.status,
    conclusion: runConclusion(run.conclusion),
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: suite ? app(core, suite.appSlug) : null,
    pull_requests: pullsOfHead(core, repository, run.headSha),
  }
}

export function annotationShape(core: Core, repository: Repository, run: CheckRun, annotation: Annotation) {
  const path = annotation.path.split('/').map(encodeURIComponent).join('/')
  return { ...annotation, blob_href: `${repositoryHtmlUrl(core, repository)}/blob/${run.headSha}/${path}` }
}

export const runsOfSuite = (core: Core, suite: CheckSuite): CheckRun[] =>
  core.store.checkRuns.filter(run => run.suiteId === suite.id)

/** The suite ends when its last run does; the gravest conclusion is its own. */
export function suiteState(runs: readonly CheckRun[]): { status: CheckRun['status']; conclusion: Conclusion | null } {
  if (runs.length === 0) return { status: 'queued', conclusion: null }
  if (runs.some(run => run.status !== 'completed')) {
    return { status: runs.every(run => run.status === 'queued') ? 'queued' : 'in_progress', conclusion: null }
  }
  const gravity: readonly Conclusion[] = [
    'startup_failure',
    'failure',
    'timed_out',
    'action_required',
    'cancelled',
    'stale',
    'success',
    'neutral',
    'skipped',
  ]
  return {
    status: 'completed',
    conclusion: gravity.find(one => runs.some(run => run.conclusion === one)) ?? 'neutral',
  }
}

export async function checkSuiteShape(core: Core, repository: Repository, suite: CheckSuite) {
  const url = `${repositoryUrl(core, repository)}/check-suites/${suite.id}`
  const runs = runsOfSuite(core, suite)
  const commit = await core.git(repository.id).commit(suite.headSha)
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    ...suiteState(runs),
    url,
    before: commit.parents[0] ?? null,
    after: suite.headSha,
    pull_requests: pullsOfHead(core, repository, suite.headSha),
    app: app(core, suite.appSlug),
    repository: minimalRepository(core, repository),
    created_at: suite.createdAt,
    updated_at: runs.at(-1)?.completedAt ?? runs.at(-1)?.startedAt ?? suite.createdAt,
    head_commit: simpleCommit(commit),
    latest_check_runs_count: runs.length,
    check_runs_url: `${url}/check-runs`,
  }
}
