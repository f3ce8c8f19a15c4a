import type { WorkflowRuns } from '../ports.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const READ = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}'
const RERUN = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs'

export function githubWorkflowRuns(client: GitHubClient, place: Place): WorkflowRuns {
  return {
    async rerunFailed(runId) {
      const before = await client.request(READ, { ...place, run_id: runId })
      await client.createOnce(RERUN, { ...place, run_id: runId }, async reader => {
        const now = await reader.request(READ, { ...place, run_id: runId })
        return now.run_attempt !== before.run_attempt ? now : undefined
      })
    },
  }
}
