/** Limits of texts that GitHub enforces and its description does not tell. Pure. */
import type { Limits } from './core.ts'
import { invalidField, unprocessable } from './reply.ts'

const tooLong = (resource: string, field: string, maximum: number) =>
  invalidField(resource, field, 'custom', `${field} is too long (maximum is ${maximum} characters)`)

/** github.com stores 262,144 bytes, which its own message calls 65,536 characters. */
export function checkCommentBody(limits: Limits, body: string): void {
  const over = limits === 'ghes' ? [...body].length > 65_536 : Buffer.byteLength(body) > 262_144
  if (over)
    throw unprocessable('Validation Failed', [
      {
        resource: 'IssueComment',
        code: 'unprocessable',
        field: 'data',
        message: 'Body is too long (maximum is 65536 characters)',
      },
    ])
  if (body.trim() === '') throw invalidField('IssueComment', 'body', 'custom', "Body can't be blank")
}

export function checkBody(
  resource: 'Issue' | 'PullRequest' | 'Release' | 'PullRequestReview' | 'PullRequestReviewComment',
  body: string,
): void {
  const maximum = resource === 'Release' ? 125_000 : 65_536
  if ([...body].length > maximum) {
    throw invalidField(resource, 'body', 'custom', `body is too long (maximum is ${maximum} characters)`)
  }
}

export function checkTitle(resource: 'Issue' | 'PullRequest', title: string): void {
  if (title.trim() === '') throw invalidField(resource, 'title', 'missing_field')
  if ([...title].length > 256) throw tooLong(resource, 'title', 256)
}

export function checkDescription(resource: 'Status' | 'DeploymentStatus', description: string): void {
  if ([...description].length > 140) throw tooLong(resource, 'description', 140)
}
