import { ApiError } from '../errors.ts'
import type { Labels } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels'
const ADD = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels'
const REMOVE = 'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}'

/** Labels of an issue or pull request. Adding what is there and removing what is not are no errors. */
export function githubLabels(client: GitHubClient, place: Place): Labels {
  return {
    async add(issueNumber, label) {
      const name = client.scrub(label)
      await client.createOnce(ADD, { ...place, issue_number: issueNumber, labels: [name] }, async reader => {
        const labels = await labelsOf(reader, place, issueNumber)
        return labels.some(one => one.toLowerCase() === name.toLowerCase()) ? labels : undefined
      })
    },
    async remove(issueNumber, label) {
      try {
        await client.request(REMOVE, { ...place, issue_number: issueNumber, name: label })
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error
        const labels = await labelsOf(client, place, issueNumber)
        if (labels.some(one => one.toLowerCase() === label.toLowerCase())) throw error
      }
    },
  }
}

export async function labelsOf(client: GitHubClient, place: Place, issueNumber: number): Promise<string[]> {
  const names: string[] = []
  for await (const page of client.pages(LIST, { ...place, issue_number: issueNumber, per_page: LIMITS.pageSize }))
    names.push(...page.map(label => label.name))
  return names
}
