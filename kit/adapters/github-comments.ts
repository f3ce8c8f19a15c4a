import { ApiError } from '../errors.ts'
import type { Budget, Comments, Log, RunContext, StickyComment, WrittenComment } from '../ports.ts'
import { beside, COMMENT_BUDGETS } from '../report/budget.ts'
import { isOwn, isSameBody, planComment, planLeftovers, type ExistingComment } from '../report/comment.ts'
import { cut } from '../report/cut.ts'
import { formatMarker, LONGEST_PART, type Marker } from '../report/marker.ts'
import type { Data, GitHubClient } from './github-client.ts'
import type { TokenIdentity } from './github-token-identity.ts'

const LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
const CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const READ = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}'
const UPDATE = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
const DELETE = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'

export interface Place {
  readonly owner: string
  readonly repo: string
}

/**
 * Sticky comments. On an issue with up to 100 comments an upsert takes two requests, one more for the identity of the token
 * (once a run) and one for each duplicate that it removes.
 */
export function githubComments(
  client: GitHubClient,
  place: Place,
  identity: TokenIdentity,
  run: Pick<RunContext, 'runId' | 'runAttempt'>,
  log: Pick<Log, 'warning'>,
): Comments {
  return {
    async upsert(comment) {
      const login = await identity()
      const marker = {
        action: comment.action,
        key: client.scrub(comment.key),
        runId: run.runId,
        runAttempt: run.runAttempt,
      }
      const write = async (budget: Budget) => {
        const existing = await listComments(client, place, comment.issueNumber)
        return upsertWithin(budget, { client, place, login, marker, existing, comment, log })
      }
      const [first, second] = COMMENT_BUDGETS
      try {
        return await write(first)
      } catch (error) {
        if (!isTooLong(error)) throw error
        return write(second)
      }
    },
  }
}

interface Upsert {
  readonly client: GitHubClient
  readonly place: Place
  readonly login: string
  readonly marker: Marker
  readonly existing: readonly ExistingComment[]
  readonly comment: StickyComment
  readonly log: Pick<Log, 'warning'>
}

/** The first comment decides: when a newer run's stands, or none shall be made, the others are left too. */
async function upsertWithin(budget: Budget, upsert: Upsert): Promise<WrittenComment> {
  const { client, place, login, marker, existing, comment } = upsert
  const room = beside(budget, formatMarker({ ...marker, part: LONGEST_PART }))
  const [body = '', ...further] = [comment.body(room)].flat()
  const written = await upsertPart(budget, upsert, body)
  if (written.outcome === 'outdated' || written.outcome === 'absent') return written
  for (const [index, more] of further.entries())
    await upsertPart(budget, { ...upsert, marker: { ...marker, part: index + 2 } }, more)
  const parts = further.length + 1
  for (const { id } of planLeftovers(existing, { login, marker, parts })) await remove(client, place, id)
  return written
}

async function upsertPart(budget: Budget, upsert: Upsert, text: string): Promise<WrittenComment> {
  const { client, place, login, marker, existing, comment } = upsert
  const body = assembleBody(client, marker, text, budget)
  const plan = planComment(existing, { login, marker, body })
  const { standing } = plan
  if (standing !== undefined && plan.decision === 'outdated') return { url: standing.url, outcome: 'outdated' }
  if (standing === undefined && marker.part === undefined && comment.onlyUpdate === true)
    return { url: '', outcome: 'absent' }
  let written: WrittenComment
  if (standing !== undefined && plan.decision === 'unchanged') written = { url: standing.url, outcome: 'unchanged' }
  else if (standing !== undefined && comment.mode === 'update')
    written = { url: await update(upsert, standing.id, body), outcome: 'updated' }
  else written = { url: await create(upsert, body), outcome: 'created' }
  const replaced = standing !== undefined && written.outcome === 'created' ? [standing] : []
  for (const { id } of [...plan.duplicates, ...replaced]) await remove(client, place, id)
  if (plan.forged.length > 0) warnOfForged(upsert.log, plan.forged)
  return written
}

function assembleBody(client: GitHubClient, marker: Marker, text: string, budget: Budget): string {
  const line = formatMarker(marker)
  return `${line}\n${cut(client.scrub(text), beside(budget, line), '')}`
}

async function create({ client, place, login, existing, comment }: Upsert, body: string): Promise<string> {
  const known = new Set(existing.map(({ id }) => id))
  const parameters = { ...place, issue_number: comment.issueNumber, body }
  const made = await client.createOnce(CREATE, parameters, async reader => {
    const comments = await listComments(reader, place, comment.issueNumber)
    const ours = comments.find(one => !known.has(one.id) && isOwn(one.author, login) && isSameBody(one.body, body))
    return ours === undefined ? undefined : { html_url: ours.url }
  })
  return made.html_url
}

async function update({ client, place }: Upsert, id: number, body: string): Promise<string> {
  const updated = await client.updateOnce(UPDATE, { ...place, comment_id: id, body }, async reader => {
    const comment = await reader.request(READ, { ...place, comment_id: id })
    return isSameBody(comment.body ?? '', body) ? comment : undefined
  })
  return updated.html_url
}

async function listComments(client: GitHubClient, place: Place, issueNumber: number): Promise<ExistingComment[]> {
  const comments: ExistingComment[] = []
  for await (const page of client.pages(LIST, { ...place, issue_number: issueNumber, per_page: 100 }))
    comments.push(...page.map(existingComment))
  return comments
}

function existingComment(comment: Data<typeof LIST>[number]): ExistingComment {
  const { user } = comment
  return {
    id: Number(comment.id),
    url: comment.html_url,
    body: comment.body ?? '',
    author:
      user === null
        ? undefined
        : { login: user.login, type: user.type, appSlug: comment.performed_via_github_app?.slug ?? undefined },
  }
}

/** One that is gone already, by another run or by our attempt whose answer was lost, is as good as removed. */
async function remove(client: GitHubClient, place: Place, id: number): Promise<void> {
  try {
    await client.request(DELETE, { ...place, comment_id: id })
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof ApiError && error.status === 422 && /too long|maximum is \d+ characters/i.test(error.message)
}

function warnOfForged(log: Pick<Log, 'warning'>, forged: readonly ExistingComment[]): void {
  const urls = forged.map(({ url, author }) => `${url} by ${author?.login ?? 'a deleted account'}`)
  log.warning(`A comment by somebody else carries our marker; it was left alone: ${urls.slice(0, 5).join(', ')}`)
}
