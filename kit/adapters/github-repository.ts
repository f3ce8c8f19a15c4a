import { ApiError } from '../errors.ts'
import type { Repository, RunState } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'
import { githubFileReader, readCommittedFolder } from './github-files.ts'
import { labelsOf } from './github-labels.ts'

const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls'
const RUNS = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
const COMPARE = 'GET /repos/{owner}/{repo}/compare/{basehead}'
const ALL_RUNS = 'GET /repos/{owner}/{repo}/actions/runs'
const COMMIT = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}'
const ENVIRONMENT = 'GET /repos/{owner}/{repo}/environments/{environment_name}'

/** Of runs that are looked through for those of a moment. */
const MOST_PAGES = 5

export function githubRepository(client: GitHubClient, place: Place): Repository {
  return {
    async mergedPullRequests(sha) {
      const merged = []
      for await (const page of client.pages(PULLS, { ...place, commit_sha: sha, per_page: LIMITS.pageSize }))
        for (const pull of page)
          if (pull.merged_at !== null && pull.merge_commit_sha === sha)
            merged.push({
              number: pull.number,
              headSha: pull.head.sha,
              headRef: pull.head.ref,
              baseRef: pull.base.ref,
              mergeCommitSha: pull.merge_commit_sha,
              url: pull.html_url,
            })
      return merged
    },
    async successfulRuns(workflowFile, headSha) {
      const runs = []
      const query = { workflow_id: workflowFile, head_sha: headSha, status: 'success' as const }
      for await (const { workflow_runs } of client.pages(RUNS, { ...place, ...query, per_page: LIMITS.pageSize }))
        for (const run of workflow_runs)
          if (run.conclusion === 'success' && run.head_sha === headSha)
            runs.push({
              id: Number(run.id),
              attempt: run.run_attempt ?? 1,
              headSha: run.head_sha,
              event: run.event,
              path: run.path,
              url: run.html_url,
            })
      return runs.sort((one, other) => other.id - one.id)
    },
    async changedFiles(base, head) {
      const { files = [] } = await client.request(COMPARE, { ...place, basehead: `${base}...${head}`, per_page: 1 })
      if (files.length >= LIMITS.comparedFiles) return undefined
      return files.flatMap(({ filename, previous_filename: before }) =>
        before === undefined ? [filename] : [filename, before],
      )
    },
    async runsAt(moment) {
      const found: RunState[] = []
      let pages = 0
      // The query for a time span is one that GitHub's own description forbids.
      for await (const { workflow_runs } of client.pages(ALL_RUNS, { ...place, per_page: LIMITS.pageSize })) {
        for (const run of workflow_runs) {
          const ended = run.status === 'completed'
          if (Date.parse(run.created_at) <= moment && (!ended || Date.parse(run.updated_at) >= moment))
            found.push({ id: Number(run.id), number: run.run_number, headSha: run.head_sha, ended, url: run.html_url })
        }
        if (++pages === MOST_PAGES) break
      }
      return found
    },
    async treeOf(sha) {
      return (await client.request(COMMIT, { ...place, commit_sha: sha })).tree.sha
    },
    async compare(base, head) {
      // The commits themselves are not asked for: one a page is the least.
      return (await client.request(COMPARE, { ...place, basehead: `${base}...${head}`, per_page: 1 })).status
    },
    async hasRequiredReviewers(name) {
      const environment = await client
        .request(ENVIRONMENT, { ...place, environment_name: name })
        .catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return undefined
          throw error
        })
      return environment?.protection_rules?.some(({ type }) => type === 'required_reviewers') === true
    },
    labels: issueNumber => labelsOf(client, place, issueNumber),
    readFile: (sha, path) => githubFileReader(client, place, sha)(path),
    readFolder: (sha, path) => readCommittedFolder(client, place, sha, path),
  }
}
