/** Comments on the lines of a pull request's changes: found, checked against the changes, kept. */
import type { Account, ReviewComment } from '../model.ts'
import { mergeBase } from './commit-facts.ts'
import type { Core } from './core.ts'
import { diffFiles } from './diff.ts'
import type { PullIssue } from './issue-records.ts'
import { unprocessable } from './reply.ts'
import { type Body, numberOf, textOf } from './request-body.ts'
import { type CommentedLine, lineAtPosition, lineInPatch, type Side } from './review-lines.ts'
import { checkBody } from './text-limits.ts'

/** All but those of reviews that their authors still write. */
export const submittedComments = (core: Core, issue: PullIssue): ReviewComment[] =>
  commentsOn(core, issue).filter(({ reviewId }) => core.store.reviews.get(reviewId)?.state !== 'PENDING')

export const commentsOn = (core: Core, issue: PullIssue): ReviewComment[] =>
  core.store.reviewComments.filter(
    ({ repositoryId, issueNumber }) => repositoryId === issue.repositoryId && issueNumber === issue.number,
  )

/** What a caller says about one comment, found in the changes; without its review, which is made when all are right. */
export type PlacedComment = Omit<ReviewComment, 'id' | 'reviewId' | 'authorId' | 'createdAt' | 'updatedAt'>

const refused = (field: string, message: string) =>
  unprocessable('Validation Failed', [
    { resource: 'PullRequestReviewComment', code: 'custom', field: `pull_request_review_thread.${field}`, message },
  ])

/** Throws 422 for a path or a line that the changes of the commit do not show. */
export async function placeComment(core: Core, issue: PullIssue, sha: string, body: Body): Promise<PlacedComment> {
  const git = core.git(issue.repositoryId)
  const text = textOf(body, 'body') ?? ''
  checkBody('PullRequestReviewComment', text)
  if (text.trim() === '') throw refused('body', "body can't be blank")
  const path = textOf(body, 'path') ?? ''
  const known = await git.commitOf(sha)
  const base = known && (await mergeBase(git, issue.pullRequest.baseSha, known))
  if (!known || base === null) throw unprocessable('Validation Failed', ['commit_id is not part of the pull request'])
  const file = (await diffFiles(git, base, known)).find(one => one.path === path)
  if (!file) throw refused('path', 'path could not be resolved')
  const common = { repositoryId: issue.repositoryId, issueNumber: issue.number, body: text, path, commitSha: known }
  const nowhere = { line: null, startLine: null, startSide: null, diffHunk: '', position: null, inReplyToId: null }
  const side = (textOf(body, 'side') ?? 'RIGHT') as Side
  if (textOf(body, 'subject_type') === 'file') return { ...common, ...nowhere, side }

  const place = lineOf(file.patch ?? '', body, side)
  if (!place) throw refused('line', 'line must be part of the diff')
  const startLine = numberOf(body, 'start_line') ?? null
  const startSide = startLine === null ? null : ((textOf(body, 'start_side') ?? side) as Side)
  if (startLine !== null && startSide !== null) {
    if (!lineInPatch(file.patch ?? '', startLine, startSide)) {
      throw refused('start_line', 'start_line must be part of the same hunk as the line.')
    }
    if (startSide === side && startLine >= place.line) {
      throw refused('start_line', 'start_line must precede the end line.')
    }
  }
  const found = { line: place.line, side: place.side, diffHunk: place.hunk, position: place.position }
  return { ...common, ...nowhere, ...found, startLine, startSide }
}

function lineOf(patch: string, body: Body, side: Side): CommentedLine | null {
  const line = numberOf(body, 'line')
  if (line !== undefined) return lineInPatch(patch, line, side)
  const position = numberOf(body, 'position')
  return position === undefined ? null : lineAtPosition(patch, position)
}

export function keepComment(core: Core, placed: PlacedComment, reviewId: number, author: Account): ReviewComment {
  const at = core.timestamp()
  return core.store.reviewComments.insert({ ...placed, reviewId, authorId: author.id, createdAt: at, updatedAt: at })
}
