import type { Statuses } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import { shortenEnd } from '../report/shorten.ts'
import type { Data, GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const COMBINED = 'GET /repos/{owner}/{repo}/commits/{ref}/status'
const CREATE = 'POST /repos/{owner}/{repo}/statuses/{sha}'

type Status = Data<typeof COMBINED>['statuses'][number]

/** Commit statuses: two requests each, one when the newest status says the same already. */
export function githubStatuses(client: GitHubClient, place: Place): Statuses {
  return {
    async set({ sha, context, state, description, targetUrl }) {
      const wanted = {
        state,
        context: client.scrub(context),
        description: shortenEnd(client.scrub(description), LIMITS.statusDescriptionCharacters),
        ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
      }
      const find = async (reader: GitHubClient) => {
        for await (const { statuses } of reader.pages(COMBINED, { ...place, ref: sha, per_page: LIMITS.pageSize })) {
          const newest = statuses.find(status => status.context === wanted.context)
          if (newest !== undefined) return saysTheSame(newest, wanted) ? newest : undefined
        }
        return undefined
      }
      if ((await find(client)) !== undefined) return
      await client.createOnce(CREATE, { ...place, sha, ...wanted }, find)
    },
  }
}

function saysTheSame(status: Status, wanted: { state: string; description: string; target_url?: string }): boolean {
  return (
    status.state === wanted.state &&
    (status.description ?? '') === wanted.description &&
    (status.target_url ?? undefined) === wanted.target_url
  )
}
