import { ApiError } from '../errors.ts'
import type { Issues, Log, RunContext, StandingIssue, WrittenIssue } from '../ports.ts'
import { beside, ISSUE_BUDGET } from '../report/budget.ts'
import { isOwn, isSameBody } from '../report/comment.ts'
import { cut } from '../report/cut.ts'
import { markIssue, planIssue, unmarkIssue, type ExistingIssue, type IssuePlan } from '../report/issue.ts'
import { LIMITS } from '../report/limits.ts'
import type { Marker } from '../report/marker.ts'
import { shortenEnd } from '../report/shorten.ts'
import type { Data, GitHubClient, Parameters } from './github-client.ts'
import type { Place } from './github-comments.ts'
import { githubLabels } from './github-labels.ts'
import type { TokenIdentity } from './github-token-identity.ts'

const LIST = 'GET /repos/{owner}/{repo}/issues'
const READ = 'GET /repos/{owner}/{repo}/issues/{issue_number}'
const CREATE = 'POST /repos/{owner}/{repo}/issues'
const UPDATE = 'PATCH /repos/{owner}/{repo}/issues/{issue_number}'
const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const COMMENTS = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'

type Wanted = Pick<StandingIssue, 'action' | 'key' | 'label'>

interface Found extends IssuePlan {
  readonly login: string
  readonly marker: Marker
  readonly label: string
  readonly known: ReadonlySet<number>
}

/**
 * Issues that stand for something that is the matter. Where nothing is to be written it takes one request for each 100 issues with
 * the label, and one for the identity of the token (once a run).
 */
export function githubIssues(
  client: GitHubClient,
  place: Place,
  identity: TokenIdentity,
  run: Pick<RunContext, 'runId' | 'runAttempt'>,
  log: Pick<Log, 'warning'>,
): Issues {
  const find = async (wanted: Wanted, digest: string | undefined): Promise<Found> => {
    const login = await identity()
    const { runId, runAttempt } = run
    const marker = { action: wanted.action, key: client.scrub(wanted.key), runId, runAttempt }
    const label = client.scrub(wanted.label)
    const issues = await listIssues(client, place, label)
    const plan = planIssue(issues, { login, marker, digest })
    if (plan.forged.length > 0) warnOfForged(log, plan.forged)
    return { ...plan, login, marker, label, known: new Set(issues.map(({ number }) => number)) }
  }
  return {
    raise: issue =>
      withIssues(async () => {
        const found = await find(issue, issue.digest)
        const written = await raise(client, place, issue, found)
        if (found.decision !== 'outdated') await closeDuplicates(client, place, found)
        return written
      }),
    resolve: issue =>
      withIssues(async () => {
        const found = await find(issue, undefined)
        const written = await resolve(client, place, found)
        if (found.decision !== 'outdated') await closeDuplicates(client, place, found)
        if (found.decision === 'close' && found.standing !== undefined)
          await comment(client, place, found, found.standing, issue.comment, log)
        return written
      }),
  }
}

async function raise(client: GitHubClient, place: Place, issue: StandingIssue, found: Found): Promise<WrittenIssue> {
  const { decision, standing } = found
  const text = () => ({
    title: shortenEnd(client.scrub(issue.title), LIMITS.issueTitleCharacters),
    body: assembleBody(client, found.marker, issue),
  })
  if (standing === undefined) return { url: await open(client, place, found, text()), outcome: 'opened' }
  if (decision !== 'update' && decision !== 'reopen')
    return { url: standing.url, outcome: decision === 'dismissed' || decision === 'outdated' ? decision : 'unchanged' }
  const state = decision === 'reopen' ? { state: 'open' as const, state_reason: 'reopened' as const } : {}
  await update(client, place, standing.number, { ...text(), ...state })
  return { url: standing.url, outcome: decision === 'reopen' ? 'reopened' : 'updated' }
}

/** What it told of stays to be read; only the mark says that it is gone. */
async function resolve(client: GitHubClient, place: Place, found: Found): Promise<WrittenIssue> {
  const { decision, standing, marker } = found
  if (standing === undefined) return { url: '', outcome: 'absent' }
  if (decision !== 'close' && decision !== 'settle')
    return { url: standing.url, outcome: decision === 'outdated' || decision === 'unchanged' ? decision : 'absent' }
  const state = decision === 'close' ? { state: 'closed' as const, state_reason: 'completed' as const } : {}
  const body = client.scrub(markIssue(marker, undefined, unmarkIssue(standing.body)))
  await update(client, place, standing.number, { body, ...state })
  return { url: standing.url, outcome: 'closed' }
}

function assembleBody(client: GitHubClient, marker: Marker, issue: StandingIssue): string {
  const room = beside(ISSUE_BUDGET, markIssue(marker, issue.digest, ''))
  return markIssue(marker, issue.digest, cut(client.scrub(issue.body(room)), room, ''))
}

async function open(
  client: GitHubClient,
  place: Place,
  { login, label, known }: Found,
  text: { readonly title: string; readonly body: string },
): Promise<string> {
  const made = await client.createOnce(CREATE, { ...place, ...text, labels: [label] }, async reader => {
    const issues = await listIssues(reader, place, label)
    const ours = issues.find(
      one => !known.has(one.number) && isOwn(one.author, login) && isSameBody(one.body, text.body),
    )
    return ours === undefined ? undefined : { number: ours.number, html_url: ours.url, labels: [label] }
  })
  const isLabelled = made.labels.some(one => isSameLabel(typeof one === 'string' ? one : (one.name ?? ''), label))
  // GitHub leaves a label out without a word; then no later run would find the issue. Setting it again does no harm.
  if (!isLabelled) await githubLabels(client, place).add(made.number, label)
  return made.html_url
}

async function update(
  client: GitHubClient,
  place: Place,
  number: number,
  change: Omit<Parameters<typeof UPDATE>, 'owner' | 'repo' | 'issue_number' | 'title'> & { readonly title?: string },
): Promise<void> {
  await client.updateOnce(UPDATE, { ...place, issue_number: number, ...change }, async reader => {
    const issue = await reader.request(READ, { ...place, issue_number: number })
    const { title = issue.title, state = issue.state, body } = change
    const isSame = issue.title === title && issue.state === state
    return isSame && (body === undefined || isSameBody(issue.body ?? '', body ?? '')) ? issue : undefined
  })
}

/** Of runs that raced. Nothing is lost: the one that stands says the same. */
async function closeDuplicates(client: GitHubClient, place: Place, { duplicates }: IssuePlan): Promise<void> {
  for (const { number } of duplicates)
    await update(client, place, number, { state: 'closed', state_reason: 'not_planned' })
}

/** The issue is closed by now, and that is what counts: on a locked one nobody may comment. */
async function comment(
  client: GitHubClient,
  place: Place,
  { login }: Found,
  { number, url }: ExistingIssue,
  text: string,
  log: Pick<Log, 'warning'>,
): Promise<void> {
  const body = client.scrub(text)
  try {
    await client.createOnce(COMMENT, { ...place, issue_number: number, body }, async reader => {
      for await (const page of reader.pages(COMMENTS, { ...place, issue_number: number, per_page: LIMITS.pageSize }))
        for (const one of page) if (one.user?.login === login && isSameBody(one.body ?? '', body)) return one
      return undefined
    })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    log.warning(`${url} is closed, but the comment that says why could not be written: ${error.message}`)
  }
}

async function listIssues(client: GitHubClient, place: Place, label: string): Promise<ExistingIssue[]> {
  const issues: ExistingIssue[] = []
  const query = { ...place, labels: label, state: 'all' as const, per_page: LIMITS.pageSize }
  for await (const page of client.pages(LIST, query))
    issues.push(...page.filter(issue => issue.pull_request === undefined).map(existingIssue))
  return issues
}

function existingIssue(issue: Data<typeof LIST>[number]): ExistingIssue {
  const { user } = issue
  return {
    number: issue.number,
    url: issue.html_url,
    body: issue.body ?? '',
    isOpen: issue.state === 'open',
    closedAs: issue.state === 'open' ? undefined : (issue.state_reason ?? undefined),
    author:
      user === null
        ? undefined
        : { login: user.login, type: user.type, appSlug: issue.performed_via_github_app?.slug ?? undefined },
  }
}

function isSameLabel(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** A repository without issues answers 410; forks begin without them. */
async function withIssues<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 410)) throw error
    throw new ApiError('this repository has no issues, so none can be opened', {
      status: 410,
      route: error.route,
      hint: 'Turn "Issues" on in the settings of the repository; a fork begins without',
      cause: error,
    })
  }
}

function warnOfForged(log: Pick<Log, 'warning'>, forged: readonly ExistingIssue[]): void {
  const urls = forged.map(({ url, author }) => `${url} by ${author?.login ?? 'a deleted account'}`)
  log.warning(`An issue by somebody else carries our marker; it was left alone: ${urls.slice(0, 5).join(', ')}`)
}
