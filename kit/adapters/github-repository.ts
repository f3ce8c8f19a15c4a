import type { Repository } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'
import { githubFileReader, readCommittedFolder } from './github-files.ts'
import { labelsOf } from './github-labels.ts'

const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls'
const RUNS = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
const COMMIT = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}'

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
    async treeOf(sha) {
      return (await client.request(COMMIT, { ...place, commit_sha: sha })).tree.sha
    },
    labels: issueNumber => labelsOf(client, place, issueNumber),
    readFile: (sha, path) => githubFileReader(client, place, sha)(path),
    readFolder: (sha, path) => readCommittedFolder(client, place, sha, path),
  }
}
