import type { PullRequests, Speaker } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import type { Data, GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const READ = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
const COMMITS = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits'
const FILES = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files'
const COMMENT = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}'
const EVENTS = 'GET /repos/{owner}/{repo}/issues/{issue_number}/events'
const PERMISSION = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission'
const REVIEWS = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews'
const DISMISS = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals'
const REACT = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions'

export function githubPullRequests(reader: GitHubClient, writer: GitHubClient, place: Place): PullRequests {
  return {
    async read(number) {
      const pull = await reader.request(READ, { ...place, pull_number: number })
      return {
        isOpen: pull.state === 'open',
        headSha: pull.head.sha,
        author: pull.user?.login,
        url: pull.html_url,
      }
    },
    async commits(number, most) {
      const shas: string[] = []
      for await (const page of reader.pages(COMMITS, { ...place, pull_number: number, per_page: LIMITS.pageSize }))
        shas.push(...page.map(({ sha }) => sha))
      return shas.reverse().slice(0, most)
    },
    async changedFiles(number) {
      const names: string[] = []
      let files = 0
      for await (const page of reader.pages(FILES, { ...place, pull_number: number, per_page: LIMITS.pageSize })) {
        files += page.length
        for (const { filename, previous_filename: before } of page)
          names.push(filename, ...(before === undefined ? [] : [before]))
      }
      return files >= LIMITS.pullRequestFiles ? undefined : names
    },
    async comment(id) {
      const comment = await reader.request(COMMENT, { ...place, comment_id: id })
      return {
        issueNumber: Number(/\/(\d+)$/.exec(comment.issue_url)?.[1]),
        author: speaker(comment.user, comment.performed_via_github_app),
        body: comment.body ?? '',
        isEdited: comment.created_at !== comment.updated_at,
        url: comment.html_url,
      }
    },
    async labelledBy(number, label) {
      let by: Speaker | undefined
      const query = { ...place, issue_number: number, per_page: LIMITS.pageSize }
      for await (const page of reader.pages(EVENTS, query))
        for (const event of page) {
          if (!('label' in event) || event.label.name !== label) continue
          by = event.event === 'labeled' ? speaker(event.actor, event.performed_via_github_app) : undefined
        }
      return by
    },
    async permissionOf(login) {
      return (await reader.request(PERMISSION, { ...place, username: login })).permission
    },
    async react(commentId, content) {
      // GitHub keeps one reaction of a kind for each account, so that a second one does no harm.
      await writer.createOnce(REACT, { ...place, comment_id: commentId, content }, async () => undefined)
    },
    async approvals(number) {
      const found = []
      for await (const page of reader.pages(REVIEWS, { ...place, pull_number: number, per_page: LIMITS.pageSize }))
        for (const { id, user, state, commit_id } of page)
          if (state === 'APPROVED' && user !== null && commit_id !== null)
            found.push({ id: Number(id), login: user.login, commitSha: commit_id })
      return found.reverse()
    },
    async dismissApproval(number, id, reason) {
      await writer.request(DISMISS, { ...place, pull_number: number, review_id: id, message: reason })
    },
  }
}

type User = Data<typeof COMMENT>['user']

function speaker(user: User, app: unknown): Speaker | undefined {
  return user === null ? undefined : { login: user.login, type: user.type, viaApp: app !== null && app !== undefined }
}
